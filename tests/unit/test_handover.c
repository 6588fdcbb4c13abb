// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a device that pinned a key follows exactly the hand-overs its owners signed.
 * Method: chains of every length walked from every key in them; then every byte of a
 * hand-over changed, hand-overs by a thief, for another repository, left out, too many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/trust/manifest.h"
#include "tests/lib/trust_fixture.h"

static struct trust_fixture fixture;
static uint8_t good[LCM_MANIFEST_SIZE_MAX]; /* an app manifest */
static size_t good_size;

static int handover_setup(void **state)
{
    (void)state;
    fixture_open(&fixture);
    struct lcm_manifest_spec spec = fixture_manifest_spec(&fixture, LCM_FILE_APP);
    good_size = fixture_manifest(&fixture, &spec, FIXTURE_APP, good);
    return 0;
}

static int handover_teardown(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

/* What a device does with an app manifest: decode, find the signer, verify. */
static enum lcm_err accept(const uint8_t *file, size_t size, enum fixture_key pinned)
{
    struct lcm_manifest manifest;
    uint8_t key[LCM_KEY_SIZE];
    enum lcm_err err = lcm_manifest_decode(&manifest, file, size);

    if (err == LCM_OK)
        err = lcm_manifest_signer(file, size, fixture.fingerprint[pinned], key);
    if (err == LCM_OK)
        err = lcm_manifest_verify(file, size, key);
    return err;
}

static enum lcm_err decode_forged(const struct forge *forge)
{
    uint8_t file[LCM_MANIFEST_SIZE_MAX];
    struct lcm_manifest manifest;
    size_t size = forge_save(forge, fixture.key[FIXTURE_APP], file, sizeof(file));

    return lcm_manifest_decode(&manifest, file, size);
}

/* Sign an app manifest by APP + count after count hand-overs. */
static size_t chain(size_t count, struct lcm_handover handovers[LCM_HANDOVERS_MAX], uint8_t *file)
{
    struct lcm_manifest_spec spec = fixture_manifest_spec(&fixture, LCM_FILE_APP);

    for (size_t i = 0; i < count; i++)
        assert_int_equal(lcm_handover_make(&handovers[i], fixture.key[FIXTURE_APP + i],
                                           FIXTURE_REPOSITORY, fixture.point[FIXTURE_APP + i + 1],
                                           NULL),
                         LCM_OK);
    spec.handovers = handovers;
    spec.handover_count = count;
    return fixture_manifest(&fixture, &spec, (enum fixture_key)(FIXTURE_APP + count), file);
}

/* From each key of the chain to its end, and from nowhere else. */
static void test_handover_chains(void **state)
{
    struct lcm_handover handovers[LCM_HANDOVERS_MAX];
    uint8_t file[LCM_MANIFEST_SIZE_MAX];
    uint8_t key[LCM_KEY_SIZE];

    (void)state;
    for (size_t count = 0; count <= LCM_HANDOVERS_MAX; count++) {
        size_t size = chain(count, handovers, file);
        for (size_t start = 0; start <= LCM_HANDOVERS_MAX; start++) {
            enum lcm_err expected = start <= count ? LCM_OK : LCM_ERR_KEY_UNKNOWN;
            assert_int_equal(accept(file, size, (enum fixture_key)(FIXTURE_APP + start)), expected);
        }
        assert_int_equal(accept(file, size, FIXTURE_THIEF), LCM_ERR_KEY_UNKNOWN);
        assert_int_equal(lcm_manifest_signer(file, size, NULL, key), LCM_OK);
        assert_memory_equal(key, fixture.point[FIXTURE_APP + count], LCM_KEY_SIZE);
    }
}

/* Flip one bit in each byte of each hand-over, sign again: old pins must not get through. */
static void test_forged_handovers(void **state)
{
    struct lcm_handover handovers[LCM_HANDOVERS_MAX];
    uint8_t file[LCM_MANIFEST_SIZE_MAX];
    struct forge forge;

    (void)state;
    size_t size = chain(2, handovers, file);
    forge_load(&forge, &lcm_signed_manifest, file, size);
    size_t first = forge_index(&forge, LCM_MANIFEST_HANDOVER);
    for (size_t which = 0; which < 2; which++) {
        struct forge_item *item = &forge.item[first + which];
        const uint8_t *original = item->value;
        uint8_t copy[LCM_HANDOVER_SIZE_MAX];
        item->value = copy;
        for (size_t i = 0; i < item->size; i++) {
            memcpy(copy, original, item->size);
            copy[i] ^= 0x10;
            size = forge_save(&forge, fixture.key[FIXTURE_APP_3], file, sizeof(file));
            assert_int_not_equal(accept(file, size, FIXTURE_APP), LCM_OK);
            if (which == 1)
                assert_int_not_equal(accept(file, size, FIXTURE_APP_2), LCM_OK);
            assert_int_equal(accept(file, size, FIXTURE_APP_3), LCM_OK);
        }
        item->value = original;
    }
}

/* A thief hands the repository to himself; a hand-over for another repository; one left out. */
static void test_handovers_to_a_thief(void **state)
{
    struct lcm_manifest_spec spec = fixture_manifest_spec(&fixture, LCM_FILE_APP);
    struct lcm_handover handovers[LCM_HANDOVERS_MAX];
    uint8_t file[LCM_MANIFEST_SIZE_MAX];
    struct forge forge;

    (void)state;
    size_t size = fixture_manifest(&fixture, &spec, FIXTURE_THIEF, file);
    assert_int_equal(lcm_handover_make(&handovers[0], fixture.key[FIXTURE_THIEF],
                                       FIXTURE_REPOSITORY, fixture.point[FIXTURE_THIEF], NULL),
                     LCM_OK);
    memcpy(handovers[0].bytes, fixture.point[FIXTURE_APP], LCM_KEY_SIZE);
    forge_load(&forge, &lcm_signed_manifest, file, size);
    forge_insert(&forge, forge.count, LCM_MANIFEST_HANDOVER, handovers[0].bytes, handovers[0].size);
    size = forge_save(&forge, fixture.key[FIXTURE_THIEF], file, sizeof(file));
    assert_int_equal(accept(file, size, FIXTURE_APP), LCM_ERR_SIGNATURE);

    assert_int_equal(lcm_handover_make(&handovers[0], fixture.key[FIXTURE_APP], "someone/other",
                                       fixture.point[FIXTURE_THIEF], NULL),
                     LCM_OK);
    forge.item[forge.count - 1].value = handovers[0].bytes;
    forge.item[forge.count - 1].size = (uint16_t)handovers[0].size;
    size = forge_save(&forge, fixture.key[FIXTURE_THIEF], file, sizeof(file));
    assert_int_equal(accept(file, size, FIXTURE_APP), LCM_ERR_SIGNATURE);

    size = chain(3, handovers, file);
    forge_load(&forge, &lcm_signed_manifest, file, size);
    size_t middle = forge_index(&forge, LCM_MANIFEST_HANDOVER) + 1;
    forge.count--;
    memmove(&forge.item[middle], &forge.item[middle + 1],
            (forge.count - middle) * sizeof(forge.item[0]));
    size = forge_save(&forge, fixture.key[FIXTURE_APP_4], file, sizeof(file));
    assert_int_equal(accept(file, size, FIXTURE_APP), LCM_ERR_SIGNATURE);
    assert_int_equal(accept(file, size, FIXTURE_APP_3), LCM_OK);
}

static void test_handover_limits(void **state)
{
    struct lcm_handover handovers[LCM_HANDOVERS_MAX];
    uint8_t file[LCM_MANIFEST_SIZE_MAX];
    uint8_t key[LCM_KEY_SIZE];
    struct forge forge;

    (void)state;
    size_t size = chain(4, handovers, file);
    forge_load(&forge, &lcm_signed_manifest, file, size);
    size_t first = forge_index(&forge, LCM_MANIFEST_HANDOVER);
    struct forge_item *item = &forge.item[first];
    uint16_t item_size = item->size;
    item->size = LCM_KEY_SIZE + LCM_SIGNATURE_SIZE_MIN - 1;
    assert_int_equal(decode_forged(&forge), LCM_ERR_FORMAT);
    item->size = LCM_KEY_SIZE + LCM_SIGNATURE_SIZE_MAX + 1;
    assert_int_equal(decode_forged(&forge), LCM_ERR_FORMAT);
    item->size = item_size;
    forge_insert(&forge, first, LCM_MANIFEST_HANDOVER, item->value, item_size);
    assert_int_equal(decode_forged(&forge), LCM_ERR_FORMAT);

    /* a device file carries no key: there is nothing to pin */
    struct lcm_manifest_spec spec = fixture_manifest_spec(&fixture, LCM_FILE_UPDATER);
    size = fixture_manifest(&fixture, &spec, FIXTURE_RELEASE, file);
    assert_int_equal(lcm_manifest_signer(file, size, NULL, key), LCM_ERR_FORMAT);
    for (size_t cut = 0; cut < good_size; cut++)
        (void)!lcm_manifest_signer(good, cut, fixture.fingerprint[FIXTURE_APP], key);
}

static enum lcm_err signer_of_forged(const struct forge *forge)
{
    uint8_t file[LCM_MANIFEST_SIZE_MAX];
    uint8_t key[LCM_KEY_SIZE];
    size_t size = forge_save(forge, fixture.key[FIXTURE_APP], file, sizeof(file));

    return lcm_manifest_signer(file, size, NULL, key);
}

/* The signer of a file that nobody decoded: no key from what has not the form. */
static void test_signer_of_undecoded_files(void **state)
{
    struct lcm_handover handovers[LCM_HANDOVERS_MAX];
    uint8_t file[LCM_MANIFEST_SIZE_MAX];
    struct forge forge;

    (void)state;
    size_t size = chain(LCM_HANDOVERS_MAX, handovers, file);
    forge_load(&forge, &lcm_signed_manifest, file, size);
    assert_int_equal(signer_of_forged(&forge), LCM_OK);
    struct forge good_forge = forge;
    size_t first = forge_index(&forge, LCM_MANIFEST_HANDOVER);
    forge.item[first].size = LCM_KEY_SIZE - 1;
    assert_int_equal(signer_of_forged(&forge), LCM_ERR_FORMAT);
    forge = good_forge;
    forge.item[forge_index(&forge, LCM_MANIFEST_KEY)].size--;
    assert_int_equal(signer_of_forged(&forge), LCM_ERR_FORMAT);
    forge = good_forge; /* tags that descend behind the last hand-over */
    forge_insert(&forge, forge.count, LCM_MANIFEST_TYPE, "\1", 1);
    assert_int_equal(signer_of_forged(&forge), LCM_ERR_FORMAT);
    forge = good_forge; /* one more than there is memory for */
    forge_insert(&forge, first, LCM_MANIFEST_HANDOVER, forge.item[first].value,
                 forge.item[first].size);
    assert_int_equal(signer_of_forged(&forge), LCM_ERR_FORMAT);
}

/* Files of LifeCycle Manager are signed by a release key: there is nothing to hand over. */
static void test_handovers_are_for_apps(void **state)
{
    struct lcm_manifest_spec spec = fixture_manifest_spec(&fixture, LCM_FILE_UPDATER);
    struct lcm_handover handovers[LCM_HANDOVERS_MAX];
    uint8_t file[LCM_MANIFEST_SIZE_MAX];
    struct forge forge;

    (void)state;
    (void)chain(1, handovers, file);
    size_t size = fixture_manifest(&fixture, &spec, FIXTURE_APP, file);
    forge_load(&forge, &lcm_signed_manifest, file, size);
    assert_int_equal(decode_forged(&forge), LCM_OK);
    forge_insert(&forge, forge.count, LCM_MANIFEST_HANDOVER, handovers[0].bytes, handovers[0].size);
    assert_int_equal(decode_forged(&forge), LCM_ERR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handover_chains),
        cmocka_unit_test(test_forged_handovers),
        cmocka_unit_test(test_handovers_to_a_thief),
        cmocka_unit_test(test_handover_limits),
        cmocka_unit_test(test_signer_of_undecoded_files),
        cmocka_unit_test(test_handovers_are_for_apps),
    };
    return cmocka_run_group_tests(tests, handover_setup, handover_teardown);
}
