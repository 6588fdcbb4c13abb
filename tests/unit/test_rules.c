// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: each installation rule refuses what it should, with its own error, and nothing
 * else does; the trusted time stays sane for any floor and any hint.
 * Method: one manifest and one device that agree; each row changes one thing (or the few
 * that a story needs) and names the expected result.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/trust/rules.h"
#include "core/trust/time.h"

static const struct lcm_manifest base_manifest = {
    .type = LCM_FILE_APP,
    .channel = LCM_CHANNEL_STABLE,
    .repository = "someone/lamp",
    .file = "main.bin",
    .version = "1.2.3",
    .sequence = 10,
    .security_version = 4,
    .slot_addr = LCM_SLOT0_ADDR,
    .flash_size = LCM_FLASH_SIZE,
    .sha256 = {1},
    .key_id = {1},
};

static const struct lcm_rules_target base_target = {
    .type = LCM_FILE_APP,
    .repository = "someone/lamp",
    .file = "main.bin",
    .slot_addr = LCM_SLOT0_ADDR,
    .flash_size = LCM_FLASH_SIZE,
    .updater_version = "3.0.0",
    .security_floor = 4,
    .has_installed = true,
    .installed = {.sequence = 9, .security_version = 4, .key_id = {1}, .sha256 = {2}},
    .installed_key_trusted = true,
};

static struct lcm_manifest manifest;
static struct lcm_rules_target target;

static int rules_setup(void **state)
{
    (void)state;
    manifest = base_manifest;
    target = base_target;
    return 0;
}

static void expect(enum lcm_err err)
{
    assert_int_equal(lcm_rules_check(&manifest, &target), err);
    (void)rules_setup(NULL);
}

static void test_agreement(void **state)
{
    (void)state;
    expect(LCM_OK);
}

static void test_identity(void **state)
{
    (void)state;
    manifest.type = LCM_FILE_UPDATER;
    expect(LCM_ERR_WRONG_TYPE);
    manifest.type = LCM_FILE_BOOT;
    expect(LCM_ERR_WRONG_TYPE);
    strcpy(manifest.repository, "someone/lam");
    expect(LCM_ERR_WRONG_REPOSITORY);
    strcpy(manifest.repository, "someone/lamps");
    expect(LCM_ERR_WRONG_REPOSITORY);
    strcpy(manifest.repository, "SomeOne/LAMP");
    expect(LCM_OK);
    strcpy(manifest.file, "Main.bin");
    expect(LCM_ERR_WRONG_FILE);
    strcpy(manifest.file, "main.bi");
    expect(LCM_ERR_WRONG_FILE);
}

static void test_place(void **state)
{
    (void)state;
    manifest.slot_addr = LCM_SLOT1_ADDR;
    expect(LCM_ERR_WRONG_SLOT);
    manifest.flash_size = 4 * LCM_FLASH_SIZE;
    expect(LCM_ERR_WRONG_FLASH);
    manifest.flash_size = 0;
    expect(LCM_ERR_WRONG_FLASH);
}

static void test_channel(void **state)
{
    (void)state;
    manifest.channel = LCM_CHANNEL_BETA;
    expect(LCM_ERR_WRONG_CHANNEL);
    manifest.channel = LCM_CHANNEL_BETA;
    target.beta_allowed = true;
    expect(LCM_OK);
    target.beta_allowed = true;
    expect(LCM_OK);
}

struct updater_case {
    const char *needed;
    const char *running;
    enum lcm_err err;
};

static void test_updater(void **state)
{
    static const struct updater_case cases[] = {
        {"", "3.0.0", LCM_OK},
        {"", "unknown", LCM_OK},
        {"3.0.0", "3.0.0", LCM_OK},
        {"2.9.99", "3.0.0", LCM_OK},
        {"3.0.1", "3.0.0", LCM_ERR_UPDATER_TOO_OLD},
        {"10.0.0", "9.0.0", LCM_ERR_UPDATER_TOO_OLD},
        {"3.0.0", "3.0.0-rc1", LCM_ERR_UPDATER_TOO_OLD},
        {"3.0.0-rc1", "3.0.0", LCM_OK},
        {"3.0.0", "unknown", LCM_ERR_UPDATER_TOO_OLD},
        {"unknown", "3.0.0", LCM_ERR_UPDATER_TOO_OLD},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        strcpy(manifest.updater_min, cases[i].needed);
        target.updater_version = cases[i].running;
        expect(cases[i].err);
    }
}

/* V05: whoever signs, whatever the sequence. */
static void test_security_version(void **state)
{
    (void)state;
    manifest.security_version = 3;
    expect(LCM_ERR_ROLLBACK);
    manifest.security_version = 5;
    expect(LCM_OK);
    target.security_floor = 5;
    expect(LCM_ERR_ROLLBACK);
    target.installed.security_version = 5;
    expect(LCM_ERR_ROLLBACK);
    target.installed.security_version = 5;
    target.installed_key_trusted = false;
    manifest.key_id[0] = 2;
    expect(LCM_ERR_ROLLBACK);
    target.has_installed = false;
    target.installed.security_version = 5;
    expect(LCM_OK);
    target.has_installed = false;
    target.security_floor = 5;
    expect(LCM_ERR_ROLLBACK);
}

/* V01, V02, V03, V06 */
static void test_sequence(void **state)
{
    (void)state;
    manifest.sequence = 8;
    expect(LCM_ERR_ROLLBACK);
    manifest.sequence = 9;
    expect(LCM_ERR_EQUIVOCATION);
    manifest.sequence = 9;
    manifest.sha256[0] = 2;
    expect(LCM_OK);
    manifest.sequence = 9;
    memcpy(manifest.sha256, target.installed.sha256, LCM_SHA256_SIZE);
    manifest.sha256[LCM_SHA256_SIZE - 1] = 1;
    expect(LCM_ERR_EQUIVOCATION);
    strcpy(manifest.version, "0.0.1"); /* a signed downgrade */
    strcpy(target.installed.version, "9.9.9");
    expect(LCM_OK);
    manifest.sequence = UINT32_MAX;
    expect(LCM_OK);
    target.has_installed = false; /* V04: after a factory reset only the floors hold */
    manifest.sequence = 1;
    expect(LCM_OK);
}

/* V11: a thief went to 2^32-1; the owner revokes his key and starts over. */
static void test_fast_forward_recovery(void **state)
{
    (void)state;
    target.installed.sequence = UINT32_MAX;
    expect(LCM_ERR_ROLLBACK);
    target.installed.sequence = UINT32_MAX;
    target.installed_key_trusted = false; /* but the same key signs again: still bound */
    expect(LCM_ERR_ROLLBACK);
    target.installed.sequence = UINT32_MAX;
    target.installed_key_trusted = true; /* another key, the old one still trusted */
    manifest.key_id[0] = 2;
    expect(LCM_ERR_ROLLBACK);
    target.installed.sequence = UINT32_MAX;
    target.installed_key_trusted = false;
    manifest.key_id[0] = 2;
    manifest.sequence = 1;
    expect(LCM_OK);
    target.installed_key_trusted = false;
    manifest.key_id[0] = 2;
    manifest.sequence = 9; /* equal sequence, other content, other key */
    expect(LCM_OK);
}

/* When everything is wrong, the errors come in the order the header promises. */
static void test_order(void **state)
{
    static const enum lcm_err order[] = {
        LCM_ERR_WRONG_TYPE,      LCM_ERR_WRONG_REPOSITORY, LCM_ERR_WRONG_FILE,
        LCM_ERR_WRONG_SLOT,      LCM_ERR_WRONG_FLASH,      LCM_ERR_WRONG_CHANNEL,
        LCM_ERR_UPDATER_TOO_OLD, LCM_ERR_ROLLBACK,         LCM_ERR_ROLLBACK,
    };

    (void)state;
    manifest.channel = LCM_CHANNEL_BETA;
    strcpy(manifest.updater_min, "4.0.0");
    manifest.security_version = 3;
    manifest.sequence = 8;
    target.type = LCM_FILE_BOOT;
    target.repository = "x/y";
    target.file = "z";
    target.slot_addr = 0;
    target.flash_size = 0;
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        assert_int_equal(lcm_rules_check(&manifest, &target), order[i]);
        switch (i) {
        case 0:
            target.type = LCM_FILE_APP;
            break;
        case 1:
            target.repository = "someone/lamp";
            break;
        case 2:
            target.file = "main.bin";
            break;
        case 3:
            target.slot_addr = LCM_SLOT0_ADDR;
            break;
        case 4:
            target.flash_size = LCM_FLASH_SIZE;
            break;
        case 5:
            target.beta_allowed = true;
            break;
        case 6:
            target.updater_version = "4.0.0";
            break;
        case 7:
            manifest.security_version = 4;
            break;
        default:
            break;
        }
    }
    manifest.sequence = 9;
    assert_int_equal(lcm_rules_check(&manifest, &target), LCM_ERR_EQUIVOCATION);
}

/* V09, V10 */
static void test_trusted_time(void **state)
{
    const uint64_t floor_s = 1700000000;

    (void)state;
    assert_int_equal(lcm_time_trusted(floor_s, floor_s), floor_s);
    assert_int_equal(lcm_time_trusted(floor_s, floor_s + 1), floor_s + 1);
    assert_int_equal(lcm_time_trusted(floor_s, floor_s - 1), LCM_TIME_NONE);
    assert_int_equal(lcm_time_trusted(floor_s, 0), LCM_TIME_NONE);
    assert_int_equal(lcm_time_trusted(floor_s, floor_s + 315576000), floor_s + 315576000);
    assert_int_equal(lcm_time_trusted(floor_s, floor_s + 315576001), LCM_TIME_NONE);
    assert_int_equal(lcm_time_trusted(floor_s, UINT64_MAX), LCM_TIME_NONE);
    assert_int_equal(lcm_time_trusted(UINT64_MAX, UINT64_MAX - 1), LCM_TIME_NONE);
    assert_int_equal(lcm_time_trusted(UINT64_MAX - 1, 5), LCM_TIME_NONE);
    assert_true(lcm_time_trusted(2147483647, 2147483648u) == 2147483648u);  /* 2038 */
    assert_true(lcm_time_trusted(4294967295u, 4294967296u) == 4294967296u); /* 2106 */
}

static void test_time_floor(void **state)
{
    (void)state;
    assert_int_equal(lcm_time_raise_floor(1000, 2000), 2000);
    assert_int_equal(lcm_time_raise_floor(2000, 1000), 2000);
    assert_int_equal(lcm_time_raise_floor(1000, 1000 + 315576000), 1000 + 315576000);
    assert_int_equal(lcm_time_raise_floor(1000, 1001 + 315576000), 1000);
    assert_int_equal(lcm_time_raise_floor(1000, UINT64_MAX), 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_agreement, rules_setup),
        cmocka_unit_test_setup(test_identity, rules_setup),
        cmocka_unit_test_setup(test_place, rules_setup),
        cmocka_unit_test_setup(test_channel, rules_setup),
        cmocka_unit_test_setup(test_updater, rules_setup),
        cmocka_unit_test_setup(test_security_version, rules_setup),
        cmocka_unit_test_setup(test_sequence, rules_setup),
        cmocka_unit_test_setup(test_fast_forward_recovery, rules_setup),
        cmocka_unit_test_setup(test_order, rules_setup),
        cmocka_unit_test(test_trusted_time),
        cmocka_unit_test(test_time_floor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
