// SPDX-License-Identifier: Apache-2.0
/*
 * SPI flash and the flash window. The flash itself is the host's: its rules, its file, its wear.
 *
 * Invariant: the copy in the emulator's memory equals the host's flash, so that reading costs no
 * frame; the window at 0x40200000 equals the copy while the cache is on.
 */
#include "lcm/layout.h"
#include "rom/rom.h"

#define SPI_FAILED 1
#define SPI_BLOCK_SECTORS 16u
#define SPI_WINDOW ((uint8_t *)LCM_FLASH_MAP_BASE)
#define SPI_COPY ((uint8_t *)0x50100000)

static bool spi_is_mapped;

static bool spi_is_inside(uint32_t addr, uint32_t size)
{
    return addr <= LCM_FLASH_SIZE && size <= LCM_FLASH_SIZE - addr;
}

void rom_spi_load(void)
{
    for (uint32_t addr = 0; addr < LCM_FLASH_SIZE; addr += LCM_WIRE_FRAME_SIZE) {
        rom_host_tell(LCM_WIRE_READ, addr, LCM_WIRE_FRAME_SIZE, 0);
        rom_host_answer(SPI_COPY + addr, LCM_WIRE_FRAME_SIZE);
    }
}

/* Bring copy and window to what the host holds after a change. */
static void spi_refresh(uint32_t addr, uint32_t size)
{
    rom_host_tell(LCM_WIRE_READ, addr, size, 0);
    rom_host_answer(SPI_COPY + addr, size);
    if (spi_is_mapped)
        rom_memcpy(SPI_WINDOW + addr, SPI_COPY + addr, size);
}

int rom_spi_read(uint32_t addr, void *dst, uint32_t size)
{
    if (!spi_is_inside(addr, size) || ((uintptr_t)dst | size) % 4 != 0)
        return SPI_FAILED;
    rom_memcpy(dst, SPI_COPY + addr, size);
    return 0;
}

int rom_spi_write(uint32_t addr, const void *src, uint32_t size)
{
    const uint8_t *bytes = src;

    if (!spi_is_inside(addr, size) || (addr | (uintptr_t)src | size) % 4 != 0)
        return SPI_FAILED;
    while (size > 0) {
        uint32_t step = LCM_WIRE_PROGRAM_SIZE - addr % LCM_WIRE_PROGRAM_SIZE;
        uint32_t answer;

        if (step > size)
            step = size;
        rom_host_tell_bytes(LCM_WIRE_PROGRAM, addr, bytes, step);
        rom_host_answer(&answer, sizeof(answer));
        if (answer != 0)
            return SPI_FAILED;
        spi_refresh(addr, step);
        addr += step;
        bytes += step;
        size -= step;
    }
    return 0;
}

int rom_spi_erase_sector(uint32_t sector)
{
    uint32_t addr = sector * LCM_SECTOR_SIZE;

    if (sector >= LCM_FLASH_SIZE / LCM_SECTOR_SIZE || rom_host_ask(LCM_WIRE_ERASE, addr, 0) != 0)
        return SPI_FAILED;
    spi_refresh(addr, LCM_SECTOR_SIZE);
    return 0;
}

static int spi_erase_sectors(uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (rom_spi_erase_sector(first + i) != 0)
            return SPI_FAILED;
    }
    return 0;
}

int rom_spi_erase_block(uint32_t block)
{
    return spi_erase_sectors(block * SPI_BLOCK_SECTORS, SPI_BLOCK_SECTORS);
}

int rom_spi_erase_chip(void)
{
    return spi_erase_sectors(0, LCM_FLASH_SIZE / LCM_SECTOR_SIZE);
}

/* Whole sectors from the one that holds addr to the one that holds the last byte. The chip's ROM
 * erases too much for some sizes; nothing here relies on that. */
int rom_spi_erase_area(uint32_t addr, uint32_t size)
{
    if (!spi_is_inside(addr, size) || size == 0)
        return SPI_FAILED;
    uint32_t first = addr / LCM_SECTOR_SIZE;

    return spi_erase_sectors(first, (addr + size - 1) / LCM_SECTOR_SIZE - first + 1);
}

/* Never busy, nothing protected. */
int rom_spi_read_status(void *chip, uint32_t *status)
{
    (void)chip;
    *status = 0;
    return 0;
}

int rom_spi_ok(void)
{
    return 0;
}

void rom_cache_enable(uint32_t odd_even, uint32_t mb_count, uint32_t no_cur_mb)
{
    uint32_t record[LCM_WIRE_BOOT_RECORD_SIZE / 4];

    (void)odd_even;
    (void)mb_count;
    (void)no_cur_mb;
    if (spi_is_mapped)
        return; /* on again after work on the flash */
    rom_memcpy(SPI_WINDOW, SPI_COPY, LCM_FLASH_SIZE);
    spi_is_mapped = true;
    for (uint32_t i = 0; i < LCM_WIRE_BOOT_RECORD_SIZE / 4; i++)
        record[i] = ROM_RTC_BOOT_RECORD[i];
    rom_host_tell_bytes(LCM_WIRE_CACHE_ON, 0, record, sizeof(record));
}

/* The window keeps its bytes: code in flash that calls this must be able to return to be noticed.
 */
void rom_cache_disable(void)
{
}

void rom_cache_reset(void)
{
    spi_is_mapped = false;
}
