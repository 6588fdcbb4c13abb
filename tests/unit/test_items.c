// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: requests are read exactly as docs/SPEC.md section 11.3 says, whatever bytes come; answers
 * never pass their end.
 * Method: requests made by the client's writer; each rule broken; every length of text in a buffer
 * of just that size (the sanitizer build sees every step over its end); random bytes; answers read
 * by the client's reader.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/bytes.h"
#include "host/setup_message.h"
#include "portal/items.h"
#include "tests/lib/ram_flash.h"

#define SEED 40u

static struct setup_text request;
static struct lcm_items_reader reader;
static struct lcm_tlv_item item;

/* Read all of size bytes: what the last call said. Counts the items. */
static enum lcm_err walk(const uint8_t *bytes, size_t size, unsigned *count)
{
    enum lcm_err err = lcm_items_open(&reader, bytes, size);

    *count = 0;
    while (err == LCM_OK) {
        err = lcm_items_next(&reader, &item);
        *count += err == LCM_OK;
    }
    return err;
}

/* Nothing is wrong with the request so far. */
static bool is_good(void)
{
    unsigned count;

    return walk(request.bytes, sizeof(request.bytes), &count) == LCM_ERR_NOT_FOUND;
}

static void test_a_request_is_read_item_by_item(void **state)
{
    uint8_t channel = 9;

    (void)state;
    setup_text_begin(&request, LCM_SETUP_SET);
    setup_text_put(&request, LCM_ITEM_SSID, "home", 4);
    setup_text_put(&request, LCM_ITEM_PASSWORD, "", 0);
    setup_text_put_u8(&request, LCM_ITEM_CHANNEL, 1);
    assert_int_equal(lcm_items_open(&reader, request.bytes, sizeof(request.bytes)), LCM_OK);
    assert_int_equal(reader.command, LCM_SETUP_SET);
    assert_int_equal(lcm_items_next(&reader, &item), LCM_OK);
    assert_int_equal(item.tag, LCM_ITEM_SSID);
    assert_int_equal(item.size, 4);
    assert_memory_equal(item.value, "home", 4);
    assert_int_equal(lcm_items_next(&reader, &item), LCM_OK);
    assert_int_equal(item.tag, LCM_ITEM_PASSWORD);
    assert_int_equal(item.size, 0);
    assert_int_equal(lcm_items_next(&reader, &item), LCM_OK);
    assert_int_equal(lcm_tlv_u8(&item, &channel), LCM_OK);
    assert_int_equal(channel, 1);
    assert_int_equal(lcm_items_next(&reader, &item), LCM_ERR_NOT_FOUND);
    assert_int_equal(lcm_items_next(&reader, &item), LCM_ERR_NOT_FOUND);
}

/* The table of section 11.3: tag, the one command whose request may have it; 0 = none. */
static void test_every_tag_in_every_request(void **state)
{
    static const uint8_t home[LCM_ITEM_LIMIT] = {
        [0x04] = 3, [0x05] = 6, [0x06] = 2, [0x10] = 3, [0x11] = 3,
        [0x12] = 3, [0x13] = 3, [0x14] = 3, [0x15] = 3, [0x16] = 3,
        [0x17] = 3, [0x18] = 3, [0x19] = 3, [0x1A] = 3, [0x1B] = 3,
    };

    (void)state;
    for (unsigned command = 1; command <= 7; command++) {
        for (unsigned tag = 1; tag < 0x10000; tag++) {
            bool belongs = tag < LCM_ITEM_LIMIT && home[tag] == command;

            setup_text_begin(&request, (enum lcm_setup_command)command);
            setup_text_put(&request, (enum lcm_item)tag, "1", 1);
            if (is_good() != belongs)
                fail_msg("tag 0x%04x in command %u", tag, command);
        }
    }
}

static void test_twice_is_malformed(void **state)
{
    (void)state;
    for (unsigned tag = 0x10; tag <= 0x1A; tag++) {
        setup_text_begin(&request, LCM_SETUP_SET);
        setup_text_put(&request, (enum lcm_item)tag, "1", 1);
        assert_true(is_good());
        setup_text_put(&request, LCM_ITEM_NO_TRIAL, "1", 1);
        assert_true(is_good());
        setup_text_put(&request, (enum lcm_item)tag, "1", 1);
        assert_false(is_good());
    }
    setup_text_begin(&request, LCM_SETUP_SET);
    setup_text_put_u8(&request, LCM_ITEM_COMMAND, LCM_SETUP_SET);
    assert_false(is_good());
}

static void test_the_command_comes_first(void **state)
{
    static const uint8_t absent[8] = {0};
    static const uint8_t wrong_tag[] = {0x10, 0, 1, 0, 3};
    static const uint8_t long_one[] = {1, 0, 2, 0, 3, 0};
    static const uint8_t empty[] = {1, 0, 0, 0};

    (void)state;
    assert_int_equal(lcm_items_open(&reader, absent, sizeof(absent)), LCM_ERR_FORMAT);
    assert_int_equal(lcm_items_open(&reader, absent, 0), LCM_ERR_FORMAT);
    assert_int_equal(lcm_items_open(&reader, wrong_tag, sizeof(wrong_tag)), LCM_ERR_FORMAT);
    assert_int_equal(lcm_items_open(&reader, long_one, sizeof(long_one)), LCM_ERR_FORMAT);
    assert_int_equal(lcm_items_open(&reader, empty, sizeof(empty)), LCM_ERR_FORMAT);
    for (unsigned command = 0; command < 256; command++) {
        const uint8_t bytes[] = {1, 0, 1, 0, (uint8_t)command};
        bool exists = command >= 1 && command <= 7;

        assert_int_equal(lcm_items_open(&reader, bytes, sizeof(bytes)),
                         exists ? LCM_OK : LCM_ERR_FORMAT);
    }
}

static void test_texts_have_no_nul(void **state)
{
    (void)state;
    for (unsigned tag = 0x10; tag <= 0x1A; tag++) {
        bool is_text = tag != LCM_ITEM_APP_KEY && tag != LCM_ITEM_CHANNEL &&
                       tag != LCM_ITEM_UNSIGNED && tag != LCM_ITEM_LED_PIN;

        setup_text_begin(&request, LCM_SETUP_SET);
        setup_text_put(&request, (enum lcm_item)tag, "a\0b", 3);
        assert_int_equal(is_good(), !is_text);
    }
}

static void test_nothing_may_follow_the_end(void **state)
{
    (void)state;
    setup_text_begin(&request, LCM_SETUP_SET);
    setup_text_put(&request, LCM_ITEM_SSID, "home", 4);
    assert_true(is_good());
    for (size_t i = request.size; i < sizeof(request.bytes); i++) {
        request.bytes[i] = 1;
        assert_false(is_good());
        request.bytes[i] = 0;
    }
}

/* Items up to the last byte, with no end mark; and every cut of them. */
static void test_every_length(void **state)
{
    static const uint8_t bytes[] = {1,   0,   1,   0,    3, 0x10, 0, 4,   0,   'h',
                                    'o', 'm', 'e', 0x11, 0, 3,    0, 'a', 'b', 'c'};
    unsigned count;

    (void)state;
    for (size_t size = 0; size <= sizeof(bytes); size++) {
        uint8_t *exact = malloc(size > 0 ? size : 1);
        bool is_whole = size == 5 || size == 13 || size == sizeof(bytes);

        assert_non_null(exact);
        memcpy(exact, bytes, size);
        assert_int_equal(walk(exact, size, &count), is_whole ? LCM_ERR_NOT_FOUND : LCM_ERR_FORMAT);
        free(exact);
    }
    assert_int_equal(count, 2);
}

static void test_random_bytes(void **state)
{
    uint64_t random = SEED;
    unsigned good = 0;

    (void)state;
    print_message("seed %u\n", SEED);
    for (unsigned i = 0; i < 200000; i++) {
        size_t size = (size_t)(ram_flash_random(&random) % 40);
        uint8_t *bytes = malloc(size + 5);
        unsigned count;

        assert_non_null(bytes);
        memcpy(bytes, (const uint8_t[]){1, 0, 1, 0, 3}, 5);
        for (size_t k = 0; k < size; k++) {
            uint64_t value = ram_flash_random(&random);
            /* Small numbers, so that some of it is well-formed. */
            bytes[5 + k] = (uint8_t)(value >> 8 & (value % 3 == 0 ? 0x1F : 0x03));
        }
        enum lcm_err err = walk(bytes, size + 5, &count);
        assert_true(err == LCM_ERR_NOT_FOUND || err == LCM_ERR_FORMAT);
        good += err == LCM_ERR_NOT_FOUND && count > 0;
        free(bytes);
    }
    assert_true(good > 0);
}

static void test_an_answer_reaches_the_client(void **state)
{
    static const uint8_t network[] = {0xC4, 6, 1, 'h', 'o', 'm', 'e'};
    struct setup_text answer;
    struct lcm_items_writer writer;
    struct setup_item found;
    char text[8];

    (void)state;
    memset(answer.bytes, 0xEE, sizeof(answer.bytes));
    lcm_items_begin(&writer, answer.bytes, sizeof(answer.bytes), LCM_SETUP_REFUSED);
    assert_true(lcm_items_put_text(&writer, LCM_ITEM_LCM_VERSION, "1.0.0"));
    assert_true(lcm_items_put_u16(&writer, LCM_ITEM_LEAVES_IN, 0x1234));
    assert_true(lcm_items_put(&writer, LCM_ITEM_NETWORK, network, sizeof(network)));
    assert_true(lcm_items_put(&writer, LCM_ITEM_NETWORK, network, 3));
    assert_true(setup_text_is_answer(&answer));
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_RESULT, 9), LCM_SETUP_REFUSED);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_LEAVES_IN, 9), 0x1234);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_PHASE, 9), 9);
    setup_text_string(&answer, LCM_ITEM_LCM_VERSION, text, sizeof(text));
    assert_string_equal(text, "1.0.0");
    setup_text_string(&answer, LCM_ITEM_LCM_VERSION, text, 5);
    assert_string_equal(text, "");
    assert_true(setup_text_find(&answer, LCM_ITEM_NETWORK, 0, &found));
    assert_int_equal(found.size, sizeof(network));
    assert_memory_equal(found.value, network, sizeof(network));
    assert_true(setup_text_find(&answer, LCM_ITEM_NETWORK, 1, &found));
    assert_int_equal(found.size, 3);
    assert_false(setup_text_find(&answer, LCM_ITEM_NETWORK, 2, &found));
    answer.bytes[sizeof(answer.bytes) - 1] = 1;
    assert_false(setup_text_is_answer(&answer));
}

static void test_an_answer_never_passes_its_end(void **state)
{
    struct lcm_items_writer writer;

    (void)state;
    for (size_t capacity = 5; capacity < 40; capacity++) {
        uint8_t *exact = malloc(capacity);

        assert_non_null(exact);
        lcm_items_begin(&writer, exact, capacity, LCM_SETUP_DONE);
        while (lcm_items_put_text(&writer, LCM_ITEM_RELEASE, "1.2"))
            continue;
        assert_true(writer.is_cut);
        assert_int_equal(writer.size, 5 + (capacity - 5) / 7 * 7);
        assert_true(lcm_bytes_all(exact + writer.size, capacity - writer.size, 0));
        free(exact);
    }
}

static void test_a_request_never_passes_its_end(void **state)
{
    uint8_t value[300];

    (void)state;
    memset(value, 'x', sizeof(value));
    setup_text_begin(&request, LCM_SETUP_SET);
    for (unsigned i = 0; i < 10; i++)
        setup_text_put(&request, LCM_ITEM_OTA_STRING, value, sizeof(value));
    assert_true(request.is_cut);
    assert_int_equal(request.size, 5 + 3 * 304);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_request_is_read_item_by_item),
        cmocka_unit_test(test_every_tag_in_every_request),
        cmocka_unit_test(test_twice_is_malformed),
        cmocka_unit_test(test_the_command_comes_first),
        cmocka_unit_test(test_texts_have_no_nul),
        cmocka_unit_test(test_nothing_may_follow_the_end),
        cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_random_bytes),
        cmocka_unit_test(test_an_answer_reaches_the_client),
        cmocka_unit_test(test_an_answer_never_passes_its_end),
        cmocka_unit_test(test_a_request_never_passes_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
