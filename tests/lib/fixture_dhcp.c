// SPDX-License-Identifier: Apache-2.0
/* A DHCP client, byte by byte; see the header. Shares no code with the server. */
#include "tests/lib/fixture_dhcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/fixture_process.h"

#define SERVER_PORT 67u
#define CLIENT_PORT 68u
#define SIZE_MIN 300u
#define SIZE_MAX_ALL_TAKE 548u
#define OPTIONS 240u
#define ANSWER_MS 3000u
#define LEASE_MIN_S 120u
#define LEASE_MAX_S 300u
#define MASK 0xFFFFFF00u

static const uint8_t cookie[4] = {0x63, 0x82, 0x53, 0x63};
static uint32_t last_transaction = 0x1C0FFEE0u;

/* The options of an answer; NULL = not there. */
struct answer_options {
    const uint8_t *at[256];
};

static uint32_t get_u32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void put_u32(uint8_t *bytes, uint32_t value)
{
    bytes[0] = (uint8_t)(value >> 24);
    bytes[1] = (uint8_t)(value >> 16);
    bytes[2] = (uint8_t)(value >> 8);
    bytes[3] = (uint8_t)value;
}

static uint8_t *put_addr(uint8_t *at, uint8_t option, uint32_t addr)
{
    if (addr == 0)
        return at;
    at[0] = option;
    at[1] = 4;
    put_u32(at + 2, addr);
    return at + 6;
}

size_t fixture_dhcp_write(const struct fixture_station *station, const struct fixture_dhcp *message,
                          uint8_t *bytes)
{
    uint8_t *at = bytes + OPTIONS;

    memset(bytes, 0, SIZE_MIN);
    bytes[0] = 1;
    bytes[1] = 1;
    bytes[2] = 6;
    put_u32(bytes + 4, last_transaction);
    put_u32(bytes + 12, message->client_addr);
    memcpy(bytes + 28, station->mac, 6);
    memcpy(bytes + 236, cookie, 4);
    *at++ = 53;
    *at++ = 1;
    *at++ = (uint8_t)message->type;
    at = put_addr(at, 50, message->requested_addr);
    at = put_addr(at, 54, message->server_addr);
    if (message->has_client_id) {
        at[0] = 61;
        at[1] = 7;
        at[2] = 1;
        memcpy(at + 3, station->mac, 6);
        at += 9;
    }
    memcpy(at, "\x37\x04\x01\x03\x06\x0F\xFF", 7); /* wanted: mask, router, names, domain */
    return SIZE_MIN;
}

void fixture_dhcp_send(const struct fixture_station *station, const struct fixture_dhcp *message)
{
    struct fixture_datagram datagram = {.from_port = CLIENT_PORT, .to_port = SERVER_PORT};
    bool is_unicast = message->client_addr != 0;

    last_transaction++;
    datagram.from_addr = message->client_addr;
    datagram.to_addr = is_unicast ? FIXTURE_AP_ADDR : FIXTURE_BROADCAST_ADDR;
    memcpy(datagram.to_mac, is_unicast ? fixture_ap_mac : fixture_broadcast_mac, 6);
    datagram.size = fixture_dhcp_write(station, message, datagram.payload);
    fixture_station_send_datagram(station, &datagram);
}

/* Every option whole, none twice, an end, and nothing but padding behind it. */
static void read_options(const struct fixture_datagram *datagram, struct answer_options *options)
{
    const uint8_t *bytes = datagram->payload;
    size_t at = OPTIONS;

    memset(options, 0, sizeof(*options));
    assert_int_equal(bytes[at], 53); /* some devices look there only */
    while (bytes[at] != 255) {
        if (bytes[at] == 0) {
            at++;
        } else {
            assert_true(at + 2 + bytes[at + 1] < datagram->size);
            assert_null(options->at[bytes[at]]);
            options->at[bytes[at]] = bytes + at + 1;
            at += 2u + bytes[at + 1];
        }
        assert_true(at < datagram->size);
    }
    for (at++; at < datagram->size; at++)
        assert_int_equal(bytes[at], 0);
}

static uint32_t option_u32(const struct answer_options *options, uint8_t option)
{
    assert_non_null(options->at[option]);
    assert_int_equal(options->at[option][0], 4);
    return get_u32(options->at[option] + 1);
}

static void expect_network(const struct answer_options *options)
{
    assert_int_equal(option_u32(options, 1), MASK);
    assert_int_equal(option_u32(options, 3), FIXTURE_AP_ADDR);
    assert_int_equal(option_u32(options, 6), FIXTURE_AP_ADDR);
}

static uint32_t expect_lease(const struct answer_options *options)
{
    uint32_t lease_s = option_u32(options, 51);
    uint32_t renew_s = option_u32(options, 58);
    uint32_t rebind_s = option_u32(options, 59);

    assert_in_range(lease_s, LEASE_MIN_S, LEASE_MAX_S);
    assert_true(0 < renew_s && renew_s < rebind_s && rebind_s < lease_s);
    return lease_s;
}

static void expect_header(const struct fixture_station *station, const struct fixture_dhcp *message,
                          const struct fixture_datagram *datagram)
{
    static const uint8_t nothing[192] = {0};
    const uint8_t *bytes = datagram->payload;

    assert_in_range(datagram->size, SIZE_MIN, SIZE_MAX_ALL_TAKE);
    assert_int_equal(bytes[0], 2);
    assert_int_equal(bytes[1], 1);
    assert_int_equal(bytes[2], 6);
    assert_int_equal(bytes[3], 0);
    assert_int_equal(get_u32(bytes + 24), 0);
    assert_memory_equal(bytes + 28, station->mac, 6);
    assert_memory_equal(bytes + 34, nothing, 10);
    assert_memory_equal(bytes + 44, nothing, sizeof(nothing));
    assert_memory_equal(bytes + 236, cookie, 4);
    assert_int_equal(datagram->from_addr, FIXTURE_AP_ADDR);
    assert_int_equal(datagram->from_port, SERVER_PORT);
    if (bytes[242] != FIXTURE_DHCP_NAK) {
        assert_int_equal(get_u32(bytes + 12), message->client_addr);
        assert_int_equal(datagram->to_addr,
                         message->client_addr != 0 ? message->client_addr : FIXTURE_BROADCAST_ADDR);
    } else {
        assert_int_equal(get_u32(bytes + 12), 0);
        assert_int_equal(datagram->to_addr, FIXTURE_BROADCAST_ADDR);
    }
}

static struct fixture_dhcp_answer read_answer(const struct fixture_station *station,
                                              const struct fixture_dhcp *message,
                                              const struct fixture_datagram *datagram)
{
    struct answer_options options;
    struct fixture_dhcp_answer answer = {.type = FIXTURE_DHCP_NOTHING};

    expect_header(station, message, datagram);
    read_options(datagram, &options);
    assert_int_equal(options.at[53][0], 1);
    answer.type = (enum fixture_dhcp_type)options.at[53][1];
    answer.your_addr = get_u32(datagram->payload + 16);
    assert_int_equal(option_u32(&options, 54), FIXTURE_AP_ADDR);
    assert_int_equal(options.at[61] != NULL, message->has_client_id);
    if (message->has_client_id)
        assert_memory_equal(options.at[61] + 2, station->mac, 6);
    if (answer.type != FIXTURE_DHCP_NAK)
        expect_network(&options);
    if (answer.type == FIXTURE_DHCP_NAK || message->type == FIXTURE_DHCP_INFORM)
        assert_null(options.at[51]);
    else
        answer.lease_s = expect_lease(&options);
    return answer;
}

struct fixture_dhcp_answer fixture_dhcp_ask(struct fixture_station *station,
                                            const struct fixture_dhcp *message, uint32_t timeout_ms)
{
    uint64_t end_ms = fixture_now_ms() + timeout_ms;
    struct fixture_datagram datagram;

    station->addr = message->client_addr;
    fixture_dhcp_send(station, message);
    for (uint64_t now_ms; (now_ms = fixture_now_ms()) < end_ms;) {
        if (fixture_station_datagram(station, CLIENT_PORT, &datagram,
                                     (uint32_t)(end_ms - now_ms)) &&
            get_u32(datagram.payload + 4) == last_transaction)
            return read_answer(station, message, &datagram);
    }
    return (struct fixture_dhcp_answer){.type = FIXTURE_DHCP_NOTHING};
}

uint32_t fixture_dhcp_lease(struct fixture_station *station)
{
    const struct fixture_dhcp discover = {.type = FIXTURE_DHCP_DISCOVER, .has_client_id = true};
    struct fixture_dhcp request = {.type = FIXTURE_DHCP_REQUEST, .server_addr = FIXTURE_AP_ADDR};
    struct fixture_dhcp_answer answer = fixture_dhcp_ask(station, &discover, ANSWER_MS);

    if (answer.type == FIXTURE_DHCP_NOTHING)
        return 0;
    assert_int_equal(answer.type, FIXTURE_DHCP_OFFER);
    uint32_t offered = answer.your_addr;
    request.requested_addr = offered;
    answer = fixture_dhcp_ask(station, &request, ANSWER_MS);
    assert_int_equal(answer.type, FIXTURE_DHCP_ACK);
    assert_int_equal(answer.your_addr, offered);
    station->addr = offered;
    return offered;
}
