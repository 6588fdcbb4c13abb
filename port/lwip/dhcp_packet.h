/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of DHCP (RFC 2131, 2132) as a server reads and writes them. No I/O, no lwIP: bytes in,
 * bytes out.
 *
 * Addresses are 32-bit numbers in host order (0xC0A80401 = 192.168.4.1).
 */
#ifndef LCM_PORT_LWIP_DHCP_PACKET_H
#define LCM_PORT_LWIP_DHCP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"

#define DHCP_MAC_SIZE 6u
#define DHCP_REQUEST_SIZE_MAX 1024u
#define DHCP_REPLY_SIZE_MIN 300u /* what BOOTP clients expect at least (RFC 1542, 2.1) */
#define DHCP_REPLY_SIZE_MAX 548u /* what every client must take (RFC 2131, 2) */
#define DHCP_CLIENT_ID_SIZE_MAX 255u

enum dhcp_type {
    DHCP_NONE = 0, /* no message: no reply */
    DHCP_DISCOVER = 1,
    DHCP_OFFER = 2,
    DHCP_REQUEST = 3,
    DHCP_DECLINE = 4,
    DHCP_ACK = 5,
    DHCP_NAK = 6,
    DHCP_RELEASE = 7,
    DHCP_INFORM = 8,
};

/* A client's message. client_id points into it. */
struct dhcp_request {
    enum dhcp_type type;
    uint8_t transaction[4];
    uint8_t flags[2];
    uint8_t mac[DHCP_MAC_SIZE];
    uint32_t client_addr;    /* "ciaddr": in use already; 0 = none */
    uint32_t requested_addr; /* option 50; 0 = none */
    uint32_t server_addr;    /* option 54; 0 = none */
    const uint8_t *client_id;
    uint8_t client_id_size; /* 0 = none */
};

/* What the server has to say. */
struct dhcp_reply {
    enum dhcp_type type; /* DHCP_OFFER, DHCP_ACK, DHCP_NAK; DHCP_NONE: be silent */
    uint32_t client_addr;
    uint32_t your_addr;
    uint32_t lease_s; /* 0 = no lease times: answer to INFORM */
};

/* The network that is handed out. */
struct dhcp_network {
    uint32_t server_addr; /* also the router and the name server */
    uint32_t mask;
};

/*
 * Read a message. Strict: LCM_ERR_FORMAT for anything that is not a whole message of an Ethernet
 * client in this network (relays are not served), an option that does not fit, has a wrong size or
 * comes twice, and for options continued in other fields. *request is written on success only.
 */
enum lcm_err dhcp_packet_decode(const uint8_t *bytes, size_t size, struct dhcp_request *request);

/*
 * Write the answer to a request: DHCP_REPLY_SIZE_MIN..DHCP_REPLY_SIZE_MAX bytes; returns how many.
 * bytes has room for DHCP_REPLY_SIZE_MAX.
 */
size_t dhcp_packet_encode(uint8_t *bytes, const struct dhcp_request *request,
                          const struct dhcp_reply *reply, const struct dhcp_network *network);

#endif
