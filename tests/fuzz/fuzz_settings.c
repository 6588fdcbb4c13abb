// SPDX-License-Identifier: Apache-2.0
/* The settings area as any program may have left it: opening, listing and writing end, and
 * what was written is read. */
#include "core/store/settings.h"
#include "lcm/lcm_app.h"
#include "tests/fuzz/fuzz_flash.h"

static void read_as_an_app(void)
{
    static uint32_t area[LCM_SETTINGS_SIZE / 4];
    char value[LCM_SETTING_TEXT_SIZE];
    int size;

    memcpy(area, fuzz_flash_bytes + LCM_SETTINGS_ADDR, sizeof(area));
    size = lcm_app_setting_in(area, "wifi_ssid", value, sizeof(value));
    FUZZ_REQUIRE(size < (int)sizeof(value));
}

static void list(const struct lcm_settings *settings)
{
    struct lcm_setting setting;
    uint32_t cursor = 0;
    uint32_t count = 0;

    while (lcm_settings_next(settings, &cursor, &setting) == LCM_OK)
        FUZZ_REQUIRE(++count < LCM_SECTOR_SIZE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct lcm_settings settings;
    char text[LCM_SETTING_TEXT_SIZE];
    char key[40];
    enum lcm_err err;

    (void)fuzz_text(&input, key, sizeof(key));
    fuzz_flash_fill(&input, LCM_SETTINGS_ADDR, LCM_SETTINGS_SIZE);
    read_as_an_app();
    err = lcm_settings_open(&settings, &fuzz_flash);
    if (err == LCM_ERR_NOT_FOUND)
        err = lcm_settings_format(&settings, &fuzz_flash);
    FUZZ_REQUIRE(err == LCM_OK);
    list(&settings);
    (void)!lcm_settings_get(&settings, key, text, sizeof(text));
    err = lcm_settings_set(&settings, key, "a value");
    FUZZ_REQUIRE(err == LCM_OK || err == LCM_ERR_ARGUMENT || err == LCM_ERR_NO_SPACE);
    if (err == LCM_OK) {
        FUZZ_REQUIRE(lcm_settings_get(&settings, key, text, sizeof(text)) == LCM_OK);
        FUZZ_REQUIRE(strcmp(text, "a value") == 0);
        FUZZ_REQUIRE(lcm_settings_delete(&settings, key) == LCM_OK);
        FUZZ_REQUIRE(lcm_settings_get(&settings, key, text, sizeof(text)) == LCM_ERR_NOT_FOUND);
    }
    FUZZ_REQUIRE(lcm_settings_compact(&settings) == LCM_OK);
    list(&settings);
    return 0;
}
