/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values a person enters at set-up, on their way from a form to the settings.
 *
 *   lcm_values_init -> lcm_values_take (each field) -> lcm_values_complete -> a trial ->
 * lcm_values_store
 *
 * A field that is not given stays as it is stored; an empty one is deleted. Everything is checked
 * here, whoever asks: page, command line, serial line.
 */
#ifndef LCM_PORTAL_VALUES_H
#define LCM_PORTAL_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/log/auth_code.h"
#include "core/store/settings.h"
#include "core/trust/sector.h"
#include "core/trust/verify.h"
#include "core/update/lifecycle.h"
#include "core/update/trial.h"
#include "lcm/access_point.h"
#include "lcm/err.h"
#include "lcm/setup.h"

#define LCM_VALUES_PASSWORD_SIZE 65u /* 64 hex digits and NUL */
#define LCM_VALUES_SYSLOG_SIZE 70u   /* 63 of a host, ":65535" and NUL */
#define LCM_VALUES_LED_PIN_MAX 15

/* Owned by the caller; holds a password: wipe it. Texts are NUL-terminated, "" = none. */
struct lcm_values {
    uint16_t given; /* bit n: field LCM_ITEM_SSID + n was entered */
    bool has_led_pin;
    int8_t led_pin;
    bool is_app_beta;
    bool is_unsigned_allowed;
    bool has_app_key;
    uint8_t app_key[LCM_FINGERPRINT_SIZE];
    bool has_telemetry_key;
    uint8_t telemetry_key[LCM_TELEMETRY_KEY_SIZE];
    char ssid[LCM_SSID_SIZE_MAX + 1];
    char password[LCM_VALUES_PASSWORD_SIZE];
    char repository[LCM_REPOSITORY_SIZE];
    char file[LCM_FILE_SIZE];
    char syslog[LCM_VALUES_SYSLOG_SIZE];
    char emergency[LCM_BASE_SIZE];
    char ota_string[LCM_SETTING_TEXT_SIZE];
};

/* Nothing is given. */
void lcm_values_init(struct lcm_values *values);

bool lcm_values_is_given(const struct lcm_values *values, enum lcm_item field);

/*
 * Take one field in its form of docs/SPEC.md 11.3 (tags 0x10 to 0x1B). may_have_emergency: beta
 * mode. LCM_ERR_TOO_LONG, LCM_ERR_SETTING (its form is not valid, or not allowed now); the field is
 * then as it was. A network name without a password that follows means an open network: the
 * password becomes given and empty.
 */
LCM_MUST_CHECK enum lcm_err lcm_values_take(struct lcm_values *values, enum lcm_item field,
                                            const uint8_t *bytes, uint32_t size,
                                            bool may_have_emergency);

/*
 * Read what was not given from the settings, for a trial and for showing; the password only when
 * neither it nor the network was given, and with_password. LCM_ERR_NO_WIFI_SETTINGS: no network was
 * given and none is stored; all else is read.
 */
LCM_MUST_CHECK enum lcm_err lcm_values_complete(struct lcm_values *values,
                                                const struct lcm_settings *settings,
                                                bool with_password);

/* What to try. Points into values. */
void lcm_values_trial(const struct lcm_values *values, struct lcm_trial *trial);

/*
 * Store what was given, all at once (lcm_settings_change), then wipe what it replaced from flash.
 * Another repository forgets the version and, unless a new one was given, the pinned key of the old
 * one. LCM_ERR_NO_SPACE: nothing changed. LCM_ERR_FLASH: all values before, or all after.
 * Cost: two sector erases.
 */
LCM_MUST_CHECK enum lcm_err lcm_values_store(const struct lcm_values *values,
                                             struct lcm_settings *settings);

#endif
