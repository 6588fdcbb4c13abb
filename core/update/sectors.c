// SPDX-License-Identifier: Apache-2.0
/* Sector arithmetic and hashes shared by rehearsal and installation. */
#include "core/update/sectors.h"

#include <string.h>

#define HASH_CHUNK_SIZE 128u /* bytes read from flash at a time */

uint32_t lcm_sector_size(const struct lcm_manifest *manifest, uint32_t sector)
{
    uint32_t left = manifest->image_size - sector * LCM_SECTOR_SIZE;

    return left < LCM_SECTOR_SIZE ? left : LCM_SECTOR_SIZE;
}

enum lcm_err lcm_sector_hash(const struct lcm_flash *flash, uint32_t slot_addr,
                             const struct lcm_manifest *manifest, uint32_t sector,
                             br_sha256_context *hash)
{
    uint8_t chunk[HASH_CHUNK_SIZE];
    uint32_t addr = slot_addr + sector * LCM_SECTOR_SIZE;
    uint32_t left = lcm_sector_size(manifest, sector);

    while (left > 0) {
        uint32_t size = left < sizeof(chunk) ? left : (uint32_t)sizeof(chunk);
        enum lcm_err err = flash->read(flash->context, addr, chunk, size);
        if (err != LCM_OK)
            return err;
        br_sha256_update(hash, chunk, size);
        addr += size;
        left -= size;
    }
    return LCM_OK;
}

static bool sector_is_hash(const struct lcm_manifest *manifest, uint32_t sector,
                           const br_sha256_context *hash)
{
    uint8_t digest[LCM_SHA256_SIZE];

    br_sha256_out(hash, digest);
    return memcmp(digest, manifest->sector_hash[sector], LCM_SECTOR_HASH_SIZE) == 0;
}

enum lcm_err lcm_sector_check(const struct lcm_flash *flash, uint32_t slot_addr,
                              const struct lcm_manifest *manifest, uint32_t sector, bool *matches)
{
    br_sha256_context hash;

    br_sha256_init(&hash);
    enum lcm_err err = lcm_sector_hash(flash, slot_addr, manifest, sector, &hash);
    if (err == LCM_OK)
        *matches = sector_is_hash(manifest, sector, &hash);
    return err;
}

bool lcm_sector_matches(const struct lcm_manifest *manifest, uint32_t sector, const uint8_t *bytes)
{
    br_sha256_context hash;

    br_sha256_init(&hash);
    br_sha256_update(&hash, bytes, lcm_sector_size(manifest, sector));
    return sector_is_hash(manifest, sector, &hash);
}
