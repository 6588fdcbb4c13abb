// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: every field is judged by its form on the device; what is not given stays; what is stored is
 * what apps of the reference read; another repository does not inherit its predecessor's key.
 * Method: each field at its limits, then settings on a flash in memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/update/keys.h"
#include "portal/values.h"
#include "tests/lib/ram_flash.h"

static struct ram_flash flash;
static struct lcm_settings settings;
static struct lcm_values values;

static int set_up(void **state)
{
    (void)state;
    ram_flash_init(&flash);
    assert_int_equal(lcm_settings_format(&settings, &flash.port), LCM_OK);
    lcm_values_init(&values);
    return 0;
}

static enum lcm_err take(enum lcm_item field, const char *text)
{
    return lcm_values_take(&values, field, (const uint8_t *)text, (uint32_t)strlen(text), true);
}

static enum lcm_err take_byte(enum lcm_item field, int byte)
{
    uint8_t value = (uint8_t)byte;

    return lcm_values_take(&values, field, &value, 1, true);
}

static void assert_all(enum lcm_item field, const char *const *texts, size_t count,
                       enum lcm_err expected)
{
    for (size_t i = 0; i < count; i++) {
        lcm_values_init(&values);
        enum lcm_err err = take(field, texts[i]);
        if (err != expected)
            print_message("field 0x%x, \"%s\"\n", field, texts[i]);
        assert_int_equal(err, expected);
        assert_int_equal(lcm_values_is_given(&values, field), expected == LCM_OK);
    }
}

#define GOOD(field, ...) \
    do { \
        static const char *const texts[] = {__VA_ARGS__}; \
        assert_all(field, texts, sizeof(texts) / sizeof(texts[0]), LCM_OK); \
    } while (0)
#define BAD(field, err, ...) \
    do { \
        static const char *const texts[] = {__VA_ARGS__}; \
        assert_all(field, texts, sizeof(texts) / sizeof(texts[0]), err); \
    } while (0)

#define B32 "12345678901234567890123456789012"
#define B63 "123456789012345678901234567890123456789012345678901234567890123"
#define NO_KEY "123456789012345678901234567890123456789012345678901234567890123g"

static void test_network(void **state)
{
    (void)state;
    GOOD(LCM_ITEM_SSID, "a", B32, "\"quoted\" <script>", "\xF0\x9F\x9A\x80", "\x01\xFF\x80", " ");
    BAD(LCM_ITEM_SSID, LCM_ERR_SETTING, "");
    BAD(LCM_ITEM_SSID, LCM_ERR_TOO_LONG, B32 "x");
    GOOD(LCM_ITEM_PASSWORD, "", "8 chars.", B63, B32 "abcdefABCDEF00000000000000000000");
    BAD(LCM_ITEM_PASSWORD, LCM_ERR_SETTING, "7 chars", NO_KEY, "tab\there.", "umlaut\xC3\xA4..",
        "delete\x7F..");
    BAD(LCM_ITEM_PASSWORD, LCM_ERR_TOO_LONG, B63 "12");
    assert_int_equal(lcm_values_take(&values, LCM_ITEM_SSID, (const uint8_t *)"a\0b", 3, true),
                     LCM_ERR_SETTING);
}

static void test_app(void **state)
{
    (void)state;
    GOOD(LCM_ITEM_REPOSITORY, "", "me/lamp", "A.b-c_d/E.f");
    BAD(LCM_ITEM_REPOSITORY, LCM_ERR_SETTING, "lamp", "/lamp", "me/", "me/..", "me/la mp", "a/b/c",
        "https://github.com/me/lamp");
    BAD(LCM_ITEM_REPOSITORY, LCM_ERR_TOO_LONG, "m/" B63);
    GOOD(LCM_ITEM_FILE, "", "main.bin");
    BAD(LCM_ITEM_FILE, LCM_ERR_SETTING, ".bin", "a/b", "a b");
    BAD(LCM_ITEM_FILE, LCM_ERR_TOO_LONG, B32);
    GOOD(LCM_ITEM_APP_KEY, "", B32);
    BAD(LCM_ITEM_APP_KEY, LCM_ERR_SETTING, "x", B32 "x");
    GOOD(LCM_ITEM_TELEMETRY, "", B32);
    BAD(LCM_ITEM_TELEMETRY, LCM_ERR_SETTING, "x", B32 "x");
}

static void test_servers(void **state)
{
    (void)state;
    GOOD(LCM_ITEM_SYSLOG, "", "logs.example", "192.168.1.5:514", "a:1", "a:65535");
    BAD(LCM_ITEM_SYSLOG, LCM_ERR_SETTING, "a:0", "a:65536", "a:", ":514", "a b", "http://a",
        "a:b:1");
    BAD(LCM_ITEM_SYSLOG, LCM_ERR_TOO_LONG, B63 ":655351");
    GOOD(LCM_ITEM_EMERGENCY, "", "host", "host:8080/path", "http://host", "https://host:1/p");
    BAD(LCM_ITEM_EMERGENCY, LCM_ERR_SETTING, "ho st", "http://", "ftp://a/", "user@host", "/path");
    BAD(LCM_ITEM_EMERGENCY, LCM_ERR_TOO_LONG, "h/" B63 B63);
    lcm_values_init(&values);
    assert_int_equal(
        lcm_values_take(&values, LCM_ITEM_EMERGENCY, (const uint8_t *)"host", 4, false),
        LCM_ERR_SETTING);
}

static void test_numbers(void **state)
{
    (void)state;
    for (int pin = -128; pin < 128; pin++) {
        int gpio = pin < 0 ? -pin : pin;
        bool is_good = gpio <= 15 && (gpio < 6 || gpio > 11);
        lcm_values_init(&values);
        assert_int_equal(take_byte(LCM_ITEM_LED_PIN, pin), is_good ? LCM_OK : LCM_ERR_SETTING);
        if (is_good)
            assert_int_equal(values.led_pin, pin);
        assert_int_equal(values.has_led_pin, is_good);
    }
    assert_int_equal(take_byte(LCM_ITEM_CHANNEL, 1), LCM_OK);
    assert_int_equal(take_byte(LCM_ITEM_CHANNEL, 2), LCM_ERR_SETTING);
    assert_true(values.is_app_beta);
    assert_int_equal(take_byte(LCM_ITEM_UNSIGNED, 1), LCM_OK);
    assert_int_equal(take(LCM_ITEM_UNSIGNED, "\x01\x01"), LCM_ERR_SETTING);
    assert_true(values.is_unsigned_allowed);
    assert_int_equal(take(LCM_ITEM_UNSIGNED, ""), LCM_OK);
    assert_false(values.is_unsigned_allowed);
    assert_int_equal(take(LCM_ITEM_DEVICE_ID, "x"), LCM_ERR_SETTING);
}

static void test_refused_value_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(take(LCM_ITEM_REPOSITORY, "me/lamp"), LCM_OK);
    assert_int_equal(take(LCM_ITEM_REPOSITORY, "no repository"), LCM_ERR_SETTING);
    assert_string_equal(values.repository, "me/lamp");
}

/* ---- with the settings ---- */

static void put(const char *key, const char *text)
{
    assert_int_equal(lcm_settings_set(&settings, key, text), LCM_OK);
}

static void assert_stored(const char *key, const char *expected)
{
    char text[LCM_SETTING_TEXT_SIZE];
    enum lcm_err err = lcm_settings_get(&settings, key, text, sizeof(text));

    assert_int_equal(err, expected != NULL ? LCM_OK : LCM_ERR_NOT_FOUND);
    assert_string_equal(text, expected != NULL ? expected : "");
}

static void put_old(void)
{
    put(LCM_KEY_WIFI_SSID, "old net");
    put(LCM_KEY_WIFI_PASSWORD, "old password");
    put(LCM_KEY_OTA_REPO, "old/app");
    put(LCM_KEY_OTA_VERSION, "3.2.1");
    put(LCM_KEY_APP_KEY, "1111111111111111111111111111111111111111111111111111111111111111");
    put(LCM_KEY_OTA_BETA, "y");
    put("app_own", "kept");
    assert_int_equal(lcm_settings_set_int8(&settings, LCM_KEY_LED_PIN, 2), LCM_OK);
}

static void test_new_network_without_password_is_open(void **state)
{
    struct lcm_trial trial;

    (void)state;
    put_old();
    assert_int_equal(take(LCM_ITEM_SSID, "cafe"), LCM_OK);
    assert_int_equal(lcm_values_complete(&values, &settings, true), LCM_OK);
    lcm_values_trial(&values, &trial);
    assert_string_equal(trial.ssid, "cafe");
    assert_string_equal(trial.password, "");
    assert_string_equal(trial.repository, "old/app");
    assert_true(trial.is_app_beta);
    assert_true(trial.has_pinned_key);
    assert_int_equal(lcm_values_store(&values, &settings), LCM_OK);
    assert_stored(LCM_KEY_WIFI_SSID, "cafe");
    assert_stored(LCM_KEY_WIFI_PASSWORD, NULL);
}

static void test_password_before_the_network(void **state)
{
    (void)state;
    put_old();
    assert_int_equal(take(LCM_ITEM_PASSWORD, "new password"), LCM_OK);
    assert_int_equal(take(LCM_ITEM_SSID, "new net"), LCM_OK);
    assert_int_equal(lcm_values_complete(&values, &settings, true), LCM_OK);
    assert_string_equal(values.password, "new password");
}

static void test_what_is_not_given_stays(void **state)
{
    (void)state;
    put_old();
    assert_int_equal(take(LCM_ITEM_SYSLOG, "logs"), LCM_OK);
    assert_int_equal(lcm_values_complete(&values, &settings, true), LCM_OK);
    assert_string_equal(values.ssid, "old net");
    assert_string_equal(values.password, "old password");
    assert_int_equal(values.led_pin, 2);
    assert_int_equal(values.app_key[31], 0x11);
    assert_int_equal(lcm_values_store(&values, &settings), LCM_OK);
    assert_stored(LCM_KEY_WIFI_SSID, "old net");
    assert_stored(LCM_KEY_WIFI_PASSWORD, "old password");
    assert_stored(LCM_KEY_OTA_REPO, "old/app");
    assert_stored(LCM_KEY_OTA_VERSION, "3.2.1");
    assert_stored(LCM_KEY_SYSLOG, "logs");
    assert_stored("app_own", "kept");
}

static void test_shown_values_have_no_password(void **state)
{
    (void)state;
    put_old();
    assert_int_equal(lcm_values_complete(&values, &settings, false), LCM_OK);
    assert_string_equal(values.password, "");
}

static void test_nothing_stored_at_all(void **state)
{
    (void)state;
    assert_int_equal(lcm_values_complete(&values, &settings, true), LCM_ERR_NO_WIFI_SETTINGS);
    assert_false(values.has_app_key);
}

static void test_another_repository_forgets_key_and_version(void **state)
{
    struct lcm_trial trial;

    (void)state;
    put_old();
    assert_int_equal(take(LCM_ITEM_REPOSITORY, "new/app"), LCM_OK);
    assert_int_equal(lcm_values_complete(&values, &settings, true), LCM_OK);
    lcm_values_trial(&values, &trial);
    assert_false(trial.has_pinned_key);
    assert_int_equal(lcm_values_store(&values, &settings), LCM_OK);
    assert_stored(LCM_KEY_OTA_REPO, "new/app");
    assert_stored(LCM_KEY_OTA_VERSION, NULL);
    assert_stored(LCM_KEY_APP_KEY, NULL);
}

static void test_another_repository_with_its_key(void **state)
{
    (void)state;
    put_old();
    assert_int_equal(take(LCM_ITEM_REPOSITORY, "new/app"), LCM_OK);
    assert_int_equal(take(LCM_ITEM_APP_KEY, B32), LCM_OK);
    assert_int_equal(lcm_values_complete(&values, &settings, true), LCM_OK);
    assert_int_equal(lcm_values_store(&values, &settings), LCM_OK);
    assert_stored(LCM_KEY_APP_KEY,
                  "3132333435363738393031323334353637383930313233343536373839303132");
}

/* Deleted is deleted: not a key of zeros that nobody has. */
static void test_key_is_deleted(void **state)
{
    struct lcm_trial trial;

    (void)state;
    put_old();
    assert_int_equal(take(LCM_ITEM_APP_KEY, ""), LCM_OK);
    assert_int_equal(lcm_values_complete(&values, &settings, true), LCM_OK);
    lcm_values_trial(&values, &trial);
    assert_false(trial.has_pinned_key);
    assert_int_equal(lcm_values_store(&values, &settings), LCM_OK);
    assert_stored(LCM_KEY_APP_KEY, NULL);
}

/* A stored fingerprint that cannot be read is one that nothing fits: a trial must not pass with
 * what the life cycle refuses then. */
static void test_unreadable_key_is_a_key(void **state)
{
    static const char *const texts[] = {"no key", B63 "12345678", B63 "g"};
    static const uint8_t zero[LCM_FINGERPRINT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        put(LCM_KEY_APP_KEY, texts[i]);
        lcm_values_init(&values);
        memset(values.app_key, 0x55, sizeof(values.app_key));
        assert_int_equal(lcm_values_complete(&values, &settings, true), LCM_ERR_NO_WIFI_SETTINGS);
        assert_true(values.has_app_key);
        assert_memory_equal(values.app_key, zero, sizeof(zero));
    }
}

/* As much as a form can hold, with all that a new repository changes beside it. */
static void test_everything_at_once(void **state)
{
    int8_t pin = 0;

    (void)state;
    put_old();
    assert_int_equal(take(LCM_ITEM_SSID, "net"), LCM_OK);
    assert_int_equal(take(LCM_ITEM_PASSWORD, "password"), LCM_OK);
    assert_int_equal(take(LCM_ITEM_REPOSITORY, "new/app"), LCM_OK);
    assert_int_equal(take(LCM_ITEM_FILE, "app.bin"), LCM_OK);
    assert_int_equal(take(LCM_ITEM_APP_KEY, B32), LCM_OK);
    assert_int_equal(take_byte(LCM_ITEM_CHANNEL, 0), LCM_OK);
    assert_int_equal(take_byte(LCM_ITEM_UNSIGNED, 1), LCM_OK);
    assert_int_equal(take(LCM_ITEM_OTA_STRING, "parameters"), LCM_OK);
    assert_int_equal(take_byte(LCM_ITEM_LED_PIN, 4), LCM_OK);
    assert_int_equal(take(LCM_ITEM_SYSLOG, "logs"), LCM_OK);
    assert_int_equal(take(LCM_ITEM_EMERGENCY, "host"), LCM_OK);
    assert_int_equal(take(LCM_ITEM_TELEMETRY, B32), LCM_OK);
    assert_int_equal(lcm_values_store(&values, &settings), LCM_OK);
    assert_stored(LCM_KEY_WIFI_SSID, "net");
    assert_stored(LCM_KEY_WIFI_PASSWORD, "password");
    assert_stored(LCM_KEY_OTA_REPO, "new/app");
    assert_stored(LCM_KEY_OTA_FILE, "app.bin");
    assert_stored(LCM_KEY_OTA_BETA, "n");
    assert_stored(LCM_KEY_UNSIGNED, "y");
    assert_stored(LCM_KEY_OTA_STRING, "parameters");
    assert_stored(LCM_KEY_SYSLOG, "logs");
    assert_stored(LCM_KEY_OTA_SERVER, "host");
    assert_stored(LCM_KEY_OTA_VERSION, NULL);
    assert_int_equal(lcm_settings_get_int8(&settings, LCM_KEY_LED_PIN, &pin), LCM_OK);
    assert_int_equal(pin, 4);
    assert_stored(LCM_KEY_TELEMETRY,
                  "3132333435363738393031323334353637383930313233343536373839303132");
    lcm_values_init(&values);
    assert_int_equal(take(LCM_ITEM_TELEMETRY, ""), LCM_OK);
    assert_int_equal(lcm_values_store(&values, &settings), LCM_OK);
    assert_stored(LCM_KEY_TELEMETRY, NULL);
}

static void test_same_repository_in_other_letters_keeps_the_key(void **state)
{
    (void)state;
    put_old();
    assert_int_equal(take(LCM_ITEM_REPOSITORY, "Old/App"), LCM_OK);
    assert_int_equal(lcm_values_complete(&values, &settings, true), LCM_OK);
    assert_int_equal(lcm_values_store(&values, &settings), LCM_OK);
    assert_stored(LCM_KEY_OTA_VERSION, "3.2.1");
    assert_true(values.has_app_key);
}

static void test_types_of_the_reference(void **state)
{
    int8_t pin = 0;

    (void)state;
    assert_int_equal(take(LCM_ITEM_SSID, "net"), LCM_OK);
    assert_int_equal(take_byte(LCM_ITEM_CHANNEL, 1), LCM_OK);
    assert_int_equal(take_byte(LCM_ITEM_UNSIGNED, 0), LCM_OK);
    assert_int_equal(take_byte(LCM_ITEM_LED_PIN, -13), LCM_OK);
    assert_int_equal(take(LCM_ITEM_OTA_STRING, "param=\"1\" & <2>"), LCM_OK);
    assert_int_equal(take(LCM_ITEM_EMERGENCY, "10.0.0.1:8080"), LCM_OK);
    assert_int_equal(lcm_values_store(&values, &settings), LCM_OK);
    assert_stored(LCM_KEY_OTA_BETA, "y");
    assert_stored(LCM_KEY_UNSIGNED, "n");
    assert_stored(LCM_KEY_OTA_STRING, "param=\"1\" & <2>");
    assert_stored(LCM_KEY_OTA_SERVER, "10.0.0.1:8080");
    assert_int_equal(lcm_settings_get_int8(&settings, LCM_KEY_LED_PIN, &pin), LCM_OK);
    assert_int_equal(pin, -13);
    lcm_values_init(&values);
    assert_int_equal(take(LCM_ITEM_LED_PIN, ""), LCM_OK);
    assert_int_equal(lcm_values_store(&values, &settings), LCM_OK);
    assert_int_equal(lcm_settings_get_int8(&settings, LCM_KEY_LED_PIN, &pin), LCM_ERR_NOT_FOUND);
}

/* Neither region keeps what was replaced. */
static void test_old_password_leaves_the_flash(void **state)
{
    (void)state;
    put_old();
    assert_int_equal(take(LCM_ITEM_SSID, "new net"), LCM_OK);
    assert_int_equal(take(LCM_ITEM_PASSWORD, "new password"), LCM_OK);
    assert_int_equal(lcm_values_store(&values, &settings), LCM_OK);
    for (uint32_t i = LCM_SETTINGS_ADDR; i < LCM_SETTINGS_ADDR + LCM_SETTINGS_SIZE - 12; i++)
        assert_memory_not_equal(flash.data + i, "old password", 12);
}

static void test_no_space_changes_nothing(void **state)
{
    static uint8_t before[LCM_FLASH_SIZE];
    char filler[LCM_SETTING_TEXT_SIZE];
    char key[3] = "f0";

    (void)state;
    put_old();
    memset(filler, 'f', sizeof(filler) - 1);
    filler[sizeof(filler) - 1] = '\0';
    while (lcm_settings_set(&settings, key, filler) == LCM_OK)
        key[1]++;
    memcpy(before, flash.data, sizeof(before));
    assert_int_equal(take(LCM_ITEM_OTA_STRING, filler), LCM_OK);
    assert_int_equal(lcm_values_store(&values, &settings), LCM_ERR_NO_SPACE);
    assert_memory_equal(flash.data, before, sizeof(before));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_network, set_up),
        cmocka_unit_test_setup(test_app, set_up),
        cmocka_unit_test_setup(test_servers, set_up),
        cmocka_unit_test_setup(test_numbers, set_up),
        cmocka_unit_test_setup(test_refused_value_changes_nothing, set_up),
        cmocka_unit_test_setup(test_new_network_without_password_is_open, set_up),
        cmocka_unit_test_setup(test_password_before_the_network, set_up),
        cmocka_unit_test_setup(test_what_is_not_given_stays, set_up),
        cmocka_unit_test_setup(test_shown_values_have_no_password, set_up),
        cmocka_unit_test_setup(test_nothing_stored_at_all, set_up),
        cmocka_unit_test_setup(test_another_repository_forgets_key_and_version, set_up),
        cmocka_unit_test_setup(test_another_repository_with_its_key, set_up),
        cmocka_unit_test_setup(test_key_is_deleted, set_up),
        cmocka_unit_test_setup(test_unreadable_key_is_a_key, set_up),
        cmocka_unit_test_setup(test_everything_at_once, set_up),
        cmocka_unit_test_setup(test_same_repository_in_other_letters_keeps_the_key, set_up),
        cmocka_unit_test_setup(test_types_of_the_reference, set_up),
        cmocka_unit_test_setup(test_old_password_leaves_the_flash, set_up),
        cmocka_unit_test_setup(test_no_space_changes_nothing, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
