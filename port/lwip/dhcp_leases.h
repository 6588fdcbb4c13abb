/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who has which address of the access point's network: the rules of a DHCP server (RFC 2131,
 * 4.3) over a small table. No I/O; time is given.
 *
 * Address number i of the table is the server's address + 1 + i. A lease that ended is remembered:
 * its device gets the same address again as long as nobody else needed it. The only server of its
 * network: a request it cannot confirm is refused (NAK) instead of ignored, so that the device
 * asks anew at once.
 */
#ifndef LCM_PORT_LWIP_DHCP_LEASES_H
#define LCM_PORT_LWIP_DHCP_LEASES_H

#include "port/lwip/dhcp_packet.h"

#define DHCP_LEASES 8u
#define DHCP_LEASE_S 120u    /* phones that give up free their address soon */
#define DHCP_OFFER_MS 10000u /* an address is kept for who was offered it */

struct dhcp_lease {
    uint64_t until_ms; /* 0 = never given */
    uint8_t mac[DHCP_MAC_SIZE];
    bool is_bound; /* confirmed, not only offered */
};

struct dhcp_leases {
    struct dhcp_network network;
    struct dhcp_lease lease[DHCP_LEASES];
};

/* An empty table. server_addr + DHCP_LEASES must lie in the network. */
void dhcp_leases_init(struct dhcp_leases *leases, const struct dhcp_network *network);

/*
 * Decide about a message at now_ms: *reply says what to answer; reply->type is DHCP_NONE when
 * nothing is to be sent (a message for another server, no address left, RELEASE, DECLINE).
 */
void dhcp_leases_answer(struct dhcp_leases *leases, const struct dhcp_request *request,
                        uint64_t now_ms, struct dhcp_reply *reply);

/* The address this device has now, or 0. */
uint32_t dhcp_leases_find(const struct dhcp_leases *leases, const uint8_t mac[DHCP_MAC_SIZE],
                          uint64_t now_ms);

/* The device an address was given to, also when its time is over and nobody else has it; NULL =
 * none.
 */
const uint8_t *dhcp_leases_find_mac(const struct dhcp_leases *leases, uint32_t addr);

#endif
