/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A flash for fuzz targets: one MiB of memory with NOR rules, its sectors filled from the
 * input. Breaking a rule traps.
 */
#ifndef LCM_TESTS_FUZZ_FLASH_H
#define LCM_TESTS_FUZZ_FLASH_H

#include "lcm/flash.h"
#include "lcm/layout.h"
#include "tests/fuzz/fuzz.h"

static uint8_t fuzz_flash_bytes[LCM_FLASH_SIZE];

static enum lcm_err fuzz_flash_read(void *context, uint32_t addr, void *dst, uint32_t size)
{
    (void)context;
    FUZZ_REQUIRE(addr <= LCM_FLASH_SIZE && size <= LCM_FLASH_SIZE - addr);
    memcpy(dst, fuzz_flash_bytes + addr, size);
    return LCM_OK;
}

static enum lcm_err fuzz_flash_program(void *context, uint32_t addr, const void *src, uint32_t size)
{
    const uint8_t *bytes = src;

    (void)context;
    FUZZ_REQUIRE(addr <= LCM_FLASH_SIZE && size <= LCM_FLASH_SIZE - addr);
    for (uint32_t i = 0; i < size; i++) {
        FUZZ_REQUIRE((bytes[i] & ~fuzz_flash_bytes[addr + i]) == 0);
        fuzz_flash_bytes[addr + i] = bytes[i];
    }
    return LCM_OK;
}

static enum lcm_err fuzz_flash_erase(void *context, uint32_t addr)
{
    (void)context;
    FUZZ_REQUIRE(addr < LCM_FLASH_SIZE && addr % LCM_SECTOR_SIZE == 0);
    memset(fuzz_flash_bytes + addr, 0xFF, LCM_SECTOR_SIZE);
    return LCM_OK;
}

static const struct lcm_flash fuzz_flash = {
    .size = LCM_FLASH_SIZE,
    .sector_size = LCM_SECTOR_SIZE,
    .read = fuzz_flash_read,
    .program = fuzz_flash_program,
    .erase = fuzz_flash_erase,
};

/* Blank [addr, addr + size), then put what is left of the input at its start. */
static inline void fuzz_flash_fill(struct fuzz_input *input, uint32_t addr, uint32_t size)
{
    uint32_t taken = input->size < size ? (uint32_t)input->size : size;

    memset(fuzz_flash_bytes + addr, 0xFF, size);
    memcpy(fuzz_flash_bytes + addr, input->bytes, taken);
    input->bytes += taken;
    input->size -= taken;
}

#endif
