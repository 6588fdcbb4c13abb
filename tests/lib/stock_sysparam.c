// SPDX-License-Identifier: Apache-2.0
/* A reader written from the format alone; see the header. */
#include "tests/lib/stock_sysparam.h"

#include <string.h>

#include "core/base/bytes.h"
#include "core/store/settings.h"
#include "lcm/layout.h"

#define STOCK_REGION1 (LCM_SETTINGS_ADDR + LCM_SECTOR_SIZE)

static const uint8_t *stock_region(const uint8_t *data)
{
    if (lcm_get_u32(data + LCM_SETTINGS_ADDR) != 0x70524F45u)
        return lcm_get_u32(data + STOCK_REGION1) == 0x70524F45u ? data + STOCK_REGION1 : NULL;
    return data[LCM_SETTINGS_ADDR + 5] & 0x40 ? data + LCM_SETTINGS_ADDR : data + STOCK_REGION1;
}

/* First live entry from offset on that is a value of this id, or (id 0) this key. */
static const uint8_t *stock_find(const uint8_t *region, const uint8_t *from, unsigned id,
                                 const char *key)
{
    for (const uint8_t *entry = from; entry + 4 <= region + LCM_SECTOR_SIZE;) {
        unsigned flags = lcm_get_u16(entry);
        unsigned size = lcm_get_u16(entry + 2);

        if (flags == 0xFFFF || entry + 4 + size > region + LCM_SECTOR_SIZE)
            return NULL;
        if ((flags & 0xC000) == 0x8000 && id != 0 && (flags & 0x2000) && (flags & 0xFFF) == id)
            return entry;
        if ((flags & 0xC000) == 0x8000 && id == 0 && !(flags & 0x2000) && size == strlen(key) &&
            memcmp(entry + 4, key, size) == 0)
            return entry;
        entry += 4 + size;
    }
    return NULL;
}

bool stock_sysparam_get(const struct lcm_flash *flash, const char *key, char *text)
{
    static uint8_t data[LCM_FLASH_SIZE];

    text[0] = '\0';
    if (flash->read(flash->context, LCM_SETTINGS_ADDR, data + LCM_SETTINGS_ADDR,
                    LCM_SETTINGS_SIZE) != LCM_OK)
        return false;
    const uint8_t *region = stock_region(data);
    if (region == NULL)
        return false;
    const uint8_t *entry = stock_find(region, region + 8, 0, key);
    if (entry == NULL)
        return false;
    entry = stock_find(region, entry + 4 + lcm_get_u16(entry + 2), lcm_get_u16(entry) & 0xFFF, "");
    if (entry == NULL)
        return false;
    uint16_t size = lcm_get_u16(entry + 2);
    if (size >= LCM_SETTING_TEXT_SIZE)
        return false;
    memcpy(text, entry + 4, size);
    text[size] = '\0';
    return true;
}
