/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses that exist only for the chip.
 *
 * Each name of the world file has one of its own, 10.0.3.x, so that a name can lead to any address
 * and port of the real world. Packets for such an address are changed on their way out, answers on
 * their way in.
 */
#ifndef LCM_PORT_EMULATOR_RADIO_REDIRECT_H
#define LCM_PORT_EMULATOR_RADIO_REDIRECT_H

#include "port/emulator/radio_packet.h"
#include "host/radio_world.h"

#define RADIO_VIRTUAL 0x0A000300u /* 10.0.3.1 is the first name */
#define RADIO_TIME_SERVER 0x0A0003FAu
#define RADIO_FLOWS 128u

struct radio_flow {
    bool is_udp;
    uint16_t chip_port;       /* 0 = unused */
    struct radio_end real;    /* where the packets go */
    struct radio_end virtual; /* where the chip believes they go */
};

struct radio_redirect {
    const struct radio_world *world;
    struct radio_flow flows[RADIO_FLOWS];
    size_t next;
};

/* The chip's address of name number index of the world. */
struct in_addr radio_redirect_address(size_t index);

/* A packet from the chip: give it its real destination. */
void radio_redirect_out(struct radio_redirect *redirect, struct radio_packet *packet);

/* A packet for the chip: give it the source the chip expects. */
void radio_redirect_in(const struct radio_redirect *redirect, struct radio_packet *packet);

#endif
