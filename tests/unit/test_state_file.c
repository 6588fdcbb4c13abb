// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: what makes a file newer, and what makes it too old, on a device with any history: keys
 * that count no more, versions that cannot be compared, tags that are too long, releases without
 * the file that is looked for.
 * Method: states are entered directly, with records, keys and manifests made here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/update/states.h"
#include "tests/lib/device_parts.h"
#include "tests/lib/fake_device.h"
#include "tests/lib/update_fixture.h"

static struct fake_device device;
static struct lcm_lifecycle *const lc = &device.lifecycle;

static int set_up(void **state)
{
    (void)state;
    fake_device_init(&device);
    memcpy(device.flash.data + LCM_TRUST_A_ADDR, parts.sector, sizeof(parts.sector));
    fake_device_begin(&device, 1);
    assert_int_equal(lcm_lifecycle_step(lc), LCM_PENDING);
    assert_true(lc->is_started);
    strcpy(lc->app_repository, FIXTURE_REPOSITORY);
    return 0;
}

/* ---- what is newer ---- */

static void look_at_updater(void)
{
    lc->file = (struct lcm_release_file){
        .type = LCM_FILE_UPDATER,
        .record = LCM_STATE_UPDATER,
        .slot_addr = LCM_SLOT1_ADDR,
        .name = "otamain.bin",
        .repository = lc->trust.repository,
    };
    lc->manifest = (struct lcm_manifest){.sequence = 5};
    strcpy(lc->manifest.repository, lc->trust.repository);
    memcpy(lc->manifest.key_id, parts.keys.fingerprint[FIXTURE_RELEASE], LCM_KEY_ID_SIZE);
}

static bool is_newer_than_record(uint32_t sequence, enum fixture_key signer)
{
    struct lcm_manifest installed = lc->manifest;

    installed.sequence = sequence;
    memcpy(installed.key_id, parts.keys.fingerprint[signer], LCM_KEY_ID_SIZE);
    assert_int_equal(lcm_record_installed_store(&lc->state_log, LCM_STATE_UPDATER, &installed),
                     LCM_OK);
    return state_is_manifest_newer(lc, "9.9.9"); /* with a record versions do not count */
}

/* Whoever stole a key may have signed the highest sequence: with the key it is forgotten. */
static void test_sequence_of_a_revoked_key(void **state)
{
    (void)state;
    look_at_updater();
    assert_true(is_newer_than_record(4, FIXTURE_RELEASE));
    assert_false(is_newer_than_record(5, FIXTURE_RELEASE));
    assert_false(is_newer_than_record(6, FIXTURE_RELEASE));
    assert_true(is_newer_than_record(UINT32_MAX, FIXTURE_THIEF));
}

static bool is_newer_version(const char *offered, const char *running)
{
    strcpy(lc->manifest.version, offered);
    return state_is_manifest_newer(lc, running);
}

/* A device flashed by cable; what cannot be compared is taken, its signature is good. */
static void test_version_without_a_record(void **state)
{
    (void)state;
    look_at_updater();
    assert_true(is_newer_version("1.2.1", "1.2.0"));
    assert_false(is_newer_version("1.2.0", "1.2.0"));
    assert_false(is_newer_version("1.1.9", "1.2.0"));
    assert_true(is_newer_version("nightly", "1.2.0"));
    assert_true(is_newer_version("1.2.0", ""));
}

/* ---- the boot program ---- */

/* What leads on when this sequence of the boot program is offered to a board whose sector 0 names
 * version 9.9.9; installed = 0: without a record. */
static enum lcm_state look_at_boot_program(uint32_t offered, uint32_t installed)
{
    memcpy(device.flash.data + LCM_BOOT_ADDR + LCM_BOOT_VERSION_OFFSET, "9.9.9", 6);
    assert_int_equal(state_boot_locate_begin(lc), LCM_OK);
    assert_string_equal(lc->version_before, "9.9.9");
    lc->manifest = (struct lcm_manifest){.type = LCM_FILE_BOOT, .sequence = installed};
    strcpy(lc->manifest.repository, lc->trust.repository);
    strcpy(lc->manifest.version, "1.0.0");
    memcpy(lc->manifest.key_id, parts.keys.fingerprint[FIXTURE_RELEASE], LCM_KEY_ID_SIZE);
    if (installed != 0)
        assert_int_equal(lcm_record_installed_store(&lc->state_log, LCM_STATE_BOOT, &lc->manifest),
                         LCM_OK);
    lc->manifest.sequence = offered;
    return state_boot_manifest_choose(lc, LCM_OK);
}

/* The text in sector 0 decides nothing: a cut may have left it half written. */
static void test_version_text_does_not_decide(void **state)
{
    (void)state;
    assert_int_equal(look_at_boot_program(1, 0), STATE_BOOT_INSTALL);
    assert_int_equal(look_at_boot_program(1, 1), STATE_SELF_LOCATE);
    assert_int_equal(look_at_boot_program(2, 1), STATE_BOOT_INSTALL);
}

/* A transfer that ended early is no boot program, whatever lies behind it in the buffer. */
static void test_short_boot_program(void **state)
{
    (void)state;
    memset(lc->work, 0xE9, LCM_SECTOR_SIZE);
    update_manifest_make(&lc->manifest, lc->work, 2000);
    lc->buffer.length = 1999;
    uint32_t operations = device.flash.operations;
    assert_int_equal(state_boot_install_step(lc), LCM_ERR_CORRUPT);
    assert_int_equal(device.flash.operations, operations);
}

/* ---- the key of an app ---- */

/* The user pinned a key; the app in slot 0 has sequence 9 and was signed by installed. */
static enum lcm_err judge_app(enum fixture_key pinned, enum fixture_key installed)
{
    struct lcm_manifest_spec spec = fixture_manifest_spec(&parts.keys, LCM_FILE_APP);
    struct lcm_manifest record = {.type = LCM_FILE_APP, .sequence = 9};

    strcpy(record.repository, FIXTURE_REPOSITORY);
    strcpy(record.file, "main.bin");
    memcpy(record.key_id, parts.keys.fingerprint[installed], LCM_KEY_ID_SIZE);
    assert_int_equal(lcm_record_installed_store(&lc->state_log, LCM_STATE_APP, &record), LCM_OK);
    lc->has_pinned_key = true;
    memcpy(lc->pinned_key, parts.keys.fingerprint[pinned], sizeof(lc->pinned_key));
    lc->file = (struct lcm_release_file){
        .type = LCM_FILE_APP,
        .record = LCM_STATE_APP,
        .slot_addr = LCM_SLOT0_ADDR,
        .name = "main.bin",
        .repository = lc->app_repository,
    };
    lc->buffer.length = (uint32_t)fixture_manifest(&parts.keys, &spec, pinned, lc->work);
    return state_manifest_step(lc); /* nothing is on its way: it is judged at once */
}

/* Who pins another key starts afresh: the sequences of the old one mean nothing. */
static void test_app_of_a_key_pinned_anew(void **state)
{
    (void)state;
    assert_int_equal(judge_app(FIXTURE_APP, FIXTURE_APP), LCM_ERR_ROLLBACK); /* 7 after 9 */
    assert_int_equal(judge_app(FIXTURE_APP_2, FIXTURE_APP), LCM_OK);
    assert_memory_equal(lc->signer, parts.keys.fingerprint[FIXTURE_APP_2], sizeof(lc->signer));
}

/* ---- names ---- */

/* The file name is a setting: one that is none is asked of nobody. */
static void test_file_name_that_is_none(void **state)
{
    static const char *const names[] = {"", "../main.bin", "main bin", "a/b"};

    (void)state;
    strcpy(lc->app_tag, "1.0.0");
    lc->file.repository = lc->app_repository;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        lc->file.name = names[i];
        lc->sub_step = 0;
        assert_int_equal(state_app_locate_begin(lc), LCM_OK);
        assert_int_equal(state_locate_pair_step(lc), LCM_ERR_FORMAT);
    }
    assert_int_equal(lcm_fetch_counters(&lc->fetch)->requests, 0);
}

/* A version is told as it is or not at all. */
static void test_version_too_long_to_tell(void **state)
{
    char version[LCM_VERSION_SIZE + 1];

    (void)state;
    memset(version, '1', sizeof(version));
    version[LCM_VERSION_SIZE] = '\0';
    lc->config.version = version;
    assert_int_equal(state_self_locate_begin(lc), LCM_ERR_TOO_LONG);
    assert_int_equal(state_installer_locate_begin(lc), LCM_ERR_TOO_LONG);
    assert_string_equal(lc->version_before, "");
    version[LCM_VERSION_SIZE - 1] = '\0';
    assert_int_equal(state_self_locate_begin(lc), LCM_OK);
    assert_int_equal(state_installer_locate_begin(lc), LCM_OK);
    assert_string_equal(lc->version_before, version);
}

/* ---- releases without an updater ---- */

/* otamain goes on without; otaboot has nothing else to do, and says so. */
static void test_release_without_updater(void **state)
{
    (void)state;
    lc->sub_step = 0; /* the manifest is what is missing */
    assert_int_equal(state_self_locate_choose(lc, LCM_ERR_HTTP_NOT_FOUND), STATE_LCM_DONE);
    lc->config.running_slot = 0;
    assert_int_equal(state_self_locate_choose(lc, LCM_ERR_HTTP_NOT_FOUND), STATE_FAILED);
    assert_false(lc->has_release_updater);
    assert_int_equal(state_self_locate_choose(lc, LCM_OK), STATE_SELF_MANIFEST);
    assert_true(lc->has_release_updater);
}

/* ---- unsigned apps ---- */

static enum lcm_err look_for_unsigned(const char *tag, const char *present)
{
    strcpy(lc->app_tag, tag);
    strcpy(lc->app_version, present);
    return state_app_signature_locate_begin(lc);
}

/* Without a sequence only the version says what is newer: a running app is not replaced by
 * something that has none. */
static void test_unsigned_versions(void **state)
{
    (void)state;
    lc->is_app_bootable = true;
    assert_int_equal(look_for_unsigned("1.2.0", "1.2.0"), LCM_OK); /* repairs */
    assert_int_equal(look_for_unsigned("1.1.0", "1.2.0"), LCM_ERR_ROLLBACK);
    assert_int_equal(look_for_unsigned("nightly", "1.2.0"), LCM_ERR_ROLLBACK);
    assert_int_equal(look_for_unsigned("nightly", ""), LCM_ERR_ROLLBACK);
    assert_int_equal(look_for_unsigned("1.2.0", ""), LCM_OK);
    assert_int_equal(look_for_unsigned("1.2.0", "nightly"), LCM_OK);
    lc->is_app_bootable = false;
    assert_int_equal(look_for_unsigned("nightly", "1.2.0"), LCM_OK);
}

static enum lcm_err take_signature(size_t tag_length)
{
    static const uint8_t size_1000[4] = {0, 0, 0x03, 0xE8};

    memset(lc->app_tag, 0, sizeof(lc->app_tag));
    memset(lc->app_tag, '1', tag_length);
    memcpy(lc->work + 48, size_1000, sizeof(size_1000));
    lc->buffer.length = 52;
    return state_app_signature_step(lc); /* nothing is on its way: it is judged at once */
}

/* A tag may be longer than a version: it would be stored as the version, so it is refused. */
static void test_tag_longer_than_a_version(void **state)
{
    (void)state;
    assert_int_equal(take_signature(LCM_TAG_SIZE - 1), LCM_ERR_TOO_LONG);
    assert_int_equal(take_signature(LCM_VERSION_SIZE), LCM_ERR_TOO_LONG);
    assert_int_equal(take_signature(LCM_VERSION_SIZE - 1), LCM_OK);
    assert_string_equal(lc->manifest.version, lc->app_tag);
    assert_string_equal(lc->manifest.repository, FIXTURE_REPOSITORY);
    assert_int_equal(lc->manifest.image_size, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_sequence_of_a_revoked_key, set_up),
        cmocka_unit_test_setup(test_version_without_a_record, set_up),
        cmocka_unit_test_setup(test_version_text_does_not_decide, set_up),
        cmocka_unit_test_setup(test_short_boot_program, set_up),
        cmocka_unit_test_setup(test_app_of_a_key_pinned_anew, set_up),
        cmocka_unit_test_setup(test_file_name_that_is_none, set_up),
        cmocka_unit_test_setup(test_version_too_long_to_tell, set_up),
        cmocka_unit_test_setup(test_release_without_updater, set_up),
        cmocka_unit_test_setup(test_unsigned_versions, set_up),
        cmocka_unit_test_setup(test_tag_longer_than_a_version, set_up),
    };

    return cmocka_run_group_tests(tests, device_parts_open, device_parts_close);
}
