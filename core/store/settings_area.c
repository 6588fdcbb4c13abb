// SPDX-License-Identifier: Apache-2.0
/*
 * The sysparam area: choosing and mending the active region, walking its entries,
 * appending, killing, formatting. Knows nothing about what keys mean.
 *
 * Invariant: an entry becomes valid by its last one-byte program. Either region may be
 * read while both are marked active: see settings_rewrite.c.
 */
#include "core/store/settings_area.h"

#include <string.h>

#include "core/base/bytes.h"
#include "core/store/settings_region.h"

#define BLANK_CHUNK_SIZE 64u /* bytes on the stack */

static enum lcm_err area_read(const struct lcm_flash *flash, uint32_t addr, void *dst,
                              uint32_t size)
{
    return flash->read(flash->context, addr, dst, size);
}

/* ---- entries ---- */

static bool area_is_live(const struct lcm_settings_entry *entry)
{
    uint32_t id = entry->idflags & LCM_SETTINGS_ID_MASK;

    return (entry->idflags & (LCM_SETTINGS_ALIVE | LCM_SETTINGS_INVALID)) == LCM_SETTINGS_ALIVE &&
           id >= 1 && id <= LCM_SETTINGS_ID_MAX;
}

bool lcm_settings_area_is_key(const struct lcm_settings_entry *entry)
{
    return area_is_live(entry) && (entry->idflags & LCM_SETTINGS_VALUE) == 0;
}

bool lcm_settings_area_is_value(const struct lcm_settings_entry *entry)
{
    return area_is_live(entry) && (entry->idflags & LCM_SETTINGS_VALUE) != 0;
}

static enum lcm_err area_read_entry(const struct lcm_flash *flash, uint32_t addr,
                                    struct lcm_settings_entry *entry)
{
    uint8_t bytes[LCM_SETTINGS_ENTRY_HEADER_SIZE];
    enum lcm_err err = area_read(flash, addr, bytes, sizeof(bytes));

    if (err != LCM_OK)
        return err;
    entry->addr = addr;
    entry->idflags = lcm_get_u16(bytes);
    entry->size = lcm_get_u16(bytes + 2);
    return LCM_OK;
}

enum lcm_err lcm_settings_area_next(const struct lcm_settings *s, uint32_t *cursor,
                                    struct lcm_settings_entry *entry)
{
    if (*cursor == 0)
        *cursor = s->region_addr + LCM_SETTINGS_REGION_HEADER_SIZE;
    if (*cursor >= s->end)
        return LCM_ERR_NOT_FOUND;

    enum lcm_err err = area_read_entry(s->flash, *cursor, entry);
    if (err == LCM_OK)
        *cursor += LCM_SETTINGS_ENTRY_HEADER_SIZE + entry->size;
    return err;
}

enum lcm_err lcm_settings_area_value_of(const struct lcm_settings *s,
                                        const struct lcm_settings_entry *key,
                                        struct lcm_settings_entry *value)
{
    uint32_t cursor = key->addr + LCM_SETTINGS_ENTRY_HEADER_SIZE + key->size;
    struct lcm_settings_entry entry;
    enum lcm_err err;
    bool is_found = false;

    while ((err = lcm_settings_area_next(s, &cursor, &entry)) == LCM_OK) {
        if (!lcm_settings_area_is_value(&entry) ||
            ((entry.idflags ^ key->idflags) & LCM_SETTINGS_ID_MASK) != 0)
            continue;
        *value = entry;
        is_found = true;
    }
    return err == LCM_ERR_NOT_FOUND && is_found ? LCM_OK : err;
}

enum lcm_err lcm_settings_area_live_size(const struct lcm_settings *s, uint32_t *size)
{
    struct lcm_settings_entry key, value;
    uint32_t cursor = 0;
    uint32_t total = 0;
    enum lcm_err err;

    while ((err = lcm_settings_area_next(s, &cursor, &key)) == LCM_OK) {
        if (!lcm_settings_area_is_key(&key))
            continue;
        err = lcm_settings_area_value_of(s, &key, &value);
        if (err == LCM_OK)
            total += 2 * LCM_SETTINGS_ENTRY_HEADER_SIZE + key.size + value.size;
        else if (err != LCM_ERR_NOT_FOUND)
            return err;
    }
    if (err != LCM_ERR_NOT_FOUND)
        return err;
    *size = total;
    return LCM_OK;
}

uint32_t lcm_settings_area_capacity(void)
{
    return LCM_SETTINGS_REGION_SIZE - LCM_SETTINGS_REGION_HEADER_SIZE -
           LCM_SETTINGS_REGION_TAIL_SIZE;
}

uint32_t lcm_settings_area_free_size(const struct lcm_settings *s)
{
    uint32_t limit = s->region_addr + LCM_SETTINGS_REGION_SIZE - LCM_SETTINGS_REGION_TAIL_SIZE;

    return s->end < limit ? limit - s->end : 0;
}

enum lcm_err lcm_settings_area_append(struct lcm_settings *s, uint16_t idflags,
                                      const uint8_t *payload, uint16_t size)
{
    uint8_t header[LCM_SETTINGS_ENTRY_HEADER_SIZE];
    uint32_t addr = s->end;

    s->needs_compaction = true; /* until the entry is complete */
    lcm_put_u16(header, (uint16_t)(idflags | LCM_SETTINGS_ALIVE | LCM_SETTINGS_INVALID));
    lcm_put_u16(header + 2, size);
    enum lcm_err err = lcm_settings_region_program(s->flash, addr, header, sizeof(header));
    if (err != LCM_OK)
        return err;
    err = lcm_settings_region_program(s->flash, addr + sizeof(header), payload, size);
    if (err != LCM_OK)
        return err;
    header[1] = (uint8_t)(header[1] & ~(LCM_SETTINGS_INVALID >> 8));
    err = lcm_settings_region_program(s->flash, addr + 1, &header[1], 1);
    if (err != LCM_OK)
        return err;
    s->end = addr + (uint32_t)sizeof(header) + size;
    s->needs_compaction = false;
    return LCM_OK;
}

enum lcm_err lcm_settings_area_kill(const struct lcm_settings *s,
                                    const struct lcm_settings_entry *entry)
{
    uint8_t high_byte = (uint8_t)((entry->idflags & ~LCM_SETTINGS_ALIVE) >> 8);

    return lcm_settings_region_program(s->flash, entry->addr + 1, &high_byte, 1);
}

/* ---- opening ---- */

static enum lcm_err area_is_blank(const struct lcm_flash *flash, uint32_t addr, uint32_t end,
                                  bool *is_blank)
{
    uint8_t chunk[BLANK_CHUNK_SIZE];

    *is_blank = true;
    while (addr < end && *is_blank) {
        uint32_t step = end - addr < BLANK_CHUNK_SIZE ? end - addr : BLANK_CHUNK_SIZE;
        enum lcm_err err = area_read(flash, addr, chunk, step);
        if (err != LCM_OK)
            return err;
        *is_blank = lcm_bytes_all(chunk, step, 0xFF);
        addr += step;
    }
    return LCM_OK;
}

/* Find the end of a region's entries. What follows an entry of impossible length is
 * lost, as for the stock reader; the next write then starts with a compaction. */
static enum lcm_err area_scan(struct lcm_settings *s, uint32_t index)
{
    uint32_t limit = lcm_settings_region_addr(index) + LCM_SETTINGS_REGION_SIZE;
    struct lcm_settings_entry entry;
    bool is_blank;

    s->region_addr = lcm_settings_region_addr(index);
    s->end = s->region_addr + LCM_SETTINGS_REGION_HEADER_SIZE;
    s->id_last = 0;
    while (limit - s->end >= LCM_SETTINGS_ENTRY_HEADER_SIZE) {
        enum lcm_err err = area_read_entry(s->flash, s->end, &entry);
        if (err != LCM_OK)
            return err;
        uint16_t id = entry.idflags & LCM_SETTINGS_ID_MASK;
        if (entry.idflags == 0xFFFF || entry.size > limit - s->end - LCM_SETTINGS_ENTRY_HEADER_SIZE)
            break;
        if (id > s->id_last)
            s->id_last = id;
        s->end += LCM_SETTINGS_ENTRY_HEADER_SIZE + entry.size;
    }
    enum lcm_err err = area_is_blank(s->flash, s->end, limit, &is_blank);
    s->needs_compaction = !is_blank;
    return err;
}

/*
 * The region to read, left scanned in s. Both active: a compaction was cut short;
 * both hold the same, and the first is the one the stock reader takes and may have
 * written to since. None active: no cut does that; the stock reader takes the
 * second, which is followed unless that one is empty.
 */
static enum lcm_err area_choose(struct lcm_settings *s,
                                const struct lcm_settings_region_header *header, uint32_t *index)
{
    uint32_t live_size = 0;

    *index = header[0].is_active ? 0 : 1;
    if (!header[*index].is_valid)
        *index = 1 - *index;
    if (!header[*index].is_valid)
        return LCM_ERR_NOT_FOUND;
    enum lcm_err err = area_scan(s, *index);
    if (err != LCM_OK || header[*index].is_active || !header[1 - *index].is_valid)
        return err;
    err = lcm_settings_area_live_size(s, &live_size);
    if (err != LCM_OK || live_size > 0)
        return err;
    *index = 1 - *index;
    return area_scan(s, *index);
}

/* true when a later live value has the same id: a replacement was cut short. */
static enum lcm_err area_is_replaced(const struct lcm_settings *s, uint32_t cursor,
                                     const struct lcm_settings_entry *value, bool *is_replaced)
{
    struct lcm_settings_entry entry;
    enum lcm_err err;

    *is_replaced = false;
    while ((err = lcm_settings_area_next(s, &cursor, &entry)) == LCM_OK) {
        if (lcm_settings_area_is_value(&entry) &&
            ((entry.idflags ^ value->idflags) & LCM_SETTINGS_ID_MASK) == 0) {
            *is_replaced = true;
            return LCM_OK;
        }
    }
    return err == LCM_ERR_NOT_FOUND ? LCM_OK : err;
}

static enum lcm_err area_kill_replaced(const struct lcm_settings *s)
{
    struct lcm_settings_entry entry;
    uint32_t cursor = 0;
    bool is_replaced;
    enum lcm_err err;

    while ((err = lcm_settings_area_next(s, &cursor, &entry)) == LCM_OK) {
        if (!lcm_settings_area_is_value(&entry))
            continue;
        err = area_is_replaced(s, cursor, &entry, &is_replaced);
        if (err == LCM_OK && is_replaced)
            err = lcm_settings_area_kill(s, &entry);
        if (err != LCM_OK)
            return err;
    }
    return err == LCM_ERR_NOT_FOUND ? LCM_OK : err;
}

/*
 * One region active, the other one not: anything else is what a cut left, perhaps of our own
 * magic, so that is written once more before the other region is touched. With both active, or one
 * and a torn other, the flag of an active one may be half cleared, and nobody can see it: the
 * values go into a region of their own, with new headers.
 */
static enum lcm_err area_repair(struct lcm_settings *s,
                                const struct lcm_settings_region_header *header, uint32_t index)
{
    const struct lcm_settings_region_header *other = &header[1 - index];
    enum lcm_err err;

    if (!header[index].is_active || other->is_active || !other->is_valid) {
        err = lcm_settings_region_write_magic(s->flash, index);
        return err == LCM_OK ? lcm_settings_compact(s) : err;
    }
    /* Clearing what is cleared: see settings_settle.c. */
    err = lcm_settings_region_clear_active(s->flash, 1 - index);
    if (err == LCM_OK)
        err = lcm_settings_area_settle(s);
    return err == LCM_OK ? area_kill_replaced(s) : err;
}

static enum lcm_err area_find(struct lcm_settings *s, const struct lcm_flash *flash,
                              struct lcm_settings_region_header *header, uint32_t *index)
{
    memset(s, 0, sizeof(*s));
    s->flash = flash;
    for (uint32_t i = 0; i < LCM_SETTINGS_REGION_COUNT; i++) {
        enum lcm_err err = lcm_settings_region_load_header(flash, i, &header[i]);
        if (err != LCM_OK)
            return err;
    }
    return area_choose(s, header, index);
}

enum lcm_err lcm_settings_open(struct lcm_settings *s, const struct lcm_flash *flash)
{
    struct lcm_settings_region_header header[LCM_SETTINGS_REGION_COUNT];
    uint32_t index;
    enum lcm_err err = area_find(s, flash, header, &index);

    if (err != LCM_OK)
        return err;
    return area_repair(s, header, index);
}

enum lcm_err lcm_settings_format(struct lcm_settings *s, const struct lcm_flash *flash)
{
    struct lcm_settings_region_header header[LCM_SETTINGS_REGION_COUNT];
    uint32_t index = 1;
    enum lcm_err err = area_find(s, flash, header, &index);

    if (err == LCM_ERR_NOT_FOUND)
        index = 1;
    else if (err != LCM_OK)
        return err;

    /* The empty region replaces the old one in one program operation: its magic
     * when it is the first, the clearing of the old active flag otherwise. */
    err = lcm_settings_region_wipe(flash, 1 - index);
    if (err == LCM_OK)
        err = lcm_settings_region_write_header(flash, 1 - index, true);
    if (err == LCM_OK && header[index].is_active)
        err = lcm_settings_region_clear_active(flash, index);
    if (err == LCM_OK)
        err = lcm_settings_region_wipe(flash, index);
    if (err == LCM_OK)
        err = lcm_settings_region_write_header(flash, index, false);
    if (err != LCM_OK)
        return err;
    return lcm_settings_open(s, flash);
}
