// SPDX-License-Identifier: Apache-2.0
/*
 * One table says which setting is which item, in which form. Values are not judged here: their form
 * was, and the device has the last word.
 */
#include "tools/setup_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/update/keys.h"
#include "host/cli.h"

#define HEX_BYTES 32u

enum value_form {
    VALUE_TEXT,
    VALUE_SWITCH,
    VALUE_NUMBER,
    VALUE_HEX,
};

struct value_rule {
    const char *key;
    enum lcm_item tag;
    enum value_form form;
};

static const struct value_rule value_rules[SETUP_VALUES_COUNT] = {
    {LCM_KEY_WIFI_SSID, LCM_ITEM_SSID, VALUE_TEXT},
    {LCM_KEY_WIFI_PASSWORD, LCM_ITEM_PASSWORD, VALUE_TEXT},
    {LCM_KEY_OTA_REPO, LCM_ITEM_REPOSITORY, VALUE_TEXT},
    {LCM_KEY_OTA_FILE, LCM_ITEM_FILE, VALUE_TEXT},
    {LCM_KEY_APP_KEY, LCM_ITEM_APP_KEY, VALUE_HEX},
    {LCM_KEY_OTA_BETA, LCM_ITEM_CHANNEL, VALUE_SWITCH},
    {LCM_KEY_UNSIGNED, LCM_ITEM_UNSIGNED, VALUE_SWITCH},
    {LCM_KEY_OTA_STRING, LCM_ITEM_OTA_STRING, VALUE_TEXT},
    {LCM_KEY_LED_PIN, LCM_ITEM_LED_PIN, VALUE_NUMBER},
    {LCM_KEY_SYSLOG, LCM_ITEM_SYSLOG, VALUE_TEXT},
    {LCM_KEY_OTA_SERVER, LCM_ITEM_EMERGENCY, VALUE_TEXT},
    {LCM_KEY_TELEMETRY, LCM_ITEM_TELEMETRY, VALUE_HEX},
};

/* SETUP_VALUES_COUNT: no such key. */
static size_t values_index(const char *key)
{
    size_t i = 0;

    while (i < SETUP_VALUES_COUNT && strcmp(value_rules[i].key, key) != 0)
        i++;
    return i;
}

static void value_encode(struct setup_value *value, enum value_form form, const char *text)
{
    switch (form) {
    case VALUE_SWITCH:
        value->size = 1;
        value->bytes[0] = text[0] == 'y';
        break;
    case VALUE_NUMBER:
        value->size = 1;
        value->bytes[0] = (uint8_t)strtol(text, NULL, 10);
        break;
    case VALUE_HEX:
        value->size = HEX_BYTES;
        if (lcm_text_parse_hex(text, value->bytes, HEX_BYTES) != LCM_OK)
            value->size = 0;
        break;
    case VALUE_TEXT:
    default:
        value->size = strlen(text);
        memcpy(value->bytes, text, value->size);
    }
}

int setup_values_put(struct setup_values *values, const char *key, const char *text)
{
    size_t i = values_index(key);

    if (i == SETUP_VALUES_COUNT || strlen(text) >= SETUP_VALUE_SIZE) {
        cli_error("setting %s: set-up cannot set it", key);
        return CLI_USAGE;
    }
    values->value[i].is_set = true;
    values->value[i].size = 0;
    if (text[0] != '\0')
        value_encode(&values->value[i], value_rules[i].form, text);
    return CLI_OK;
}

void setup_values_put_ssid(struct setup_values *values, const uint8_t *name, size_t size)
{
    struct setup_value *value = &values->value[values_index(LCM_KEY_WIFI_SSID)];

    value->is_set = true;
    value->size = size < SETUP_VALUE_SIZE ? size : 0;
    memcpy(value->bytes, name, value->size);
}

const struct setup_value *setup_values_get(const struct setup_values *values, const char *key)
{
    size_t i = values_index(key);

    return i < SETUP_VALUES_COUNT && values->value[i].is_set ? &values->value[i] : NULL;
}

void setup_values_forget(struct setup_values *values, const char *key)
{
    size_t i = values_index(key);

    if (i < SETUP_VALUES_COUNT)
        memset(&values->value[i], 0, sizeof(values->value[i]));
}

bool setup_values_is_empty(const struct setup_values *values)
{
    for (size_t i = 0; i < SETUP_VALUES_COUNT; i++) {
        if (values->value[i].is_set)
            return false;
    }
    return true;
}

void setup_values_write(const struct setup_values *values, struct setup_text *request)
{
    for (size_t i = 0; i < SETUP_VALUES_COUNT; i++) {
        const struct setup_value *value = &values->value[i];
        if (value->is_set)
            setup_text_put(request, value_rules[i].tag, value->bytes, value->size);
    }
}

const char *setup_values_key(unsigned tag)
{
    for (size_t i = 0; i < SETUP_VALUES_COUNT; i++) {
        if ((unsigned)value_rules[i].tag == tag)
            return value_rules[i].key;
    }
    return "?";
}

/* Back to what people type; "" when it has another form. */
static void value_decode(const struct setup_item *item, enum value_form form, char *text)
{
    text[0] = '\0';
    if (form == VALUE_TEXT && item->size < SETUP_VALUE_SIZE) {
        memcpy(text, item->value, item->size);
        text[item->size] = '\0';
    } else if (form == VALUE_SWITCH && item->size == 1) {
        snprintf(text, SETUP_VALUE_SIZE, "%c", item->value[0] != 0 ? 'y' : 'n');
    } else if (form == VALUE_NUMBER && item->size == 1) {
        snprintf(text, SETUP_VALUE_SIZE, "%d", (int)(int8_t)item->value[0]);
    } else if (form == VALUE_HEX && item->size == HEX_BYTES) {
        for (size_t i = 0; i < HEX_BYTES; i++)
            snprintf(text + 2 * i, 3, "%02x", item->value[i]);
    }
}

const char *setup_values_text(const struct setup_text *answer, const char *key, char *text)
{
    size_t i = values_index(key);
    struct setup_item item;

    text[0] = '\0';
    if (i < SETUP_VALUES_COUNT && setup_text_find(answer, value_rules[i].tag, 0, &item))
        value_decode(&item, value_rules[i].form, text);
    return text;
}
