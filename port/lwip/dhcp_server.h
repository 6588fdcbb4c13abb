/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A DHCP server on one network interface, over lwIP's UDP calls. What it says is decided in
 * dhcp_leases.h; it has no timer: leases end by the clock when somebody asks.
 */
#ifndef LCM_PORT_LWIP_DHCP_SERVER_H
#define LCM_PORT_LWIP_DHCP_SERVER_H

#include "lcm/ports.h"
#include "lwip/netif.h"
#include "lwip/udp.h"
#include "port/lwip/dhcp_leases.h"

struct dhcp_server {
    struct netif *netif;
    struct udp_pcb *pcb;           /* NULL = stopped */
    const struct lcm_clock *clock; /* now_ms only */
    struct dhcp_leases leases;
};

/* Serve netif, whose address and mask are set and stay. LCM_ERR_NO_SPACE when lwIP has no UDP
 * control block left. server, netif and clock must outlive it. */
enum lcm_err dhcp_server_start(struct dhcp_server *server, struct netif *netif,
                               const struct lcm_clock *clock);

/* Safe when it was never started and *server is zeroed. Leases are forgotten by the next start. */
void dhcp_server_stop(struct dhcp_server *server);

#endif
