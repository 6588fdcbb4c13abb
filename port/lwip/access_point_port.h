/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The access point port (lcm/access_point.h) on lwIP and a radio that can be one (air.h): all that
 * exists only while a device is set up, in one struct of the caller.
 *
 * Life cycle: lwip_access_point_port_init, use of port, port.stop. The memory is free again then.
 */
#ifndef LCM_PORT_LWIP_ACCESS_POINT_PORT_H
#define LCM_PORT_LWIP_ACCESS_POINT_PORT_H

#include "port/lwip/access_point.h"
#include "port/lwip/stack.h"
#include "port/lwip/visitors.h"

struct lwip_access_point_port {
    struct lwip_stack *stack;
    const struct lwip_air *air;
    struct lwip_access_point network;
    struct lwip_visitors visitors;
    struct lcm_access_point port; /* pass &port->port; the struct must not move */
};

/* Nothing runs until port.start. stack and air must outlive it. */
void lwip_access_point_port_init(struct lwip_access_point_port *port, struct lwip_stack *stack,
                                 const struct lwip_air *air);

#endif
