// SPDX-License-Identifier: Apache-2.0
/* Strict NOR flash in memory; see the header. */
#include "tests/lib/ram_flash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void ram_flash_bug(const char *what, uint32_t addr)
{
    fprintf(stderr, "ram_flash: %s at 0x%05x\n", what, (unsigned)addr);
    abort();
}

static enum lcm_err ram_flash_read(void *context, uint32_t addr, void *dst, uint32_t size)
{
    struct ram_flash *flash = context;

    if (addr > LCM_FLASH_SIZE || size > LCM_FLASH_SIZE - addr)
        ram_flash_bug("read outside flash", addr);
    memcpy(dst, flash->data + addr, size);
    return LCM_OK;
}

uint64_t ram_flash_random(uint64_t *state)
{
    uint64_t value = (*state += 0x9E3779B97F4A7C15u);

    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

/* The byte an operation leaves: at a random cut any of the changed bits may be as before. */
static uint8_t ram_flash_settle(struct ram_flash *flash, uint8_t before, uint8_t after)
{
    if (!flash->is_off || flash->cut != RAM_FLASH_CUT_RANDOM)
        return after;
    return (uint8_t)(before ^ ((before ^ after) & (uint8_t)ram_flash_random(&flash->random)));
}

/* How many of size bytes this operation may still change; updates the power state. */
static uint32_t ram_flash_admit(struct ram_flash *flash, uint32_t size)
{
    bool hit = flash->cut != RAM_FLASH_NO_CUT && flash->operations == flash->cut_at;

    if (flash->is_off)
        return 0;
    flash->operations++;
    if (!hit)
        return size;
    flash->is_off = true;
    if (flash->cut == RAM_FLASH_CUT_BEFORE)
        return 0;
    return flash->cut == RAM_FLASH_CUT_TORN ? size / 2 : size;
}

static enum lcm_err ram_flash_program(void *context, uint32_t addr, const void *src, uint32_t size)
{
    struct ram_flash *flash = context;
    const uint8_t *bytes = src;
    uint32_t admitted = ram_flash_admit(flash, size);

    if (addr > LCM_FLASH_SIZE || size > LCM_FLASH_SIZE - addr)
        ram_flash_bug("program outside flash", addr);
    for (uint32_t i = 0; i < admitted; i++) {
        if ((uint8_t)(bytes[i] & ~flash->data[addr + i]) != 0)
            ram_flash_bug("program sets a bit", addr + i);
        flash->data[addr + i] = ram_flash_settle(flash, flash->data[addr + i], bytes[i]);
    }
    flash->programmed_bytes += admitted;
    return flash->is_off ? LCM_ERR_FLASH : LCM_OK;
}

static enum lcm_err ram_flash_erase(void *context, uint32_t addr)
{
    struct ram_flash *flash = context;
    uint32_t admitted = ram_flash_admit(flash, LCM_SECTOR_SIZE);

    if (addr >= LCM_FLASH_SIZE || addr % LCM_SECTOR_SIZE != 0)
        ram_flash_bug("erase of no sector", addr);
    for (uint32_t i = 0; i < admitted; i++)
        flash->data[addr + i] = ram_flash_settle(flash, flash->data[addr + i], 0xFF);
    if (admitted > 0)
        flash->erases[addr / LCM_SECTOR_SIZE]++;
    return flash->is_off ? LCM_ERR_FLASH : LCM_OK;
}

void ram_flash_init(struct ram_flash *flash)
{
    memset(flash, 0, sizeof(*flash));
    memset(flash->data, 0xFF, sizeof(flash->data));
    flash->random = 1;
    flash->port = (struct lcm_flash){
        .size = LCM_FLASH_SIZE,
        .sector_size = LCM_SECTOR_SIZE,
        .context = flash,
        .read = ram_flash_read,
        .program = ram_flash_program,
        .erase = ram_flash_erase,
    };
}

void ram_flash_restore_power(struct ram_flash *flash)
{
    flash->cut = RAM_FLASH_NO_CUT;
    flash->is_off = false;
    flash->operations = 0;
}
