// SPDX-License-Identifier: Apache-2.0
/*
 * The interface between lwIP and the access point's half of the radio, with the DHCP server on it.
 * Frames come while the radio is polled; nothing here waits.
 */
#include "port/lwip/access_point.h"

#include <string.h>

#include "lwip/etharp.h"

#define MTU 1500u
#define MAC_LOCAL_BIT 2u

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

static err_t access_point_init_netif(struct netif *netif)
{
    netif->name[0] = 'a';
    netif->name[1] = 'p';
    netif->mtu = MTU;
    netif->hwaddr_len = ETH_HWADDR_LEN;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
    netif->output = etharp_output;
    netif->linkoutput = access_point_send_frame;
    return ERR_OK;
}

/* A frame for which there is no memory is lost, as in the air. */
static void access_point_take_frame(void *context, const uint8_t *bytes, size_t size)
{
    struct lwip_access_point *access_point = context;
    struct pbuf *frame = pbuf_alloc(PBUF_RAW, (u16_t)(size + ETH_PAD_SIZE), PBUF_RAM);

    if (frame == NULL)
        return;
    memcpy((uint8_t *)frame->payload + ETH_PAD_SIZE, bytes, size);
    if (access_point->netif.input(frame, &access_point->netif) != ERR_OK)
        (void)pbuf_free(frame);
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
                                     const struct lwip_air_access_point *config,
                                     const struct lcm_clock *clock, const uint8_t mac[6])
{
    access_point->air = air;
    access_point->sink =
        (struct lwip_air_sink){.context = access_point, .take = access_point_take_frame};
    access_point_add_netif(access_point, mac);
    enum lcm_err err = dhcp_server_start(&access_point->dhcp, &access_point->netif, clock);
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
    netif_remove(&access_point->netif);
    access_point->air = NULL;
}
