// SPDX-License-Identifier: Apache-2.0
/*
 * Flash: read through its window by words; programmed and erased by the mask ROM, in words too, so
 * that odd pieces go through a small buffer. While the ROM talks to the flash
 * the cache is off: those few lines run from IRAM and touch RAM only.
 */
#include "port/lx106/flash.h"

#include <stdbool.h>
#include <string.h>

#include "lcm/layout.h"
#include "port/lx106/rom.h"

#define IRAM __attribute__((section(".iram.text"), noinline))
#define PIECE_SIZE 128u
#define DRAM_BASE 0x3FFE8000u
#define DRAM_END 0x40000000u

static IRAM int flash_rom_write(uint32_t addr, const uint32_t *words, uint32_t size)
{
    Cache_Read_Disable();
    int result = SPIUnlock();
    if (result == 0)
        result = SPIWrite(addr, words, size);
    Cache_Read_Enable(0, 0, 1);
    return result;
}

static IRAM int flash_rom_erase(uint32_t sector)
{
    Cache_Read_Disable();
    int result = SPIUnlock();
    if (result == 0)
        result = SPIEraseSector(sector);
    Cache_Read_Enable(0, 0, 1);
    return result;
}

static bool flash_is_inside(uint32_t addr, uint32_t size)
{
    return addr <= LCM_FLASH_SIZE && size <= LCM_FLASH_SIZE - addr;
}

/* Flash is mapped, but in words only. */
static enum lcm_err flash_read(void *context, uint32_t addr, void *dst, uint32_t size)
{
    uint8_t *bytes = dst;

    (void)context;
    if (!flash_is_inside(addr, size))
        return LCM_ERR_FLASH;
    while (size > 0) {
        const volatile uint32_t *source = (const uint32_t *)(LCM_FLASH_MAP_BASE + (addr & ~3u));
        uint32_t word = *source >> addr % 4 * 8;
        uint32_t step = 4 - addr % 4;
        if (step > size)
            step = size;
        memcpy(bytes, &word, step);
        addr += step;
        bytes += step;
        size -= step;
    }
    return LCM_OK;
}

static bool flash_is_direct(uint32_t addr, const void *src, uint32_t size)
{
    return ((addr | (uintptr_t)src | size) & 3u) == 0 && (uintptr_t)src >= DRAM_BASE &&
           (uintptr_t)src < DRAM_END;
}

/* Through a buffer of words, filled up with ones: they program nothing. What the flash holds would
 * be wrong there: a cell that is neither 0 nor 1 and reads 0 just now would become 0 for good. */
static enum lcm_err flash_program_piece(uint32_t addr, const uint8_t *bytes, uint32_t size)
{
    uint32_t words[PIECE_SIZE / 4];
    uint32_t whole = (addr % 4 + size + 3) & ~3u;

    memset(words, 0xFF, whole);
    memcpy((uint8_t *)words + addr % 4, bytes, size);
    if (flash_rom_write(addr & ~3u, words, whole) != 0)
        return LCM_ERR_FLASH;
    return LCM_OK;
}

static enum lcm_err flash_program(void *context, uint32_t addr, const void *src, uint32_t size)
{
    const uint8_t *bytes = src;

    (void)context;
    if (!flash_is_inside(addr, size))
        return LCM_ERR_FLASH;
    if (flash_is_direct(addr, src, size))
        return flash_rom_write(addr, src, size) == 0 ? LCM_OK : LCM_ERR_FLASH;
    while (size > 0) {
        uint32_t room = PIECE_SIZE - addr % 4;
        uint32_t step = size < room ? size : room;
        enum lcm_err err = flash_program_piece(addr, bytes, step);
        if (err != LCM_OK)
            return err;
        addr += step;
        bytes += step;
        size -= step;
    }
    return LCM_OK;
}

static enum lcm_err flash_erase(void *context, uint32_t addr)
{
    (void)context;
    if (!flash_is_inside(addr, LCM_SECTOR_SIZE) || addr % LCM_SECTOR_SIZE != 0)
        return LCM_ERR_FLASH;
    return flash_rom_erase(addr / LCM_SECTOR_SIZE) == 0 ? LCM_OK : LCM_ERR_FLASH;
}

const struct lcm_flash lx106_flash = {
    .size = LCM_FLASH_SIZE,
    .sector_size = LCM_SECTOR_SIZE,
    .read = flash_read,
    .program = flash_program,
    .erase = flash_erase,
};
