// SPDX-License-Identifier: Apache-2.0
/* NOR flash in memory, see the header. Addresses are checked, contents are not judged. */
#include "host/memory_flash.h"

#include <stdlib.h>
#include <string.h>

static bool memory_flash_contains(uint32_t addr, uint32_t size)
{
    return addr <= LCM_FLASH_SIZE && size <= LCM_FLASH_SIZE - addr;
}

static enum lcm_err memory_flash_read(void *context, uint32_t addr, void *dst, uint32_t size)
{
    const struct memory_flash *flash = context;

    if (!memory_flash_contains(addr, size))
        return LCM_ERR_FLASH;
    memcpy(dst, flash->bytes + addr, size);
    return LCM_OK;
}

static enum lcm_err memory_flash_program(void *context, uint32_t addr, const void *src,
                                         uint32_t size)
{
    const struct memory_flash *flash = context;
    const uint8_t *bytes = src;

    if (!memory_flash_contains(addr, size))
        return LCM_ERR_FLASH;
    for (uint32_t i = 0; i < size; i++)
        if ((bytes[i] & ~flash->bytes[addr + i]) != 0)
            return LCM_ERR_FLASH;
    memcpy(flash->bytes + addr, bytes, size);
    return LCM_OK;
}

static enum lcm_err memory_flash_erase(void *context, uint32_t addr)
{
    const struct memory_flash *flash = context;

    if (!memory_flash_contains(addr, LCM_SECTOR_SIZE) || addr % LCM_SECTOR_SIZE != 0)
        return LCM_ERR_FLASH;
    memset(flash->bytes + addr, 0xFF, LCM_SECTOR_SIZE);
    return LCM_OK;
}

bool memory_flash_open(struct memory_flash *flash)
{
    flash->bytes = malloc(LCM_FLASH_SIZE);
    if (flash->bytes == NULL)
        return false;
    memset(flash->bytes, 0xFF, LCM_FLASH_SIZE);
    flash->port = (struct lcm_flash){
        .size = LCM_FLASH_SIZE,
        .sector_size = LCM_SECTOR_SIZE,
        .context = flash,
        .read = memory_flash_read,
        .program = memory_flash_program,
        .erase = memory_flash_erase,
    };
    return true;
}

void memory_flash_close(struct memory_flash *flash)
{
    free(flash->bytes);
    flash->bytes = NULL;
}
