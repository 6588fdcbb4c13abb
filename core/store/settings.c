// SPDX-License-Identifier: Apache-2.0
/*
 * Settings by key: reading with types, and the order of writes that makes a
 * replacement safe. Where entries live and how regions swap is settings_area.c.
 *
 * Invariant: the new value is complete on flash before the old one is killed, and
 * all space is found before anything is written.
 */
#include "core/store/settings.h"

#include <string.h>

#include "core/base/bytes.h"
#include "core/base/region.h"
#include "core/base/text.h"
#include "core/store/settings_area.h"

#define SETTINGS_BOOL_SIZE 8u /* longest switch text with its NUL, rounded up */

/* A key as found on flash. */
struct settings_match {
    bool has_key;
    bool has_value;
    struct lcm_settings_entry key;
    struct lcm_settings_entry value;
};

/* The value that is to be stored. */
struct settings_value {
    const uint8_t *bytes;
    uint16_t size;
    uint16_t type; /* 0 or LCM_SETTINGS_BINARY */
};

static uint32_t settings_payload_addr(const struct lcm_settings_entry *entry)
{
    return entry->addr + LCM_SETTINGS_ENTRY_HEADER_SIZE;
}

static enum lcm_err settings_find_key(const struct lcm_settings *s, const char *key,
                                      struct lcm_settings_entry *entry)
{
    uint32_t size = (uint32_t)strlen(key);
    uint32_t cursor = 0;
    enum lcm_err err;

    while ((err = lcm_settings_area_next(s, &cursor, entry)) == LCM_OK) {
        if (!lcm_settings_area_is_key(entry) || entry->size != size)
            continue;
        err = lcm_flash_compare(s->flash, settings_payload_addr(entry), key, size);
        if (err != LCM_ERR_CORRUPT)
            return err;
    }
    return err;
}

/* LCM_OK also when there is no such key. */
static enum lcm_err settings_find(const struct lcm_settings *s, const char *key,
                                  struct settings_match *match)
{
    memset(match, 0, sizeof(*match));
    enum lcm_err err = settings_find_key(s, key, &match->key);
    if (err == LCM_ERR_NOT_FOUND)
        return LCM_OK;
    if (err != LCM_OK)
        return err;
    match->has_key = true;
    err = lcm_settings_area_value_of(s, &match->key, &match->value);
    match->has_value = err == LCM_OK;
    return err == LCM_ERR_NOT_FOUND ? LCM_OK : err;
}

static enum lcm_err settings_find_value(const struct lcm_settings *s, const char *key,
                                        struct lcm_settings_entry *value)
{
    struct settings_match match;
    enum lcm_err err = settings_find(s, key, &match);

    if (err != LCM_OK)
        return err;
    if (!match.has_value)
        return LCM_ERR_NOT_FOUND;
    *value = match.value;
    return LCM_OK;
}

static bool settings_is_binary(const struct lcm_settings_entry *entry)
{
    return (entry->idflags & LCM_SETTINGS_BINARY) != 0;
}

/* ---- reading ---- */

enum lcm_err lcm_settings_get(const struct lcm_settings *s, const char *key, char *dst, size_t size)
{
    struct lcm_settings_entry value;

    dst[0] = '\0';
    enum lcm_err err = settings_find_value(s, key, &value);
    if (err != LCM_OK)
        return err;
    if (settings_is_binary(&value))
        return LCM_ERR_FORMAT;
    if (value.size >= size)
        return LCM_ERR_TOO_LONG;
    err = s->flash->read(s->flash->context, settings_payload_addr(&value), dst, value.size);
    if (err == LCM_OK && memchr(dst, 0, value.size) != NULL)
        err = LCM_ERR_FORMAT;
    dst[err == LCM_OK ? value.size : 0] = '\0';
    return err;
}

static bool settings_is_one_of(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (lcm_text_equal_folded(text, words[i]))
            return true;
    }
    return false;
}

static enum lcm_err settings_parse_bool(const char *text, bool *value)
{
    static const char *const yes[] = {"y", "yes", "t", "true", "1"};
    static const char *const no[] = {"n", "no", "f", "false", "0"};

    *value = settings_is_one_of(text, yes, sizeof(yes) / sizeof(yes[0]));
    if (*value || settings_is_one_of(text, no, sizeof(no) / sizeof(no[0])))
        return LCM_OK;
    return LCM_ERR_FORMAT;
}

static enum lcm_err settings_load_bool(const struct lcm_settings *s, const char *key, bool *result)
{
    struct lcm_settings_entry value;
    uint8_t bytes[SETTINGS_BOOL_SIZE] = {0};
    enum lcm_err err = settings_find_value(s, key, &value);

    if (err != LCM_OK)
        return err;
    if (value.size >= sizeof(bytes))
        return LCM_ERR_FORMAT;
    err = s->flash->read(s->flash->context, settings_payload_addr(&value), bytes, value.size);
    if (err != LCM_OK)
        return err;
    if (!settings_is_binary(&value))
        return settings_parse_bool((const char *)bytes, result);
    if (value.size != 1 && value.size != 4)
        return LCM_ERR_FORMAT;
    *result = lcm_get_u32(bytes) != 0;
    return LCM_OK;
}

bool lcm_settings_get_bool(const struct lcm_settings *s, const char *key, bool fallback)
{
    bool value;

    return settings_load_bool(s, key, &value) == LCM_OK ? value : fallback;
}

enum lcm_err lcm_settings_get_int8(const struct lcm_settings *s, const char *key, int8_t *value)
{
    struct lcm_settings_entry entry;
    uint8_t byte;
    enum lcm_err err = settings_find_value(s, key, &entry);

    if (err != LCM_OK)
        return err;
    if (!settings_is_binary(&entry) || entry.size != 1)
        return LCM_ERR_FORMAT;
    err = s->flash->read(s->flash->context, settings_payload_addr(&entry), &byte, 1);
    if (err == LCM_OK)
        *value = (int8_t)byte;
    return err;
}

/* ---- writing ---- */

static enum lcm_err settings_check_key(const char *key)
{
    size_t size = strlen(key);

    return size >= 1 && size < LCM_SETTING_KEY_SIZE ? LCM_OK : LCM_ERR_ARGUMENT;
}

/* Kill the live values of one id up to and with `last`, oldest first, so that a cut
 * in between brings no older one back. */
static enum lcm_err settings_kill_values(const struct lcm_settings *s,
                                         const struct lcm_settings_entry *last)
{
    struct lcm_settings_entry entry;
    uint32_t cursor = 0;

    do {
        enum lcm_err err = lcm_settings_area_next(s, &cursor, &entry);
        if (err != LCM_OK)
            return err;
        if (lcm_settings_area_is_value(&entry) &&
            ((entry.idflags ^ last->idflags) & LCM_SETTINGS_ID_MASK) == 0) {
            err = lcm_settings_area_kill(s, &entry);
            if (err != LCM_OK)
                return err;
        }
    } while (entry.addr != last->addr);
    return LCM_OK;
}

static uint32_t settings_needed_size(const char *key, const struct settings_match *match,
                                     const struct settings_value *value)
{
    uint32_t size = LCM_SETTINGS_ENTRY_HEADER_SIZE + value->size;

    if (!match->has_key)
        size += LCM_SETTINGS_ENTRY_HEADER_SIZE + (uint32_t)strlen(key);
    return size;
}

/*
 * Will the value fit behind everything that is live, after a compaction? What makes
 * the live part grow must also leave the reserve free: then a value can always be
 * replaced by one that is not longer.
 */
static enum lcm_err settings_check_space(const struct lcm_settings *s, const char *key,
                                         const struct settings_match *match,
                                         const struct settings_value *value)
{
    uint32_t needed = LCM_SETTINGS_ENTRY_HEADER_SIZE + value->size;
    uint32_t live_size;
    enum lcm_err err = lcm_settings_area_live_size(s, &live_size);

    if (err != LCM_OK)
        return err;
    if (!match->has_value) /* a compaction drops a key without a value */
        needed += LCM_SETTINGS_ENTRY_HEADER_SIZE + (uint32_t)strlen(key);
    else if (value->size > match->value.size)
        needed = value->size - match->value.size;
    if (!match->has_value || value->size > match->value.size)
        needed += LCM_SETTINGS_RESERVE;
    return live_size + needed <= lcm_settings_area_capacity() ? LCM_OK : LCM_ERR_NO_SPACE;
}

static enum lcm_err settings_make_space(struct lcm_settings *s, const char *key,
                                        struct settings_match *match,
                                        const struct settings_value *value)
{
    enum lcm_err err = settings_check_space(s, key, match, value);

    if (err != LCM_OK)
        return err;
    if (!s->needs_compaction && s->id_last < LCM_SETTINGS_ID_MAX &&
        settings_needed_size(key, match, value) <= lcm_settings_area_free_size(s))
        return LCM_OK;
    err = lcm_settings_compact(s);
    if (err != LCM_OK)
        return err;
    return settings_find(s, key, match);
}

static enum lcm_err settings_is_same(const struct lcm_settings *s,
                                     const struct settings_match *match,
                                     const struct settings_value *value, bool *is_same)
{
    *is_same = false;
    if (!match->has_value || match->value.size != value->size ||
        (match->value.idflags & LCM_SETTINGS_BINARY) != value->type)
        return LCM_OK;
    enum lcm_err err = lcm_flash_compare(s->flash, settings_payload_addr(&match->value),
                                         value->bytes, value->size);
    *is_same = err == LCM_OK;
    return err == LCM_ERR_CORRUPT ? LCM_OK : err;
}

static enum lcm_err settings_append_pair(struct lcm_settings *s, const char *key,
                                         const struct settings_match *match,
                                         const struct settings_value *value)
{
    uint16_t id = match->key.idflags & LCM_SETTINGS_ID_MASK;
    enum lcm_err err = LCM_OK;

    if (!match->has_key) {
        id = ++s->id_last;
        err = lcm_settings_area_append(s, id, (const uint8_t *)key, (uint16_t)strlen(key));
    }
    if (err != LCM_OK)
        return err;
    return lcm_settings_area_append(s, (uint16_t)(id | LCM_SETTINGS_VALUE | value->type),
                                    value->bytes, value->size);
}

static enum lcm_err settings_store(struct lcm_settings *s, const char *key,
                                   const struct settings_value *value)
{
    struct settings_match match;
    bool is_same;
    enum lcm_err err = settings_check_key(key);

    if (err != LCM_OK)
        return err;
    err = settings_find(s, key, &match);
    if (err != LCM_OK)
        return err;
    err = settings_is_same(s, &match, value, &is_same);
    if (err != LCM_OK || is_same)
        return err;
    err = settings_make_space(s, key, &match, value);
    if (err != LCM_OK)
        return err;
    err = settings_append_pair(s, key, &match, value);
    if (err != LCM_OK || !match.has_value)
        return err;
    return settings_kill_values(s, &match.value);
}

enum lcm_err lcm_settings_set(struct lcm_settings *s, const char *key, const char *text)
{
    size_t size = strlen(text);
    struct settings_value value = {(const uint8_t *)text, (uint16_t)size, 0};

    if (size > LCM_SETTING_VALUE_MAX)
        return LCM_ERR_TOO_LONG;
    if (size == 0)
        return lcm_settings_delete(s, key);
    return settings_store(s, key, &value);
}

enum lcm_err lcm_settings_set_bool(struct lcm_settings *s, const char *key, bool value)
{
    bool stored;

    if (settings_load_bool(s, key, &stored) == LCM_OK && stored == value)
        return LCM_OK;
    return lcm_settings_set(s, key, value ? "y" : "n");
}

enum lcm_err lcm_settings_set_int8(struct lcm_settings *s, const char *key, int8_t value)
{
    uint8_t byte = (uint8_t)value;
    struct settings_value stored = {&byte, 1, LCM_SETTINGS_BINARY};

    return settings_store(s, key, &stored);
}

enum lcm_err lcm_settings_delete(struct lcm_settings *s, const char *key)
{
    struct settings_match match;
    enum lcm_err err = settings_check_key(key);

    if (err != LCM_OK)
        return err;
    err = settings_find(s, key, &match);
    if (err != LCM_OK || !match.has_value)
        return err;
    return settings_kill_values(s, &match.value);
}

/* ---- listing ---- */

static enum lcm_err settings_read_cut(const struct lcm_settings *s,
                                      const struct lcm_settings_entry *entry, void *dst,
                                      uint32_t size_max)
{
    uint32_t size = entry->size < size_max ? entry->size : size_max;

    return s->flash->read(s->flash->context, settings_payload_addr(entry), dst, size);
}

enum lcm_err lcm_settings_next(const struct lcm_settings *s, uint32_t *cursor,
                               struct lcm_setting *out)
{
    struct lcm_settings_entry key, value;
    enum lcm_err err;

    do {
        do {
            err = lcm_settings_area_next(s, cursor, &key);
            if (err != LCM_OK)
                return err;
        } while (!lcm_settings_area_is_key(&key));
        err = lcm_settings_area_value_of(s, &key, &value);
    } while (err == LCM_ERR_NOT_FOUND);
    if (err != LCM_OK)
        return err;

    memset(out, 0, sizeof(*out));
    out->is_binary = settings_is_binary(&value);
    out->size = value.size;
    err = settings_read_cut(s, &key, out->key, LCM_SETTING_KEY_SIZE - 1);
    if (err != LCM_OK)
        return err;
    return settings_read_cut(s, &value, out->value, LCM_SETTING_VALUE_MAX);
}
