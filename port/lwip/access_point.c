// SPDX-License-Identifier: Apache-2.0
/*
 * The interface between lwIP and the access point's half of the radio, with DHCP and DNS on it.
 * Frames come while the radio is polled; nothing here waits.
 *
 * Every address is ours: while lwIP looks at a packet for a strange one, the interface has that
 * address. lwIP then does all the rest, in TCP, UDP and ICMP, as for its own.
 *
 * Invariant: outside of access_point_input the interface's address is LWIP_ACCESS_POINT_ADDR.
 */
#include "port/lwip/access_point.h"

#include <string.h>

#include "lwip/etharp.h"
#include "lwip/prot/ieee.h"
#include "lwip/prot/ip.h"
#include "netif/ethernet.h"

#define MTU 1500u
#define MAC_LOCAL_BIT 2u
#define MAC_GROUP_BIT 1u
#define HOST_BITS (~LWIP_ACCESS_POINT_MASK)
#define LOOPBACK_NETWORK 127u
#define MULTICAST_FIRST 224u

/* Offsets in a frame as it came. */
#define TYPE_OFFSET 12u
#define IP_OFFSET 14u
#define PROTOCOL_OFFSET (IP_OFFSET + 9u)
#define SOURCE_OFFSET (IP_OFFSET + 12u)
#define DESTINATION_OFFSET (IP_OFFSET + 16u)
#define IP_SIZE 20u
#define IP_VERSION_4 0x40u

static err_t access_point_send_frame(struct netif *netif, struct pbuf *frame)
{
    const struct lwip_air *air = ((struct lwip_access_point *)netif->state)->air;
    u16_t size = (u16_t)(frame->tot_len - ETH_PAD_SIZE);
    uint8_t *buffer = air->send_buffer(air->context, size);

    if (buffer == NULL)
        return ERR_IF;
    (void)pbuf_copy_partial(frame, buffer, size, ETH_PAD_SIZE);
    air->send(air->context, size);
    return ERR_OK;
}

static void access_point_set_addr(struct netif *netif, uint32_t addr)
{
    ip4_addr_set_u32(ip_2_ip4(&netif->ip_addr), lwip_htonl(addr));
}

/* Who has an address from us needs no ARP: nothing has to wait for its answer in the heap. */
static err_t access_point_output(struct netif *netif, struct pbuf *packet, const ip4_addr_t *to)
{
    const struct lwip_access_point *access_point = netif->state;
    const uint8_t *mac = dhcp_leases_find_mac(&access_point->dhcp.leases, lwip_ntohl(to->addr));
    const ip4_addr_t addr = *netif_ip4_addr(netif);
    struct eth_addr station;

    if (mac != NULL) {
        memcpy(station.addr, mac, ETH_HWADDR_LEN);
        return ethernet_output(netif, packet, (const struct eth_addr *)netif->hwaddr, &station,
                               ETHTYPE_IP);
    }
    access_point_set_addr(netif, LWIP_ACCESS_POINT_ADDR);
    err_t err = etharp_output(netif, packet, to);
    ip4_addr_copy(*ip_2_ip4(&netif->ip_addr), addr);
    return err;
}

static err_t access_point_init_netif(struct netif *netif)
{
    netif->name[0] = 'a';
    netif->name[1] = 'p';
    netif->mtu = MTU;
    netif->hwaddr_len = ETH_HWADDR_LEN;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
    netif->output = access_point_output;
    netif->linkoutput = access_point_send_frame;
    return ERR_OK;
}

static uint32_t frame_get_addr(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool frame_is_from_station(const uint8_t *frame)
{
    uint32_t from = frame_get_addr(frame + SOURCE_OFFSET);
    uint32_t host = from & HOST_BITS;

    return ((from ^ LWIP_ACCESS_POINT_ADDR) & LWIP_ACCESS_POINT_MASK) == 0 && host != 0 &&
           host != HOST_BITS && from != LWIP_ACCESS_POINT_ADDR;
}

/* The strange address a packet of TCP or UDP is for; 0 = it is for us, for a group, for another
 * station, or nothing of the kind. */
static uint32_t frame_strange_addr(const uint8_t *frame, size_t size)
{
    if (size < IP_OFFSET + IP_SIZE || (frame[0] & MAC_GROUP_BIT) != 0 ||
        memcmp(frame + TYPE_OFFSET, "\x08\x00", 2) != 0 ||
        (frame[IP_OFFSET] & 0xF0u) != IP_VERSION_4 || !frame_is_from_station(frame) ||
        (frame[PROTOCOL_OFFSET] != IP_PROTO_TCP && frame[PROTOCOL_OFFSET] != IP_PROTO_UDP))
        return 0;
    uint32_t addr = frame_get_addr(frame + DESTINATION_OFFSET);
    uint8_t first = frame[DESTINATION_OFFSET];
    bool is_ours = ((addr ^ LWIP_ACCESS_POINT_ADDR) & LWIP_ACCESS_POINT_MASK) == 0;
    return is_ours || first == 0 || first == LOOPBACK_NETWORK || first >= MULTICAST_FIRST ? 0
                                                                                          : addr;
}

static void access_point_input(struct lwip_access_point *access_point, struct pbuf *frame,
                               uint32_t strange_addr)
{
    struct netif *netif = &access_point->netif;

    if (strange_addr != 0)
        access_point_set_addr(netif, strange_addr);
    if (netif->input(frame, netif) != ERR_OK)
        (void)pbuf_free(frame);
    access_point_set_addr(netif, LWIP_ACCESS_POINT_ADDR);
}

/* A frame for which there is no memory is lost, as in the air. */
static void access_point_take_frame(void *context, const uint8_t *bytes, size_t size)
{
    struct pbuf *frame = pbuf_alloc(PBUF_RAW, (u16_t)(size + ETH_PAD_SIZE), PBUF_RAM);

    if (frame == NULL)
        return;
    memcpy((uint8_t *)frame->payload + ETH_PAD_SIZE, bytes, size);
    access_point_input(context, frame, frame_strange_addr(bytes, size));
}

static void access_point_add_netif(struct lwip_access_point *access_point, const uint8_t *mac)
{
    ip4_addr_t addr, mask;

    ip4_addr_set_u32(&addr, lwip_htonl(LWIP_ACCESS_POINT_ADDR));
    ip4_addr_set_u32(&mask, lwip_htonl(LWIP_ACCESS_POINT_MASK));
    (void)netif_add(&access_point->netif, &addr, &mask, IP4_ADDR_ANY4, access_point,
                    access_point_init_netif, netif_input);
    memcpy(access_point->netif.hwaddr, mac, ETH_HWADDR_LEN);
    access_point->netif.hwaddr[0] |= MAC_LOCAL_BIT;
    netif_set_up(&access_point->netif);
}

enum lcm_err lwip_access_point_start(struct lwip_access_point *access_point,
                                     const struct lwip_air *air,
                                     const struct lcm_access_point_config *config,
                                     const struct lcm_clock *clock, const uint8_t mac[6])
{
    access_point->air = air;
    access_point->sink =
        (struct lwip_air_sink){.context = access_point, .take = access_point_take_frame};
    access_point_add_netif(access_point, mac);
    enum lcm_err err = dhcp_server_start(&access_point->dhcp, &access_point->netif, clock);
    if (err == LCM_OK)
        err = dns_server_start(&access_point->dns, &access_point->netif, config->ssid);
    if (err == LCM_OK)
        err = air->start(air->context, config, &access_point->sink);
    if (err == LCM_OK)
        netif_set_link_up(&access_point->netif);
    else
        lwip_access_point_stop(access_point);
    return err;
}

void lwip_access_point_stop(struct lwip_access_point *access_point)
{
    if (access_point->air == NULL)
        return;
    access_point->air->stop(access_point->air->context);
    dhcp_server_stop(&access_point->dhcp);
    dns_server_stop(&access_point->dns);
    netif_remove(&access_point->netif);
    access_point->air = NULL;
}
