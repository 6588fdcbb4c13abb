// SPDX-License-Identifier: Apache-2.0
/*
 * The sector engine; the header explains the order that makes it power-safe.
 * It knows no network: ranges go out, bytes come in. Invariant: from the first erase
 * until every sector is as in the manifest, the slot's header on flash is not bootable.
 */
#include "core/update/install.h"

#include <string.h>

#include "core/image/image.h"
#include "core/update/sectors.h"

static bool install_is_mark(uint8_t mark)
{
    return mark == LCM_IMAGE_MAGIC_V1 || mark == LCM_IMAGE_MAGIC_V2;
}

static enum lcm_err install_look_at_slot(struct lcm_install *install)
{
    uint8_t mark = 0;
    enum lcm_err err =
        install->flash->read(install->flash->context, install->slot_addr, &mark, sizeof(mark));

    install->is_resumed = err == LCM_OK && !install_is_mark(mark);
    return err;
}

enum lcm_err lcm_install_init(struct lcm_install *install, const struct lcm_flash *flash,
                              enum lcm_region region, const struct lcm_manifest *manifest,
                              uint8_t *work)
{
    uint32_t addr = lcm_region_addr(region);

    if (manifest->image_size > lcm_region_size(region))
        return LCM_ERR_TOO_LARGE;
    if (manifest->image_size < LCM_IMAGE_HEADER_SIZE)
        return LCM_ERR_IMAGE;
    memset(install, 0, sizeof(*install));
    install->flash = flash;
    install->manifest = manifest;
    install->work = work;
    install->region = region;
    install->slot_addr = addr;
    install->phase = LCM_INSTALL_SCAN;
    install->sector = 1;
    return install_look_at_slot(install);
}

static uint32_t install_sector_addr(const struct lcm_install *install, uint32_t sector)
{
    return install->slot_addr + sector * LCM_SECTOR_SIZE;
}

static enum lcm_err install_sector_matches(const struct lcm_install *install, uint32_t sector,
                                           bool *matches)
{
    return lcm_sector_check(install->flash, install->slot_addr, install->manifest, sector, matches);
}

/* Not left out when the mark reads as zero: half-cleared bits may read as anything later. */
static enum lcm_err install_invalidate_slot(struct lcm_install *install)
{
    enum lcm_err err = LCM_OK;

    if (!install->is_invalidated)
        err = lcm_install_end_slot(install->flash, install->region);
    install->is_invalidated = err == LCM_OK;
    return err;
}

static enum lcm_err install_give_range(struct lcm_install *install, uint32_t first_sector,
                                       uint32_t end_sector, struct lcm_install_range *range)
{
    uint32_t last = end_sector - 1;

    range->first = first_sector * LCM_SECTOR_SIZE;
    range->size = last * LCM_SECTOR_SIZE + lcm_sector_size(install->manifest, last) - range->first;
    install->sector = first_sector;
    install->run_end = end_sector;
    install->fill = 0;
    return LCM_OK;
}

/* Program a sector that matches once more, see the header. *matches becomes false when it reads
 * differently this time: then it is fetched. */
static enum lcm_err install_refresh(struct lcm_install *install, bool *matches)
{
    uint32_t addr = install_sector_addr(install, install->sector);
    uint32_t size = lcm_sector_size(install->manifest, install->sector);
    enum lcm_err err = install->flash->read(install->flash->context, addr, install->work, size);

    if (err != LCM_OK)
        return err;
    *matches = lcm_sector_matches(install->manifest, install->sector, install->work);
    return *matches ? lcm_region_program(install->flash, install->region, addr, install->work, size)
                    : LCM_OK;
}

static enum lcm_err install_scan(struct lcm_install *install)
{
    bool matches = false;

    if (install->sector >= install->manifest->sector_count) {
        install->phase = LCM_INSTALL_FIRST;
        install->sector = 0;
        return LCM_PENDING;
    }
    enum lcm_err err = install_sector_matches(install, install->sector, &matches);
    if (err == LCM_OK && matches && install->is_resumed)
        err = install_refresh(install, &matches);
    if (err != LCM_OK)
        return err;
    if (matches) {
        install->counters.sectors_matching++;
        install->sector++;
    } else {
        install->phase = LCM_INSTALL_EXTEND;
        install->run_end = install->sector + 1;
    }
    return LCM_PENDING;
}

/* From the first wrong sector to the end of the run of wrong ones. */
static enum lcm_err install_extend(struct lcm_install *install, struct lcm_install_range *range)
{
    uint32_t end = install->run_end;
    bool matches = true;

    if (end < install->manifest->sector_count &&
        end < install->sector + LCM_INSTALL_RUN_SECTORS_MAX) {
        enum lcm_err err = install_sector_matches(install, end, &matches);
        if (err != LCM_OK)
            return err;
    }
    if (!matches) {
        install->run_end++;
        return LCM_PENDING;
    }
    install->phase = LCM_INSTALL_RECEIVE;
    return install_give_range(install, install->sector, end, range);
}

static void install_begin_hash(struct lcm_install *install)
{
    install->phase = LCM_INSTALL_HASH;
    install->sector = 0;
    br_sha256_init(&install->hash);
}

/* Sectors 1.. are right: is sector 0 as well, or must it be fetched? */
static enum lcm_err install_first(struct lcm_install *install, struct lcm_install_range *range)
{
    bool matches = false;
    enum lcm_err err = install_sector_matches(install, 0, &matches);

    if (err != LCM_OK)
        return err;
    if (!matches)
        return install_give_range(install, 0, 1, range);
    install->counters.sectors_matching++;
    install_begin_hash(install);
    return LCM_PENDING;
}

static enum lcm_err install_judge_whole(struct lcm_install *install)
{
    uint8_t digest[LCM_SHA256_SIZE];

    br_sha256_out(&install->hash, digest);
    if (memcmp(digest, install->manifest->sha256, sizeof(digest)) != 0)
        return LCM_ERR_CORRUPT;
    install->phase = install->is_first_in_work ? LCM_INSTALL_COMMIT : LCM_INSTALL_COMPLETE;
    return LCM_PENDING;
}

static enum lcm_err install_hash(struct lcm_install *install)
{
    enum lcm_err err = LCM_OK;

    if (install->sector >= install->manifest->sector_count)
        return install_judge_whole(install);
    if (install->sector == 0 && install->is_first_in_work)
        br_sha256_update(&install->hash, install->work, lcm_sector_size(install->manifest, 0));
    else
        err = lcm_sector_hash(install->flash, install->slot_addr, install->manifest,
                              install->sector, &install->hash);
    install->sector++;
    return err == LCM_OK ? LCM_PENDING : err;
}

/* Up to the first erase the slot still holds what it held, and boots. */
static enum lcm_err install_erase(struct lcm_install *install, uint32_t sector)
{
    enum lcm_err err = install_invalidate_slot(install);

    if (err != LCM_OK)
        return err;
    install->counters.erases++;
    install->counters.sectors_changed++;
    return lcm_region_erase(install->flash, install->region, install_sector_addr(install, sector));
}

static enum lcm_err install_program_first(const struct lcm_install *install, uint32_t offset,
                                          uint32_t end)
{
    return lcm_region_program(install->flash, install->region, install->slot_addr + offset,
                              install->work + offset, end - offset);
}

/* The mark goes last: until its bits are all there, the slot is not bootable. */
static enum lcm_err install_commit(struct lcm_install *install)
{
    enum lcm_err err = install_erase(install, 0);

    if (err == LCM_OK)
        err = install_program_first(install, LCM_IMAGE_HEADER_SIZE,
                                    lcm_sector_size(install->manifest, 0));
    if (err == LCM_OK)
        err = install_program_first(install, LCM_IMAGE_MARK_SIZE, LCM_IMAGE_HEADER_SIZE);
    if (err == LCM_OK)
        err = install_program_first(install, 0, LCM_IMAGE_MARK_SIZE);
    if (err != LCM_OK)
        return err;
    install->is_first_in_work = false;
    install->phase = LCM_INSTALL_COMPLETE;
    return LCM_PENDING;
}

/* The transfer ended, complete or not: look where we are and go on from there. */
static enum lcm_err install_resume(struct lcm_install *install)
{
    if (install->phase == LCM_INSTALL_FIRST && install->is_first_in_work) {
        install_begin_hash(install);
        return LCM_PENDING;
    }
    install->fill = 0;
    if (install->phase == LCM_INSTALL_RECEIVE)
        install->phase = LCM_INSTALL_SCAN;
    return LCM_OK;
}

enum lcm_err lcm_install_next(struct lcm_install *install, struct lcm_install_range *range)
{
    enum lcm_err err = install_resume(install);

    if (err != LCM_OK)
        return err;
    switch (install->phase) {
    case LCM_INSTALL_SCAN:
        return install_scan(install);
    case LCM_INSTALL_EXTEND:
        return install_extend(install, range);
    case LCM_INSTALL_FIRST:
        return install_first(install, range);
    case LCM_INSTALL_HASH:
        return install_hash(install);
    case LCM_INSTALL_COMMIT:
        return install_commit(install);
    case LCM_INSTALL_COMPLETE:
        *range = (struct lcm_install_range){0, 0};
        return LCM_OK;
    case LCM_INSTALL_RECEIVE:
    default:
        return LCM_ERR_ARGUMENT;
    }
}

/* A whole sector is in work: check it before anything is erased. */
static enum lcm_err install_take_sector(struct lcm_install *install)
{
    uint32_t size = lcm_sector_size(install->manifest, install->sector);

    if (!lcm_sector_matches(install->manifest, install->sector, install->work))
        return LCM_ERR_CORRUPT;
    install->fill = 0;
    if (install->sector == 0) {
        install->is_first_in_work = true;
        return LCM_OK;
    }
    enum lcm_err err = install_erase(install, install->sector);
    if (err == LCM_OK)
        err =
            lcm_region_program(install->flash, install->region,
                               install_sector_addr(install, install->sector), install->work, size);
    if (err == LCM_OK)
        install->sector++;
    return err;
}

static bool install_expects_bytes(const struct lcm_install *install)
{
    if (install->phase == LCM_INSTALL_FIRST)
        return !install->is_first_in_work;
    return install->phase == LCM_INSTALL_RECEIVE && install->sector < install->run_end;
}

enum lcm_err lcm_install_write(struct lcm_install *install, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        if (!install_expects_bytes(install))
            return LCM_ERR_TOO_LONG;
        uint32_t missing = lcm_sector_size(install->manifest, install->sector) - install->fill;
        uint32_t step = size < missing ? (uint32_t)size : missing;
        memcpy(install->work + install->fill, bytes, step);
        install->fill += step;
        bytes += step;
        size -= step;
        if (step == missing) {
            enum lcm_err err = install_take_sector(install);
            if (err != LCM_OK)
                return err;
        }
    }
    return LCM_OK;
}

enum lcm_err lcm_install_keep_slot(const struct lcm_flash *flash, enum lcm_region region)
{
    uint32_t addr = lcm_region_addr(region);
    uint8_t mark = 0;

    for (uint32_t tries = 0; tries < LCM_INSTALL_KEEP_TRIES; tries++) {
        enum lcm_err err = flash->read(flash->context, addr, &mark, sizeof(mark));
        if (err != LCM_OK)
            return err;
        if (install_is_mark(mark))
            return lcm_region_program(flash, region, addr, &mark, sizeof(mark));
    }
    return LCM_ERR_IMAGE;
}

enum lcm_err lcm_install_end_slot(const struct lcm_flash *flash, enum lcm_region region)
{
    static const uint8_t no_mark = 0;

    return lcm_region_program(flash, region, lcm_region_addr(region), &no_mark, sizeof(no_mark));
}

uint32_t lcm_install_bytes_present(const struct lcm_install *install)
{
    uint32_t sectors = install->counters.sectors_changed + install->counters.sectors_matching;
    uint32_t bytes = sectors * LCM_SECTOR_SIZE + install->fill;

    if (install->is_first_in_work)
        bytes += LCM_SECTOR_SIZE;
    return bytes < install->manifest->image_size ? bytes : install->manifest->image_size;
}
