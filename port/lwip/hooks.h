/* SPDX-License-Identifier: Apache-2.0 */
/* Where lwIP asks its port. Read by lwIP's own files: names are given by lwIP. */
#ifndef LCM_PORT_LWIP_HOOKS_H
#define LCM_PORT_LWIP_HOOKS_H

#include "lwip/ip4_addr.h"

struct netif;

/* The interface to send by; NULL = lwIP looks for one by the destination's network. src is NULL
 * when it has done so already. */
struct netif *lwip_port_route(const ip4_addr_t *src);

#endif
