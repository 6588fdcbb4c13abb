// SPDX-License-Identifier: Apache-2.0
/*
 * Writing the other region anew: a compaction, or a change of several values at once.
 *
 * Everything is written and verified before the new region becomes active, which is one program
 * of one word. While both regions are marked active, each of them is whole: the one with all
 * values before, or the one with all values after.
 */
#include "core/store/settings_area.h"

#include <string.h>

#include "core/base/bytes.h"
#include "core/base/region.h"
#include "core/store/settings_region.h"

#define COPY_CHUNK_SIZE 64u /* bytes on the stack */

/* What replaces what; none: a compaction. */
struct rewrite_changes {
    const struct lcm_setting_change *list;
    size_t count;
};

/* Copy one entry with a new id to *addr of the region that nobody reads yet. */
static enum lcm_err rewrite_copy_entry(const struct lcm_flash *flash,
                                       const struct lcm_settings_entry *entry, uint16_t id,
                                       uint32_t *addr)
{
    uint8_t chunk[COPY_CHUNK_SIZE];
    uint32_t from = entry->addr + LCM_SETTINGS_ENTRY_HEADER_SIZE;
    uint32_t left = entry->size;

    lcm_put_u16(chunk, (uint16_t)((entry->idflags & ~LCM_SETTINGS_ID_MASK) | id));
    lcm_put_u16(chunk + 2, entry->size);
    enum lcm_err err =
        lcm_settings_region_program(flash, *addr, chunk, LCM_SETTINGS_ENTRY_HEADER_SIZE);
    *addr += LCM_SETTINGS_ENTRY_HEADER_SIZE;
    while (err == LCM_OK && left > 0) {
        uint32_t step = left < COPY_CHUNK_SIZE ? left : COPY_CHUNK_SIZE;
        err = flash->read(flash->context, from, chunk, step);
        if (err == LCM_OK)
            err = lcm_settings_region_program(flash, *addr, chunk, step);
        from += step;
        *addr += step;
        left -= step;
    }
    lcm_bytes_wipe(chunk, sizeof(chunk));
    return err;
}

static enum lcm_err rewrite_is_changed(const struct lcm_settings *s,
                                       const struct lcm_settings_entry *key,
                                       const struct rewrite_changes *changes, bool *is_changed)
{
    uint32_t addr = key->addr + LCM_SETTINGS_ENTRY_HEADER_SIZE;

    *is_changed = false;
    for (size_t i = 0; i < changes->count && !*is_changed; i++) {
        const char *name = changes->list[i].key;
        if (key->size != strlen(name))
            continue;
        enum lcm_err err = lcm_flash_compare(s->flash, addr, name, key->size);
        if (err != LCM_OK && err != LCM_ERR_CORRUPT)
            return err;
        *is_changed = err == LCM_OK;
    }
    return LCM_OK;
}

/* The next pair that stays. LCM_ERR_NOT_FOUND behind the last one. */
static enum lcm_err rewrite_next_kept(const struct lcm_settings *s,
                                      const struct rewrite_changes *changes, uint32_t *cursor,
                                      struct lcm_settings_entry *key,
                                      struct lcm_settings_entry *value)
{
    bool is_changed = false;
    enum lcm_err err;

    while ((err = lcm_settings_area_next(s, cursor, key)) == LCM_OK) {
        if (!lcm_settings_area_is_key(key))
            continue;
        err = lcm_settings_area_value_of(s, key, value);
        if (err == LCM_ERR_NOT_FOUND)
            continue;
        if (err == LCM_OK)
            err = rewrite_is_changed(s, key, changes, &is_changed);
        if (err != LCM_OK || !is_changed)
            return err;
    }
    return err;
}

/* Always, but for a damaged region in which several keys share a long value. */
static bool rewrite_fits(const struct lcm_settings *copy, const struct lcm_settings_entry *key,
                         const struct lcm_settings_entry *value)
{
    return 2 * LCM_SETTINGS_ENTRY_HEADER_SIZE + (uint32_t)key->size + value->size <=
           lcm_settings_area_free_size(copy);
}

static enum lcm_err rewrite_copy_kept(const struct lcm_settings *s, struct lcm_settings *copy,
                                      const struct rewrite_changes *changes)
{
    struct lcm_settings_entry key, value;
    uint32_t cursor = 0;
    enum lcm_err err;

    while ((err = rewrite_next_kept(s, changes, &cursor, &key, &value)) == LCM_OK) {
        if (!rewrite_fits(copy, &key, &value))
            continue;
        copy->id_last++;
        err = rewrite_copy_entry(s->flash, &key, copy->id_last, &copy->end);
        if (err == LCM_OK)
            err = rewrite_copy_entry(s->flash, &value, copy->id_last, &copy->end);
        if (err != LCM_OK)
            return err;
    }
    return err == LCM_ERR_NOT_FOUND ? LCM_OK : err;
}

static enum lcm_err rewrite_append_new(struct lcm_settings *copy,
                                       const struct rewrite_changes *changes)
{
    enum lcm_err err = LCM_OK;

    for (size_t i = 0; i < changes->count && err == LCM_OK; i++) {
        const struct lcm_setting_change *change = &changes->list[i];
        uint16_t type = change->is_binary ? LCM_SETTINGS_BINARY : 0;
        if (change->size == 0)
            continue;
        uint16_t id = ++copy->id_last;
        err = lcm_settings_area_append(copy, id, (const uint8_t *)change->key,
                                       (uint16_t)strlen(change->key));
        if (err == LCM_OK)
            err = lcm_settings_area_append(copy, (uint16_t)(id | LCM_SETTINGS_VALUE | type),
                                           change->value, change->size);
    }
    return err;
}

static enum lcm_err rewrite(struct lcm_settings *s, const struct rewrite_changes *changes)
{
    uint32_t index = lcm_settings_region_index(s->region_addr);
    uint32_t addr = lcm_settings_region_addr(1 - index);
    struct lcm_settings copy = {.flash = s->flash, .region_addr = addr};

    copy.end = addr + LCM_SETTINGS_REGION_HEADER_SIZE;
    /* After a failure both regions may be active: nothing may be appended then. */
    s->needs_compaction = true;
    enum lcm_err err = lcm_settings_region_wipe(s->flash, 1 - index);
    if (err == LCM_OK)
        err = rewrite_copy_kept(s, &copy, changes);
    if (err == LCM_OK)
        err = rewrite_append_new(&copy, changes);
    if (err == LCM_OK)
        err = lcm_settings_region_write_header(s->flash, 1 - index, true);
    if (err == LCM_OK)
        err = lcm_settings_region_clear_active(s->flash, index);
    if (err == LCM_OK)
        *s = copy;
    return err;
}

enum lcm_err lcm_settings_compact(struct lcm_settings *s)
{
    static const struct rewrite_changes none = {NULL, 0};

    return rewrite(s, &none);
}

/* ---- several values at once ---- */

static enum lcm_err rewrite_check_changes(const struct rewrite_changes *changes, uint32_t *size)
{
    *size = 0;
    for (size_t i = 0; i < changes->count; i++) {
        const struct lcm_setting_change *change = &changes->list[i];
        size_t key_size = strlen(change->key);
        if (key_size < 1 || key_size >= LCM_SETTING_KEY_SIZE)
            return LCM_ERR_ARGUMENT;
        if (change->size > LCM_SETTING_VALUE_MAX)
            return LCM_ERR_TOO_LONG;
        if (change->size > 0)
            *size += 2 * LCM_SETTINGS_ENTRY_HEADER_SIZE + (uint32_t)key_size + change->size;
    }
    return LCM_OK;
}

/* What stays and what comes must fit, with the reserve of a single replacement. */
static enum lcm_err rewrite_check_space(const struct lcm_settings *s,
                                        const struct rewrite_changes *changes, uint32_t size)
{
    struct lcm_settings_entry key, value;
    uint32_t cursor = 0;
    enum lcm_err err;

    while ((err = rewrite_next_kept(s, changes, &cursor, &key, &value)) == LCM_OK)
        size += 2 * LCM_SETTINGS_ENTRY_HEADER_SIZE + key.size + value.size;
    if (err != LCM_ERR_NOT_FOUND)
        return err;
    return size + LCM_SETTINGS_RESERVE <= lcm_settings_area_capacity() ? LCM_OK : LCM_ERR_NO_SPACE;
}

enum lcm_err lcm_settings_change(struct lcm_settings *s, const struct lcm_setting_change *list,
                                 size_t count)
{
    const struct rewrite_changes changes = {list, count};
    uint32_t size = 0;
    enum lcm_err err = rewrite_check_changes(&changes, &size);

    if (err == LCM_OK)
        err = rewrite_check_space(s, &changes, size);
    return err == LCM_OK ? rewrite(s, &changes) : err;
}
