/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The name server of a set-up network on one network interface, over lwIP's UDP calls. What it says
 * is decided in dns_packet.h. It answers from the address that was asked, whichever that was.
 */
#ifndef LCM_PORT_LWIP_DNS_SERVER_H
#define LCM_PORT_LWIP_DNS_SERVER_H

#include "lcm/access_point.h"
#include "lwip/netif.h"
#include "lwip/udp.h"

struct dns_server {
    struct netif *netif;
    struct udp_pcb *pcb; /* NULL = stopped */
    uint32_t own_addr;
    char network_name[LCM_SSID_SIZE_MAX + 1];
};

/* Serve netif, whose address is set. network_name: 1..32 bytes, is copied. LCM_ERR_ARGUMENT when it
 * is longer, LCM_ERR_NO_SPACE when lwIP has no memory. server and netif must outlive it. */
enum lcm_err dns_server_start(struct dns_server *server, struct netif *netif,
                              const char *network_name);

/* Safe when it was never started and *server is zeroed. */
void dns_server_stop(struct dns_server *server);

#endif
