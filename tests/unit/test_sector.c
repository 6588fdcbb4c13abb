// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a trust sector or pointer is accepted only in the form the specification gives
 * and under the right owner keys; host names match suffixes and nothing else.
 * Method: flip bits all over a sector; forge correctly signed sectors that break one rule
 * each; walk owner key changes in right and wrong order; the same for pointers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/bytes.h"
#include "core/trust/sector.h"
#include "tests/lib/trust_fixture.h"

static struct trust_fixture fixture;
static uint8_t good[LCM_TRUST_SIZE]; /* sequence 5 by FIXTURE_OWNER */
static struct lcm_trust trust;

static int sector_setup(void **state)
{
    (void)state;
    fixture_open(&fixture);
    fixture_sector(&fixture, 5, FIXTURE_OWNER, FIXTURE_KEY_COUNT, good);
    return lcm_trust_decode(&trust, good) == LCM_OK ? 0 : -1;
}

static int sector_teardown(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

static enum lcm_err accept(const uint8_t *file)
{
    struct lcm_trust decoded;
    enum lcm_err err = lcm_trust_decode(&decoded, file);

    if (err == LCM_OK &&
        !lcm_bytes_equal(decoded.owner_key, fixture.point[FIXTURE_OWNER], LCM_KEY_SIZE))
        err = LCM_ERR_KEY_UNKNOWN;
    return err == LCM_OK ? lcm_trust_verify(&decoded, file) : err;
}

static void test_decodes_every_field(void **state)
{
    (void)state;
    assert_int_equal(trust.sequence, 5);
    assert_int_equal(trust.time_floor, 1700000000);
    assert_string_equal(trust.repository, FIXTURE_SUITE_REPOSITORY);
    assert_string_equal(trust.host, "github.com");
    assert_memory_equal(trust.owner_key, fixture.point[FIXTURE_OWNER], LCM_KEY_SIZE);
    assert_int_equal(trust.release_key_count, 1);
    assert_memory_equal(trust.release_key[0], fixture.point[FIXTURE_RELEASE], LCM_KEY_SIZE);
    assert_int_equal(trust.suffix_count, 1);
    assert_string_equal(trust.suffix[0], "githubusercontent.com");
    assert_int_equal(trust.security_floor[LCM_FILE_APP], 0);
    assert_int_equal(trust.security_floor[LCM_FILE_UPDATER], 3);
    assert_int_equal(trust.security_floor[LCM_FILE_BOOT], 0);
    assert_int_equal(trust.anchor_count, 3);
    assert_ptr_equal(lcm_trust_release_key(&trust, fixture.fingerprint[FIXTURE_RELEASE]),
                     trust.release_key[0]);
    assert_null(lcm_trust_release_key(&trust, fixture.fingerprint[FIXTURE_OWNER]));
}

/* Every bit of header and signature, one bit of every other byte (each bit number in
 * turn). The state byte is not signed: all its values decode. */
static void test_every_byte_counts(void **state)
{
    uint8_t copy[LCM_TRUST_SIZE];
    size_t items_end = lcm_tlv_signed_size(good);
    size_t signature_end = items_end + 4 + LCM_SIGNATURE_SIZE_MAX;

    (void)state;
    memcpy(copy, good, sizeof(copy));
    assert_int_equal(accept(copy), LCM_OK);
    for (size_t bit = 8; bit < sizeof(copy) * 8;) {
        size_t byte = bit / 8;
        bool is_dense = byte < 8 || (byte >= items_end && byte < signature_end);
        copy[byte] ^= (uint8_t)(1u << (bit % 8));
        assert_int_not_equal(accept(copy), LCM_OK);
        copy[byte] ^= (uint8_t)(1u << (bit % 8));
        bit += is_dense ? 1 : 9;
    }
    for (unsigned value = 0; value < 256; value++) {
        copy[0] = (uint8_t)value;
        assert_int_equal(accept(copy), LCM_OK);
    }
}

/* Any byte behind the signature, and a sector whose signature ends right at its end. */
static void test_nothing_behind_the_signature(void **state)
{
    uint8_t copy[LCM_TRUST_SIZE];
    struct lcm_trust decoded;
    struct lcm_signatures signatures;

    (void)state;
    memcpy(copy, good, sizeof(copy));
    assert_int_equal(lcm_signed_signatures(&signatures, copy, sizeof(copy)), LCM_OK);
    for (size_t i = (size_t)(signatures.end - copy); i < sizeof(copy); i++) {
        copy[i] = 0;
        assert_int_equal(lcm_trust_decode(&decoded, copy), LCM_ERR_FORMAT);
        copy[i] = 0xFF;
    }
    memset(copy + lcm_tlv_signed_size(copy), 0xFF, sizeof(copy) - lcm_tlv_signed_size(copy));
    assert_int_equal(lcm_trust_decode(&decoded, copy), LCM_ERR_FORMAT);
    lcm_put_u16(copy + 4, LCM_TRUST_SIZE - 8);
    assert_int_not_equal(lcm_trust_decode(&decoded, copy), LCM_OK);
    lcm_put_u16(copy + 4, LCM_TRUST_SIZE - 7);
    assert_int_equal(lcm_trust_decode(&decoded, copy), LCM_ERR_FORMAT);
}

struct field_case {
    const char *name;
    uint16_t tag;
    const void *value;
    size_t size;
    enum lcm_err err;
};

#define TEXT(text) (text), sizeof(text) - 1
#define LABEL_63 "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0"

static const uint8_t compressed_key[LCM_KEY_SIZE] = {0x02, 1, 2, 3};

static const struct field_case field_cases[] = {
    {"sequence 0", LCM_TRUST_SEQUENCE, "\0\0\0\0", 4, LCM_ERR_FORMAT},
    {"sequence highest", LCM_TRUST_SEQUENCE, "\xFF\xFF\xFF\xFF", 4, LCM_OK},
    {"time floor of 4", LCM_TRUST_TIME_FLOOR, "\0\0\0\0", 4, LCM_ERR_FORMAT},
    {"repository no slash", LCM_TRUST_REPOSITORY, TEXT("lcm"), LCM_ERR_FORMAT},
    {"host empty", LCM_TRUST_HOST, TEXT(""), LCM_ERR_FORMAT},
    {"host with a port", LCM_TRUST_HOST, TEXT("github.com:443"), LCM_ERR_FORMAT},
    {"host with a slash", LCM_TRUST_HOST, TEXT("github.com/x"), LCM_ERR_FORMAT},
    {"host with a user", LCM_TRUST_HOST, TEXT("a@github.com"), LCM_ERR_FORMAT},
    {"host with an underscore", LCM_TRUST_HOST, TEXT("git_hub.com"), LCM_ERR_FORMAT},
    {"host with a trailing dot", LCM_TRUST_HOST, TEXT("github.com."), LCM_ERR_FORMAT},
    {"host with an empty label", LCM_TRUST_HOST, TEXT("github..com"), LCM_ERR_FORMAT},
    {"host label starts with -", LCM_TRUST_HOST, TEXT("-github.com"), LCM_ERR_FORMAT},
    {"host label ends with -", LCM_TRUST_HOST, TEXT("github-.com"), LCM_ERR_FORMAT},
    {"host of one label", LCM_TRUST_HOST, TEXT("localhost"), LCM_OK},
    {"host of 63", LCM_TRUST_HOST, TEXT(LABEL_63), LCM_OK},
    {"host of 64", LCM_TRUST_HOST, TEXT(LABEL_63 "1"), LCM_ERR_FORMAT},
    {"suffix with a leading dot", LCM_TRUST_HOST_SUFFIX, TEXT(".github.com"), LCM_ERR_FORMAT},
    {"suffix *", LCM_TRUST_HOST_SUFFIX, TEXT("*"), LCM_ERR_FORMAT},
    {"owner key compressed", LCM_TRUST_OWNER_KEY, compressed_key, 65, LCM_ERR_FORMAT},
    {"owner key of 64", LCM_TRUST_OWNER_KEY, compressed_key, 64, LCM_ERR_FORMAT},
    {"release key compressed", LCM_TRUST_RELEASE_KEY, compressed_key, 65, LCM_ERR_FORMAT},
    {"floor for type 0", LCM_TRUST_SECURITY_FLOOR, "\0\1\0\0\0", 5, LCM_ERR_FORMAT},
    {"floor for type 4", LCM_TRUST_SECURITY_FLOOR, "\4\1\0\0\0", 5, LCM_ERR_FORMAT},
    {"floor for boot", LCM_TRUST_SECURITY_FLOOR, "\3\1\0\0\0", 5, LCM_OK},
    {"floor of 4", LCM_TRUST_SECURITY_FLOOR, "\3\1\0\0", 4, LCM_ERR_FORMAT},
    {"anchor empty", LCM_TRUST_ANCHOR, "", 0, LCM_ERR_FORMAT},
    {"anchor without name", LCM_TRUST_ANCHOR, "\1\0\0\0\4", 5, LCM_ERR_FORMAT},
    {"anchor name too long", LCM_TRUST_ANCHOR, "\1\0\xFF\xFF\x30\0", 6, LCM_ERR_FORMAT},
};

static enum lcm_err decode_forged(const struct forge *forge)
{
    uint8_t file[LCM_TRUST_SIZE];
    struct lcm_trust decoded;

    (void)forge_save(forge, fixture.key[FIXTURE_OWNER], file, sizeof(file));
    return lcm_trust_decode(&decoded, file);
}

static void test_field_rules(void **state)
{
    struct forge forge;

    (void)state;
    for (size_t i = 0; i < sizeof(field_cases) / sizeof(field_cases[0]); i++) {
        const struct field_case *row = &field_cases[i];
        forge_load(&forge, &lcm_signed_trust, good, sizeof(good));
        forge_replace(&forge, row->tag, row->value, row->size);
        enum lcm_err err = decode_forged(&forge);
        if (err != row->err)
            print_error("case: %s\n", row->name);
        assert_int_equal(err, row->err);
    }
}

/* Each repeatable tag at its limits; order and unknown tags as in manifests. */
static void test_counts(void **state)
{
    static const struct {
        uint16_t tag;
        size_t count_min, count_max;
    } limits[] = {
        {LCM_TRUST_SEQUENCE, 1, 1},
        {LCM_TRUST_TIME_FLOOR, 1, 1},
        {LCM_TRUST_REPOSITORY, 1, 1},
        {LCM_TRUST_HOST, 1, 1},
        {LCM_TRUST_OWNER_KEY, 1, 1},
        {LCM_TRUST_RELEASE_KEY, 1, LCM_RELEASE_KEYS_MAX},
        {LCM_TRUST_HOST_SUFFIX, 0, LCM_HOST_SUFFIXES_MAX},
        {LCM_TRUST_ANCHOR, 1, LCM_ANCHORS_MAX},
    };
    struct forge forge;

    (void)state;
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        forge_load(&forge, &lcm_signed_trust, good, sizeof(good));
        size_t first = forge_index(&forge, limits[i].tag);
        struct forge_item item = forge.item[first];
        while (first < forge.count && forge.item[first].tag == limits[i].tag)
            forge_remove(&forge, limits[i].tag);
        assert_int_equal(decode_forged(&forge), limits[i].count_min == 0 ? LCM_OK : LCM_ERR_FORMAT);
        for (size_t count = 1; count <= limits[i].count_max; count++) {
            forge_insert(&forge, first, item.tag, item.value, item.size);
            assert_int_equal(decode_forged(&forge), LCM_OK);
        }
        forge_insert(&forge, first, item.tag, item.value, item.size);
        assert_int_equal(decode_forged(&forge), LCM_ERR_FORMAT);
    }
}

static void test_floors_and_unknown_items(void **state)
{
    struct forge forge;

    (void)state;
    forge_load(&forge, &lcm_signed_trust, good, sizeof(good));
    size_t floor = forge_index(&forge, LCM_TRUST_SECURITY_FLOOR);
    forge_insert(&forge, floor, LCM_TRUST_SECURITY_FLOOR, "\1\1\0\0\0", 5);
    assert_int_equal(decode_forged(&forge), LCM_OK);
    forge_replace(&forge, LCM_TRUST_SECURITY_FLOOR, "\2\1\0\0\0", 5); /* type 2 twice */
    assert_int_equal(decode_forged(&forge), LCM_ERR_FORMAT);
    forge_load(&forge, &lcm_signed_trust, good, sizeof(good));
    forge_insert(&forge, forge.count, 0x11, "x", 1);
    assert_int_equal(decode_forged(&forge), LCM_ERR_CRITICAL_FIELD);
    forge.item[forge.count - 1].tag |= LCM_TLV_OPTIONAL;
    assert_int_equal(decode_forged(&forge), LCM_OK);
    forge_insert(&forge, forge.count, LCM_TLV_TAG_END, "", 0);
    assert_int_equal(decode_forged(&forge), LCM_ERR_FORMAT);
}

static void test_hosts(void **state)
{
    (void)state;
    assert_true(lcm_trust_allows_host(&trust, "github.com"));
    assert_true(lcm_trust_allows_host(&trust, "GitHub.COM"));
    assert_true(lcm_trust_allows_host(&trust, "githubusercontent.com"));
    assert_true(lcm_trust_allows_host(&trust, "release-assets.GitHubUserContent.com"));
    assert_true(lcm_trust_allows_host(&trust, "a.b.githubusercontent.com"));
    assert_false(lcm_trust_allows_host(&trust, "api.github.com")); /* host is no suffix */
    assert_false(lcm_trust_allows_host(&trust, "evilgithubusercontent.com"));
    assert_false(lcm_trust_allows_host(&trust, "githubusercontent.com.evil.org"));
    assert_false(lcm_trust_allows_host(&trust, "githubusercontent.co"));
    assert_false(lcm_trust_allows_host(&trust, ".githubusercontent.com"));
    assert_false(lcm_trust_allows_host(&trust, "evil.org/.githubusercontent.com"));
    assert_false(lcm_trust_allows_host(&trust, "evil.org@a.githubusercontent.com"));
    assert_false(lcm_trust_allows_host(&trust, "github.com."));
    assert_false(lcm_trust_allows_host(&trust, "com"));
    assert_false(lcm_trust_allows_host(&trust, ""));
    assert_true(lcm_trust_allows_host(&trust, LABEL_63 ".githubusercontent.com"));
    assert_false(lcm_trust_allows_host(&trust, LABEL_63 "1.githubusercontent.com"));
}

static enum lcm_err successor(uint32_t sequence, enum fixture_key owner, enum fixture_key before)
{
    uint8_t file[LCM_TRUST_SIZE];
    struct lcm_trust next;

    fixture_sector(&fixture, sequence, owner, before, file);
    assert_int_equal(lcm_trust_decode(&next, file), LCM_OK);
    return lcm_trust_verify_successor(&trust, &next, file);
}

/* The sector in force is number 5 of FIXTURE_OWNER. */
static void test_successors(void **state)
{
    const enum fixture_key none = FIXTURE_KEY_COUNT;

    (void)state;
    assert_int_equal(successor(6, FIXTURE_OWNER, none), LCM_OK);
    assert_int_equal(successor(UINT32_MAX, FIXTURE_OWNER, none), LCM_OK);
    assert_int_equal(successor(5, FIXTURE_OWNER, none), LCM_ERR_ROLLBACK);
    assert_int_equal(successor(4, FIXTURE_OWNER, none), LCM_ERR_ROLLBACK);
    assert_int_equal(successor(6, FIXTURE_OWNER_2, FIXTURE_OWNER), LCM_OK);
    assert_int_equal(successor(5, FIXTURE_OWNER_2, FIXTURE_OWNER), LCM_ERR_ROLLBACK);
    assert_int_equal(successor(6, FIXTURE_OWNER_2, none), LCM_ERR_KEY_UNKNOWN);
    assert_int_equal(successor(6, FIXTURE_THIEF, none), LCM_ERR_KEY_UNKNOWN);
    assert_int_equal(successor(6, FIXTURE_THIEF, FIXTURE_THIEF), LCM_ERR_KEY_UNKNOWN);
    /* two changes on: the chain must be walked */
    assert_int_equal(successor(7, FIXTURE_OWNER_3, FIXTURE_OWNER_2), LCM_ERR_KEY_UNKNOWN);
    /* a "before" signature left in although the key is the same does no harm */
    assert_int_equal(successor(6, FIXTURE_OWNER, FIXTURE_OWNER_2), LCM_OK);
    /* the release key is no owner */
    assert_int_equal(successor(6, FIXTURE_RELEASE, FIXTURE_RELEASE), LCM_ERR_KEY_UNKNOWN);
}

/* Owner signature broken in a changed-owner sector; "before" signed under another domain. */
static void test_forged_successors(void **state)
{
    uint8_t file[LCM_TRUST_SIZE];
    struct lcm_trust next;
    struct forge forge;

    (void)state;
    fixture_sector(&fixture, 6, FIXTURE_OWNER, FIXTURE_KEY_COUNT, file);
    forge_load(&forge, &lcm_signed_trust, file, sizeof(file));
    (void)forge_save(&forge, fixture.key[FIXTURE_THIEF], file, sizeof(file));
    assert_int_equal(lcm_trust_decode(&next, file), LCM_OK);
    assert_int_equal(lcm_trust_verify(&next, file), LCM_ERR_SIGNATURE);
    assert_int_equal(lcm_trust_verify_successor(&trust, &next, file), LCM_ERR_SIGNATURE);

    struct lcm_signed_kind kind = lcm_signed_trust;
    kind.domain = LCM_DOMAIN_MANIFEST;
    forge.kind = &kind;
    (void)forge_save(&forge, fixture.key[FIXTURE_OWNER], file, sizeof(file));
    assert_int_equal(lcm_trust_decode(&next, file), LCM_OK);
    assert_int_equal(lcm_trust_verify(&next, file), LCM_ERR_SIGNATURE);

    fixture_sector(&fixture, 6, FIXTURE_OWNER_2, FIXTURE_OWNER, file);
    for (size_t i = lcm_tlv_signed_size(file) + 12; i < lcm_tlv_signed_size(file) + 60; i++) {
        file[i] ^= 1;
        assert_int_equal(lcm_trust_decode(&next, file), LCM_OK);
        assert_int_equal(lcm_trust_verify_successor(&trust, &next, file), LCM_ERR_KEY_UNKNOWN);
        file[i] ^= 1;
    }
    assert_int_equal(lcm_trust_verify_successor(&trust, &next, file), LCM_OK);
}

/* What has not the form of a sector is not valid, whoever signed it and whether it was decoded
 * or not: another magic, the owner's signature in the wrong place. */
static void test_signed_but_no_sector(void **state)
{
    struct lcm_signed_kind kind = lcm_signed_trust;
    uint8_t file[LCM_TRUST_SIZE];
    struct forge forge;

    (void)state;
    forge_load(&forge, &lcm_signed_trust, good, sizeof(good));
    forge.kind = &kind;
    (void)forge_save(&forge, fixture.key[FIXTURE_OWNER], file, sizeof(file));
    assert_int_equal(lcm_trust_verify(&trust, file), LCM_OK);
    kind.magic = "LCT2";
    (void)forge_save(&forge, fixture.key[FIXTURE_OWNER], file, sizeof(file));
    assert_int_equal(lcm_trust_verify(&trust, file), LCM_ERR_SIGNATURE);
    memcpy(file, good, sizeof(file));
    lcm_put_u16(file + lcm_tlv_signed_size(file), LCM_TAG_SIGNATURE_BEFORE);
    assert_int_equal(lcm_trust_verify(&trust, file), LCM_ERR_SIGNATURE);
}

/* A table longer than what is counted is refused before anything is read. */
static void test_table_is_bounded(void **state)
{
    static const struct lcm_signed_field fields[LCM_SIGNED_FIELDS_MAX + 1];
    struct lcm_tlv_reader reader;

    (void)state;
    assert_int_equal(lcm_signed_open(&reader, &lcm_signed_trust, good, sizeof(good)), LCM_OK);
    assert_int_equal(lcm_signed_decode(&reader, fields, LCM_SIGNED_FIELDS_MAX + 1, NULL),
                     LCM_ERR_ARGUMENT);
    assert_ptr_equal(reader.cursor, good + LCM_TLV_HEADER_SIZE);
}

static void test_hash_ignores_the_state(void **state)
{
    uint8_t copy[LCM_TRUST_SIZE];
    uint8_t active[LCM_SHA256_SIZE];
    uint8_t pending[LCM_SHA256_SIZE];

    (void)state;
    memcpy(copy, good, sizeof(copy));
    lcm_trust_hash(good, active);
    copy[0] = LCM_TRUST_PENDING;
    lcm_trust_hash(copy, pending);
    assert_memory_equal(active, pending, sizeof(active));
    copy[LCM_TRUST_SIZE - 1] = 0;
    lcm_trust_hash(copy, pending);
    assert_memory_not_equal(active, pending, sizeof(active));
}

static void test_pointer(void **state)
{
    uint8_t file[LCM_TRUST_POINTER_SIZE_MAX];
    uint8_t hash[LCM_SHA256_SIZE];
    struct lcm_trust_pointer pointer;
    const uint8_t *owner = fixture.point[FIXTURE_OWNER];
    size_t size = 0;

    (void)state;
    assert_int_equal(lcm_trust_pointer_encode(good, fixture.key[FIXTURE_OWNER], file, &size, NULL),
                     LCM_OK);
    assert_int_equal(lcm_trust_pointer_open(&pointer, file, size, owner), LCM_OK);
    assert_int_equal(pointer.sequence, 5);
    lcm_trust_hash(good, hash);
    assert_memory_equal(pointer.sha256, hash, sizeof(hash));
    memset(&pointer, 0, sizeof(pointer));
    assert_int_equal(lcm_trust_pointer_open(&pointer, file, size, fixture.point[FIXTURE_OWNER_2]),
                     LCM_ERR_SIGNATURE);
    assert_int_equal(pointer.sequence, 5); /* shows that there is a chain to walk */
    for (size_t bit = 0; bit < size * 8; bit++) {
        file[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        assert_int_not_equal(lcm_trust_pointer_open(&pointer, file, size, owner), LCM_OK);
        file[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    for (size_t cut = 0; cut < sizeof(file) + 2; cut++) {
        uint8_t copy[sizeof(file) + 2] = {0};
        memcpy(copy, file, size);
        if (cut != size)
            assert_int_equal(lcm_trust_pointer_open(&pointer, copy, cut, owner), LCM_ERR_FORMAT);
    }
    assert_int_equal(lcm_trust_pointer_open(&pointer, good, 200, owner), LCM_ERR_FORMAT);

    /* a "before" signature in front of the good one, as sectors may have */
    size_t offset = lcm_tlv_signed_size(file);
    size_t item_size = size - offset;
    assert_true(size + item_size <= sizeof(file));
    memcpy(file + size, file + offset, item_size);
    lcm_put_u16(file + offset, LCM_TAG_SIGNATURE_BEFORE);
    assert_int_equal(lcm_trust_pointer_open(&pointer, file, size + item_size, owner),
                     LCM_ERR_FORMAT);
}

static void test_pointer_rules(void **state)
{
    uint8_t file[LCM_TRUST_POINTER_SIZE_MAX];
    const struct lcm_key *key = fixture.key[FIXTURE_OWNER];
    struct lcm_trust_pointer pointer;
    struct forge forge;
    size_t size = 0;

    (void)state;
    assert_int_equal(lcm_trust_pointer_encode(good, key, file, &size, NULL), LCM_OK);
    forge_load(&forge, &lcm_signed_pointer, file, size);
    forge_replace(&forge, LCM_POINTER_LENGTH, "\1\x10\0\0", 4);
    size = forge_save(&forge, key, file, sizeof(file));
    assert_int_equal(lcm_trust_pointer_open(&pointer, file, size, fixture.point[FIXTURE_OWNER]),
                     LCM_ERR_FORMAT);
    forge_replace(&forge, LCM_POINTER_LENGTH, "\0\x10\0\0", 4);
    forge_replace(&forge, LCM_POINTER_SEQUENCE, "\0\0\0\0", 4);
    size = forge_save(&forge, key, file, sizeof(file));
    assert_int_equal(lcm_trust_pointer_open(&pointer, file, size, fixture.point[FIXTURE_OWNER]),
                     LCM_ERR_FORMAT);
    forge_replace(&forge, LCM_POINTER_SEQUENCE, "\1\0\0\0", 4);
    forge_insert(&forge, 3, 4, "", 0);
    size = forge_save(&forge, key, file, sizeof(file));
    assert_int_equal(lcm_trust_pointer_open(&pointer, file, size, fixture.point[FIXTURE_OWNER]),
                     LCM_ERR_CRITICAL_FIELD);
    forge.item[3].tag |= LCM_TLV_OPTIONAL;
    size = forge_save(&forge, key, file, sizeof(file));
    assert_int_equal(lcm_trust_pointer_open(&pointer, file, size, fixture.point[FIXTURE_OWNER]),
                     LCM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decodes_every_field),
        cmocka_unit_test(test_every_byte_counts),
        cmocka_unit_test(test_nothing_behind_the_signature),
        cmocka_unit_test(test_field_rules),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_floors_and_unknown_items),
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_successors),
        cmocka_unit_test(test_forged_successors),
        cmocka_unit_test(test_signed_but_no_sector),
        cmocka_unit_test(test_table_is_bounded),
        cmocka_unit_test(test_hash_ignores_the_state),
        cmocka_unit_test(test_pointer),
        cmocka_unit_test(test_pointer_rules),
    };
    return cmocka_run_group_tests(tests, sector_setup, sector_teardown);
}
