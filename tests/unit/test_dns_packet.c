// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the name server of the set-up network answers exactly what docs/SPEC.md, 11.4, says, and no
 * byte string makes it read outside of it. Method: whole messages compared byte by byte with
 * expected replies; every bound from both sides; cuts at every length; random mutations in blocks
 * of exactly their size, so that the sanitizers see one byte too far (seed printed).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "port/lwip/dns_packet.h"

#define ROUNDS 100000u
#define OWN 0xC0A80401u
#define MESSAGE_SIZE 1100u
#define HEADER "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
#define A_IN "\x00\x01\x00\x01"
#define SILENCE SIZE_MAX

static const struct dns_zone zone = {.network_name = "LCM-00A001", .own_addr = OWN};
static uint8_t message[MESSAGE_SIZE];
static size_t message_size;
static uint8_t reply[DNS_REPLY_SIZE_MAX];
static size_t reply_size;

static void put(const void *bytes, size_t size)
{
    assert_true(message_size + size <= sizeof(message));
    memcpy(message + message_size, bytes, size);
    message_size += size;
}

#define BEGIN(text) (message_size = 0, PUT(text))
#define PUT(text) put(text, sizeof(text) - 1)

/* From message to reply; both in blocks of exactly their size. */
static void answer(void)
{
    uint8_t *exact = malloc(message_size);
    struct dns_question question;

    assert_non_null(exact);
    memcpy(exact, message, message_size);
    reply_size = SILENCE;
    if (dns_packet_decode(exact, message_size, &question) == LCM_OK) {
        uint8_t *out = malloc(DNS_REPLY_SIZE_MAX);
        assert_non_null(out);
        reply_size = dns_packet_encode(out, &question, dns_packet_find(&question, &zone));
        assert_in_range(reply_size, 12, DNS_REPLY_SIZE_MAX);
        memcpy(reply, out, reply_size);
        free(out);
    }
    free(exact);
}

static void expect(const char *bytes, size_t size)
{
    answer();
    assert_int_equal(reply_size, size);
    assert_memory_equal(reply, bytes, size);
}

#define EXPECT(text) expect(text, sizeof(text) - 1)

static void expect_code(uint8_t code)
{
    answer();
    assert_int_equal(reply_size, 12);
    assert_memory_equal(reply, message, 2);
    assert_int_equal(reply[2], 0x80 | (message[2] & 0x79));
    assert_int_equal(reply[3], 0x80 | code);
    assert_memory_equal(reply + 4, "\0\0\0\0\0\0\0\0", 8);
}

/* The address in the reply to an A question; the rest is checked as well. */
static uint32_t address_of(const char *name, size_t size)
{
    BEGIN(HEADER);
    put(name, size);
    PUT(A_IN);
    answer();
    assert_int_equal(reply_size, message_size + 16);
    assert_memory_equal(reply, "\x12\x34\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00", 12);
    assert_memory_equal(reply + 12, message + 12, message_size - 12);
    assert_memory_equal(reply + message_size, "\xC0\x0C\x00\x01\x00\x01\x00\x00\x00\x05\x00\x04",
                        12);
    const uint8_t *addr = reply + message_size + 12;
    return (uint32_t)addr[0] << 24 | (uint32_t)addr[1] << 16 | (uint32_t)addr[2] << 8 | addr[3];
}

#define ADDRESS_OF(text) address_of(text, sizeof(text))

static void test_names(void **state)
{
    (void)state;
    assert_int_equal(ADDRESS_OF("\x03lcm\x05setup"), OWN);
    assert_int_equal(ADDRESS_OF("\x03LcM\x05SETup"), OWN);
    assert_int_equal(ADDRESS_OF("\x0Alcm-00a001"), OWN);
    assert_int_equal(ADDRESS_OF("\x0ALCM-00A001"), OWN);
    assert_int_equal(ADDRESS_OF("\x0Alcm-00a001\x05local"), OWN);
    assert_int_equal(ADDRESS_OF("\x0Alcm-00a001\x05lOCAL"), OWN);
    assert_int_equal(ADDRESS_OF("\x08"
                                "captive\x2E\x05"
                                "apple\x03"
                                "com"),
                     DNS_OTHER_ADDR);
    assert_int_equal(ADDRESS_OF("\x03www\x05setup"), DNS_OTHER_ADDR);
    assert_int_equal(ADDRESS_OF("\x03lcm\x05setup\x03"
                                "com"),
                     DNS_OTHER_ADDR);
    assert_int_equal(ADDRESS_OF("\x03www\x03lcm\x05setup"), DNS_OTHER_ADDR);
    assert_int_equal(ADDRESS_OF("\x03lcm"), DNS_OTHER_ADDR);
    assert_int_equal(ADDRESS_OF("\x05setup"), DNS_OTHER_ADDR);
    assert_int_equal(ADDRESS_OF("\x09lcm.setup"), DNS_OTHER_ADDR); /* a dot inside a label */
    assert_int_equal(ADDRESS_OF("\x0Alcm-00a002"), DNS_OTHER_ADDR);
    assert_int_equal(ADDRESS_OF("\x0Alcm-00a001\x03lan"), DNS_OTHER_ADDR);
    assert_int_equal(ADDRESS_OF("\x0Alcm-00a001\x05local\x05local"), DNS_OTHER_ADDR);
    assert_int_equal(ADDRESS_OF("\x10lcm-00a001.local"), DNS_OTHER_ADDR);
    assert_int_equal(ADDRESS_OF("\x05local"), DNS_OTHER_ADDR);
    assert_int_equal(ADDRESS_OF("\x0Blcm-00a001\x00"), DNS_OTHER_ADDR);
    assert_int_equal(ADDRESS_OF("\x09lcm-00a00"), DNS_OTHER_ADDR);
    assert_int_equal(ADDRESS_OF("\x0Alcm\x0D"
                                "00a001"),
                     DNS_OTHER_ADDR);                 /* '-' without a bit */
    assert_int_equal(ADDRESS_OF(""), DNS_OTHER_ADDR); /* the root itself */
    assert_int_equal(DNS_OTHER_ADDR, 0xC0000201);     /* 192.0.2.1, RFC 5737 */
}

/* Other types and classes: the question comes back without an answer, and without an error. */
static void test_types(void **state)
{
    static const char *const types[] = {
        "\x00\x1C\x00\x01", /* AAAA */
        "\x00\x41\x00\x01", /* HTTPS */
        "\x00\x40\x00\x01", /* SVCB */
        "\x00\x0F\x00\x01", /* MX */
        "\x00\xFF\x00\x01", /* everything */
        "\x01\x01\x00\x01", /* not A: the high byte counts */
        "\x00\x01\x00\x03", /* A, class CHAOS */
        "\x00\x01\x00\xFF", /* A, any class */
        "\x00\x01\x01\x01",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        BEGIN(HEADER "\x03lcm\x05setup\x00");
        put(types[i], 4);
        answer();
        assert_int_equal(reply_size, message_size);
        assert_memory_equal(reply, "\x12\x34\x81\x80\x00\x01\x00\x00\x00\x00\x00\x00", 12);
        assert_memory_equal(reply + 12, message + 12, message_size - 12);
    }
}

/* What comes behind the question is passed over: OPT of RFC 6891, or anything. */
static void test_what_is_behind(void **state)
{
    (void)state;
    BEGIN("\xAB\xCD\x01\x20\x00\x01\x00\x00\x00\x00\x00\x01\x03www\x04"
          "test\x00" A_IN);
    PUT("\x00\x00\x29\x04\xD0\x00\x00\x80\x00\x00\x00");
    EXPECT("\xAB\xCD\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\x03www\x04"
           "test\x00" A_IN "\xC0\x0C" A_IN "\x00\x00\x00\x05\x00\x04\xC0\x00\x02\x01");
    message[11] = 9; /* a lie */
    answer();
    assert_int_equal(reply_size, 12 + 10 + 4 + 16);
    message[7] = 3; /* "answers" in a question */
    answer();
    assert_int_equal(reply_size, 12 + 10 + 4 + 16);
}

static void test_flags(void **state)
{
    (void)state;
    for (uint32_t flags = 0; flags < 0x10000; flags++) {
        BEGIN(HEADER "\x01"
                     "a\x00" A_IN);
        message[2] = (uint8_t)(flags >> 8);
        message[3] = (uint8_t)flags;
        if ((flags & 0x8000) != 0) {
            answer();
            assert_true(reply_size == SILENCE);
        } else if ((flags & 0x7800) != 0) {
            expect_code(DNS_CODE_NOT_IMPLEMENTED);
        } else {
            answer();
            assert_int_equal(reply_size, message_size + 16);
            assert_int_equal(reply[2], 0x80 | (message[2] & 1));
            assert_int_equal(reply[3], 0x80);
        }
    }
}

static void test_counts(void **state)
{
    (void)state;
    BEGIN(HEADER "\x01"
                 "a\x00" A_IN "\x01"
                 "b\x00" A_IN);
    for (uint32_t count = 0; count < 0x10000; count += count < 600 ? 1 : 0xFF) {
        message[4] = (uint8_t)(count >> 8);
        message[5] = (uint8_t)count;
        if (count != 1)
            expect_code(DNS_CODE_FORMAT_ERROR);
    }
}

/* A name of so many labels, and a last one of its own size. */
static void put_name(size_t labels, size_t label_size, size_t last_size)
{
    uint8_t label[256];

    memset(label, 'x', sizeof(label));
    label[0] = (uint8_t)label_size;
    for (size_t i = 0; i < labels; i++)
        put(label, 1 + label_size);
    label[0] = (uint8_t)last_size;
    if (last_size > 0)
        put(label, 1 + last_size);
    PUT("\x00");
}

static bool is_name_taken(size_t labels, size_t label_size, size_t last_size)
{
    BEGIN(HEADER);
    put_name(labels, label_size, last_size);
    PUT(A_IN);
    answer();
    if (reply_size != 12)
        return true;
    expect_code(DNS_CODE_FORMAT_ERROR);
    return false;
}

static void test_bounds_of_names(void **state)
{
    (void)state;
    assert_true(is_name_taken(1, 63, 0));
    assert_false(is_name_taken(1, 64, 0)); /* 0x40: not a label */
    assert_false(is_name_taken(1, 65, 0));
    assert_true(is_name_taken(3, 63, 61)); /* 255 bytes with the root's */
    assert_int_equal(reply_size, DNS_REPLY_SIZE_MAX);
    assert_false(is_name_taken(3, 63, 62));
    assert_false(is_name_taken(4, 63, 0));
    assert_true(is_name_taken(127, 1, 0)); /* as many labels as fit: 255 bytes */
    assert_int_equal(reply_size, DNS_REPLY_SIZE_MAX);
    assert_false(is_name_taken(128, 1, 0));
    assert_false(is_name_taken(126, 1, 2));
}

static void test_compression(void **state)
{
    (void)state;
    BEGIN(HEADER "\xC0\x0C" A_IN);
    expect_code(DNS_CODE_FORMAT_ERROR);
    BEGIN(HEADER "\x03www\xC0\x0C" A_IN);
    expect_code(DNS_CODE_FORMAT_ERROR);
    BEGIN(HEADER "\x80"
                 "aaaa\x00" A_IN);
    expect_code(DNS_CODE_FORMAT_ERROR);
}

/* Cut anywhere: silence inside the header, an error up to the last byte of the question. */
static void test_cuts(void **state)
{
    (void)state;
    BEGIN(HEADER "\x03lcm\x05setup\x00" A_IN);
    size_t whole = message_size;
    for (message_size = 1; message_size < whole; message_size++) {
        if (message_size >= 12) {
            expect_code(DNS_CODE_FORMAT_ERROR);
        } else {
            answer();
            assert_true(reply_size == SILENCE);
        }
    }
    answer();
    assert_int_equal(reply_size, whole + 16);
    struct dns_question question = {.size = 77};
    assert_int_equal(dns_packet_decode(message, 0, &question), LCM_ERR_FORMAT);
    assert_int_equal(question.size, 77); /* not written */
}

static void mutate(void)
{
    static const char *const names[] = {"\x03lcm\x05setup", "\x0Alcm-00a001\x05local",
                                        "\x03www\x07gstatic\x03"
                                        "com",
                                        ""};
    const char *name = names[(size_t)rand() % 4];
    int changes = rand() % 6;

    BEGIN(HEADER);
    put(name, strlen(name) + 1);
    PUT(A_IN "\x00\x00\x29\x04\xD0\x00\x00\x80\x00\x00\x00");
    for (int i = 0; i < changes; i++)
        message[(size_t)rand() % message_size] = (uint8_t)rand();
    if (rand() % 3 == 0)
        message_size = (size_t)rand() % (message_size + 1);
    while (rand() % 3 == 0 && message_size < sizeof(message) - 8)
        put(&(uint8_t[1]){(uint8_t)rand()}, 1);
    if (message_size == 0)
        message_size = 1;
}

/* Whatever comes: silence, an error of 12 bytes, or the question as it came. */
static void test_mutations(void **state)
{
    const char *given = getenv("LCM_SEED");
    unsigned seed = given != NULL ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);

    (void)state;
    print_message("seed %u\n", seed);
    srand(seed);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        mutate();
        answer();
        if (reply_size == SILENCE)
            continue;
        assert_memory_equal(reply, message, 2);
        assert_true((reply[2] & 0x80) != 0 && reply_size <= message_size + 16);
        bool is_error = (reply[3] & 0x0F) != 0;
        assert_int_equal(reply[5], is_error ? 0 : 1);
        if (is_error)
            assert_int_equal(reply_size, 12);
        else
            assert_memory_equal(reply + 12, message + 12, reply_size - 12 - 16u * reply[7]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),          cmocka_unit_test(test_types),
        cmocka_unit_test(test_what_is_behind), cmocka_unit_test(test_flags),
        cmocka_unit_test(test_counts),         cmocka_unit_test(test_bounds_of_names),
        cmocka_unit_test(test_compression),    cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_mutations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
