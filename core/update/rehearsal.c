// SPDX-License-Identifier: Apache-2.0
/*
 * A pass over the image that writes nothing; see the header. Sectors are taken in
 * order, so that the hash of the whole image can be computed on the way.
 */
#include "core/update/rehearsal.h"

#include <string.h>

#include "core/image/image.h"
#include "core/update/sectors.h"

enum lcm_err lcm_rehearsal_init(struct lcm_rehearsal *rehearsal, const struct lcm_flash *flash,
                                enum lcm_region region, const struct lcm_manifest *manifest,
                                uint8_t *work)
{
    if (manifest->image_size > lcm_region_size(region))
        return LCM_ERR_TOO_LARGE;
    memset(rehearsal, 0, sizeof(*rehearsal));
    rehearsal->flash = flash;
    rehearsal->manifest = manifest;
    rehearsal->work = work;
    rehearsal->slot_addr = lcm_region_addr(region);
    br_sha256_init(&rehearsal->hash);
    return LCM_OK;
}

static enum lcm_err rehearsal_judge_whole(const struct lcm_rehearsal *rehearsal,
                                          struct lcm_install_range *range)
{
    uint8_t digest[LCM_SHA256_SIZE];

    br_sha256_out(&rehearsal->hash, digest);
    *range = (struct lcm_install_range){0, 0};
    return memcmp(digest, rehearsal->manifest->sha256, sizeof(digest)) == 0 ? LCM_OK
                                                                            : LCM_ERR_CORRUPT;
}

static enum lcm_err rehearsal_check(const struct lcm_rehearsal *rehearsal, uint32_t sector,
                                    bool *matches)
{
    return lcm_sector_check(rehearsal->flash, rehearsal->slot_addr, rehearsal->manifest, sector,
                            matches);
}

/* From the first wrong sector to the end of the run of wrong ones. */
static enum lcm_err rehearsal_extend(struct lcm_rehearsal *rehearsal,
                                     struct lcm_install_range *range)
{
    const struct lcm_manifest *manifest = rehearsal->manifest;
    uint32_t end = rehearsal->run_end;
    bool matches = true;

    if (end < manifest->sector_count && end < rehearsal->sector + LCM_INSTALL_RUN_SECTORS_MAX) {
        enum lcm_err err = rehearsal_check(rehearsal, end, &matches);
        if (err != LCM_OK)
            return err;
    }
    if (!matches) {
        rehearsal->run_end++;
        return LCM_PENDING;
    }
    rehearsal->is_extending = false;
    range->first = rehearsal->sector * LCM_SECTOR_SIZE;
    range->size = (end - 1) * LCM_SECTOR_SIZE + lcm_sector_size(manifest, end - 1) - range->first;
    return LCM_OK;
}

/* What the slot holds already needs no transfer, but is part of the whole. */
static enum lcm_err rehearsal_take_flash(struct lcm_rehearsal *rehearsal)
{
    enum lcm_err err = lcm_sector_hash(rehearsal->flash, rehearsal->slot_addr, rehearsal->manifest,
                                       rehearsal->sector, &rehearsal->hash);

    if (err != LCM_OK)
        return err;
    rehearsal->sector++;
    return LCM_PENDING;
}

enum lcm_err lcm_rehearsal_next(struct lcm_rehearsal *rehearsal, struct lcm_install_range *range)
{
    bool matches = false;

    if (rehearsal->is_extending)
        return rehearsal_extend(rehearsal, range);
    rehearsal->run_end = rehearsal->sector;
    rehearsal->fill = 0;
    if (rehearsal->sector >= rehearsal->manifest->sector_count)
        return rehearsal_judge_whole(rehearsal, range);
    enum lcm_err err = rehearsal_check(rehearsal, rehearsal->sector, &matches);
    if (err != LCM_OK)
        return err;
    if (matches)
        return rehearsal_take_flash(rehearsal);
    rehearsal->is_extending = true;
    rehearsal->run_end = rehearsal->sector + 1;
    return LCM_PENDING;
}

/* Signed or not, something that cannot boot is not worth the app that does. */
static bool rehearsal_is_image(const uint8_t *first_sector)
{
    return first_sector[0] == LCM_IMAGE_MAGIC_V1 || first_sector[0] == LCM_IMAGE_MAGIC_V2;
}

static enum lcm_err rehearsal_take_sector(struct lcm_rehearsal *rehearsal)
{
    if (rehearsal->sector == 0 && !rehearsal_is_image(rehearsal->work))
        return LCM_ERR_IMAGE;
    if (!lcm_sector_matches(rehearsal->manifest, rehearsal->sector, rehearsal->work))
        return LCM_ERR_CORRUPT;
    br_sha256_update(&rehearsal->hash, rehearsal->work,
                     lcm_sector_size(rehearsal->manifest, rehearsal->sector));
    rehearsal->fill = 0;
    rehearsal->sector++;
    return LCM_OK;
}

enum lcm_err lcm_rehearsal_write(struct lcm_rehearsal *rehearsal, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        if (rehearsal->sector >= rehearsal->run_end)
            return LCM_ERR_TOO_LONG;
        uint32_t missing =
            lcm_sector_size(rehearsal->manifest, rehearsal->sector) - rehearsal->fill;
        uint32_t step = size < missing ? (uint32_t)size : missing;
        memcpy(rehearsal->work + rehearsal->fill, bytes, step);
        rehearsal->fill += step;
        bytes += step;
        size -= step;
        if (step == missing) {
            enum lcm_err err = rehearsal_take_sector(rehearsal);
            if (err != LCM_OK)
                return err;
        }
    }
    return LCM_OK;
}

uint32_t lcm_rehearsal_bytes_judged(const struct lcm_rehearsal *rehearsal)
{
    uint32_t bytes = rehearsal->sector * LCM_SECTOR_SIZE + rehearsal->fill;

    return bytes < rehearsal->manifest->image_size ? bytes : rehearsal->manifest->image_size;
}
