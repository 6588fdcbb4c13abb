// SPDX-License-Identifier: Apache-2.0
/*
 * Destination rewriting with a small table of flows; the oldest flow is forgotten first. Packets
 * whose destination is no virtual address pass unchanged.
 */
#include "port/emulator/radio_redirect.h"

#include <arpa/inet.h>

#define DHCP_SERVER_PORT 67u

static bool end_equals(struct radio_end a, struct radio_end b)
{
    return a.address.s_addr == b.address.s_addr && a.port == b.port;
}

struct in_addr radio_redirect_address(size_t index)
{
    return (struct in_addr){.s_addr = htonl(RADIO_VIRTUAL + 1 + (uint32_t)index)};
}

/* Loopback of this machine has an address of its own on the chip's side. */
static struct in_addr redirect_reachable(const struct radio_world *world, struct in_addr address)
{
    if (address.s_addr == htonl(INADDR_LOOPBACK))
        address.s_addr = htonl(world->range + RADIO_RANGE_GATEWAY);
    return address;
}

/* Not the search for an address: that is for the network itself. */
static bool redirect_is_broadcast(const struct radio_packet *packet)
{
    struct radio_end end = radio_packet_destination(packet);

    return packet->is_udp && end.address.s_addr == INADDR_BROADCAST && end.port != DHCP_SERVER_PORT;
}

static bool redirect_target(const struct radio_redirect *redirect,
                            const struct radio_packet *packet, struct radio_end *end)
{
    const struct radio_world *world = redirect->world;
    uint32_t index = ntohl(end->address.s_addr) - RADIO_VIRTUAL - 1;

    if (redirect_is_broadcast(packet)) {
        end->address = redirect_reachable(world, world->broadcast.sin_addr);
        end->port = ntohs(world->broadcast.sin_port);
        return end->port != 0;
    }
    if (index >= world->name_count)
        return false;
    end->address = redirect_reachable(world, world->names[index].address);
    if (world->names[index].port != 0)
        end->port = world->names[index].port;
    return true;
}

static struct radio_flow *redirect_flow(struct radio_redirect *redirect, bool is_udp,
                                        uint16_t chip_port, struct radio_end real)
{
    for (size_t i = 0; i < RADIO_FLOWS; i++) {
        struct radio_flow *flow = &redirect->flows[i];
        if (flow->chip_port == chip_port && flow->is_udp == is_udp && end_equals(flow->real, real))
            return flow;
    }
    redirect->next = (redirect->next + 1) % RADIO_FLOWS;
    return &redirect->flows[redirect->next];
}

/* libslirp has one socket for each port of the chip, and "nobody listens" as the answer to one
 * datagram makes it lose the next one from there. Broadcasts ask for no listener: they leave from a
 * port of their own, and nothing else is lost with them. */
static void redirect_part_broadcast(struct radio_packet *packet)
{
    struct radio_end source = radio_packet_source(packet);

    source.port = radio_packet_destination(packet).port;
    radio_packet_set_source(packet, source);
}

void radio_redirect_out(struct radio_redirect *redirect, struct radio_packet *packet)
{
    struct radio_end virtual = radio_packet_destination(packet);
    struct radio_end real = virtual;

    if (redirect_is_broadcast(packet))
        redirect_part_broadcast(packet);
    if (!redirect_target(redirect, packet, &real))
        return;
    uint16_t chip_port = radio_packet_source(packet).port;
    *redirect_flow(redirect, packet->is_udp, chip_port, real) = (struct radio_flow){
        .is_udp = packet->is_udp, .chip_port = chip_port, .real = real, .virtual = virtual};
    radio_packet_set_destination(packet, real);
}

void radio_redirect_in(const struct radio_redirect *redirect, struct radio_packet *packet)
{
    struct radio_end source = radio_packet_source(packet);
    uint16_t chip_port = radio_packet_destination(packet).port;

    for (size_t i = 0; i < RADIO_FLOWS; i++) {
        const struct radio_flow *flow = &redirect->flows[i];
        if (flow->chip_port == chip_port && flow->is_udp == packet->is_udp &&
            end_equals(flow->real, source)) {
            radio_packet_set_source(packet, flow->virtual);
            return;
        }
    }
}
