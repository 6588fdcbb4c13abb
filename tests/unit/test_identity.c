// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the identity block is written and read byte for byte as specified, and
 * malformed blocks are refused.
 * Method: golden block; each rule broken once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/image/identity.h"
#include "tests/lib/ram_flash.h"
#include "tests/lib/vector.h"

static uint8_t block[LCM_IDENTITY_SIZE];
static struct lcm_identity identity;
static struct ram_flash ram;

static int setup(void **state)
{
    (void)state;
    assert_int_equal(vector_load("identity", block, sizeof(block)), sizeof(block));
    return 0;
}

static void test_decode_and_encode(void **state)
{
    uint8_t again[LCM_IDENTITY_SIZE];

    (void)state;
    assert_int_equal(lcm_identity_decode(block, &identity), LCM_OK);
    assert_int_equal(identity.type, LCM_IDENTITY_UPDATER);
    assert_string_equal(identity.version, "1.2.3-rc1");
    assert_string_equal(identity.repository, "owner/name");
    assert_string_equal(identity.file, "otamain.bin");
    memset(identity.file + 12, 'x', sizeof(identity.file) - 12); /* behind the NUL */
    assert_int_equal(lcm_identity_encode(&identity, again), LCM_OK);
    assert_memory_equal(again, block, sizeof(block));
}

static void test_load_from_flash(void **state)
{
    (void)state;
    ram_flash_init(&ram);
    assert_int_equal(lcm_identity_load(&ram.port, LCM_SLOT1_ADDR, &identity), LCM_ERR_NOT_FOUND);
    memcpy(ram.data + LCM_SLOT1_ADDR + 0x10, block, sizeof(block));
    assert_int_equal(lcm_identity_load(&ram.port, LCM_SLOT1_ADDR, &identity), LCM_OK);
    assert_string_equal(identity.version, "1.2.3-rc1");
}

static void assert_broken(uint32_t offset, uint8_t value, enum lcm_err expected)
{
    uint8_t old = block[offset];

    block[offset] = value;
    assert_int_equal(lcm_identity_decode(block, &identity), expected);
    block[offset] = old;
}

static void test_malformed(void **state)
{
    (void)state;
    assert_broken(0, 'l', LCM_ERR_NOT_FOUND);
    assert_broken(7, ' ', LCM_ERR_NOT_FOUND);
    assert_broken(8, 0, LCM_ERR_FORMAT);
    assert_broken(8, 4, LCM_ERR_FORMAT);
    assert_broken(9, 1, LCM_ERR_FORMAT);
    assert_broken(11, 1, LCM_ERR_FORMAT);
    assert_broken(12, 0, LCM_ERR_FORMAT);   /* empty, then text */
    assert_broken(14, ' ', LCM_ERR_FORMAT); /* a space */
    assert_broken(14, 0x80, LCM_ERR_FORMAT);
    assert_broken(35, 'x', LCM_ERR_FORMAT); /* behind the NUL */
    assert_broken(99, 'x', LCM_ERR_FORMAT);
    assert_broken(131, 'x', LCM_ERR_FORMAT);
    memset(block + 100, 'x', 32); /* no NUL */
    assert_int_equal(lcm_identity_decode(block, &identity), LCM_ERR_FORMAT);
    memset(block + 100, 0, 32);
    assert_int_equal(lcm_identity_decode(block, &identity), LCM_ERR_FORMAT);
}

static void test_encode_refuses_what_decode_refuses(void **state)
{
    uint8_t again[LCM_IDENTITY_SIZE];

    (void)state;
    assert_int_equal(lcm_identity_decode(block, &identity), LCM_OK);
    memset(again, 0x77, sizeof(again));
    identity.type = 0;
    assert_int_equal(lcm_identity_encode(&identity, again), LCM_ERR_FORMAT);
    identity.type = 1;
    identity.version[0] = '\0';
    assert_int_equal(lcm_identity_encode(&identity, again), LCM_ERR_FORMAT);
    memset(identity.version, '1', sizeof(identity.version));
    assert_int_equal(lcm_identity_encode(&identity, again), LCM_ERR_FORMAT);
    identity.version[23] = '\0';
    assert_int_equal(again[0], 0x77);
    assert_int_equal(lcm_identity_encode(&identity, again), LCM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_decode_and_encode, setup),
        cmocka_unit_test_setup(test_load_from_flash, setup),
        cmocka_unit_test_setup(test_malformed, setup),
        cmocka_unit_test_setup(test_encode_refuses_what_decode_refuses, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
