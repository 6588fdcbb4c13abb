// SPDX-License-Identifier: Apache-2.0
/*
 * The lease table and the decisions over it. A message changes at most the lease of its own
 * sender, except that a new device takes over the oldest lease that ended.
 */
#include "port/lwip/dhcp_leases.h"

#include <string.h>

#define LEASE_MS (DHCP_LEASE_S * 1000u)

static const uint8_t leases_nobody[DHCP_MAC_SIZE]; /* holds an address somebody else uses */

static uint32_t leases_addr(const struct dhcp_leases *leases, const struct dhcp_lease *lease)
{
    return leases->network.server_addr + 1u + (uint32_t)(lease - leases->lease);
}

static struct dhcp_lease *leases_of(struct dhcp_leases *leases, const uint8_t *mac)
{
    for (uint32_t i = 0; i < DHCP_LEASES; i++) {
        struct dhcp_lease *lease = &leases->lease[i];
        if (lease->until_ms != 0 && memcmp(lease->mac, mac, DHCP_MAC_SIZE) == 0)
            return lease;
    }
    return NULL;
}

/* The free lease that ended first; one never given counts as first of all. NULL = all in use. */
static struct dhcp_lease *leases_free(struct dhcp_leases *leases, uint64_t now_ms)
{
    struct dhcp_lease *oldest = NULL;

    for (uint32_t i = 0; i < DHCP_LEASES; i++) {
        struct dhcp_lease *lease = &leases->lease[i];
        if (lease->until_ms <= now_ms && (oldest == NULL || lease->until_ms < oldest->until_ms))
            oldest = lease;
    }
    return oldest;
}

static void leases_confirm(const struct dhcp_leases *leases, struct dhcp_lease *lease,
                           uint64_t now_ms, struct dhcp_reply *reply)
{
    lease->is_bound = true;
    lease->until_ms = now_ms + LEASE_MS;
    reply->type = DHCP_ACK;
    reply->your_addr = leases_addr(leases, lease);
    reply->lease_s = DHCP_LEASE_S;
}

static void leases_end(struct dhcp_lease *lease, uint64_t now_ms)
{
    lease->is_bound = false;
    lease->until_ms = now_ms > 0 ? now_ms : 1;
}

static void leases_discover(struct dhcp_leases *leases, const struct dhcp_request *request,
                            uint64_t now_ms, struct dhcp_reply *reply)
{
    struct dhcp_lease *lease = leases_of(leases, request->mac);

    if (lease == NULL)
        lease = leases_free(leases, now_ms);
    if (lease == NULL)
        return;
    memcpy(lease->mac, request->mac, DHCP_MAC_SIZE);
    if (lease->until_ms <= now_ms)
        lease->is_bound = false;
    if (lease->until_ms < now_ms + DHCP_OFFER_MS)
        lease->until_ms = now_ms + DHCP_OFFER_MS;
    reply->type = DHCP_OFFER;
    reply->your_addr = leases_addr(leases, lease);
    reply->lease_s = DHCP_LEASE_S;
}

/* Selecting an offer, asking for an address of old times, or renewing: the address asked for must
 * be the device's own in this table. */
static void leases_request(struct dhcp_leases *leases, const struct dhcp_request *request,
                           uint64_t now_ms, struct dhcp_reply *reply)
{
    struct dhcp_lease *lease = leases_of(leases, request->mac);
    uint32_t wanted = request->requested_addr != 0 ? request->requested_addr : request->client_addr;

    if (request->server_addr != 0 && request->server_addr != leases->network.server_addr) {
        if (lease != NULL && !lease->is_bound)
            leases_end(lease, now_ms); /* it took the offer of another server */
        return;
    }
    if (lease == NULL || wanted != leases_addr(leases, lease) ||
        (request->client_addr != 0 && request->client_addr != wanted)) {
        reply->type = DHCP_NAK;
        return;
    }
    reply->client_addr = request->client_addr;
    leases_confirm(leases, lease, now_ms, reply);
}

/* Somebody uses this address without having asked: nobody gets it for a while. */
static void leases_decline(struct dhcp_leases *leases, const struct dhcp_request *request,
                           uint64_t now_ms)
{
    struct dhcp_lease *lease = leases_of(leases, request->mac);

    if (lease == NULL || request->server_addr != leases->network.server_addr ||
        request->requested_addr != leases_addr(leases, lease))
        return;
    leases_end(lease, now_ms);
    memcpy(lease->mac, leases_nobody, DHCP_MAC_SIZE);
    lease->until_ms = now_ms + LEASE_MS;
}

static void leases_release(struct dhcp_leases *leases, const struct dhcp_request *request,
                           uint64_t now_ms)
{
    struct dhcp_lease *lease = leases_of(leases, request->mac);

    if (lease != NULL && request->server_addr == leases->network.server_addr &&
        request->client_addr == leases_addr(leases, lease))
        leases_end(lease, now_ms);
}

/* A device with an address of its own asks for the rest. */
static void leases_inform(const struct dhcp_leases *leases, const struct dhcp_request *request,
                          struct dhcp_reply *reply)
{
    const struct dhcp_network *network = &leases->network;
    uint32_t host = request->client_addr & ~network->mask;

    if (((request->client_addr ^ network->server_addr) & network->mask) != 0 || host == 0 ||
        host == ~network->mask || request->client_addr == network->server_addr)
        return;
    reply->type = DHCP_ACK;
    reply->client_addr = request->client_addr;
}

void dhcp_leases_answer(struct dhcp_leases *leases, const struct dhcp_request *request,
                        uint64_t now_ms, struct dhcp_reply *reply)
{
    *reply = (struct dhcp_reply){.type = DHCP_NONE};
    switch (request->type) {
    case DHCP_DISCOVER:
        leases_discover(leases, request, now_ms, reply);
        break;
    case DHCP_REQUEST:
        leases_request(leases, request, now_ms, reply);
        break;
    case DHCP_DECLINE:
        leases_decline(leases, request, now_ms);
        break;
    case DHCP_RELEASE:
        leases_release(leases, request, now_ms);
        break;
    case DHCP_INFORM:
        leases_inform(leases, request, reply);
        break;
    case DHCP_NONE:
    case DHCP_OFFER:
    case DHCP_ACK:
    case DHCP_NAK:
    default:
        break;
    }
}

uint32_t dhcp_leases_find(const struct dhcp_leases *leases, const uint8_t mac[DHCP_MAC_SIZE],
                          uint64_t now_ms)
{
    for (uint32_t i = 0; i < DHCP_LEASES; i++) {
        const struct dhcp_lease *lease = &leases->lease[i];
        if (lease->is_bound && lease->until_ms > now_ms &&
            memcmp(lease->mac, mac, DHCP_MAC_SIZE) == 0)
            return leases_addr(leases, lease);
    }
    return 0;
}

const uint8_t *dhcp_leases_find_mac(const struct dhcp_leases *leases, uint32_t addr)
{
    uint32_t number = addr - leases->network.server_addr - 1u;

    return number < DHCP_LEASES && leases->lease[number].is_bound ? leases->lease[number].mac
                                                                  : NULL;
}

void dhcp_leases_init(struct dhcp_leases *leases, const struct dhcp_network *network)
{
    memset(leases, 0, sizeof(*leases));
    leases->network = *network;
}
