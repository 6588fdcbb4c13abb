// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: no manifest is accepted that is not byte for byte what its signer made, and no
 * form the specification forbids is accepted even when correctly signed.
 * Method: flip every bit and cut at every length; then forge correctly signed files that
 * break one field rule each. Hand-overs are in test_handover.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/bytes.h"
#include "core/trust/manifest.h"
#include "tests/lib/trust_fixture.h"

static struct trust_fixture fixture;
static uint8_t good[LCM_MANIFEST_SIZE_MAX]; /* an app manifest */
static size_t good_size;

static int manifest_setup(void **state)
{
    (void)state;
    fixture_open(&fixture);
    struct lcm_manifest_spec spec = fixture_manifest_spec(&fixture, LCM_FILE_APP);
    spec.updater_min = "1.0.0";
    good_size = fixture_manifest(&fixture, &spec, FIXTURE_APP, good);
    return 0;
}

static int manifest_teardown(void **state)
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

static void test_decodes_every_field(void **state)
{
    struct lcm_manifest manifest;
    uint8_t hash[LCM_SHA256_SIZE];
    br_sha256_context context;

    (void)state;
    assert_int_equal(lcm_manifest_decode(&manifest, good, good_size), LCM_OK);
    assert_int_equal(manifest.type, LCM_FILE_APP);
    assert_int_equal(manifest.channel, LCM_CHANNEL_STABLE);
    assert_string_equal(manifest.repository, FIXTURE_REPOSITORY);
    assert_string_equal(manifest.file, "main.bin");
    assert_string_equal(manifest.version, "1.2.3");
    assert_string_equal(manifest.updater_min, "1.0.0");
    assert_int_equal(manifest.sequence, 7);
    assert_int_equal(manifest.security_version, 2);
    assert_int_equal(manifest.slot_addr, LCM_SLOT0_ADDR);
    assert_int_equal(manifest.flash_size, LCM_FLASH_SIZE);
    assert_int_equal(manifest.image_size, FIXTURE_IMAGE_SIZE);
    assert_int_equal(manifest.created, 1700000000);
    assert_int_equal(manifest.sector_count, 2);
    assert_memory_equal(manifest.key_id, fixture.fingerprint[FIXTURE_APP], LCM_KEY_ID_SIZE);
    br_sha256_init(&context);
    br_sha256_update(&context, fixture.image, FIXTURE_IMAGE_SIZE);
    br_sha256_out(&context, hash);
    assert_memory_equal(manifest.sha256, hash, sizeof(hash));
    br_sha256_init(&context);
    br_sha256_update(&context, fixture.image + LCM_SECTOR_SIZE,
                     FIXTURE_IMAGE_SIZE - LCM_SECTOR_SIZE);
    br_sha256_out(&context, hash);
    assert_memory_equal(manifest.sector_hash[1], hash, LCM_SECTOR_HASH_SIZE);
}

/* S01: every bit, over the whole file, signature and header included. */
static void test_every_bit_counts(void **state)
{
    uint8_t copy[LCM_MANIFEST_SIZE_MAX];

    (void)state;
    assert_int_equal(accept(good, good_size, FIXTURE_APP), LCM_OK);
    memcpy(copy, good, good_size);
    for (size_t bit = 0; bit < good_size * 8; bit++) {
        copy[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        assert_int_not_equal(accept(copy, good_size, FIXTURE_APP), LCM_OK);
        copy[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    assert_int_equal(accept(copy, good_size, FIXTURE_APP), LCM_OK);
}

static void test_every_truncation_and_extension(void **state)
{
    uint8_t copy[LCM_MANIFEST_SIZE_MAX + 1] = {0};
    struct lcm_manifest manifest;

    (void)state;
    memcpy(copy, good, good_size);
    for (size_t size = 0; size < good_size; size++) {
        assert_int_not_equal(lcm_manifest_decode(&manifest, copy, size), LCM_OK);
        assert_int_equal(lcm_manifest_verify(copy, size, fixture.point[FIXTURE_APP]),
                         LCM_ERR_SIGNATURE);
    }
    for (size_t size = good_size + 1; size <= LCM_MANIFEST_SIZE_MAX; size++)
        assert_int_equal(lcm_manifest_decode(&manifest, copy, size), LCM_ERR_FORMAT);
    memset(copy + good_size, 0xFF, sizeof(copy) - good_size);
    assert_int_equal(lcm_manifest_decode(&manifest, copy, good_size + 2), LCM_ERR_FORMAT);
    assert_int_equal(lcm_manifest_verify(copy, good_size + 2, fixture.point[FIXTURE_APP]),
                     LCM_ERR_SIGNATURE);
    assert_int_equal(lcm_manifest_decode(&manifest, copy, sizeof(copy)), LCM_ERR_TOO_LONG);
}

/* Replace the signature item by another value of any size. */
static size_t with_signature(uint8_t *file, const uint8_t *signature, size_t size)
{
    size_t offset = lcm_tlv_signed_size(good);

    memcpy(file, good, offset);
    lcm_put_u16(file + offset, LCM_MANIFEST_SIGNATURE);
    lcm_put_u16(file + offset + 2, (uint16_t)size);
    memcpy(file + offset + 4, signature, size);
    return offset + 4 + size;
}

/* S02, S03 */
static void test_bad_signatures(void **state)
{
    static const uint8_t r_zero[] = {0x30, 6, 2, 1, 0, 2, 1, 1};
    static const uint8_t s_zero[] = {0x30, 6, 2, 1, 1, 2, 1, 0};
    uint8_t zeros[LCM_SIGNATURE_SIZE_MAX + 1] = {0};
    uint8_t file[LCM_MANIFEST_SIZE_MAX];
    size_t size;

    (void)state;
    for (size_t length = 0; length <= sizeof(zeros); length++) {
        size = with_signature(file, zeros, length);
        assert_int_not_equal(accept(file, size, FIXTURE_APP), LCM_OK);
    }
    size = with_signature(file, r_zero, sizeof(r_zero));
    assert_int_equal(accept(file, size, FIXTURE_APP), LCM_ERR_SIGNATURE);
    size = with_signature(file, s_zero, sizeof(s_zero));
    assert_int_equal(accept(file, size, FIXTURE_APP), LCM_ERR_SIGNATURE);
    assert_int_equal(lcm_manifest_verify(good, good_size, fixture.point[FIXTURE_THIEF]),
                     LCM_ERR_SIGNATURE);
    /* no signature at all, two of them, and a sector's "before" signature in front */
    size_t offset = lcm_tlv_signed_size(good);
    assert_int_not_equal(accept(good, offset, FIXTURE_APP), LCM_OK);
    memcpy(file, good, good_size);
    memcpy(file + good_size, good + offset, good_size - offset);
    assert_int_equal(accept(file, 2 * good_size - offset, FIXTURE_APP), LCM_ERR_FORMAT);
    lcm_put_u16(file + offset, LCM_TAG_SIGNATURE_BEFORE);
    assert_int_equal(accept(file, 2 * good_size - offset, FIXTURE_APP), LCM_ERR_FORMAT);
    assert_int_equal(lcm_manifest_verify(file, 2 * good_size - offset, fixture.point[FIXTURE_APP]),
                     LCM_ERR_SIGNATURE);
}

/* A file that names a key other than the one that signed it. */
static void test_key_id_must_be_the_signers(void **state)
{
    struct lcm_manifest_spec spec = fixture_manifest_spec(&fixture, LCM_FILE_UPDATER);
    uint8_t file[LCM_MANIFEST_SIZE_MAX];
    struct lcm_manifest manifest;
    struct forge forge;

    (void)state;
    size_t size = fixture_manifest(&fixture, &spec, FIXTURE_RELEASE, file);
    assert_int_equal(lcm_manifest_verify(file, size, fixture.point[FIXTURE_RELEASE]), LCM_OK);
    forge_load(&forge, &lcm_signed_manifest, file, size);
    forge_replace(&forge, LCM_MANIFEST_KEY_ID, fixture.fingerprint[FIXTURE_THIEF], LCM_KEY_ID_SIZE);
    size = forge_save(&forge, fixture.key[FIXTURE_RELEASE], file, sizeof(file));
    assert_int_equal(lcm_manifest_decode(&manifest, file, size), LCM_OK);
    assert_int_equal(lcm_manifest_verify(file, size, fixture.point[FIXTURE_RELEASE]),
                     LCM_ERR_SIGNATURE);
    /* the right id, but longer, or where a reader may pass over it */
    forge_replace(&forge, LCM_MANIFEST_KEY_ID, fixture.fingerprint[FIXTURE_RELEASE],
                  LCM_KEY_ID_SIZE + 1);
    size = forge_save(&forge, fixture.key[FIXTURE_RELEASE], file, sizeof(file));
    assert_int_equal(lcm_manifest_verify(file, size, fixture.point[FIXTURE_RELEASE]),
                     LCM_ERR_SIGNATURE);
    forge_load(&forge, &lcm_signed_manifest, good, good_size);
    forge.item[forge_index(&forge, LCM_MANIFEST_KEY_ID)].tag |= LCM_TLV_OPTIONAL;
    size = forge_save(&forge, fixture.key[FIXTURE_APP], file, sizeof(file));
    assert_int_equal(lcm_manifest_verify(file, size, fixture.point[FIXTURE_APP]),
                     LCM_ERR_SIGNATURE);
    /* an app's key and key id are in the same file: decode sees the difference */
    forge_load(&forge, &lcm_signed_manifest, good, good_size);
    forge_replace(&forge, LCM_MANIFEST_KEY_ID, fixture.fingerprint[FIXTURE_THIEF], LCM_KEY_ID_SIZE);
    size = forge_save(&forge, fixture.key[FIXTURE_APP], file, sizeof(file));
    assert_int_equal(lcm_manifest_decode(&manifest, file, size), LCM_ERR_FORMAT);
}

/* S05: right key, right bytes, wrong kind of file. */
static void test_other_domains_do_not_verify(void **state)
{
    static const char *const domains[] = {LCM_DOMAIN_TRUST_SECTOR, LCM_DOMAIN_TRUST_POINTER,
                                          LCM_DOMAIN_HANDOVER, ""};
    uint8_t file[LCM_MANIFEST_SIZE_MAX];
    struct lcm_signed_kind kind = lcm_signed_manifest;
    struct forge forge;

    (void)state;
    for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++) {
        kind.domain = domains[i];
        forge_load(&forge, &kind, good, good_size);
        size_t size = forge_save(&forge, fixture.key[FIXTURE_APP], file, sizeof(file));
        assert_int_equal(accept(file, size, FIXTURE_APP), LCM_ERR_SIGNATURE);
    }
    kind = lcm_signed_manifest;
    forge_load(&forge, &kind, good, good_size);
    size_t size = forge_save(&forge, fixture.key[FIXTURE_APP], file, sizeof(file));
    assert_int_equal(accept(file, size, FIXTURE_APP), LCM_OK);
}

static void test_other_files_are_no_manifests(void **state)
{
    uint8_t sector[LCM_TRUST_SIZE];
    uint8_t pointer[LCM_TRUST_POINTER_SIZE_MAX];
    uint8_t zeros[64] = {0};
    struct lcm_manifest manifest;
    size_t size = 0;

    (void)state;
    fixture_sector(&fixture, 1, FIXTURE_OWNER, FIXTURE_KEY_COUNT, sector);
    assert_int_equal(lcm_manifest_decode(&manifest, sector, sizeof(sector)), LCM_ERR_FORMAT);
    assert_int_equal(
        lcm_trust_pointer_encode(sector, fixture.key[FIXTURE_OWNER], pointer, &size, NULL), LCM_OK);
    assert_int_equal(lcm_manifest_decode(&manifest, pointer, size), LCM_ERR_FORMAT);
    assert_int_equal(lcm_manifest_decode(&manifest, zeros, sizeof(zeros)), LCM_ERR_FORMAT);

    /* every byte of the magic counts, also under a good signature */
    for (size_t i = 0; i < 4; i++) {
        char magic[] = LCM_MANIFEST_MAGIC;
        struct lcm_signed_kind kind = {magic, LCM_DOMAIN_MANIFEST, 0};
        struct forge forge;
        uint8_t file[LCM_MANIFEST_SIZE_MAX];
        forge_load(&forge, &lcm_signed_manifest, good, good_size);
        forge.kind = &kind;
        magic[i] ^= 1;
        size = forge_save(&forge, fixture.key[FIXTURE_APP], file, sizeof(file));
        assert_int_equal(lcm_manifest_decode(&manifest, file, size), LCM_ERR_FORMAT);
    }
}

/* One broken rule per row: replace the item with this tag and sign again. */
struct field_case {
    const char *name;
    uint16_t tag;
    const void *value;
    size_t size;
    enum lcm_err err;
};

#define TEXT(text) (text), sizeof(text) - 1
#define CHARS_63 "o/23456789012345678901234567890123456789012345678901234567890123"

static const struct field_case field_cases[] = {
    {"type 0", LCM_MANIFEST_TYPE, "\0", 1, LCM_ERR_FORMAT},
    {"type 4", LCM_MANIFEST_TYPE, "\4", 1, LCM_ERR_FORMAT},
    {"type of two bytes", LCM_MANIFEST_TYPE, "\1\0", 2, LCM_ERR_FORMAT},
    {"type updater with app key", LCM_MANIFEST_TYPE, "\2", 1, LCM_ERR_FORMAT},
    {"type boot in slot 0", LCM_MANIFEST_TYPE, "\3", 1, LCM_ERR_FORMAT},
    {"repository empty", LCM_MANIFEST_REPOSITORY, TEXT(""), LCM_ERR_FORMAT},
    {"repository without slash", LCM_MANIFEST_REPOSITORY, TEXT("lamp"), LCM_ERR_FORMAT},
    {"repository with two slashes", LCM_MANIFEST_REPOSITORY, TEXT("a/b/c"), LCM_ERR_FORMAT},
    {"repository without owner", LCM_MANIFEST_REPOSITORY, TEXT("/b"), LCM_ERR_FORMAT},
    {"repository without name", LCM_MANIFEST_REPOSITORY, TEXT("a/"), LCM_ERR_FORMAT},
    {"repository climbs", LCM_MANIFEST_REPOSITORY, TEXT("../b"), LCM_ERR_FORMAT},
    {"repository climbs at the end", LCM_MANIFEST_REPOSITORY, TEXT("a/.."), LCM_ERR_FORMAT},
    {"repository that stays", LCM_MANIFEST_REPOSITORY, TEXT("./b"), LCM_ERR_FORMAT},
    {"repository that stays at the end", LCM_MANIFEST_REPOSITORY, TEXT("a/."), LCM_ERR_FORMAT},
    {"repository of single letters", LCM_MANIFEST_REPOSITORY, TEXT("a/b"), LCM_OK},
    {"repository with hidden names", LCM_MANIFEST_REPOSITORY, TEXT(".a/.b"), LCM_OK},
    {"repository with a query", LCM_MANIFEST_REPOSITORY, TEXT("a/b?c"), LCM_ERR_FORMAT},
    {"repository with a space", LCM_MANIFEST_REPOSITORY, TEXT("a/b c"), LCM_ERR_FORMAT},
    {"repository with NUL", LCM_MANIFEST_REPOSITORY, TEXT("a/b\0c"), LCM_ERR_FORMAT},
    {"repository of 63", LCM_MANIFEST_REPOSITORY, CHARS_63, 63, LCM_OK},
    {"repository of 64", LCM_MANIFEST_REPOSITORY, CHARS_63, 64, LCM_ERR_FORMAT},
    {"file hidden", LCM_MANIFEST_FILE, TEXT(".main"), LCM_ERR_FORMAT},
    {"file with a slash", LCM_MANIFEST_FILE, TEXT("a/b"), LCM_ERR_FORMAT},
    {"file empty", LCM_MANIFEST_FILE, TEXT(""), LCM_ERR_FORMAT},
    {"file of 31", LCM_MANIFEST_FILE, CHARS_63 + 2, 31, LCM_OK},
    {"file of 32", LCM_MANIFEST_FILE, CHARS_63 + 2, 32, LCM_ERR_FORMAT},
    {"channel 1", LCM_MANIFEST_CHANNEL, "\1", 1, LCM_OK},
    {"channel 2", LCM_MANIFEST_CHANNEL, "\2", 1, LCM_ERR_FORMAT},
    {"version empty", LCM_MANIFEST_VERSION, TEXT(""), LCM_ERR_FORMAT},
    {"version with a quote", LCM_MANIFEST_VERSION, TEXT("1.0.0\""), LCM_ERR_FORMAT},
    {"version of 23", LCM_MANIFEST_VERSION, CHARS_63 + 2, 23, LCM_OK},
    {"version of 24", LCM_MANIFEST_VERSION, CHARS_63 + 2, 24, LCM_ERR_FORMAT},
    {"sequence 0", LCM_MANIFEST_SEQUENCE, "\0\0\0\0", 4, LCM_ERR_FORMAT},
    {"sequence highest", LCM_MANIFEST_SEQUENCE, "\xFF\xFF\xFF\xFF", 4, LCM_OK},
    {"sequence of 3 bytes", LCM_MANIFEST_SEQUENCE, "\1\0\0", 3, LCM_ERR_FORMAT},
    {"security version of 5", LCM_MANIFEST_SECURITY_VERSION, "\1\0\0\0\0", 5, LCM_ERR_FORMAT},
    {"slot 1 for an app", LCM_MANIFEST_SLOT_ADDR, "\0\xD0\x08\0", 4, LCM_ERR_FORMAT},
    {"slot off by one", LCM_MANIFEST_SLOT_ADDR, "\1\x20\0\0", 4, LCM_ERR_FORMAT},
    {"slot 0 = boot for an app", LCM_MANIFEST_SLOT_ADDR, "\0\0\0\0", 4, LCM_ERR_FORMAT},
    {"flash size of 0 bytes", LCM_MANIFEST_FLASH_SIZE, "", 0, LCM_ERR_FORMAT},
    {"updater text", LCM_MANIFEST_UPDATER_MIN, TEXT("new"), LCM_ERR_FORMAT},
    {"updater v2.0.0-rc1", LCM_MANIFEST_UPDATER_MIN, TEXT("v2.0.0-rc1"), LCM_OK},
    {"image of 15", LCM_MANIFEST_IMAGE_SIZE, "\x0F\0\0\0", 4, LCM_ERR_FORMAT},
    {"image one sector short", LCM_MANIFEST_IMAGE_SIZE, "\0\x10\0\0", 4, LCM_ERR_FORMAT},
    {"image at the end of its sector", LCM_MANIFEST_IMAGE_SIZE, "\0\x20\0\0", 4, LCM_OK},
    {"image at the start of its sector", LCM_MANIFEST_IMAGE_SIZE, "\1\x10\0\0", 4, LCM_OK},
    {"image one sector long", LCM_MANIFEST_IMAGE_SIZE, "\1\x20\0\0", 4, LCM_ERR_FORMAT},
    {"image over the slot", LCM_MANIFEST_IMAGE_SIZE, "\1\xA0\x08\0", 4, LCM_ERR_TOO_LARGE},
    {"image of 4 GiB", LCM_MANIFEST_IMAGE_SIZE, "\xFF\xFF\xFF\xFF", 4, LCM_ERR_TOO_LARGE},
    {"hash of 31", LCM_MANIFEST_SHA256, good, 31, LCM_ERR_FORMAT},
    {"no sector hash", LCM_MANIFEST_SECTOR_HASHES, good, 0, LCM_ERR_FORMAT},
    {"half a sector hash", LCM_MANIFEST_SECTOR_HASHES, good, 12, LCM_ERR_FORMAT},
    {"139 sector hashes", LCM_MANIFEST_SECTOR_HASHES, fixture.image, 139 * 8, LCM_ERR_FORMAT},
    {"created of 4 bytes", LCM_MANIFEST_CREATED, "\0\0\0\0", 4, LCM_ERR_FORMAT},
    {"key id of 7", LCM_MANIFEST_KEY_ID, good, 7, LCM_ERR_FORMAT},
    {"key of 64", LCM_MANIFEST_KEY, good, 64, LCM_ERR_FORMAT},
    {"key of another", LCM_MANIFEST_KEY, good, LCM_KEY_SIZE, LCM_ERR_FORMAT},
};

static void test_field_rules(void **state)
{
    uint8_t file[LCM_MANIFEST_SIZE_MAX];
    struct lcm_manifest manifest;
    struct forge forge;

    (void)state;
    for (size_t i = 0; i < sizeof(field_cases) / sizeof(field_cases[0]); i++) {
        const struct field_case *row = &field_cases[i];
        forge_load(&forge, &lcm_signed_manifest, good, good_size);
        forge_replace(&forge, row->tag, row->value, row->size);
        size_t size = forge_save(&forge, fixture.key[FIXTURE_APP], file, sizeof(file));
        enum lcm_err err = lcm_manifest_decode(&manifest, file, size);
        if (err != row->err)
            print_error("case: %s\n", row->name);
        assert_int_equal(err, row->err);
    }
}

static enum lcm_err decode_forged(const struct forge *forge)
{
    uint8_t file[LCM_MANIFEST_SIZE_MAX];
    struct lcm_manifest manifest;
    size_t size = forge_save(forge, fixture.key[FIXTURE_APP], file, sizeof(file));

    return lcm_manifest_decode(&manifest, file, size);
}

/* Each tag: may it be absent, may it come twice? Only updater_min may be absent. */
static void test_each_tag_exactly_once(void **state)
{
    struct forge forge;

    (void)state;
    forge_load(&forge, &lcm_signed_manifest, good, good_size);
    size_t count = forge.count;
    assert_int_equal(count, 16);
    for (size_t i = 0; i < count; i++) {
        forge_load(&forge, &lcm_signed_manifest, good, good_size);
        uint16_t tag = forge.item[i].tag;
        forge_remove(&forge, tag);
        assert_int_equal(decode_forged(&forge),
                         tag == LCM_MANIFEST_UPDATER_MIN ? LCM_OK : LCM_ERR_FORMAT);
        forge_load(&forge, &lcm_signed_manifest, good, good_size);
        forge_insert(&forge, i, tag, forge.item[i].value, forge.item[i].size);
        assert_int_equal(decode_forged(&forge), LCM_ERR_FORMAT);
        forge_load(&forge, &lcm_signed_manifest, good, good_size);
        forge.item[i].tag |= LCM_TLV_OPTIONAL;
        assert_int_equal(decode_forged(&forge), LCM_ERR_FORMAT);
    }
}

static void test_tags_ascend(void **state)
{
    struct forge forge;

    (void)state;
    forge_load(&forge, &lcm_signed_manifest, good, good_size);
    for (size_t i = 0; i + 1 < forge.count; i++) {
        struct forge swapped = forge;
        struct forge_item first = swapped.item[i];
        swapped.item[i] = swapped.item[i + 1];
        swapped.item[i + 1] = first;
        assert_int_equal(decode_forged(&swapped), LCM_ERR_FORMAT);
    }
}

/* S14: unknown critical field refused, unknown optional one skipped, end mark no cover. */
static void test_unknown_fields(void **state)
{
    static const uint16_t tags[] = {0x0F, 0x10, 0x11, 0x15, 0x7F, 0x7FFE};
    struct forge forge;

    (void)state;
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        forge_load(&forge, &lcm_signed_manifest, good, good_size);
        size_t place = 0;
        while (place < forge.count && forge.item[place].tag <= tags[i])
            place++;
        forge_insert(&forge, place, tags[i], "value", 5);
        assert_int_equal(decode_forged(&forge), LCM_ERR_CRITICAL_FIELD);
        forge.item[place].tag |= LCM_TLV_OPTIONAL;
        assert_int_equal(decode_forged(&forge), LCM_OK);
    }
    forge_load(&forge, &lcm_signed_manifest, good, good_size);
    forge_insert(&forge, forge.count, LCM_TLV_TAG_END, "", 0);
    assert_int_equal(decode_forged(&forge), LCM_ERR_FORMAT);
}

struct place_case {
    enum lcm_file_type type;
    uint32_t slot_addr;
    size_t image_size;
    enum lcm_err err;
};

/* Type, place and size together, through the encoder, at each limit. */
static void test_places_and_limits(void **state)
{
    static uint8_t image[LCM_SLOT0_IMAGE_SIZE_MAX + 1];
    static const struct place_case cases[] = {
        {LCM_FILE_APP, LCM_SLOT0_ADDR, 16, LCM_OK},
        {LCM_FILE_APP, LCM_SLOT0_ADDR, LCM_SLOT0_IMAGE_SIZE_MAX, LCM_OK},
        {LCM_FILE_APP, LCM_SLOT0_ADDR, LCM_SLOT0_IMAGE_SIZE_MAX + 1, LCM_ERR_TOO_LARGE},
        {LCM_FILE_APP, LCM_SLOT1_ADDR, 4096, LCM_ERR_FORMAT},
        {LCM_FILE_APP, LCM_BOOT_ADDR, 4000, LCM_ERR_FORMAT},
        {LCM_FILE_UPDATER, LCM_SLOT0_ADDR, LCM_SLOT0_IMAGE_SIZE_MAX, LCM_OK},
        {LCM_FILE_UPDATER, LCM_SLOT1_ADDR, LCM_SLOT1_IMAGE_SIZE_MAX, LCM_OK},
        {LCM_FILE_UPDATER, LCM_SLOT1_ADDR, LCM_SLOT1_IMAGE_SIZE_MAX + 1, LCM_ERR_TOO_LARGE},
        {LCM_FILE_UPDATER, LCM_BOOT_ADDR, 4000, LCM_ERR_FORMAT},
        {LCM_FILE_BOOT, LCM_BOOT_ADDR, LCM_BOOT_IMAGE_SIZE_MAX, LCM_OK},
        {LCM_FILE_BOOT, LCM_BOOT_ADDR, LCM_BOOT_IMAGE_SIZE_MAX + 1, LCM_ERR_TOO_LARGE},
        {LCM_FILE_BOOT, LCM_SLOT0_ADDR, 4000, LCM_ERR_FORMAT},
        {LCM_FILE_APP, LCM_SCRATCH_ADDR, 4096, LCM_ERR_FORMAT},
    };
    uint8_t file[LCM_MANIFEST_SIZE_MAX];
    size_t size = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lcm_manifest_spec spec = fixture_manifest_spec(&fixture, cases[i].type);
        spec.slot_addr = cases[i].slot_addr;
        spec.image = image;
        spec.image_size = cases[i].image_size;
        assert_int_equal(
            lcm_manifest_encode(&spec, fixture.key[FIXTURE_APP], file, sizeof(file), &size, NULL),
            cases[i].err);
    }
}

/* Nothing is written on failure, so that no half-decoded struct can be used by mistake. */
static void test_failure_writes_nothing(void **state)
{
    struct lcm_manifest manifest;
    struct lcm_manifest untouched;
    uint8_t key[LCM_KEY_SIZE];
    uint8_t blank[LCM_KEY_SIZE];

    (void)state;
    memset(&manifest, 0xA5, sizeof(manifest));
    memset(&untouched, 0xA5, sizeof(untouched));
    assert_int_not_equal(lcm_manifest_decode(&manifest, good, good_size - 1), LCM_OK);
    assert_memory_equal(&manifest, &untouched, sizeof(manifest));
    memset(key, 0xA5, sizeof(key));
    memset(blank, 0xA5, sizeof(blank));
    assert_int_equal(lcm_manifest_signer(good, good_size, fixture.fingerprint[FIXTURE_THIEF], key),
                     LCM_ERR_KEY_UNKNOWN);
    assert_memory_equal(key, blank, sizeof(key));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decodes_every_field),
        cmocka_unit_test(test_every_bit_counts),
        cmocka_unit_test(test_every_truncation_and_extension),
        cmocka_unit_test(test_bad_signatures),
        cmocka_unit_test(test_key_id_must_be_the_signers),
        cmocka_unit_test(test_other_domains_do_not_verify),
        cmocka_unit_test(test_other_files_are_no_manifests),
        cmocka_unit_test(test_field_rules),
        cmocka_unit_test(test_each_tag_exactly_once),
        cmocka_unit_test(test_tags_ascend),
        cmocka_unit_test(test_unknown_fields),
        cmocka_unit_test(test_places_and_limits),
        cmocka_unit_test(test_failure_writes_nothing),
    };
    return cmocka_run_group_tests(tests, manifest_setup, manifest_teardown);
}
