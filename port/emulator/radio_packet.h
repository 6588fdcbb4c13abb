/* SPDX-License-Identifier: Apache-2.0 */
/* TCP and UDP over IPv4 inside Ethernet frames: look at them, change their ends, answer them. */
#ifndef LCM_PORT_EMULATOR_RADIO_PACKET_H
#define LCM_PORT_EMULATOR_RADIO_PACKET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A view of a frame; points into it. */
struct radio_packet {
    uint8_t *frame;
    uint8_t *ip;
    uint8_t *transport;
    size_t transport_size; /* header and payload */
    uint8_t *payload;      /* UDP only */
    size_t payload_size;
    bool is_udp;
};

/* One end of a packet. */
struct radio_end {
    struct in_addr address;
    uint16_t port; /* host order */
};

/* true when the frame holds a whole TCP or UDP packet: no fragment, lengths that fit. */
bool radio_packet_view(struct radio_packet *packet, uint8_t *frame, size_t size);

struct radio_end radio_packet_source(const struct radio_packet *packet);
struct radio_end radio_packet_destination(const struct radio_packet *packet);

/* Change one end; checksums are made right again. */
void radio_packet_set_source(struct radio_packet *packet, struct radio_end end);
void radio_packet_set_destination(struct radio_packet *packet, struct radio_end end);

/* Build the frame that answers a UDP packet. Its size, or 0 when it would exceed frame_size. */
size_t radio_packet_reply(const struct radio_packet *query, const uint8_t *payload, size_t size,
                          uint8_t *frame, size_t frame_size);

#endif
