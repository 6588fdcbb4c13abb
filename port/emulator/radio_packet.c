// SPDX-License-Identifier: Apache-2.0
/*
 * Frames to packets and back (RFC 791, 768, 9293). Invariant: nothing is read or written outside
 * the frame, whatever its length fields say.
 */
#include "port/emulator/radio_packet.h"

#include <string.h>

#define ETHERNET_SIZE 14u
#define ETHERTYPE_OFFSET 12u
#define IP_SIZE 20u
#define UDP_SIZE 8u
#define TCP_SIZE 20u
#define PROTOCOL_TCP 6u
#define PROTOCOL_UDP 17u
#define MORE_OR_OFFSET 0x3FFFu /* "more fragments" and the fragment offset */
#define UDP_CHECKSUM_OFFSET 6u
#define TCP_CHECKSUM_OFFSET 16u

static uint16_t get_u16be(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static void put_u16be(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static uint32_t sum_bytes(uint32_t sum, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i + 1 < size; i += 2)
        sum += get_u16be(bytes + i);
    if (size % 2 != 0)
        sum += (uint32_t)bytes[size - 1] << 8;
    return sum;
}

static uint32_t sum_fold(uint32_t sum)
{
    while (sum > 0xFFFF)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return ~sum & 0xFFFF;
}

static void packet_seal(struct radio_packet *packet)
{
    uint8_t *checksum =
        packet->transport + (packet->is_udp ? UDP_CHECKSUM_OFFSET : TCP_CHECKSUM_OFFSET);
    size_t header_size = (size_t)(packet->transport - packet->ip);
    uint32_t sum = 0;

    put_u16be(packet->ip + 10, 0);
    put_u16be(packet->ip + 10, sum_fold(sum_bytes(0, packet->ip, header_size)));
    put_u16be(checksum, 0);
    sum = sum_bytes(packet->ip[9] + (uint32_t)packet->transport_size, packet->ip + 12, 8);
    sum = sum_fold(sum_bytes(sum, packet->transport, packet->transport_size));
    put_u16be(checksum, packet->is_udp && sum == 0 ? 0xFFFF : sum);
}

static bool packet_view_ip(struct radio_packet *packet, uint8_t *frame, size_t size)
{
    packet->frame = frame;
    packet->ip = frame + ETHERNET_SIZE;
    if (size < ETHERNET_SIZE + IP_SIZE || get_u16be(frame + ETHERTYPE_OFFSET) != 0x0800 ||
        packet->ip[0] >> 4 != 4)
        return false;
    size_t header_size = (packet->ip[0] & 0x0Fu) * 4u;
    size_t total = get_u16be(packet->ip + 2);
    if (header_size < IP_SIZE || total < header_size || total > size - ETHERNET_SIZE ||
        (get_u16be(packet->ip + 6) & MORE_OR_OFFSET) != 0)
        return false;
    packet->transport = packet->ip + header_size;
    packet->transport_size = total - header_size;
    return true;
}

bool radio_packet_view(struct radio_packet *packet, uint8_t *frame, size_t size)
{
    memset(packet, 0, sizeof(*packet));
    if (!packet_view_ip(packet, frame, size))
        return false;
    packet->is_udp = packet->ip[9] == PROTOCOL_UDP;
    if (!packet->is_udp)
        return packet->ip[9] == PROTOCOL_TCP && packet->transport_size >= TCP_SIZE;
    if (packet->transport_size < UDP_SIZE ||
        get_u16be(packet->transport + 4) != packet->transport_size)
        return false;
    packet->payload = packet->transport + UDP_SIZE;
    packet->payload_size = packet->transport_size - UDP_SIZE;
    return true;
}

static struct radio_end packet_end(const uint8_t *address, const uint8_t *port)
{
    struct radio_end end = {.port = get_u16be(port)};

    memcpy(&end.address, address, sizeof(end.address));
    return end;
}

struct radio_end radio_packet_source(const struct radio_packet *packet)
{
    return packet_end(packet->ip + 12, packet->transport);
}

struct radio_end radio_packet_destination(const struct radio_packet *packet)
{
    return packet_end(packet->ip + 16, packet->transport + 2);
}

void radio_packet_set_source(struct radio_packet *packet, struct radio_end end)
{
    memcpy(packet->ip + 12, &end.address, sizeof(end.address));
    put_u16be(packet->transport, end.port);
    packet_seal(packet);
}

void radio_packet_set_destination(struct radio_packet *packet, struct radio_end end)
{
    memcpy(packet->ip + 16, &end.address, sizeof(end.address));
    put_u16be(packet->transport + 2, end.port);
    packet_seal(packet);
}

size_t radio_packet_reply(const struct radio_packet *query, const uint8_t *payload, size_t size,
                          uint8_t *frame, size_t frame_size)
{
    struct radio_packet reply = {.frame = frame, .ip = frame + ETHERNET_SIZE, .is_udp = true};
    size_t total = ETHERNET_SIZE + IP_SIZE + UDP_SIZE + size;

    if (total > frame_size)
        return 0;
    memset(frame, 0, ETHERNET_SIZE + IP_SIZE + UDP_SIZE);
    memcpy(frame, query->frame + 6, 6);
    memcpy(frame + 6, query->frame, 6);
    put_u16be(frame + ETHERTYPE_OFFSET, 0x0800);
    reply.ip[0] = 0x45;
    put_u16be(reply.ip + 2, (uint32_t)(total - ETHERNET_SIZE));
    reply.ip[8] = 64;
    reply.ip[9] = PROTOCOL_UDP;
    reply.transport = reply.ip + IP_SIZE;
    reply.transport_size = UDP_SIZE + size;
    put_u16be(reply.transport + 4, (uint32_t)reply.transport_size);
    memcpy(reply.transport + UDP_SIZE, payload, size);
    radio_packet_set_source(&reply, radio_packet_destination(query));
    radio_packet_set_destination(&reply, radio_packet_source(query));
    return total;
}
