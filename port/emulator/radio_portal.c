// SPDX-License-Identifier: Apache-2.0
/*
 * The emulator's own station. Invariant: libslirp's DHCP and name server are never heard by another
 * station: frames go between it and the chip only.
 */
#include "port/emulator/radio_portal.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "port/emulator/radio_frame.h"

/* The chip hands out addresses from 192.168.4.2 on; these are at the other end. */
#define NETWORK 0xC0A80400u
#define CHIP 0xC0A80401u
#define OWN 0xC0A804FEu
#define NAME_SERVER 0xC0A804FDu
#define DHCP_FIRST 0xC0A804FCu

static void portal_deliver(void *context, const uint8_t *frame, size_t size)
{
    const struct radio_portal *portal = context;

    if (size <= RADIO_ETHERNET_SIZE_MAX)
        portal->to_chip(portal->context, frame, size);
}

bool radio_portal_open(struct radio_portal *portal, const struct radio_forward *forward)
{
    const struct radio_slirp_config config = {.network = NETWORK,
                                              .host = OWN,
                                              .name_server = NAME_SERVER,
                                              .first = DHCP_FIRST,
                                              .is_restricted = true};

    radio_portal_close(portal);
    portal->slirp.deliver = portal_deliver;
    portal->slirp.context = portal;
    return radio_slirp_open(&portal->slirp, &config) &&
           radio_slirp_forward(&portal->slirp, forward, CHIP);
}

void radio_portal_close(struct radio_portal *portal)
{
    radio_slirp_close(&portal->slirp);
}

void radio_portal_take(struct radio_portal *portal, const uint8_t *frame, size_t size)
{
    if (portal->slirp.slirp != NULL)
        slirp_input(portal->slirp.slirp, frame, (int)size);
}

void radio_portal_text(const struct radio_forward *forward, char text[RADIO_PORTAL_TEXT_SIZE])
{
    char address[INET_ADDRSTRLEN] = "";

    (void)inet_ntop(AF_INET, &forward->address, address, sizeof(address));
    snprintf(text, RADIO_PORTAL_TEXT_SIZE, "http://%s:%u/", address, (unsigned)forward->host_port);
}
