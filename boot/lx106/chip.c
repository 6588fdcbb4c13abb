// SPDX-License-Identifier: Apache-2.0
/*
 * Flash and RTC memory for the boot program.
 *
 * Invariant: the ROM gets word-aligned addresses and sizes only. Callers of the flash port read and
 * program at most BOUNCE_SIZE bytes at once; more is refused.
 */
#include "boot/lx106/chip.h"

#include <string.h>

#include "boot/lx106/rom_calls.h"
#include "lcm/layout.h"

#define BOUNCE_SIZE 64u
#define RTC_BLOCK 0x60001200u

/* The words around [addr, addr + size). */
static uint32_t chip_span(uint32_t addr, uint32_t size)
{
    return (addr % 4 + size + 3) & ~3u;
}

static enum lcm_err chip_result(int result)
{
    return result == 0 ? LCM_OK : LCM_ERR_FLASH;
}

static enum lcm_err chip_read(void *context, uint32_t addr, void *dst, uint32_t size)
{
    uint32_t bounce[BOUNCE_SIZE / 4 + 1];

    (void)context;
    if (size > BOUNCE_SIZE)
        return LCM_ERR_FLASH;
    int result = SPIRead(addr & ~3u, bounce, chip_span(addr, size));
    memcpy(dst, (const uint8_t *)bounce + addr % 4, size);
    return chip_result(result);
}

static enum lcm_err chip_program(void *context, uint32_t addr, const void *src, uint32_t size)
{
    uint32_t bounce[BOUNCE_SIZE / 4 + 1];

    (void)context;
    if (size > BOUNCE_SIZE)
        return LCM_ERR_FLASH;
    memset(bounce, 0xFF, sizeof(bounce));
    memcpy((uint8_t *)bounce + addr % 4, src, size);
    SPIUnlock();
    return chip_result(SPIWrite(addr & ~3u, bounce, chip_span(addr, size)));
}

static enum lcm_err chip_erase(void *context, uint32_t addr)
{
    (void)context;
    SPIUnlock();
    return chip_result(SPIEraseSector(addr / LCM_SECTOR_SIZE));
}

const struct lcm_flash boot_flash = {
    .size = LCM_FLASH_SIZE,
    .sector_size = LCM_SECTOR_SIZE,
    .read = chip_read,
    .program = chip_program,
    .erase = chip_erase,
};

/* RTC memory gives and takes words. */
static void chip_rtc_read(void *context, uint32_t offset, void *dst, uint32_t size)
{
    const volatile uint32_t *rtc = (const volatile uint32_t *)(RTC_BLOCK + offset);
    uint8_t *to = dst;

    (void)context;
    for (; size > 0; size -= 4, to += 4) {
        uint32_t word = *rtc++;

        memcpy(to, &word, sizeof(word));
    }
}

static void chip_rtc_write(void *context, uint32_t offset, const void *src, uint32_t size)
{
    volatile uint32_t *rtc = (volatile uint32_t *)(RTC_BLOCK + offset);
    const uint8_t *from = src;

    (void)context;
    for (; size > 0; size -= 4, from += 4) {
        uint32_t word;

        memcpy(&word, from, sizeof(word));
        *rtc++ = word;
    }
}

const struct lcm_system boot_system = {.rtc_read = chip_rtc_read, .rtc_write = chip_rtc_write};
