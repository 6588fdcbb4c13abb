// SPDX-License-Identifier: Apache-2.0
/*
 * Flash by the mask ROM: words only, so pieces go through a small buffer, with 0xFF around what is
 * programmed. While the ROM talks to the flash the cache is off: those few lines run from IRAM and
 * touch RAM only.
 */
#include "port/lx106/flash.h"

#include <stdbool.h>
#include <string.h>

#include "lcm/layout.h"
#include "port/lx106/rom.h"

#define IRAM __attribute__((section(".iram.text"), noinline))
#define PIECE_SIZE 128u

static IRAM int flash_rom_read(uint32_t addr, uint32_t *words, uint32_t size)
{
    Cache_Read_Disable();
    int result = SPIRead(addr, words, size);
    Cache_Read_Enable(0, 0, 1);
    return result;
}

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

/* How many bytes from addr fit one piece whose ends are word borders. */
static uint32_t flash_piece(uint32_t addr, uint32_t size)
{
    uint32_t room = PIECE_SIZE - addr % 4;

    return size < room ? size : room;
}

static uint32_t flash_round(uint32_t addr, uint32_t size)
{
    return (addr % 4 + size + 3) & ~3u;
}

static bool flash_is_inside(uint32_t addr, uint32_t size)
{
    return addr <= LCM_FLASH_SIZE && size <= LCM_FLASH_SIZE - addr;
}

static enum lcm_err flash_read(void *context, uint32_t addr, void *dst, uint32_t size)
{
    uint32_t words[PIECE_SIZE / 4];
    uint8_t *bytes = dst;

    (void)context;
    if (!flash_is_inside(addr, size))
        return LCM_ERR_FLASH;
    while (size > 0) {
        uint32_t step = flash_piece(addr, size);
        if (flash_rom_read(addr & ~3u, words, flash_round(addr, step)) != 0)
            return LCM_ERR_FLASH;
        memcpy(bytes, (const uint8_t *)words + addr % 4, step);
        addr += step;
        bytes += step;
        size -= step;
    }
    return LCM_OK;
}

static enum lcm_err flash_program(void *context, uint32_t addr, const void *src, uint32_t size)
{
    uint32_t words[PIECE_SIZE / 4];
    const uint8_t *bytes = src;

    (void)context;
    if (!flash_is_inside(addr, size))
        return LCM_ERR_FLASH;
    while (size > 0) {
        uint32_t step = flash_piece(addr, size);
        memset(words, 0xFF, sizeof(words));
        memcpy((uint8_t *)words + addr % 4, bytes, step);
        if (flash_rom_write(addr & ~3u, words, flash_round(addr, step)) != 0)
            return LCM_ERR_FLASH;
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
