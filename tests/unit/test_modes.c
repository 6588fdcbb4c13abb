// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: counts of power cycles mean what the table of the reference says; forgetting the
 * network leaves no byte of a password in the settings area; a factory reset erases what
 * it must and keeps what it must; a power cut on the way leaves a device that starts,
 * and repeating the gesture ends well.
 * Method: the table written again from its description; settings with a history (old
 * passwords, a full area); a flash filled with a pattern in every region, compared
 * sector by sector; the power is cut at every operation in every way (random bits from a
 * printed seed).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/bytes.h"
#include "core/update/keys.h"
#include "core/update/modes.h"
#include "lcm/layout.h"
#include "tests/lib/ram_flash.h"

#define SECTOR LCM_SECTOR_SIZE
#define PASSWORD "correct-horse"
#define STEPS_MAX 400u

static const uint64_t cut_seed = 20261122;

static struct ram_flash flash;
static struct lcm_settings settings;
static struct lcm_state_log state_log;

/* ---- the table ---- */

static void assert_mode(uint32_t step, uint32_t first, uint32_t last, enum lcm_mode mode)
{
    for (uint32_t count = first; count <= last; count++)
        assert_int_equal(lcm_mode_of_count(count, step), mode);
}

static void test_table(void **state)
{
    static const uint32_t first_of[][3] = {
        {8, 11, 14}, {6, 7, 8}, {7, 9, 11}, {8, 11, 14}, {8, 11, 14}};

    (void)state;
    for (uint32_t step = 0; step <= 4; step++) {
        const uint32_t *first = first_of[step];

        assert_mode(step, 0, 4, LCM_MODE_NONE);
        assert_mode(step, 5, first[0] - 1, LCM_MODE_CHECK);
        assert_mode(step, first[0], first[1] - 1, LCM_MODE_ERASE_WIFI);
        assert_mode(step, first[1], first[2] - 1, LCM_MODE_ERASE_WIFI_BETA);
        assert_mode(step, first[2], 40, LCM_MODE_FACTORY_RESET);
        assert_int_equal(lcm_mode_of_count(UINT32_MAX, step), LCM_MODE_FACTORY_RESET);
    }
}

static void test_texts(void **state)
{
    (void)state;
    assert_string_equal(lcm_mode_text(LCM_MODE_CHECK), "check for updates");
    assert_string_equal(lcm_mode_text(LCM_MODE_FACTORY_RESET), "factory reset");
    assert_string_equal(lcm_mode_text((enum lcm_mode)99), "nothing");
}

/* ---- carrying out ---- */

static enum lcm_err apply(enum lcm_mode mode, bool keeps_slot0)
{
    struct lcm_mode_target target = {&flash.port, &settings, &state_log, keeps_slot0};
    struct lcm_mode_job job;

    lcm_mode_begin(&job, mode, &target);
    for (uint32_t steps = 0; steps < STEPS_MAX; steps++) {
        uint32_t operations = flash.operations;
        enum lcm_err err = lcm_mode_step(&job);

        /* A step is what a watchdog waits for: one sector, or one rewrite of the settings. */
        if (mode == LCM_MODE_FACTORY_RESET && err == LCM_PENDING)
            assert_in_range(flash.operations - operations, 0, 1);
        if (err != LCM_PENDING)
            return err;
    }
    fail_msg("the mode never ends");
    return LCM_PENDING;
}

static void set(const char *key, const char *value)
{
    assert_int_equal(lcm_settings_set(&settings, key, value), LCM_OK);
}

static bool area_holds(const char *text)
{
    const uint8_t *area = flash.data + LCM_SETTINGS_ADDR;

    for (uint32_t i = 0; i + strlen(text) <= LCM_SETTINGS_SIZE; i++)
        if (memcmp(area + i, text, strlen(text)) == 0)
            return true;
    return false;
}

static void assert_setting(const char *key, const char *expected)
{
    char value[LCM_SETTING_TEXT_SIZE];
    enum lcm_err err = lcm_settings_get(&settings, key, value, sizeof(value));

    assert_int_equal(err, expected == NULL ? LCM_ERR_NOT_FOUND : LCM_OK);
    assert_string_equal(value, expected == NULL ? "" : expected);
}

/* Settings of a device that has lived. */
static int prepare(void **state)
{
    (void)state;
    ram_flash_init(&flash);
    flash.random = cut_seed;
    assert_int_equal(lcm_settings_format(&settings, &flash.port), LCM_OK);
    assert_int_equal(lcm_state_open(&state_log, &flash.port), LCM_OK);
    set(LCM_KEY_WIFI_SSID, "home");
    set(LCM_KEY_WIFI_PASSWORD, "first-" PASSWORD);
    set(LCM_KEY_OTA_REPO, "someone/lamp");
    set(LCM_KEY_WIFI_PASSWORD, "second-" PASSWORD);
    assert_int_equal(lcm_settings_compact(&settings), LCM_OK);
    set(LCM_KEY_WIFI_PASSWORD, "third-" PASSWORD);
    set(LCM_KEY_LCM_BETA, "y");
    set(LCM_KEY_APP_KEY, "aa");
    return 0;
}

/* Fill the area to the last byte that may be used. */
static void fill_settings(void)
{
    static char value[200];
    char key[8] = "k";

    memset(value, 'v', sizeof(value) - 1);
    for (size_t length = sizeof(value) - 1; length > 0; length--) {
        value[length] = '\0';
        do {
            key[1]++;
        } while (lcm_settings_set(&settings, key, value) == LCM_OK);
    }
    assert_true((unsigned char)key[1] > 20);
}

static void assert_wifi_forgotten(enum lcm_mode mode)
{
    assert_false(area_holds(PASSWORD));
    assert_false(area_holds("home"));
    assert_int_equal(lcm_settings_open(&settings, &flash.port), LCM_OK);
    assert_setting(LCM_KEY_WIFI_SSID, NULL);
    assert_setting(LCM_KEY_WIFI_PASSWORD, NULL);
    assert_setting(LCM_KEY_OTA_REPO, "someone/lamp");
    assert_setting(LCM_KEY_APP_KEY, "aa");
    assert_int_equal(lcm_settings_get_bool(&settings, LCM_KEY_LCM_BETA, false),
                     mode == LCM_MODE_ERASE_WIFI_BETA);
}

static void test_erase_wifi(void **state)
{
    for (enum lcm_mode mode = LCM_MODE_ERASE_WIFI; mode <= LCM_MODE_ERASE_WIFI_BETA; mode++) {
        (void)prepare(state);
        assert_true(area_holds("first-" PASSWORD));
        assert_int_equal(apply(mode, false), LCM_OK);
        assert_wifi_forgotten(mode);
        assert_int_equal(apply(mode, false), LCM_OK); /* nothing is left to forget */
        assert_wifi_forgotten(mode);
    }
}

/* An app deleted the network itself, which leaves dead copies, and then filled the area:
 * not even the beta switch fits. What must not stay is wiped all the same. */
static void test_erase_wifi_in_a_full_area(void **state)
{
    for (enum lcm_mode mode = LCM_MODE_ERASE_WIFI; mode <= LCM_MODE_ERASE_WIFI_BETA; mode++) {
        bool is_beta = mode == LCM_MODE_ERASE_WIFI_BETA;

        (void)prepare(state);
        assert_int_equal(lcm_settings_delete(&settings, LCM_KEY_WIFI_SSID), LCM_OK);
        assert_int_equal(lcm_settings_delete(&settings, LCM_KEY_WIFI_PASSWORD), LCM_OK);
        assert_int_equal(lcm_settings_delete(&settings, LCM_KEY_LCM_BETA), LCM_OK);
        fill_settings();
        assert_true(area_holds(PASSWORD));
        assert_int_equal(apply(mode, false), is_beta ? LCM_ERR_NO_SPACE : LCM_OK);
        assert_wifi_forgotten(LCM_MODE_ERASE_WIFI);
    }
}

static void test_harmless_modes(void **state)
{
    (void)state;
    uint32_t operations = flash.operations;
    assert_int_equal(apply(LCM_MODE_NONE, false), LCM_OK);
    assert_int_equal(apply(LCM_MODE_CHECK, false), LCM_OK);
    assert_int_equal(flash.operations, operations);
}

/* ---- factory reset ---- */

/* A byte that tells the sectors apart, everywhere but in settings and state. */
static void fill_flash(void)
{
    for (uint32_t addr = 0; addr < LCM_FLASH_SIZE; addr += SECTOR)
        if ((addr < LCM_SETTINGS_ADDR || addr >= LCM_SETTINGS_ADDR + LCM_SETTINGS_SIZE) &&
            addr != LCM_STATE_ADDR)
            memset(flash.data + addr, (int)(addr / SECTOR % 251), SECTOR);
}

static void assert_kept(uint32_t addr, uint32_t size)
{
    for (uint32_t i = addr; i < addr + size; i++)
        assert_int_equal(flash.data[i], i / SECTOR % 251);
}

static void assert_blank(uint32_t addr, uint32_t size)
{
    assert_true(lcm_bytes_all(flash.data + addr, size, 0xFF));
}

static void assert_factory_state(bool keeps_slot0)
{
    uint8_t payload[LCM_STATE_PAYLOAD_SIZE];
    struct lcm_setting setting;
    uint32_t cursor = 0;

    assert_kept(LCM_BOOT_ADDR, LCM_BOOT_SIZE);
    assert_kept(LCM_BOOTCONF_ADDR, LCM_BOOTCONF_SIZE);
    if (keeps_slot0)
        assert_kept(LCM_SLOT0_ADDR, LCM_SLOT0_IMAGE_SIZE_MAX);
    else
        assert_blank(LCM_SLOT0_ADDR, LCM_SLOT0_IMAGE_SIZE_MAX);
    assert_blank(0x8C000, SECTOR); /* the app's data */
    assert_kept(LCM_SLOT1_ADDR, LCM_SLOT1_SIZE);
    assert_kept(LCM_CODE_ADDR, LCM_CODE_SIZE);
    assert_blank(LCM_SCRATCH_ADDR, LCM_SCRATCH_SIZE);
    assert_kept(LCM_TRUST_A_ADDR, 2 * LCM_TRUST_SIZE);
    assert_blank(LCM_RADIO_ADDR, LCM_RADIO_SIZE);
    assert_false(area_holds(PASSWORD));
    assert_int_equal(lcm_settings_open(&settings, &flash.port), LCM_OK);
    assert_int_equal(lcm_settings_next(&settings, &cursor, &setting), LCM_ERR_NOT_FOUND);
    assert_int_equal(lcm_state_open(&state_log, &flash.port), LCM_OK);
    assert_int_equal(lcm_state_load(&state_log, LCM_STATE_APP, payload), LCM_ERR_NOT_FOUND);
    assert_int_equal(lcm_state_load(&state_log, LCM_STATE_TAG_LCM, payload), LCM_ERR_NOT_FOUND);
}

static void prepare_full_flash(void)
{
    static const uint8_t payload[LCM_STATE_PAYLOAD_SIZE] = {1};

    (void)prepare(NULL);
    fill_flash();
    assert_int_equal(lcm_state_store(&state_log, LCM_STATE_APP, payload), LCM_OK);
    assert_int_equal(lcm_state_store(&state_log, LCM_STATE_TAG_LCM, payload), LCM_OK);
    ram_flash_restore_power(&flash);
}

static void test_factory_reset(void **state)
{
    (void)state;
    prepare_full_flash();
    assert_int_equal(apply(LCM_MODE_FACTORY_RESET, false), LCM_OK);
    assert_factory_state(false);
    prepare_full_flash();
    assert_int_equal(apply(LCM_MODE_FACTORY_RESET, true), LCM_OK); /* the installer runs there */
    assert_factory_state(true);
}

/* Blank sectors are left alone: a reset that was interrupted goes on where it was. */
static void test_factory_reset_goes_on(void **state)
{
    uint32_t operations;

    (void)state;
    prepare_full_flash();
    assert_int_equal(apply(LCM_MODE_FACTORY_RESET, false), LCM_OK);
    operations = flash.operations;
    assert_int_equal(apply(LCM_MODE_FACTORY_RESET, false), LCM_OK);
    assert_in_range(flash.operations - operations, 0, 20);
}

/* ---- power cuts ---- */

static const enum ram_flash_cut cut_kinds[] = {RAM_FLASH_CUT_BEFORE, RAM_FLASH_CUT_TORN,
                                               RAM_FLASH_CUT_RANDOM, RAM_FLASH_CUT_AFTER};

/* Start again after the cut, as the life cycle does. */
static void restart(bool may_lack_settings)
{
    ram_flash_restore_power(&flash);
    enum lcm_err err = lcm_settings_open(&settings, &flash.port);
    if (err == LCM_ERR_NOT_FOUND && may_lack_settings)
        err = lcm_settings_format(&settings, &flash.port);
    assert_int_equal(err, LCM_OK);
    assert_int_equal(lcm_state_open(&state_log, &flash.port), LCM_OK);
}

static bool apply_with_cut(enum lcm_mode mode, enum ram_flash_cut kind, uint32_t at)
{
    ram_flash_restore_power(&flash);
    flash.cut = kind;
    flash.cut_at = at;
    enum lcm_err err = apply(mode, false);
    assert_true(flash.is_off || err == LCM_OK);
    return flash.is_off;
}

static void test_erase_wifi_cut_everywhere(void **state)
{
    print_message("seed %llu\n", (unsigned long long)cut_seed);
    for (size_t kind = 0; kind < sizeof(cut_kinds) / sizeof(cut_kinds[0]); kind++)
        for (uint32_t at = 0;; at++) {
            (void)prepare(state);
            if (!apply_with_cut(LCM_MODE_ERASE_WIFI_BETA, cut_kinds[kind], at))
                break;
            restart(false);
            assert_setting(LCM_KEY_OTA_REPO, "someone/lamp");
            assert_setting(LCM_KEY_APP_KEY, "aa");
            assert_int_equal(apply(LCM_MODE_ERASE_WIFI_BETA, false), LCM_OK);
            assert_wifi_forgotten(LCM_MODE_ERASE_WIFI_BETA);
        }
}

static void test_factory_reset_cut_everywhere(void **state)
{
    static struct ram_flash before;

    (void)state;
    prepare_full_flash();
    before = flash;
    for (size_t kind = 0; kind < sizeof(cut_kinds) / sizeof(cut_kinds[0]); kind++)
        for (uint32_t at = 0;; at += at > 10 && at < 130 ? 40 : 1) {
            flash = before;
            flash.port.context = &flash;
            restart(false);
            if (!apply_with_cut(LCM_MODE_FACTORY_RESET, cut_kinds[kind], at))
                break;
            restart(true);
            assert_int_equal(apply(LCM_MODE_FACTORY_RESET, false), LCM_OK);
            assert_factory_state(false);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_texts),
        cmocka_unit_test_setup(test_erase_wifi, prepare),
        cmocka_unit_test_setup(test_erase_wifi_in_a_full_area, prepare),
        cmocka_unit_test_setup(test_harmless_modes, prepare),
        cmocka_unit_test(test_factory_reset),
        cmocka_unit_test(test_factory_reset_goes_on),
        cmocka_unit_test(test_erase_wifi_cut_everywhere),
        cmocka_unit_test(test_factory_reset_cut_everywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
