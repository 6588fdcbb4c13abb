/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chip's own network: a second interface of the stack, 192.168.4.1/24, with a DHCP server and a
 * name server.
 *
 * Every address outside of this network belongs to the chip as well, for TCP and UDP: answers come
 * from the address that was asked, a port nobody listens at is reset or unreachable at once.
 * Nothing is routed between this network and the one joined as a station.
 *
 * Life cycle: zero the struct, lwip_access_point_start, let lwip_stack_poll run,
 * lwip_access_point_stop.
 */
#ifndef LCM_PORT_LWIP_ACCESS_POINT_H
#define LCM_PORT_LWIP_ACCESS_POINT_H

#include "lcm/access_point.h"
#include "lwip/netif.h"
#include "port/lwip/air.h"
#include "port/lwip/dhcp_server.h"
#include "port/lwip/dns_server.h"

#define LWIP_ACCESS_POINT_ADDR 0xC0A80401u /* 192.168.4.1 */
#define LWIP_ACCESS_POINT_MASK 0xFFFFFF00u

struct lwip_access_point {
    const struct lwip_air *air; /* NULL = stopped */
    struct netif netif;
    struct dhcp_server dhcp;
    struct dns_server dns;
    struct lwip_air_sink sink;
};

/*
 * Start it on a stack that is initialised (lwip_stack_init). mac is the station's address; the
 * access point's differs from it in the local bit. LCM_ERR_ARGUMENT as lwip_air.start,
 * LCM_ERR_NO_SPACE when lwIP has no memory; then nothing runs. access_point must not move while it
 * runs; start a stopped one only.
 */
enum lcm_err lwip_access_point_start(struct lwip_access_point *access_point,
                                     const struct lwip_air *air,
                                     const struct lcm_access_point_config *config,
                                     const struct lcm_clock *clock, const uint8_t mac[6]);

/* Safe when it does not run. Leases are forgotten. */
void lwip_access_point_stop(struct lwip_access_point *access_point);

#endif
