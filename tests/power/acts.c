// SPDX-License-Identifier: Apache-2.0
/* Apps and users; see the header. */
#include "tests/power/acts.h"

#include "core/store/settings.h"
#include "core/update/keys.h"

#define ROM_PROGRAM_SIZE 32u
#define CONFIG_LED 7u
#define CONFIG_CHECKSUM 24u

struct act_setting {
    const char *key;
    const char *value;
};

static void act_store(struct subject *subject, const struct act_setting *list, uint32_t count)
{
    struct lcm_settings settings;
    enum lcm_err err = lcm_settings_open(&settings, &subject->flash.port);

    for (uint32_t i = 0; i < count && err == LCM_OK; i++)
        err = lcm_settings_set(&settings, list[i].key, list[i].value);
    (void)err; /* only a flash that fails on purpose refuses; the judge looks at the flash */
}

void act_write_settings(struct subject *subject)
{
    static const struct act_setting list[] = {
        {LCM_KEY_WIFI_SSID, "house"},
        {LCM_KEY_WIFI_PASSWORD, "battery staple"},
        {LCM_KEY_OTA_STRING, "for the app"},
    };

    act_store(subject, list, sizeof(list) / sizeof(list[0]));
}

void act_write_long_setting(struct subject *subject)
{
    static const struct act_setting list[] = {{LCM_KEY_OTA_STRING, ACT_LONG_VALUE}};

    act_store(subject, list, 1);
}

#define ACT_CHANGE(key_, text) \
    { \
        .key = (key_), .value = (const uint8_t *)(text), .size = (uint16_t)(sizeof(text) - 1) \
    }

static void act_change(struct subject *subject, const struct lcm_setting_change *list, size_t count)
{
    struct lcm_settings settings;

    if (lcm_settings_open(&settings, &subject->flash.port) == LCM_OK)
        (void)!lcm_settings_change(&settings, list, count);
}

void act_set_up(struct subject *subject)
{
    static const struct lcm_setting_change list[] = {
        ACT_CHANGE(LCM_KEY_WIFI_SSID, "home"),
        ACT_CHANGE(LCM_KEY_WIFI_PASSWORD, "correct horse"),
        ACT_CHANGE(LCM_KEY_OTA_STRING, "for the app"),
        ACT_CHANGE(LCM_KEY_OTA_REPO, FIELD_APP_REPOSITORY),
    };

    act_change(subject, list, sizeof(list) / sizeof(list[0]));
}

void act_change_network(struct subject *subject)
{
    static const struct lcm_setting_change list[] = {
        ACT_CHANGE(LCM_KEY_WIFI_SSID, "house"),
        ACT_CHANGE(LCM_KEY_WIFI_PASSWORD, "battery staple"),
        ACT_CHANGE(LCM_KEY_OTA_STRING, "for the app"),
    };

    act_change(subject, list, sizeof(list) / sizeof(list[0]));
}

void act_rewrite_config(struct subject *subject)
{
    const struct lcm_flash *flash = &subject->flash.port;
    uint8_t sector[LCM_SECTOR_SIZE];

    if (flash->read(flash->context, LCM_BOOTCONF_ADDR, sector, sizeof(sector)) != LCM_OK)
        return;
    sector[CONFIG_CHECKSUM] ^= (uint8_t)(sector[CONFIG_LED] ^ 0x45u);
    sector[CONFIG_LED] = 0x45; /* LED at GPIO 5 */
    if (flash->erase(flash->context, LCM_BOOTCONF_ADDR) != LCM_OK)
        return;
    for (uint32_t i = 0; i < sizeof(sector); i += ROM_PROGRAM_SIZE)
        if (flash->program(flash->context, LCM_BOOTCONF_ADDR + i, sector + i, ROM_PROGRAM_SIZE) !=
            LCM_OK)
            return;
}
