// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a DHCP server reads the messages devices send, refuses every other byte string without
 * reading outside it, and writes answers of the documented shape. Method: messages built byte by
 * byte here, one per rule that can be broken; cuts at every length; random mutations in blocks of
 * exactly their size, so that the sanitizers see one byte too far (seed printed).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "port/lwip/dhcp_packet.h"

#define ROUNDS 50000u
#define OPTIONS 240u

static const struct dhcp_network network = {.server_addr = 0xC0A80401, .mask = 0xFFFFFF00};
static uint8_t message[DHCP_REQUEST_SIZE_MAX + 1];
static size_t message_size;
static struct dhcp_request request;

static void begin(void)
{
    static const uint8_t head[] = {1, 1, 6, 0, 0xDE, 0xAD, 0xBE, 0xEF, 0, 3, 0x80, 0};
    static const uint8_t mac[] = {0x02, 0, 0, 0, 0, 0x2A};

    memset(message, 0, sizeof(message));
    memcpy(message, head, sizeof(head));
    memcpy(message + 12, "\xC0\xA8\x04\x05", 4);
    memcpy(message + 28, mac, sizeof(mac));
    memcpy(message + 236, "\x63\x82\x53\x63", 4);
    message_size = OPTIONS;
}

static void add(const char *bytes, size_t size)
{
    memcpy(message + message_size, bytes, size);
    message_size += size;
}

#define ADD(text) add(text, sizeof(text) - 1)

static enum lcm_err decode(void)
{
    uint8_t *exact = malloc(message_size);

    assert_non_null(exact);
    memcpy(exact, message, message_size);
    enum lcm_err err = dhcp_packet_decode(exact, message_size, &request);
    if (err == LCM_OK && request.client_id != NULL)
        request.client_id = message + (request.client_id - exact);
    free(exact);
    return err;
}

static void test_reads_a_request(void **state)
{
    (void)state;
    begin();
    ADD("\x35\x01\x03\x00\x32\x04\xC0\xA8\x04\x07\x36\x04\xC0\xA8\x04\x01\x0C\x05phone");
    ADD("\x3D\x07\x01\x02\x00\x00\x00\x00\x2A\x34\x00\xFF trailing");
    assert_int_equal(decode(), LCM_ERR_FORMAT); /* 0x34: options continue elsewhere */
    begin();
    ADD("\x35\x01\x03\x00\x32\x04\xC0\xA8\x04\x07\x36\x04\xC0\xA8\x04\x01\x0C\x05phone");
    ADD("\x3D\x07\x01\x02\x00\x00\x00\x00\x2A\xFF trailing");
    assert_int_equal(decode(), LCM_OK);
    assert_int_equal(request.type, DHCP_REQUEST);
    assert_memory_equal(request.transaction, "\xDE\xAD\xBE\xEF", 4);
    assert_memory_equal(request.mac, "\x02\x00\x00\x00\x00\x2A", 6);
    assert_int_equal(request.client_addr, 0xC0A80405);
    assert_int_equal(request.requested_addr, 0xC0A80407);
    assert_int_equal(request.server_addr, 0xC0A80401);
    assert_int_equal(request.client_id_size, 7);
    assert_memory_equal(request.client_id, "\x01\x02\x00\x00\x00\x00\x2A", 7);
}

static void test_types(void **state)
{
    (void)state;
    for (unsigned type = 0; type < 256; type++) {
        bool is_a_clients = type == 1 || type == 3 || type == 4 || type == 7 || type == 8;
        begin();
        ADD("\x35\x01?\xFF");
        message[OPTIONS + 2] = (uint8_t)type;
        assert_int_equal(decode(), is_a_clients ? LCM_OK : LCM_ERR_FORMAT);
    }
}

static void expect_refused(size_t offset, const char *bytes, size_t size)
{
    begin();
    ADD("\x35\x01\x01\xFF");
    assert_int_equal(decode(), LCM_OK);
    memcpy(message + offset, bytes, size);
    assert_int_equal(decode(), LCM_ERR_FORMAT);
}

static void test_header(void **state)
{
    (void)state;
    expect_refused(0, "\x02", 1);                      /* an answer */
    expect_refused(1, "\x06", 1);                      /* not Ethernet */
    expect_refused(2, "\x10", 1);                      /* long address */
    expect_refused(24, "\x0A\x00\x00\x01", 4);         /* by a relay */
    expect_refused(28, "\x03", 1);                     /* a group as sender */
    expect_refused(28, "\x00\x00\x00\x00\x00\x00", 6); /* nobody */
    expect_refused(28, "\xFF\xFF\xFF\xFF\xFF\xFF", 6); /* everybody */
    expect_refused(236, "\x63\x82\x53\x64", 4);        /* no DHCP */
}

static void test_options(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
    } wrong[] = {
        {"\xFF", 1},                                          /* no type */
        {"\x35\x01\x01", 3},                                  /* no end */
        {"\x35\x01\x01\x00\x00", 5},                          /* padding, no end */
        {"\x35\x01\x01\x35\x01\x01\xFF", 7},                  /* two types */
        {"\x35\x02\x01\x01\xFF", 5},                          /* long type */
        {"\x35\x00\xFF", 3},                                  /* empty type */
        {"\x35\x01\x01\x32\x03\x0A\x00\x00\xFF", 9},          /* short address */
        {"\x35\x01\x01\x32\x04\x00\x00\x00\x00\xFF", 10},     /* no address */
        {"\x35\x01\x01\x36\x05\x0A\x00\x00\x01\x00\xFF", 11}, /* long address */
        {"\x35\x01\x01\x36\x04\x0A\x00\x00\x01\x36\x04\x0A\x00\x00\x01\xFF", 16},
        {"\x35\x01\x01\x3D\x01\x00\xFF", 7}, /* client id without content */
        {"\x35\x01\x01\x0C\x02\xFF", 6},     /* ends in the middle */
        {"\x35\x01\x01\x0C\xFF", 5},         /* a length of 255 */
        {"\x35\x01", 2},                     /* no value */
        {"\x35\x01\x01\x0C", 4},             /* no length */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        begin();
        add(wrong[i].bytes, wrong[i].size);
        assert_int_equal(decode(), LCM_ERR_FORMAT);
    }
}

static void test_sizes(void **state)
{
    (void)state;
    begin();
    ADD("\x35\x01\x01\x0C\x05phone\xFF");
    size_t whole = message_size;
    for (message_size = 0; message_size < whole; message_size++)
        assert_int_equal(decode(), LCM_ERR_FORMAT);
    message_size = DHCP_REQUEST_SIZE_MAX;
    assert_int_equal(decode(), LCM_OK);
    message_size++;
    assert_int_equal(decode(), LCM_ERR_FORMAT);
}

static size_t encode(uint8_t *bytes, const struct dhcp_reply *reply)
{
    memset(bytes, 0xA5, DHCP_REPLY_SIZE_MAX + 1);
    size_t size = dhcp_packet_encode(bytes, &request, reply, &network);
    assert_in_range(size, DHCP_REPLY_SIZE_MIN, DHCP_REPLY_SIZE_MAX);
    assert_int_equal(bytes[DHCP_REPLY_SIZE_MAX], 0xA5);
    return size;
}

static void test_writes_an_offer(void **state)
{
    static const char options[] =
        "\x35\x01\x02\x36\x04\xC0\xA8\x04\x01\x01\x04\xFF\xFF\xFF\x00\x03\x04\xC0\xA8\x04\x01"
        "\x06\x04\xC0\xA8\x04\x01\x33\x04\x00\x00\x00\x78\x3A\x04\x00\x00\x00\x3C\x3B\x04\x00\x00"
        "\x00\x69\xFF";
    const struct dhcp_reply reply = {.type = DHCP_OFFER, .your_addr = 0xC0A80403, .lease_s = 120};
    uint8_t bytes[DHCP_REPLY_SIZE_MAX + 1];

    (void)state;
    begin();
    ADD("\x35\x01\x01\xFF");
    assert_int_equal(decode(), LCM_OK);
    assert_int_equal(encode(bytes, &reply), DHCP_REPLY_SIZE_MIN);
    assert_memory_equal(bytes, "\x02\x01\x06\x00\xDE\xAD\xBE\xEF\x00\x00\x80\x00", 12);
    assert_memory_equal(bytes + 12, "\x00\x00\x00\x00\xC0\xA8\x04\x03", 8);
    assert_memory_equal(bytes + 28, message + 28, 16);
    assert_memory_equal(bytes + 236, "\x63\x82\x53\x63", 4);
    assert_memory_equal(bytes + OPTIONS, options, sizeof(options) - 1);
}

static void test_writes_others(void **state)
{
    const struct dhcp_reply refusal = {.type = DHCP_NAK};
    const struct dhcp_reply answer = {.type = DHCP_ACK, .client_addr = 0xC0A80463};
    uint8_t bytes[DHCP_REPLY_SIZE_MAX + 1];

    (void)state;
    begin();
    ADD("\x35\x01\x03\x3D\x02\x00xy\xFF");
    message[message_size - 4] = 0; /* client id 00 78 */
    assert_int_equal(decode(), LCM_ERR_FORMAT);
    begin();
    ADD("\x35\x01\x03\x3D\x02xy\xFF");
    assert_int_equal(decode(), LCM_OK);
    (void)encode(bytes, &refusal);
    assert_memory_equal(bytes + OPTIONS, "\x35\x01\x06\x36\x04\xC0\xA8\x04\x01\x3D\x02xy\xFF\x00",
                        15);
    (void)encode(bytes, &answer);
    assert_memory_equal(bytes + 12, "\xC0\xA8\x04\x63\x00\x00\x00\x00", 8);
    assert_memory_equal(bytes + OPTIONS + 9 + 18, "\x3D\x02xy\xFF", 5); /* no lease times */
}

static void test_longest_client_id(void **state)
{
    const struct dhcp_reply reply = {.type = DHCP_ACK, .your_addr = 1, .lease_s = 120};
    uint8_t bytes[DHCP_REPLY_SIZE_MAX + 1];

    (void)state;
    begin();
    ADD("\x35\x01\x03\x3D\xFF");
    message_size += 255;
    ADD("\xFF");
    assert_int_equal(decode(), LCM_OK);
    assert_int_equal(request.client_id_size, 255);
    assert_int_equal(encode(bytes, &reply), 240 + 3 + 42 + 257 + 1);
}

static void mutate(void)
{
    begin();
    ADD("\x35\x01\x03\x00\x32\x04\xC0\xA8\x04\x07\x36\x04\xC0\xA8\x04\x01\x0C\x05phone");
    ADD("\x3D\x07\x01\x02\x00\x00\x00\x00\x2A\xFF\x00\x00\x00\x00\x00\x00\x00\x00");
    for (int i = rand() % 6; i > 0; i--)
        message[OPTIONS + (size_t)rand() % (message_size - OPTIONS)] = (uint8_t)rand();
    if (rand() % 4 == 0)
        message[(size_t)rand() % OPTIONS] = (uint8_t)rand();
    if (rand() % 4 == 0)
        message_size = 1 + (size_t)rand() % message_size;
}

static void test_mutations(void **state)
{
    const struct dhcp_reply reply = {.type = DHCP_ACK, .your_addr = 1, .lease_s = 120};
    uint8_t bytes[DHCP_REPLY_SIZE_MAX + 1];
    unsigned seed = (unsigned)time(NULL);
    uint32_t good = 0;

    (void)state;
    print_message("seed %u\n", seed);
    srand(seed);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        mutate();
        if (decode() != LCM_OK)
            continue;
        good++;
        assert_in_range(request.type, DHCP_DISCOVER, DHCP_INFORM);
        (void)encode(bytes, &reply);
    }
    assert_in_range(good, ROUNDS / 100, ROUNDS - ROUNDS / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_a_request), cmocka_unit_test(test_types),
        cmocka_unit_test(test_header),          cmocka_unit_test(test_options),
        cmocka_unit_test(test_sizes),           cmocka_unit_test(test_writes_an_offer),
        cmocka_unit_test(test_writes_others),   cmocka_unit_test(test_longest_client_id),
        cmocka_unit_test(test_mutations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
