// SPDX-License-Identifier: Apache-2.0
/*
 * Which values are acceptable: one row a field. Nothing is stored here.
 *
 * Invariant: a field of struct lcm_values is written only with a value that passed its check.
 */
#include "portal/values.h"

#include <string.h>

#include "core/base/bytes.h"
#include "core/base/text.h"
#include "core/fetch/url.h"
#include "core/trust/names.h"

#define PASSWORD_KEY_LENGTH 64u /* a WPA2 key in hex digits instead of a passphrase */
#define FLASH_PIN_FIRST 6       /* GPIO 6 to 11 are the flash chip's */
#define FLASH_PIN_LAST 11
#define SCHEME_SIZE 7u /* "http://" */

static uint16_t values_bit(enum lcm_item field)
{
    return (uint16_t)(1u << (field - LCM_ITEM_SSID));
}

void lcm_values_init(struct lcm_values *values)
{
    memset(values, 0, sizeof(*values));
}

bool lcm_values_is_given(const struct lcm_values *values, enum lcm_item field)
{
    return (values->given & values_bit(field)) != 0;
}

/* ---- checks of texts ---- */

static bool values_is_ssid(const char *text)
{
    return text[0] != '\0'; /* any bytes */
}

/* IEEE 802.11-2016, J.4: a passphrase of 8 to 63 printable characters, or the key itself. */
static bool values_is_password(const char *text)
{
    uint8_t key[PASSWORD_KEY_LENGTH / 2];
    size_t length = strlen(text);

    if (length == PASSWORD_KEY_LENGTH) {
        bool is_hex = lcm_text_parse_hex(text, key, sizeof(key)) == LCM_OK;
        lcm_bytes_wipe(key, sizeof(key));
        return is_hex;
    }
    for (size_t i = 0; i < length; i++) {
        if (text[i] < ' ' || text[i] > '~')
            return false;
    }
    return length >= LCM_AP_PASSWORD_LENGTH_MIN;
}

/* "host" or "host:port". */
static bool values_is_syslog(const char *text)
{
    char host[LCM_HOST_SIZE];
    size_t length = lcm_text_find(text, ':');
    uint64_t port = 1;

    if (lcm_text_copy_bytes(host, sizeof(host), (const uint8_t *)text, length) != LCM_OK)
        return false;
    if (text[length] == ':' &&
        lcm_text_parse_u64(text + length + 1, strlen(text + length + 1), &port) != LCM_OK)
        return false;
    return lcm_url_host_is_valid(host) && port >= 1 && port <= UINT16_MAX;
}

/* "[http[s]://]host[:port][/path]" */
static bool values_is_emergency(const char *text)
{
    char address[LCM_BASE_SIZE + SCHEME_SIZE];
    struct lcm_text url;
    struct lcm_url split;

    lcm_text_init(&url, address, sizeof(address));
    if (!lcm_text_starts_with(text, "http://") && !lcm_text_starts_with(text, "https://"))
        lcm_text_string(&url, "http://");
    lcm_text_string(&url, text);
    return !url.truncated && lcm_url_split(address, &split) == LCM_OK;
}

static bool values_is_any(const char *text)
{
    (void)text;
    return true;
}

/* ---- taking ---- */

struct values_text {
    uint16_t offset; /* in struct lcm_values */
    uint16_t size;   /* with NUL */
    bool (*is_good)(const char *text);
};

#define TEXT_ROW(member, check) \
    { \
        offsetof(struct lcm_values, member), sizeof(((struct lcm_values *)0)->member), check \
    }

static bool values_text_of(enum lcm_item field, struct values_text *row)
{
    static const struct values_text ssid = TEXT_ROW(ssid, values_is_ssid);
    static const struct values_text password = TEXT_ROW(password, values_is_password);
    static const struct values_text repository = TEXT_ROW(repository, lcm_name_is_repository);
    static const struct values_text file = TEXT_ROW(file, lcm_name_is_file);
    static const struct values_text ota_string = TEXT_ROW(ota_string, values_is_any);
    static const struct values_text syslog = TEXT_ROW(syslog, values_is_syslog);
    static const struct values_text emergency = TEXT_ROW(emergency, values_is_emergency);
    const struct values_text *const rows[] = {
        [0] = &ssid, /* fields are counted from the network's name */
        [LCM_ITEM_PASSWORD - LCM_ITEM_SSID] = &password,
        [LCM_ITEM_REPOSITORY - LCM_ITEM_SSID] = &repository,
        [LCM_ITEM_FILE - LCM_ITEM_SSID] = &file,
        [LCM_ITEM_OTA_STRING - LCM_ITEM_SSID] = &ota_string,
        [LCM_ITEM_SYSLOG - LCM_ITEM_SSID] = &syslog,
        [LCM_ITEM_EMERGENCY - LCM_ITEM_SSID] = &emergency,
    };
    size_t index = (size_t)field - LCM_ITEM_SSID;

    if (index >= sizeof(rows) / sizeof(rows[0]) || rows[index] == NULL)
        return false;
    *row = *rows[index];
    return true;
}

/* Empty is good for every text but the network name: it deletes. */
static enum lcm_err values_take_text(struct lcm_values *values, const struct values_text *row,
                                     const uint8_t *bytes, uint32_t size)
{
    char text[LCM_SETTING_TEXT_SIZE];
    enum lcm_err err =
        size < row->size ? lcm_text_copy_bytes(text, sizeof(text), bytes, size) : LCM_ERR_TOO_LONG;

    if (err == LCM_OK && (size > 0 || row->is_good == values_is_ssid) && !row->is_good(text))
        err = LCM_ERR_SETTING;
    if (err == LCM_OK)
        memcpy((char *)values + row->offset, text, size + 1u);
    lcm_bytes_wipe(text, sizeof(text));
    return err == LCM_ERR_FORMAT ? LCM_ERR_SETTING : err;
}

static enum lcm_err values_take_switch(bool *is_on, const uint8_t *bytes, uint32_t size)
{
    if (size > 1 || (size == 1 && bytes[0] > 1))
        return LCM_ERR_SETTING;
    *is_on = size == 1 && bytes[0] == 1;
    return LCM_OK;
}

static enum lcm_err values_take_led_pin(struct lcm_values *values, const uint8_t *bytes,
                                        uint32_t size)
{
    int8_t pin = size == 1 ? (int8_t)bytes[0] : 0;
    int gpio = pin < 0 ? -pin : pin;

    if (size > 1 || gpio > LCM_VALUES_LED_PIN_MAX ||
        (gpio >= FLASH_PIN_FIRST && gpio <= FLASH_PIN_LAST))
        return LCM_ERR_SETTING;
    values->has_led_pin = size == 1;
    values->led_pin = pin;
    return LCM_OK;
}

static enum lcm_err values_take_app_key(struct lcm_values *values, const uint8_t *bytes,
                                        uint32_t size)
{
    if (size != 0 && size != LCM_FINGERPRINT_SIZE)
        return LCM_ERR_SETTING;
    values->has_app_key = size != 0;
    memcpy(values->app_key, bytes, size);
    return LCM_OK;
}

static enum lcm_err values_take_telemetry(struct lcm_values *values, const uint8_t *bytes,
                                          uint32_t size)
{
    if (size != 0 && size != LCM_TELEMETRY_KEY_SIZE)
        return LCM_ERR_SETTING;
    values->has_telemetry_key = size != 0;
    memcpy(values->telemetry_key, bytes, size);
    return LCM_OK;
}

static enum lcm_err values_take_other(struct lcm_values *values, enum lcm_item field,
                                      const uint8_t *bytes, uint32_t size)
{
    if (field == LCM_ITEM_CHANNEL)
        return values_take_switch(&values->is_app_beta, bytes, size);
    if (field == LCM_ITEM_UNSIGNED)
        return values_take_switch(&values->is_unsigned_allowed, bytes, size);
    if (field == LCM_ITEM_LED_PIN)
        return values_take_led_pin(values, bytes, size);
    if (field == LCM_ITEM_TELEMETRY)
        return values_take_telemetry(values, bytes, size);
    return field == LCM_ITEM_APP_KEY ? values_take_app_key(values, bytes, size) : LCM_ERR_SETTING;
}

/* A password never goes to a network it was not meant for. */
static void values_mark(struct lcm_values *values, enum lcm_item field)
{
    values->given |= values_bit(field);
    if (field == LCM_ITEM_SSID)
        values->given |= values_bit(LCM_ITEM_PASSWORD);
}

enum lcm_err lcm_values_take(struct lcm_values *values, enum lcm_item field, const uint8_t *bytes,
                             uint32_t size, bool may_have_emergency)
{
    struct values_text row;
    enum lcm_err err;

    if (field == LCM_ITEM_EMERGENCY && !may_have_emergency)
        return LCM_ERR_SETTING;
    if (values_text_of(field, &row))
        err = values_take_text(values, &row, bytes, size);
    else
        err = values_take_other(values, field, bytes, size);
    if (err == LCM_OK)
        values_mark(values, field);
    return err;
}

void lcm_values_trial(const struct lcm_values *values, struct lcm_trial *trial)
{
    *trial = (struct lcm_trial){
        .ssid = values->ssid,
        .password = values->password,
        .repository = values->repository,
        .file = values->file,
        .is_app_beta = values->is_app_beta,
        .is_unsigned_allowed = values->is_unsigned_allowed,
        .has_pinned_key = values->has_app_key,
    };
}
