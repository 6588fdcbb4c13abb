// SPDX-License-Identifier: Apache-2.0
/* Checks of slot 0 that read only; see the header. */
#include "core/update/slot_check.h"

#include <string.h>

#include "core/image/identity.h"
#include "core/image/image.h"
#include "lcm/layout.h"

#define CHECK_CHUNK_SIZE 128u

bool lcm_slot_has_app(const struct lcm_flash *flash)
{
    struct lcm_image image;
    struct lcm_identity identity;

    if (lcm_image_check(flash, LCM_SLOT0_ADDR, LCM_SLOT0_IMAGE_SIZE_MAX, &image) != LCM_OK)
        return false;
    if (lcm_identity_load(flash, LCM_SLOT0_ADDR, &identity) != LCM_OK)
        return true; /* apps need not carry an identity */
    return identity.type == LCM_FILE_APP;
}

void lcm_slot_check_begin(struct lcm_slot_check *check, const struct lcm_flash *flash,
                          uint32_t image_size)
{
    check->flash = flash;
    check->addr = LCM_SLOT0_ADDR;
    check->left = image_size <= LCM_SLOT0_IMAGE_SIZE_MAX ? image_size : 0;
    br_sha256_init(&check->hash);
}

static enum lcm_err slot_check_sector(struct lcm_slot_check *check)
{
    uint8_t chunk[CHECK_CHUNK_SIZE];
    uint32_t sector_left = check->left < LCM_SECTOR_SIZE ? check->left : LCM_SECTOR_SIZE;

    check->left -= sector_left;
    while (sector_left > 0) {
        uint32_t size = sector_left < sizeof(chunk) ? sector_left : (uint32_t)sizeof(chunk);
        enum lcm_err err = check->flash->read(check->flash->context, check->addr, chunk, size);
        if (err != LCM_OK)
            return err;
        br_sha256_update(&check->hash, chunk, size);
        check->addr += size;
        sector_left -= size;
    }
    return LCM_PENDING;
}

enum lcm_err lcm_slot_check_step(struct lcm_slot_check *check,
                                 const uint8_t sha256[LCM_SHA256_SIZE])
{
    uint8_t digest[LCM_SHA256_SIZE];

    if (check->left > 0)
        return slot_check_sector(check);
    br_sha256_out(&check->hash, digest);
    return memcmp(digest, sha256, sizeof(digest)) == 0 ? LCM_OK : LCM_ERR_CORRUPT;
}
