// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the records of the install state have the bytes of docs/SPEC.md section 5.2,
 * belong to one repository whatever the case of its letters, and outlive a full log.
 * Method: golden payloads written by hand (their checksum by another program), loading
 * them back, other repositories, keys and tags; thousands of records in one log.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/update/records.h"
#include "tests/lib/ram_flash.h"
#include "tests/lib/vector.h"

static struct ram_flash flash;
static struct lcm_state_log state_log;

static int prepare(void **state)
{
    (void)state;
    ram_flash_init(&flash);
    return lcm_state_open(&state_log, &flash.port) == LCM_OK ? 0 : -1;
}

static struct lcm_manifest golden_manifest(void)
{
    struct lcm_manifest manifest;

    memset(&manifest, 0x5A, sizeof(manifest));
    strcpy(manifest.repository, "someone/lamp");
    manifest.sequence = 7;
    manifest.security_version = 2;
    manifest.image_size = 565248;
    for (uint8_t i = 0; i < LCM_KEY_ID_SIZE; i++)
        manifest.key_id[i] = (uint8_t)(0xA0 + i);
    memset(manifest.sha256, 0xC1, 16);
    memset(manifest.sha256 + 16, 0xC2, 16);
    return manifest;
}

static void assert_payload(enum lcm_state_kind kind, const char *vector)
{
    uint8_t expected[LCM_STATE_PAYLOAD_SIZE];
    uint8_t payload[LCM_STATE_PAYLOAD_SIZE];

    assert_int_equal(vector_load(vector, expected, sizeof(expected)), sizeof(expected));
    assert_int_equal(lcm_state_load(&state_log, kind, payload), LCM_OK);
    assert_memory_equal(payload, expected, sizeof(expected));
}

static void test_golden_bytes(void **state)
{
    struct lcm_manifest manifest = golden_manifest();
    uint32_t hash = lcm_record_repository_hash("Someone/Lamp");

    (void)state;
    assert_int_equal(lcm_record_installed_store(&state_log, LCM_STATE_APP, &manifest), LCM_OK);
    assert_payload(LCM_STATE_APP, "state-installed");
    assert_int_equal(lcm_record_tag_store(&state_log, LCM_STATE_TAG_APP, hash, "v1.2.3-beta", 258),
                     LCM_OK);
    assert_payload(LCM_STATE_TAG_APP, "state-tag");
    assert_int_equal(lcm_record_time_floor_raise(&state_log, 1795342830), LCM_OK);
    assert_payload(LCM_STATE_TIME_FLOOR, "state-time");
}

static void test_repository_hash(void **state)
{
    (void)state;
    assert_int_equal(lcm_record_repository_hash(""), 0);
    assert_int_equal(lcm_record_repository_hash("123456789"), 0xCBF43926u); /* CRC-32 check value */
    assert_int_equal(lcm_record_repository_hash("SOMEONE/Lamp"),
                     lcm_record_repository_hash("someone/lAMP"));
    assert_int_not_equal(lcm_record_repository_hash("someone/lamp"),
                         lcm_record_repository_hash("someone/lamp2"));
}

static void test_installed(void **state)
{
    struct lcm_manifest manifest = golden_manifest();
    struct lcm_installed installed;
    uint32_t size = 1;
    uint32_t hash = lcm_record_repository_hash("SOMEONE/LAMP");

    (void)state;
    assert_int_equal(lcm_record_installed_load(&state_log, LCM_STATE_APP, hash, &installed, &size),
                     LCM_ERR_NOT_FOUND);
    assert_int_equal(lcm_record_installed_store(&state_log, LCM_STATE_APP, &manifest), LCM_OK);
    assert_int_equal(lcm_record_installed_load(&state_log, LCM_STATE_APP, hash, &installed, &size),
                     LCM_OK);
    assert_int_equal(size, 565248);
    assert_int_equal(installed.sequence, 7);
    assert_int_equal(installed.security_version, 2);
    assert_memory_equal(installed.key_id, manifest.key_id, LCM_KEY_ID_SIZE);
    assert_memory_equal(installed.sha256, manifest.sha256, LCM_SHA256_SIZE);
    assert_string_equal(installed.version, "");
    /* another repository, another kind */
    assert_int_equal(
        lcm_record_installed_load(&state_log, LCM_STATE_APP, hash + 1, &installed, &size),
        LCM_ERR_NOT_FOUND);
    assert_int_equal(lcm_record_installed_load(&state_log, LCM_STATE_BOOT, hash, &installed, &size),
                     LCM_ERR_NOT_FOUND);
}

static bool is_processed(uint32_t hash, const char *tag, uint32_t trust_sequence)
{
    return lcm_record_tag_is_processed(&state_log, LCM_STATE_TAG_LCM, hash, tag, trust_sequence);
}

static void test_tags(void **state)
{
    (void)state;
    assert_false(is_processed(1, "v1", 4));
    assert_int_equal(lcm_record_tag_store(&state_log, LCM_STATE_TAG_LCM, 1, "v1", 4), LCM_OK);
    assert_true(is_processed(1, "v1", 4));
    assert_false(is_processed(2, "v1", 4));
    assert_false(is_processed(1, "v1", 5)); /* other certificates: look again */
    assert_false(is_processed(1, "v10", 4));
    assert_false(is_processed(1, "v", 4));
    assert_false(is_processed(1, "V1", 4));
    assert_false(is_processed(1, "", 4));
    assert_false(lcm_record_tag_is_processed(&state_log, LCM_STATE_TAG_APP, 1, "v1", 4));
}

static void test_longest_tag(void **state)
{
    (void)state;
    assert_int_equal(lcm_record_tag_store(&state_log, LCM_STATE_TAG_LCM, 1,
                                          "0123456789012345678901234567890", 4),
                     LCM_OK);
    assert_true(is_processed(1, "0123456789012345678901234567890", 4));
    assert_false(is_processed(1, "012345678901234567890123456789", 4));
}

static void test_time_floor_only_rises(void **state)
{
    (void)state;
    assert_int_equal(lcm_record_time_floor(&state_log), 0);
    assert_int_equal(lcm_record_time_floor_raise(&state_log, 1000), LCM_OK);
    uint32_t operations = flash.operations;
    assert_int_equal(lcm_record_time_floor_raise(&state_log, 999), LCM_OK);
    assert_int_equal(lcm_record_time_floor_raise(&state_log, 1000), LCM_OK);
    assert_int_equal(lcm_record_time_floor_raise(&state_log, 0), LCM_OK);
    assert_int_equal(flash.operations, operations);
    assert_int_equal(lcm_record_time_floor(&state_log), 1000);
    assert_int_equal(lcm_record_time_floor_raise(&state_log, UINT64_MAX), LCM_OK);
    assert_true(lcm_record_time_floor(&state_log) == UINT64_MAX);
}

static enum lcm_err (*good_read)(void *context, uint32_t addr, void *dst, uint32_t size);

/* The first read fails, all others succeed. */
static enum lcm_err failing_read(void *context, uint32_t addr, void *dst, uint32_t size)
{
    (void)context;
    (void)addr;
    memset(dst, 0, size);
    flash.port.read = good_read;
    return LCM_ERR_FLASH;
}

/* A floor that cannot be read just now is not none: a lower one must not take its place. */
static void test_unreadable_time_floor_is_kept(void **state)
{
    (void)state;
    assert_int_equal(lcm_record_time_floor_raise(&state_log, 1000), LCM_OK);
    good_read = flash.port.read;
    flash.port.read = failing_read;
    assert_int_equal(lcm_record_time_floor_raise(&state_log, 999), LCM_ERR_FLASH);
    assert_int_equal(lcm_state_open(&state_log, &flash.port), LCM_OK);
    assert_int_equal(lcm_record_time_floor(&state_log), 1000);
}

/* A floor that got lost in flash is replaced. */
static void test_damaged_time_floor_is_replaced(void **state)
{
    (void)state;
    assert_int_equal(lcm_record_time_floor_raise(&state_log, 1000), LCM_OK);
    for (uint32_t i = 0; i < LCM_STATE_SIZE; i++)
        if (flash.data[LCM_STATE_ADDR + i] == LCM_STATE_TIME_FLOOR)
            flash.data[LCM_STATE_ADDR + i + 8] ^= 1;
    assert_int_equal(lcm_record_time_floor_raise(&state_log, 900), LCM_OK);
    assert_int_equal(lcm_record_time_floor(&state_log), 900);
}

/* Years of updates: the log is compacted many times and loses nothing. */
static void test_full_log(void **state)
{
    struct lcm_manifest manifest = golden_manifest();
    struct lcm_installed installed;
    uint32_t hash = lcm_record_repository_hash("someone/lamp");
    uint32_t size = 0;
    char tag[LCM_TAG_SIZE];

    (void)state;
    assert_int_equal(lcm_record_installed_store(&state_log, LCM_STATE_BOOT, &manifest), LCM_OK);
    for (uint32_t i = 1; i <= 1000; i++) {
        manifest.sequence = i;
        snprintf(tag, sizeof(tag), "v%u", (unsigned)i);
        assert_int_equal(lcm_record_installed_store(&state_log, LCM_STATE_APP, &manifest), LCM_OK);
        assert_int_equal(lcm_record_tag_store(&state_log, LCM_STATE_TAG_APP, hash, tag, 0), LCM_OK);
        assert_int_equal(lcm_record_time_floor_raise(&state_log, i), LCM_OK);
    }
    assert_int_equal(lcm_state_open(&state_log, &flash.port), LCM_OK);
    assert_int_equal(lcm_record_installed_load(&state_log, LCM_STATE_APP, hash, &installed, &size),
                     LCM_OK);
    assert_int_equal(installed.sequence, 1000);
    assert_int_equal(lcm_record_installed_load(&state_log, LCM_STATE_BOOT, hash, &installed, &size),
                     LCM_OK);
    assert_int_equal(installed.sequence, 7);
    assert_true(lcm_record_tag_is_processed(&state_log, LCM_STATE_TAG_APP, hash, "v1000", 0));
    assert_int_equal(lcm_record_time_floor(&state_log), 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_golden_bytes, prepare),
        cmocka_unit_test_setup(test_repository_hash, prepare),
        cmocka_unit_test_setup(test_installed, prepare),
        cmocka_unit_test_setup(test_tags, prepare),
        cmocka_unit_test_setup(test_longest_tag, prepare),
        cmocka_unit_test_setup(test_time_floor_only_rises, prepare),
        cmocka_unit_test_setup(test_unreadable_time_floor_is_kept, prepare),
        cmocka_unit_test_setup(test_damaged_time_floor_is_replaced, prepare),
        cmocka_unit_test_setup(test_full_log, prepare),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
