// SPDX-License-Identifier: Apache-2.0
/* Images and manifests for tests; see the header. */
#include "tests/lib/update_fixture.h"

#include <string.h>

#include <bearssl.h>

#include "core/base/bytes.h"

#define RAM_PART_SIZE 32u /* v1 header, one segment of 12 bytes, padding, checksum */
#define RAM_DATA_SIZE 12u
#define HEADER_SIZE 16u

static void fixture_put_ram_part(uint8_t *dst, uint64_t *random)
{
    static const uint8_t header[8] = {0xE9, 1, 0, 0x20, 0x3C, 0x02, 0x10, 0x40};
    uint8_t checksum = 0xEF;

    memset(dst, 0, RAM_PART_SIZE);
    memcpy(dst, header, sizeof(header));
    lcm_put_u32(dst + 8, 0x40100000u);
    lcm_put_u32(dst + 12, RAM_DATA_SIZE);
    for (uint32_t i = 0; i < RAM_DATA_SIZE; i++) {
        dst[16 + i] = (uint8_t)ram_flash_random(random);
        checksum ^= dst[16 + i];
    }
    dst[RAM_PART_SIZE - 1] = checksum;
}

void update_image_make(uint8_t *dst, uint32_t size, uint64_t seed)
{
    static const uint8_t header[8] = {0xEA, 4, 0, 0x20, 0x3C, 0x02, 0x10, 0x40};
    uint32_t irom_size = (size - HEADER_SIZE - RAM_PART_SIZE) & ~15u;

    for (uint32_t i = 0; i < size; i++)
        dst[i] = (uint8_t)ram_flash_random(&seed);
    memcpy(dst, header, sizeof(header));
    lcm_put_u32(dst + 8, 0);
    lcm_put_u32(dst + 12, irom_size);
    fixture_put_ram_part(dst + HEADER_SIZE + irom_size, &seed);
}

static void fixture_hash(const uint8_t *bytes, uint32_t size, uint8_t digest[LCM_SHA256_SIZE])
{
    br_sha256_context hash;

    br_sha256_init(&hash);
    br_sha256_update(&hash, bytes, size);
    br_sha256_out(&hash, digest);
}

void update_manifest_make(struct lcm_manifest *manifest, const uint8_t *image, uint32_t size)
{
    uint8_t digest[LCM_SHA256_SIZE];

    memset(manifest, 0, sizeof(*manifest));
    manifest->type = LCM_FILE_APP;
    strcpy(manifest->repository, "someone/lamp");
    strcpy(manifest->file, "main.bin");
    strcpy(manifest->version, "1.0.0");
    manifest->sequence = 1;
    manifest->slot_addr = LCM_SLOT0_ADDR;
    manifest->flash_size = LCM_FLASH_SIZE;
    manifest->image_size = size;
    manifest->sector_count = (size + LCM_SECTOR_SIZE - 1) / LCM_SECTOR_SIZE;
    fixture_hash(image, size, manifest->sha256);
    for (uint32_t i = 0; i < manifest->sector_count; i++) {
        uint32_t left = size - i * LCM_SECTOR_SIZE;

        fixture_hash(image + i * LCM_SECTOR_SIZE, left < LCM_SECTOR_SIZE ? left : LCM_SECTOR_SIZE,
                     digest);
        memcpy(manifest->sector_hash[i], digest, LCM_SECTOR_HASH_SIZE);
    }
}

void update_flash_put(struct ram_flash *flash, uint32_t addr, const void *bytes, uint32_t size)
{
    memcpy(flash->data + addr, bytes, size);
}
