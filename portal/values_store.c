// SPDX-License-Identifier: Apache-2.0
/*
 * Values from and to the settings: in the keys and types that apps of the reference expect.
 */
#include <string.h>

#include "core/base/bytes.h"
#include "core/base/text.h"
#include "core/update/keys.h"
#include "portal/values.h"

#define HEX_SIZE (2u * LCM_FINGERPRINT_SIZE + 1u) /* of both keys */
#define CHANGES_MAX 14u /* twelve fields, version and key of an old repository */

/* ---- reading ---- */

static void values_load_text(const struct lcm_values *values, const struct lcm_settings *settings,
                             enum lcm_item field, const char *key, char *dst, size_t size)
{
    if (!lcm_values_is_given(values, field))
        (void)!lcm_settings_get(settings, key, dst, size); /* "" when there is none */
}

/* A fingerprint that cannot be read still is one: it fits no key, as in the life cycle. */
static void values_load_app_key(struct lcm_values *values, const struct lcm_settings *settings)
{
    char hex[HEX_SIZE];
    enum lcm_err err;

    if (lcm_values_is_given(values, LCM_ITEM_APP_KEY))
        return;
    err = lcm_settings_get(settings, LCM_KEY_APP_KEY, hex, sizeof(hex));
    values->has_app_key = err != LCM_ERR_NOT_FOUND;
    if (err != LCM_OK ||
        lcm_text_parse_hex(hex, values->app_key, sizeof(values->app_key)) != LCM_OK)
        memset(values->app_key, 0, sizeof(values->app_key));
}

static void values_load_others(struct lcm_values *values, const struct lcm_settings *settings)
{
    if (!lcm_values_is_given(values, LCM_ITEM_CHANNEL))
        values->is_app_beta = lcm_settings_get_bool(settings, LCM_KEY_OTA_BETA, false);
    if (!lcm_values_is_given(values, LCM_ITEM_UNSIGNED))
        values->is_unsigned_allowed = lcm_settings_get_bool(settings, LCM_KEY_UNSIGNED, false);
    if (!lcm_values_is_given(values, LCM_ITEM_LED_PIN))
        values->has_led_pin =
            lcm_settings_get_int8(settings, LCM_KEY_LED_PIN, &values->led_pin) == LCM_OK;
    values_load_app_key(values, settings);
}

static bool values_is_new_repository(const struct lcm_values *values,
                                     const struct lcm_settings *settings)
{
    char stored[LCM_REPOSITORY_SIZE];

    if (!lcm_values_is_given(values, LCM_ITEM_REPOSITORY))
        return false;
    return lcm_settings_get(settings, LCM_KEY_OTA_REPO, stored, sizeof(stored)) != LCM_OK ||
           !lcm_text_equal_folded(stored, values->repository);
}

enum lcm_err lcm_values_complete(struct lcm_values *values, const struct lcm_settings *settings,
                                 bool with_password)
{
    values_load_text(values, settings, LCM_ITEM_SSID, LCM_KEY_WIFI_SSID, values->ssid,
                     sizeof(values->ssid));
    if (with_password)
        values_load_text(values, settings, LCM_ITEM_PASSWORD, LCM_KEY_WIFI_PASSWORD,
                         values->password, sizeof(values->password));
    values_load_text(values, settings, LCM_ITEM_REPOSITORY, LCM_KEY_OTA_REPO, values->repository,
                     sizeof(values->repository));
    values_load_text(values, settings, LCM_ITEM_FILE, LCM_KEY_OTA_FILE, values->file,
                     sizeof(values->file));
    values_load_text(values, settings, LCM_ITEM_OTA_STRING, LCM_KEY_OTA_STRING, values->ota_string,
                     sizeof(values->ota_string));
    values_load_text(values, settings, LCM_ITEM_SYSLOG, LCM_KEY_SYSLOG, values->syslog,
                     sizeof(values->syslog));
    values_load_text(values, settings, LCM_ITEM_EMERGENCY, LCM_KEY_OTA_SERVER, values->emergency,
                     sizeof(values->emergency));
    values_load_others(values, settings);
    if (values_is_new_repository(values, settings) &&
        !lcm_values_is_given(values, LCM_ITEM_APP_KEY))
        values->has_app_key = false;
    return values->ssid[0] != '\0' ? LCM_OK : LCM_ERR_NO_WIFI_SETTINGS;
}

/* ---- storing ---- */

struct values_changes {
    struct lcm_setting_change list[CHANGES_MAX];
    size_t count;
};

static void values_add(struct values_changes *changes, const char *key, const void *value,
                       size_t size, bool is_binary)
{
    changes->list[changes->count++] =
        (struct lcm_setting_change){key, value, (uint16_t)size, is_binary};
}

static void values_add_text(struct values_changes *changes, const struct lcm_values *values,
                            enum lcm_item field, const char *key, const char *text)
{
    if (lcm_values_is_given(values, field))
        values_add(changes, key, text, strlen(text), false);
}

static void values_add_switch(struct values_changes *changes, const struct lcm_values *values,
                              enum lcm_item field, const char *key, bool is_on)
{
    if (lcm_values_is_given(values, field))
        values_add(changes, key, is_on ? "y" : "n", 1, false);
}

static void values_add_texts(struct values_changes *changes, const struct lcm_values *values)
{
    values_add_text(changes, values, LCM_ITEM_SSID, LCM_KEY_WIFI_SSID, values->ssid);
    values_add_text(changes, values, LCM_ITEM_PASSWORD, LCM_KEY_WIFI_PASSWORD, values->password);
    values_add_text(changes, values, LCM_ITEM_REPOSITORY, LCM_KEY_OTA_REPO, values->repository);
    values_add_text(changes, values, LCM_ITEM_FILE, LCM_KEY_OTA_FILE, values->file);
    values_add_text(changes, values, LCM_ITEM_OTA_STRING, LCM_KEY_OTA_STRING, values->ota_string);
    values_add_text(changes, values, LCM_ITEM_SYSLOG, LCM_KEY_SYSLOG, values->syslog);
    values_add_text(changes, values, LCM_ITEM_EMERGENCY, LCM_KEY_OTA_SERVER, values->emergency);
}

/* hex: room for the digits. */
static void values_add_key(struct values_changes *changes, const char *key, const uint8_t *bytes,
                           char hex[HEX_SIZE])
{
    struct lcm_text text;

    lcm_text_init(&text, hex, HEX_SIZE);
    if (bytes != NULL)
        lcm_text_hex(&text, bytes, LCM_FINGERPRINT_SIZE);
    values_add(changes, key, hex, text.length, false);
}

static void values_add_others(struct values_changes *changes, const struct lcm_values *values)
{
    values_add_switch(changes, values, LCM_ITEM_CHANNEL, LCM_KEY_OTA_BETA, values->is_app_beta);
    values_add_switch(changes, values, LCM_ITEM_UNSIGNED, LCM_KEY_UNSIGNED,
                      values->is_unsigned_allowed);
    if (lcm_values_is_given(values, LCM_ITEM_LED_PIN))
        values_add(changes, LCM_KEY_LED_PIN, &values->led_pin, values->has_led_pin ? 1 : 0, true);
}

static void values_add_keys(struct values_changes *changes, const struct lcm_values *values,
                            char app_hex[HEX_SIZE], char telemetry_hex[HEX_SIZE])
{
    if (lcm_values_is_given(values, LCM_ITEM_APP_KEY))
        values_add_key(changes, LCM_KEY_APP_KEY, values->has_app_key ? values->app_key : NULL,
                       app_hex);
    if (lcm_values_is_given(values, LCM_ITEM_TELEMETRY))
        values_add_key(changes, LCM_KEY_TELEMETRY,
                       values->has_telemetry_key ? values->telemetry_key : NULL, telemetry_hex);
}

/* Version and key belong to the app that was, not to the one that comes. */
static void values_forget_old_app(struct values_changes *changes, const struct lcm_values *values)
{
    values_add(changes, LCM_KEY_OTA_VERSION, NULL, 0, false);
    if (!lcm_values_is_given(values, LCM_ITEM_APP_KEY))
        values_add(changes, LCM_KEY_APP_KEY, NULL, 0, false);
}

enum lcm_err lcm_values_store(const struct lcm_values *values, struct lcm_settings *settings)
{
    struct values_changes changes = {.count = 0};
    char app_hex[HEX_SIZE];
    char telemetry_hex[HEX_SIZE];
    enum lcm_err err;

    values_add_texts(&changes, values);
    values_add_others(&changes, values);
    values_add_keys(&changes, values, app_hex, telemetry_hex);
    if (values_is_new_repository(values, settings))
        values_forget_old_app(&changes, values);
    err = lcm_settings_change(settings, changes.list, changes.count);
    lcm_bytes_wipe(telemetry_hex, sizeof(telemetry_hex));
    /* The values before are still readable in the other region. */
    return err == LCM_OK ? lcm_settings_compact(settings) : err;
}
