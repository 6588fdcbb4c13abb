// SPDX-License-Identifier: Apache-2.0
/*
 * DHCP messages: bytes to struct and back. What to answer is decided in dhcp_leases.c.
 *
 * Invariant: no byte outside the given message is read, whatever the lengths inside it say.
 */
#include "port/lwip/dhcp_packet.h"

#include <string.h>

#define OP_OFFSET 0u
#define HARDWARE_OFFSET 1u
#define HARDWARE_SIZE_OFFSET 2u
#define TRANSACTION_OFFSET 4u
#define FLAGS_OFFSET 10u
#define CLIENT_OFFSET 12u
#define YOUR_OFFSET 16u
#define RELAY_OFFSET 24u
#define MAC_OFFSET 28u
#define COOKIE_OFFSET 236u
#define OPTIONS_OFFSET 240u

#define OP_REQUEST 1u
#define OP_REPLY 2u
#define HARDWARE_ETHERNET 1u
#define COOKIE 0x63825363u
#define FLAG_BROADCAST 0x80u
#define MAC_GROUP_BIT 1u

/* type, server, mask, router, name server, three times, client id, end */
#define OPTIONS_SIZE_MAX (3u + 7u * 6u + 2u + DHCP_CLIENT_ID_SIZE_MAX + 1u)
_Static_assert(OPTIONS_OFFSET + OPTIONS_SIZE_MAX <= DHCP_REPLY_SIZE_MAX, "every reply has room");

enum dhcp_option {
    OPTION_PAD = 0,
    OPTION_MASK = 1,
    OPTION_ROUTER = 3,
    OPTION_NAME_SERVER = 6,
    OPTION_REQUESTED = 50,
    OPTION_LEASE = 51,
    OPTION_OVERLOAD = 52,
    OPTION_TYPE = 53,
    OPTION_SERVER = 54,
    OPTION_RENEW = 58,
    OPTION_REBIND = 59,
    OPTION_CLIENT_ID = 61,
    OPTION_END = 255,
};

static uint32_t packet_get_u32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void packet_put_u32(uint8_t *bytes, uint32_t value)
{
    bytes[0] = (uint8_t)(value >> 24);
    bytes[1] = (uint8_t)(value >> 16);
    bytes[2] = (uint8_t)(value >> 8);
    bytes[3] = (uint8_t)value;
}

/* An address option may come once and is not 0.0.0.0. */
static bool packet_take_addr(uint32_t *addr, const uint8_t *value, uint8_t size)
{
    if (size != 4 || *addr != 0)
        return false;
    *addr = packet_get_u32(value);
    return *addr != 0;
}

static bool packet_take_type(struct dhcp_request *request, const uint8_t *value, uint8_t size)
{
    if (size != 1 || request->type != DHCP_NONE)
        return false;
    switch (value[0]) {
    case DHCP_DISCOVER:
    case DHCP_REQUEST:
    case DHCP_DECLINE:
    case DHCP_RELEASE:
    case DHCP_INFORM:
        request->type = (enum dhcp_type)value[0];
        return true;
    default:
        return false;
    }
}

static bool packet_take_client_id(struct dhcp_request *request, const uint8_t *value, uint8_t size)
{
    if (size < 2 || request->client_id_size != 0)
        return false;
    request->client_id = value;
    request->client_id_size = size;
    return true;
}

static bool packet_take_option(struct dhcp_request *request, uint8_t option, const uint8_t *value,
                               uint8_t size)
{
    switch (option) {
    case OPTION_TYPE:
        return packet_take_type(request, value, size);
    case OPTION_REQUESTED:
        return packet_take_addr(&request->requested_addr, value, size);
    case OPTION_SERVER:
        return packet_take_addr(&request->server_addr, value, size);
    case OPTION_CLIENT_ID:
        return packet_take_client_id(request, value, size);
    case OPTION_OVERLOAD:
        return false;
    default:
        return true;
    }
}

/* true when the options end with an end option and every one fits. */
static bool packet_take_options(struct dhcp_request *request, const uint8_t *bytes, size_t size)
{
    size_t at = 0;

    while (at < size && bytes[at] != OPTION_END) {
        if (bytes[at] == OPTION_PAD) {
            at++;
            continue;
        }
        if (size - at < 2 || size - at - 2 < bytes[at + 1])
            return false;
        if (!packet_take_option(request, bytes[at], bytes + at + 2, bytes[at + 1]))
            return false;
        at += 2u + bytes[at + 1];
    }
    return at < size;
}

static bool packet_is_from_client(const uint8_t *bytes)
{
    static const uint8_t nobody[DHCP_MAC_SIZE] = {0};

    return bytes[OP_OFFSET] == OP_REQUEST && bytes[HARDWARE_OFFSET] == HARDWARE_ETHERNET &&
           bytes[HARDWARE_SIZE_OFFSET] == DHCP_MAC_SIZE &&
           packet_get_u32(bytes + COOKIE_OFFSET) == COOKIE &&
           packet_get_u32(bytes + RELAY_OFFSET) == 0 && (bytes[MAC_OFFSET] & MAC_GROUP_BIT) == 0 &&
           memcmp(bytes + MAC_OFFSET, nobody, DHCP_MAC_SIZE) != 0;
}

enum lcm_err dhcp_packet_decode(const uint8_t *bytes, size_t size, struct dhcp_request *request)
{
    struct dhcp_request read = {.type = DHCP_NONE};

    if (size <= OPTIONS_OFFSET || size > DHCP_REQUEST_SIZE_MAX || !packet_is_from_client(bytes))
        return LCM_ERR_FORMAT;
    memcpy(read.transaction, bytes + TRANSACTION_OFFSET, sizeof(read.transaction));
    memcpy(read.flags, bytes + FLAGS_OFFSET, sizeof(read.flags));
    memcpy(read.mac, bytes + MAC_OFFSET, sizeof(read.mac));
    read.client_addr = packet_get_u32(bytes + CLIENT_OFFSET);
    if (!packet_take_options(&read, bytes + OPTIONS_OFFSET, size - OPTIONS_OFFSET) ||
        read.type == DHCP_NONE)
        return LCM_ERR_FORMAT;
    *request = read;
    return LCM_OK;
}

static uint8_t *packet_put_option(uint8_t *at, enum dhcp_option option, uint32_t value)
{
    at[0] = (uint8_t)option;
    at[1] = 4;
    packet_put_u32(at + 2, value);
    return at + 6;
}

static uint8_t *packet_put_network(uint8_t *at, const struct dhcp_reply *reply,
                                   const struct dhcp_network *network)
{
    at = packet_put_option(at, OPTION_MASK, network->mask);
    at = packet_put_option(at, OPTION_ROUTER, network->server_addr);
    at = packet_put_option(at, OPTION_NAME_SERVER, network->server_addr);
    if (reply->lease_s == 0)
        return at;
    at = packet_put_option(at, OPTION_LEASE, reply->lease_s);
    at = packet_put_option(at, OPTION_RENEW, reply->lease_s / 2);
    return packet_put_option(at, OPTION_REBIND, reply->lease_s / 8 * 7);
}

/* A client that named itself must find its name in the answer (RFC 6842). */
static uint8_t *packet_put_client_id(uint8_t *at, const struct dhcp_request *request)
{
    if (request->client_id_size == 0)
        return at;
    at[0] = OPTION_CLIENT_ID;
    at[1] = request->client_id_size;
    memcpy(at + 2, request->client_id, request->client_id_size);
    return at + 2 + request->client_id_size;
}

static void packet_put_header(uint8_t *bytes, const struct dhcp_request *request,
                              const struct dhcp_reply *reply)
{
    bytes[OP_OFFSET] = OP_REPLY;
    bytes[HARDWARE_OFFSET] = HARDWARE_ETHERNET;
    bytes[HARDWARE_SIZE_OFFSET] = DHCP_MAC_SIZE;
    memcpy(bytes + TRANSACTION_OFFSET, request->transaction, sizeof(request->transaction));
    bytes[FLAGS_OFFSET] = request->flags[0] & FLAG_BROADCAST;
    packet_put_u32(bytes + CLIENT_OFFSET, reply->client_addr);
    packet_put_u32(bytes + YOUR_OFFSET, reply->your_addr);
    memcpy(bytes + MAC_OFFSET, request->mac, sizeof(request->mac));
    packet_put_u32(bytes + COOKIE_OFFSET, COOKIE);
}

size_t dhcp_packet_encode(uint8_t *bytes, const struct dhcp_request *request,
                          const struct dhcp_reply *reply, const struct dhcp_network *network)
{
    uint8_t *at = bytes + OPTIONS_OFFSET;

    memset(bytes, 0, DHCP_REPLY_SIZE_MAX);
    packet_put_header(bytes, request, reply);
    at[0] = OPTION_TYPE;
    at[1] = 1;
    at[2] = (uint8_t)reply->type;
    at = packet_put_option(at + 3, OPTION_SERVER, network->server_addr);
    if (reply->type != DHCP_NAK)
        at = packet_put_network(at, reply, network);
    at = packet_put_client_id(at, request);
    *at++ = OPTION_END;
    size_t size = (size_t)(at - bytes);
    return size < DHCP_REPLY_SIZE_MIN ? DHCP_REPLY_SIZE_MIN : size;
}
