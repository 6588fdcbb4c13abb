// SPDX-License-Identifier: Apache-2.0
/* Headers of the two regions; which one counts is decided in settings_area.c. */
#include "core/store/settings_region.h"

#include "core/base/bytes.h"
#include "core/base/region.h"

#define REGION_MAGIC 0x70524F45u /* "EORp" */
#define REGION_SECOND 0x8000u
#define REGION_ACTIVE 0x4000u
#define REGION_SECTORS_MASK 0x0FFFu

uint32_t lcm_settings_region_addr(uint32_t index)
{
    return LCM_SETTINGS_ADDR + index * LCM_SETTINGS_REGION_SIZE;
}

uint32_t lcm_settings_region_index(uint32_t region_addr)
{
    return (region_addr - LCM_SETTINGS_ADDR) / LCM_SETTINGS_REGION_SIZE;
}

enum lcm_err lcm_settings_region_program(const struct lcm_flash *flash, uint32_t addr,
                                         const void *src, uint32_t size)
{
    return lcm_region_program(flash, LCM_REGION_SETTINGS, addr, src, size);
}

enum lcm_err lcm_settings_region_load_header(const struct lcm_flash *flash, uint32_t index,
                                             struct lcm_settings_region_header *header)
{
    uint8_t bytes[LCM_SETTINGS_REGION_HEADER_SIZE];
    enum lcm_err err =
        flash->read(flash->context, lcm_settings_region_addr(index), bytes, sizeof(bytes));

    if (err != LCM_OK)
        return err;
    uint32_t flags = lcm_get_u16(bytes + 4);
    header->is_valid = lcm_get_u32(bytes) == REGION_MAGIC && (flags & REGION_SECTORS_MASK) == 1 &&
                       ((flags & REGION_SECOND) != 0) == (index == 1);
    header->is_active = header->is_valid && (flags & REGION_ACTIVE) != 0;
    return LCM_OK;
}

enum lcm_err lcm_settings_region_write_magic(const struct lcm_flash *flash, uint32_t index)
{
    uint8_t word[4];

    lcm_put_u32(word, REGION_MAGIC);
    return lcm_settings_region_program(flash, lcm_settings_region_addr(index), word, sizeof(word));
}

enum lcm_err lcm_settings_region_write_header(const struct lcm_flash *flash, uint32_t index,
                                              bool is_active)
{
    uint8_t word[4];
    uint32_t flags = 1u | (index == 1 ? REGION_SECOND : 0) | (is_active ? REGION_ACTIVE : 0);

    lcm_put_u32(word, flags);
    enum lcm_err err =
        lcm_settings_region_program(flash, lcm_settings_region_addr(index) + 4, word, sizeof(word));
    return err == LCM_OK ? lcm_settings_region_write_magic(flash, index) : err;
}

enum lcm_err lcm_settings_region_clear_active(const struct lcm_flash *flash, uint32_t index)
{
    uint8_t high_byte = index == 1 ? (uint8_t)(REGION_SECOND >> 8) : 0;

    return lcm_settings_region_program(flash, lcm_settings_region_addr(index) + 5, &high_byte, 1);
}

enum lcm_err lcm_settings_region_wipe(const struct lcm_flash *flash, uint32_t index)
{
    static const uint8_t zero[4] = {0};
    uint32_t addr = lcm_settings_region_addr(index);
    enum lcm_err err = lcm_settings_region_program(flash, addr, zero, sizeof(zero));

    if (err != LCM_OK)
        return err;
    return lcm_region_erase(flash, LCM_REGION_SETTINGS, addr);
}
