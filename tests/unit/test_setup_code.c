// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a device keeps its set-up code, and people may write it in any usual form.
 * Method: golden bytes; torn, foreign and full sectors; every character; counts of characters in
 * many codes. Power cuts: test_setup_code_cuts.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/bytes.h"
#include "core/base/crc32.h"
#include "core/store/setup_code.h"
#include "tests/lib/ram_flash.h"

#define SEED 60u
#define CODE "7K3MQ9XTA2HB"
#define OTHER "ZZZZ0000ZZZZ"
#define RECORDS 128u
#define RECORD_SIZE 32u
#define MANY 4096u

static struct ram_flash ram;
static char code[LCM_SETUP_CODE_SIZE];
static bool is_new;
static uint64_t random_state;
static bool has_entropy;

static enum lcm_err fill(void *context, uint8_t *dst, size_t size)
{
    (void)context;
    for (size_t i = 0; i < size && has_entropy; i++)
        dst[i] = (uint8_t)(ram_flash_random(&random_state) >> 16);
    return has_entropy ? LCM_OK : LCM_ERR_ENTROPY;
}

static const struct lcm_entropy entropy = {NULL, fill};

static int setup(void **state)
{
    (void)state;
    ram_flash_init(&ram);
    memset(code, 0, sizeof(code));
    is_new = false;
    random_state = SEED;
    has_entropy = true;
    return 0;
}

static uint8_t *record(uint32_t index)
{
    return ram.data + LCM_CODE_ADDR + index * RECORD_SIZE;
}

/* A record as docs/SPEC.md section 11.1 says, from scratch. */
static void put_record(uint32_t index, const char *text)
{
    uint8_t *bytes = record(index);

    memcpy(bytes, "LCSC", 4);
    memcpy(bytes + 4, text, 12);
    memset(bytes + 16, 0, 12);
    lcm_put_u32(bytes + 28, lcm_crc32(0, bytes, 28));
}

static void assert_loads(const char *expected)
{
    char loaded[LCM_SETUP_CODE_SIZE] = "";

    assert_int_equal(lcm_setup_code_load(&ram.port, loaded), LCM_OK);
    assert_string_equal(loaded, expected);
}

static void test_golden_bytes(void **state)
{
    static const uint8_t golden[RECORD_SIZE] = {
        'L', 'C', 'S', 'C', '7', 'K', '3', 'M', 'Q', '9', 'X', 'T', 'A',  '2',  'H',  'B',
        0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0x19, 0x36, 0xF6, 0xC8};

    (void)state;
    assert_int_equal(lcm_setup_code_store(&ram.port, CODE), LCM_OK);
    assert_memory_equal(record(0), golden, sizeof(golden));
    assert_memory_equal(record(1), golden, sizeof(golden));
    assert_true(lcm_bytes_all(record(2), (RECORDS - 2) * RECORD_SIZE, 0xFF));
    assert_int_equal(ram.operations, 2);
    assert_loads(CODE);
    assert_int_equal(lcm_setup_code_store(&ram.port, CODE), LCM_OK);
    assert_int_equal(ram.operations, 2);
}

static void test_none(void **state)
{
    (void)state;
    assert_int_equal(lcm_setup_code_load(&ram.port, code), LCM_ERR_NOT_FOUND);
    assert_string_equal(code, "");
    memset(record(0), 0, LCM_CODE_SIZE);
    assert_int_equal(lcm_setup_code_load(&ram.port, code), LCM_ERR_NOT_FOUND);
    assert_int_equal(ram.operations, 0);
}

static void test_every_bit_of_a_record(void **state)
{
    (void)state;
    for (uint32_t bit = 0; bit < 8 * RECORD_SIZE; bit++) {
        put_record(0, OTHER);
        put_record(1, CODE);
        record(0)[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_loads(CODE);
    }
    put_record(0, OTHER);
    assert_loads(OTHER);
}

/* A valid checksum does not make a code of anything. */
static void test_only_codes_count(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        char text[] = "7K3MQ9XTA2HB";
        bool belongs = c != 0 && strchr("0123456789ABCDEFGHJKMNPQRSTVWXYZ", (int)c) != NULL;

        text[11] = (char)c;
        put_record(5, text);
        assert_int_equal(lcm_setup_code_load(&ram.port, code),
                         belongs ? LCM_OK : LCM_ERR_NOT_FOUND);
    }
    put_record(5, CODE);
    record(5)[0] = 'M';
    lcm_put_u32(record(5) + 28, lcm_crc32(0, record(5), 28));
    assert_int_equal(lcm_setup_code_load(&ram.port, code), LCM_ERR_NOT_FOUND);
    put_record(5, CODE);
    record(5)[27] = 1;
    lcm_put_u32(record(5) + 28, lcm_crc32(0, record(5), 28));
    assert_int_equal(lcm_setup_code_load(&ram.port, code), LCM_ERR_NOT_FOUND);
}

static void test_the_first_one_counts(void **state)
{
    (void)state;
    put_record(RECORDS - 1, OTHER);
    assert_loads(OTHER);
    put_record(3, CODE);
    assert_loads(CODE);
}

static void test_ensure_makes_one_once(void **state)
{
    char again[LCM_SETUP_CODE_SIZE];

    (void)state;
    assert_int_equal(lcm_setup_code_ensure(&ram.port, &entropy, code, &is_new), LCM_OK);
    assert_true(is_new);
    assert_loads(code);
    assert_int_equal(ram.operations, 2);
    has_entropy = false; /* it needs none */
    assert_int_equal(lcm_setup_code_ensure(&ram.port, &entropy, again, &is_new), LCM_OK);
    assert_false(is_new);
    assert_string_equal(again, code);
    assert_int_equal(ram.operations, 2);
}

static void test_ensure_without_entropy(void **state)
{
    (void)state;
    has_entropy = false;
    assert_int_equal(lcm_setup_code_ensure(&ram.port, &entropy, code, &is_new), LCM_ERR_ENTROPY);
    assert_string_equal(code, "");
    assert_int_equal(ram.operations, 0);
}

static void test_a_second_copy_is_mended(void **state)
{
    (void)state;
    put_record(0, CODE);
    memset(record(1), 0, RECORD_SIZE);
    assert_int_equal(lcm_setup_code_ensure(&ram.port, &entropy, code, &is_new), LCM_OK);
    assert_false(is_new);
    assert_string_equal(code, CODE);
    assert_memory_equal(record(2), record(0), RECORD_SIZE);
    assert_int_equal(ram.operations, 1);
    memset(record(0), 0, RECORD_SIZE);
    assert_loads(CODE);
}

/* One copy, and a flash that takes no more: the device goes on. */
static void test_one_copy_is_enough(void **state)
{
    (void)state;
    put_record(0, CODE);
    ram.cut = RAM_FLASH_CUT_BEFORE;
    assert_int_equal(lcm_setup_code_ensure(&ram.port, &entropy, code, &is_new), LCM_OK);
    assert_string_equal(code, CODE);
    ram_flash_restore_power(&ram);
    memset(record(1), 0, (RECORDS - 1) * RECORD_SIZE);
    assert_int_equal(lcm_setup_code_ensure(&ram.port, &entropy, code, &is_new), LCM_OK);
    assert_int_equal(ram.operations, 0);
}

static void test_a_flash_that_fails(void **state)
{
    (void)state;
    ram.cut = RAM_FLASH_CUT_BEFORE;
    assert_int_equal(lcm_setup_code_ensure(&ram.port, &entropy, code, &is_new), LCM_ERR_FLASH);
    assert_string_equal(code, "");
}

/* Behind what is there while two more fit, else on an erased sector. */
static void test_room(void **state)
{
    (void)state;
    for (uint32_t used = RECORDS - 4; used <= RECORDS; used++) {
        bool fits = used <= RECORDS - 2;

        setup(NULL);
        memset(record(0), 0xA5, used * RECORD_SIZE);
        assert_int_equal(lcm_setup_code_ensure(&ram.port, &entropy, code, &is_new), LCM_OK);
        assert_true(is_new);
        assert_loads(code);
        assert_int_equal(ram.erases[LCM_CODE_ADDR / LCM_SECTOR_SIZE], fits ? 0 : 1);
        assert_memory_equal(record(fits ? used : 0) + 4, code, 12);
        assert_memory_equal(record(fits ? used + 1 : 1) + 4, code, 12);
    }
}

static void test_another_code(void **state)
{
    (void)state;
    assert_int_equal(lcm_setup_code_store(&ram.port, OTHER), LCM_OK);
    assert_int_equal(lcm_setup_code_store(&ram.port, CODE), LCM_OK);
    assert_loads(CODE);
    assert_null(memmem(record(0), LCM_CODE_SIZE, OTHER, 12));
    assert_true(lcm_bytes_all(record(2), (RECORDS - 2) * RECORD_SIZE, 0xFF));
    assert_true(lcm_bytes_all(ram.data + LCM_CODE_ADDR - 16, 16, 0xFF));
    assert_true(lcm_bytes_all(ram.data + LCM_CODE_ADDR + LCM_CODE_SIZE, 16, 0xFF));
}

static void test_no_code_is_not_stored(void **state)
{
    static const char *const wrong[] = {"", "7K3MQ9XTA2H", "7k3mq9xta2hb", "7K3M-Q9XT-A2",
                                        "IIIIIIIIIIII"};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char padded[LCM_SETUP_CODE_SIZE] = "";

        memcpy(padded, wrong[i], strlen(wrong[i]));
        assert_int_equal(lcm_setup_code_store(&ram.port, padded), LCM_ERR_ARGUMENT);
    }
    assert_int_equal(lcm_setup_code_store(&ram.port, CODE "X"), LCM_ERR_ARGUMENT);
    assert_int_equal(ram.operations, 0);
}

static void test_parse(void **state)
{
    static const struct {
        const char *text;
        const char *code; /* NULL: refused */
    } row[] = {
        {"7K3M-Q9XT-A2HB", CODE},
        {"7k3mq9xta2hb", CODE},
        {"  7K3M Q9XT A2HB ", CODE},
        {"7-K-3-M-Q-9-X-T-A-2-H-B-", CODE},
        {"oOiI-lL01-ABCD", "0011110"
                           "1ABCD"},
        {"7K3M-Q9XT-A2H", NULL},
        {"7K3M-Q9XT-A2HBB", NULL},
        {"7K3M-Q9XT-A2HB-", CODE},
        {"7K3M-Q9XT-A2HB-7K3M-Q9XT-A2HB-7K3M-Q9XT-A2HB", NULL},
        {"7K3M-Q9XT-A2HB!", NULL},
        {"7K3MUQ9XTA2HB", NULL},
        {"uuuuuuuuuuuu", NULL},
        {"zzzz-0000-zzzz", OTHER},
        {"7K3MQ9XTA2H{", NULL},
        {"7K3MQ9XTA2H\x7F", NULL},
        {"7K3M_Q9XT_A2HB", NULL},
        {"7K3M\tQ9XTA2HB", NULL},
        {"\xC3\x84K3MQ9XTA2HB", NULL},
        {"", NULL},
        {"------------", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        char parsed[LCM_SETUP_CODE_SIZE] = "untouched";
        enum lcm_err err = lcm_setup_code_parse(row[i].text, parsed);

        assert_int_equal(err, row[i].code != NULL ? LCM_OK : LCM_ERR_FORMAT);
        assert_string_equal(parsed, row[i].code != NULL ? row[i].code : "untouched");
    }
}

static void test_format_and_back(void **state)
{
    char text[LCM_SETUP_CODE_TEXT_SIZE];
    char parsed[LCM_SETUP_CODE_SIZE];

    (void)state;
    lcm_setup_code_format(CODE, text);
    assert_string_equal(text, "7K3M-Q9XT-A2HB");
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(lcm_setup_code_make(&entropy, code), LCM_OK);
        lcm_setup_code_format(code, text);
        assert_int_equal(lcm_setup_code_parse(text, parsed), LCM_OK);
        assert_string_equal(parsed, code);
    }
}

/* Every character at every place about as often as any other: 4,096 / 32 = 128, and a deviation of
 * 6 sigma is 67. And each bit of the entropy counts. */
static void test_codes_are_uniform(void **state)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    unsigned count[12][32] = {{0}};

    (void)state;
    print_message("seed %u\n", SEED);
    for (unsigned i = 0; i < MANY; i++) {
        assert_int_equal(lcm_setup_code_make(&entropy, code), LCM_OK);
        for (unsigned k = 0; k < 12; k++) {
            const char *place = strchr(alphabet, code[k]);

            assert_true(place != NULL && code[k] != '\0');
            count[k][place - alphabet]++;
        }
    }
    for (unsigned k = 0; k < 12; k++)
        for (unsigned c = 0; c < 32; c++)
            assert_in_range(count[k][c], 128 - 67, 128 + 67);
}

static uint64_t given_bits;

static enum lcm_err fill_given(void *context, uint8_t *dst, size_t size)
{
    (void)context;
    assert_int_equal(size, 8);
    lcm_put_u64(dst, given_bits);
    return LCM_OK;
}

/* Sixty bits of chance: each of them decides one character, and no two the same way. */
static void test_each_bit_counts(void **state)
{
    const struct lcm_entropy given = {NULL, fill_given};

    (void)state;
    for (unsigned bit = 0; bit < 60; bit++) {
        unsigned different = 0;

        given_bits = (uint64_t)1 << bit;
        assert_int_equal(lcm_setup_code_make(&given, code), LCM_OK);
        for (unsigned k = 0; k < 12; k++)
            different += code[k] != '0';
        assert_int_equal(different, 1);
        assert_int_equal(code[bit / 5], "1248G"[bit % 5]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_golden_bytes, setup),
        cmocka_unit_test_setup(test_none, setup),
        cmocka_unit_test_setup(test_every_bit_of_a_record, setup),
        cmocka_unit_test_setup(test_only_codes_count, setup),
        cmocka_unit_test_setup(test_the_first_one_counts, setup),
        cmocka_unit_test_setup(test_ensure_makes_one_once, setup),
        cmocka_unit_test_setup(test_ensure_without_entropy, setup),
        cmocka_unit_test_setup(test_a_second_copy_is_mended, setup),
        cmocka_unit_test_setup(test_one_copy_is_enough, setup),
        cmocka_unit_test_setup(test_a_flash_that_fails, setup),
        cmocka_unit_test_setup(test_room, setup),
        cmocka_unit_test_setup(test_another_code, setup),
        cmocka_unit_test_setup(test_no_code_is_not_stored, setup),
        cmocka_unit_test_setup(test_parse, setup),
        cmocka_unit_test_setup(test_format_and_back, setup),
        cmocka_unit_test_setup(test_codes_are_uniform, setup),
        cmocka_unit_test_setup(test_each_bit_counts, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
