// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the TLS anchors of a trust sector come out as its owner wrote them, and an item of
 * any other form is refused before a key is taken from it.
 * Method: the anchors of a sector made from certificates, cut at every length and with each
 * header byte changed; RSA items written by hand at and beyond every limit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/bytes.h"
#include "core/trust/anchor.h"
#include "tests/lib/trust_fixture.h"

#define RSA_NAME_SIZE 2u
#define RSA_KEY_OFFSET (4u + RSA_NAME_SIZE + 2u) /* header, name, size of the modulus */
#define RSA_ITEM_SIZE_MAX (RSA_KEY_OFFSET + LCM_ANCHOR_MODULUS_SIZE_MAX + 1 + 8)

static struct trust_fixture fixture;
static uint8_t good[LCM_TRUST_SIZE];

static int anchor_setup(void **state)
{
    (void)state;
    fixture_open(&fixture);
    fixture_sector(&fixture, 5, FIXTURE_OWNER, FIXTURE_KEY_COUNT, good);
    return 0;
}

static int anchor_teardown(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

static void test_anchors(void **state)
{
    struct lcm_anchor anchor;
    static const uint8_t exponent[] = {1, 0, 1};

    (void)state;
    assert_int_equal(lcm_trust_anchor(good, 0, &anchor), LCM_OK);
    assert_int_equal(anchor.kind, LCM_ANCHOR_P256);
    assert_true(anchor.is_intermediate);
    assert_int_equal(anchor.key_size, LCM_KEY_SIZE);
    assert_int_equal(lcm_trust_anchor(good, 1, &anchor), LCM_OK);
    assert_int_equal(anchor.kind, LCM_ANCHOR_P384);
    assert_false(anchor.is_intermediate);
    assert_int_equal(anchor.key_size, LCM_ANCHOR_P384_KEY_SIZE);
    assert_null(anchor.exponent);
    assert_int_equal(lcm_trust_anchor(good, 2, &anchor), LCM_OK);
    assert_int_equal(anchor.kind, LCM_ANCHOR_RSA);
    assert_int_equal(anchor.key_size, 256);
    assert_int_equal(anchor.exponent_size, sizeof(exponent));
    assert_memory_equal(anchor.exponent, exponent, sizeof(exponent));
    assert_int_equal(anchor.name[0], 0x30);
    assert_int_equal(anchor.name[1] + 2, anchor.name_size);
    assert_int_equal(lcm_trust_anchor(good, 3, &anchor), LCM_ERR_NOT_FOUND);
    assert_int_equal(lcm_trust_anchor(good, UINT32_MAX, &anchor), LCM_ERR_NOT_FOUND);
}

/* Every anchor item at every length, and with each header byte changed: no read outside
 * (the sanitizer build watches) and nothing but the original accepted at other lengths. */
static void test_anchor_forms(void **state)
{
    struct lcm_anchor anchor;
    struct forge forge;

    (void)state;
    forge_load(&forge, &lcm_signed_trust, good, sizeof(good));
    size_t first = forge_index(&forge, LCM_TRUST_ANCHOR);
    for (size_t i = first; i < first + 3; i++) {
        uint8_t bytes[600];
        struct lcm_tlv_item item = {LCM_TRUST_ANCHOR, false, bytes, forge.item[i].size};
        memcpy(bytes, forge.item[i].value, item.size);
        assert_int_equal(lcm_anchor_parse(&item, &anchor), LCM_OK);
        bool is_rsa = anchor.kind == LCM_ANCHOR_RSA;
        for (item.size = 0; item.size < forge.item[i].size; item.size++) {
            /* RSA may lose bytes of the exponent, and stay well-formed */
            if (!is_rsa || item.size + 3u <= forge.item[i].size)
                assert_int_equal(lcm_anchor_parse(&item, &anchor), LCM_ERR_FORMAT);
        }
        bytes[1] = 2; /* unknown flag */
        assert_int_equal(lcm_anchor_parse(&item, &anchor), LCM_ERR_FORMAT);
        bytes[1] = 0;
        for (uint8_t kind = 0; kind < 5; kind++) {
            bytes[0] = kind;
            assert_int_equal(lcm_anchor_parse(&item, &anchor),
                             kind == forge.item[i].value[0] ? LCM_OK : LCM_ERR_FORMAT);
        }
        bytes[0] = forge.item[i].value[0];
        bytes[4 + lcm_get_u16(bytes + 2) + (is_rsa ? 2 : 0)] = 0; /* point form; modulus */
        assert_int_equal(lcm_anchor_parse(&item, &anchor), LCM_ERR_FORMAT);
    }
}

/* An RSA anchor with an empty name; each number starts with a byte of its own. */
struct rsa_case {
    size_t modulus_size;
    uint8_t modulus_first;
    size_t exponent_size;
    uint8_t exponent_first;
};

static enum lcm_err parse_rsa(const struct rsa_case *row, struct lcm_anchor *anchor)
{
    static uint8_t bytes[RSA_ITEM_SIZE_MAX];
    struct lcm_tlv_item item = {LCM_TRUST_ANCHOR, false, bytes, 0};
    uint8_t *modulus = bytes + RSA_KEY_OFFSET;

    memset(bytes, 0xA5, sizeof(bytes));
    memcpy(bytes, "\3\0\2\0\x30\0", RSA_KEY_OFFSET - 2);
    lcm_put_u16(modulus - 2, (uint16_t)row->modulus_size);
    modulus[0] = row->modulus_first;
    modulus[row->modulus_size] = row->exponent_first;
    item.size = (uint16_t)(RSA_KEY_OFFSET + row->modulus_size + row->exponent_size);
    return lcm_anchor_parse(&item, anchor);
}

static void test_rsa_limits(void **state)
{
    static const struct rsa_case accepted[] = {
        {LCM_ANCHOR_MODULUS_SIZE_MIN, 1, 1, 3},
        {LCM_ANCHOR_MODULUS_SIZE_MAX, 1, LCM_ANCHOR_EXPONENT_SIZE_MAX, 1},
    };
    static const struct rsa_case refused[] = {
        {LCM_ANCHOR_MODULUS_SIZE_MIN - 1, 1, 3, 1}, /* a key that is too weak */
        {LCM_ANCHOR_MODULUS_SIZE_MAX + 1, 1, 3, 1}, /* one that TLS has no memory for */
        {LCM_ANCHOR_MODULUS_SIZE_MIN, 0, 3, 1},     /* a number has one form: no leading zero */
        {LCM_ANCHOR_MODULUS_SIZE_MIN, 1, 3, 0},
        {LCM_ANCHOR_MODULUS_SIZE_MIN, 1, 0, 1},
        {LCM_ANCHOR_MODULUS_SIZE_MIN, 1, LCM_ANCHOR_EXPONENT_SIZE_MAX + 1, 1},
    };
    struct lcm_anchor anchor;

    (void)state;
    for (size_t i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++) {
        assert_int_equal(parse_rsa(&accepted[i], &anchor), LCM_OK);
        assert_int_equal(anchor.key_size, accepted[i].modulus_size);
        assert_int_equal(anchor.exponent_size, accepted[i].exponent_size);
    }
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        assert_int_equal(parse_rsa(&refused[i], &anchor), LCM_ERR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_anchors),
        cmocka_unit_test(test_anchor_forms),
        cmocka_unit_test(test_rsa_limits),
    };
    return cmocka_run_group_tests(tests, anchor_setup, anchor_teardown);
}
