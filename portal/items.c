// SPDX-License-Identifier: Apache-2.0
/*
 * Frame of requests and answers. It knows which item belongs into which request, not what its
 * value means.
 *
 * Invariant: the cursor never passes the end; nothing is written behind the capacity.
 */
#include "portal/items.h"

#include <string.h>

#include "core/base/bytes.h"

#define ITEM_HEADER_SIZE 4u
#define IN(command) (1u << (command)) /* may be in a request of this kind */
#define IS_TEXT 1u                    /* holds no NUL; bit 0 is no command's */

struct item_rule {
    uint32_t tag;
    uint32_t where;
};

/* Words: flash gives them without a trap. */
static const struct item_rule item_rules[] = {
    {LCM_ITEM_NO_TRIAL, IN(LCM_SETUP_SET)},
    {LCM_ITEM_CONFIRMATION, IN(LCM_SETUP_FACTORY_RESET) | IS_TEXT},
    {LCM_ITEM_RESCAN, IN(LCM_SETUP_SCAN)},
    {LCM_ITEM_SSID, IN(LCM_SETUP_SET) | IS_TEXT},
    {LCM_ITEM_PASSWORD, IN(LCM_SETUP_SET) | IS_TEXT},
    {LCM_ITEM_REPOSITORY, IN(LCM_SETUP_SET) | IS_TEXT},
    {LCM_ITEM_FILE, IN(LCM_SETUP_SET) | IS_TEXT},
    {LCM_ITEM_APP_KEY, IN(LCM_SETUP_SET)},
    {LCM_ITEM_CHANNEL, IN(LCM_SETUP_SET)},
    {LCM_ITEM_UNSIGNED, IN(LCM_SETUP_SET)},
    {LCM_ITEM_OTA_STRING, IN(LCM_SETUP_SET) | IS_TEXT},
    {LCM_ITEM_LED_PIN, IN(LCM_SETUP_SET)},
    {LCM_ITEM_SYSLOG, IN(LCM_SETUP_SET) | IS_TEXT},
    {LCM_ITEM_EMERGENCY, IN(LCM_SETUP_SET) | IS_TEXT},
    {LCM_ITEM_TELEMETRY, IN(LCM_SETUP_SET)},
};

/* Cut the next item off. LCM_ERR_NOT_FOUND: end tag, or nothing left. */
static enum lcm_err items_take(struct lcm_items_reader *reader, struct lcm_tlv_item *item)
{
    size_t left = (size_t)(reader->end - reader->cursor);

    if (left < 2 || lcm_get_u16(reader->cursor) == LCM_ITEM_END)
        return lcm_bytes_all(reader->cursor, left, 0) ? LCM_ERR_NOT_FOUND : LCM_ERR_FORMAT;
    if (left < ITEM_HEADER_SIZE)
        return LCM_ERR_FORMAT;
    uint16_t size = lcm_get_u16(reader->cursor + 2);
    if (size > left - ITEM_HEADER_SIZE)
        return LCM_ERR_FORMAT;
    item->tag = lcm_get_u16(reader->cursor);
    item->is_optional = false;
    item->value = reader->cursor + ITEM_HEADER_SIZE;
    item->size = size;
    reader->cursor = item->value + size;
    return LCM_OK;
}

static bool items_is_command(uint8_t command)
{
    return command >= LCM_SETUP_READ && command <= LCM_SETUP_FINISH;
}

enum lcm_err lcm_items_open(struct lcm_items_reader *reader, const uint8_t *text, size_t size)
{
    struct lcm_tlv_item item;
    uint8_t command = 0;

    memset(reader, 0, sizeof(*reader));
    reader->cursor = text;
    reader->end = text + size;
    if (items_take(reader, &item) != LCM_OK || item.tag != LCM_ITEM_COMMAND ||
        lcm_tlv_u8(&item, &command) != LCM_OK || !items_is_command(command))
        return LCM_ERR_FORMAT;
    reader->command = (enum lcm_setup_command)command;
    return LCM_OK;
}

/* The rule of a tag, or NULL: no request has it. */
static const struct item_rule *items_rule(uint16_t tag)
{
    for (size_t i = 0; i < sizeof(item_rules) / sizeof(item_rules[0]); i++) {
        if (item_rules[i].tag == tag)
            return &item_rules[i];
    }
    return NULL;
}

/* true the first time only. tag < LCM_ITEM_LIMIT */
static bool items_mark(struct lcm_items_reader *reader, uint16_t tag)
{
    uint32_t *word = &reader->seen[tag / 32u];
    uint32_t bit = 1u << tag % 32u;
    bool is_new = (*word & bit) == 0;

    *word |= bit;
    return is_new;
}

enum lcm_err lcm_items_next(struct lcm_items_reader *reader, struct lcm_tlv_item *item)
{
    struct lcm_tlv_item next;
    enum lcm_err err = items_take(reader, &next);

    if (err != LCM_OK)
        return err;
    const struct item_rule *rule = items_rule(next.tag);
    if (rule == NULL || (rule->where & IN(reader->command)) == 0 || !items_mark(reader, next.tag))
        return LCM_ERR_FORMAT;
    if ((rule->where & IS_TEXT) != 0 && memchr(next.value, '\0', next.size) != NULL)
        return LCM_ERR_FORMAT;
    *item = next;
    return LCM_OK;
}

void lcm_items_begin(struct lcm_items_writer *writer, uint8_t *text, size_t capacity,
                     enum lcm_setup_result result)
{
    memset(text, 0, capacity);
    writer->text = text;
    writer->capacity = capacity;
    writer->size = 0;
    writer->is_cut = false;
    (void)lcm_items_put_u8(writer, LCM_ITEM_RESULT, (uint8_t)result);
}

bool lcm_items_put(struct lcm_items_writer *writer, enum lcm_item tag, const void *value,
                   size_t size)
{
    uint8_t *item = writer->text + writer->size;
    size_t left = writer->capacity - writer->size;

    if (left < ITEM_HEADER_SIZE || size > left - ITEM_HEADER_SIZE || size > UINT16_MAX) {
        writer->is_cut = true;
        return false;
    }
    lcm_put_u16(item, (uint16_t)tag);
    lcm_put_u16(item + 2, (uint16_t)size);
    memcpy(item + ITEM_HEADER_SIZE, value, size);
    writer->size += ITEM_HEADER_SIZE + size;
    return true;
}

bool lcm_items_put_u8(struct lcm_items_writer *writer, enum lcm_item tag, uint8_t value)
{
    return lcm_items_put(writer, tag, &value, sizeof(value));
}

bool lcm_items_put_u16(struct lcm_items_writer *writer, enum lcm_item tag, uint16_t value)
{
    uint8_t bytes[2];

    lcm_put_u16(bytes, value);
    return lcm_items_put(writer, tag, bytes, sizeof(bytes));
}

bool lcm_items_put_text(struct lcm_items_writer *writer, enum lcm_item tag, const char *text)
{
    return lcm_items_put(writer, tag, text, strlen(text));
}
