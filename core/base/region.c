// SPDX-License-Identifier: Apache-2.0
/* The address guard. The table below is the whole policy; nothing else writes flash. */
#include "core/base/region.h"

#include <stdbool.h>
#include <string.h>

#include "core/base/bytes.h"
#include "lcm/layout.h"

#define COMPARE_CHUNK_SIZE 64u /* bytes on the stack while reading back */

struct region_bounds {
    uint32_t addr;
    uint32_t size;
};

static const struct region_bounds region_table[LCM_REGION_COUNT] = {
    [LCM_REGION_BOOT] = {LCM_BOOT_ADDR, LCM_BOOT_SIZE},
    [LCM_REGION_BOOTCONF] = {LCM_BOOTCONF_ADDR, LCM_BOOTCONF_SIZE},
    [LCM_REGION_SLOT0] = {LCM_SLOT0_ADDR, LCM_SLOT0_IMAGE_SIZE_MAX},
    [LCM_REGION_SLOT1] = {LCM_SLOT1_ADDR, LCM_SLOT1_SIZE},
    [LCM_REGION_SCRATCH] = {LCM_SCRATCH_ADDR, LCM_SCRATCH_SIZE},
    [LCM_REGION_SETTINGS] = {LCM_SETTINGS_ADDR, LCM_SETTINGS_SIZE},
    [LCM_REGION_TRUST] = {LCM_TRUST_A_ADDR, 2 * LCM_TRUST_SIZE},
    [LCM_REGION_STATE] = {LCM_STATE_ADDR, LCM_STATE_SIZE},
    [LCM_REGION_APP_DATA] = {LCM_SLOT0_ADDR + LCM_SLOT0_IMAGE_SIZE_MAX,
                             LCM_SLOT0_SIZE - LCM_SLOT0_IMAGE_SIZE_MAX},
    [LCM_REGION_RADIO] = {LCM_RADIO_ADDR, LCM_RADIO_SIZE},
    [LCM_REGION_CODE] = {LCM_CODE_ADDR, LCM_CODE_SIZE},
};

uint32_t lcm_region_addr(enum lcm_region region)
{
    return region_table[region].addr;
}

uint32_t lcm_region_size(enum lcm_region region)
{
    return region_table[region].size;
}

enum lcm_err lcm_region_check(enum lcm_region region, uint32_t addr, uint32_t size)
{
    if ((unsigned)region >= LCM_REGION_COUNT)
        return LCM_ERR_GUARD;

    const struct region_bounds *bounds = &region_table[region];
    if (addr < bounds->addr || size > bounds->size || addr - bounds->addr > bounds->size - size)
        return LCM_ERR_GUARD;
    return LCM_OK;
}

enum lcm_err lcm_flash_compare(const struct lcm_flash *flash, uint32_t addr, const void *bytes,
                               uint32_t size)
{
    uint8_t chunk[COMPARE_CHUNK_SIZE];
    const uint8_t *expected = bytes;

    while (size > 0) {
        uint32_t step = size < sizeof(chunk) ? size : (uint32_t)sizeof(chunk);
        enum lcm_err err = flash->read(flash->context, addr, chunk, step);
        if (err != LCM_OK)
            return err;
        if (memcmp(chunk, expected, step) != 0)
            return LCM_ERR_CORRUPT;
        addr += step;
        expected += step;
        size -= step;
    }
    return LCM_OK;
}

static enum lcm_err region_verify_erased(const struct lcm_flash *flash, uint32_t addr)
{
    uint8_t chunk[COMPARE_CHUNK_SIZE];

    for (uint32_t offset = 0; offset < LCM_SECTOR_SIZE; offset += (uint32_t)sizeof(chunk)) {
        enum lcm_err err = flash->read(flash->context, addr + offset, chunk, sizeof(chunk));
        if (err != LCM_OK)
            return err;
        if (!lcm_bytes_all(chunk, sizeof(chunk), 0xFF))
            return LCM_ERR_FLASH;
    }
    return LCM_OK;
}

enum lcm_err lcm_region_erase(const struct lcm_flash *flash, enum lcm_region region, uint32_t addr)
{
    enum lcm_err err = lcm_region_check(region, addr, LCM_SECTOR_SIZE);

    if (err != LCM_OK)
        return err;
    if (addr % LCM_SECTOR_SIZE != 0)
        return LCM_ERR_GUARD;
    err = flash->erase(flash->context, addr);
    if (err != LCM_OK)
        return err;
    return region_verify_erased(flash, addr);
}

enum lcm_err lcm_region_program(const struct lcm_flash *flash, enum lcm_region region,
                                uint32_t addr, const void *src, uint32_t size)
{
    enum lcm_err err = lcm_region_check(region, addr, size);

    if (err != LCM_OK)
        return err;
    err = flash->program(flash->context, addr, src, size);
    if (err != LCM_OK)
        return err;
    err = lcm_flash_compare(flash, addr, src, size);
    return err == LCM_ERR_CORRUPT ? LCM_ERR_FLASH : err;
}
