/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings LifeCycle Manager reads and writes, by their sysparam keys. The
 * first group has the names of the reference, which apps and users already know.
 */
#ifndef LCM_UPDATE_KEYS_H
#define LCM_UPDATE_KEYS_H

#define LCM_KEY_WIFI_SSID "wifi_ssid"           /* text, 1..32 bytes */
#define LCM_KEY_WIFI_PASSWORD "wifi_password"   /* text, 8..64 characters, absent = open */
#define LCM_KEY_OTA_REPO "ota_repo"             /* text, owner/name of the app */
#define LCM_KEY_OTA_FILE "ota_file"             /* text, absent = main.bin */
#define LCM_KEY_OTA_VERSION "ota_version"       /* text, version of the app in slot 0 */
#define LCM_KEY_OTA_BETA "ota_beta"             /* bool: app pre-releases */
#define LCM_KEY_LCM_BETA "lcm_beta"             /* bool: updater pre-releases, emergency mode */
#define LCM_KEY_OTA_SERVER "ota_srvr"           /* text: emergency server, host[:port][/path] */
#define LCM_KEY_OTA_STRING "ota_string"         /* text for the app */
#define LCM_KEY_LED_PIN "led_pin"               /* int8: GPIO, negative = lit by 1 */
#define LCM_KEY_OTA_COUNT "ota_count"           /* text: power-cycle count an app hands over */
#define LCM_KEY_OTA_COUNT_STEP "ota_count_step" /* text "1".."3" */

#define LCM_KEY_APP_KEY "lcm_key"         /* text, 64 hex digits: fingerprint of the app's key */
#define LCM_KEY_UNSIGNED "lcm_unsigned"   /* bool: the user allows unsigned apps */
#define LCM_KEY_SYSLOG "lcm_syslog"       /* text: host[:port] for RFC 5424 reports */
#define LCM_KEY_TELEMETRY "lcm_telemetry" /* text, 64 hex digits: key that proves who reports */

#define LCM_DEFAULT_APP_FILE "main.bin"

#endif
