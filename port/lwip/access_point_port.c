// SPDX-License-Identifier: Apache-2.0
/*
 * The table of struct lcm_access_point, composed of the parts of this folder. scan and accept let
 * the stack be polled: the program calls one of them in each turn.
 */
#include "port/lwip/access_point_port.h"

#include <string.h>

static enum lcm_err port_scan(void *context, struct lcm_network *networks, size_t size,
                              size_t *count)
{
    const struct lwip_access_point_port *port = context;

    lwip_stack_poll(port->stack);
    return port->air->scan(port->air->context, networks, size, count);
}

static void port_stop(void *context)
{
    struct lwip_access_point_port *port = context;

    lwip_visitors_stop(&port->visitors);
    lwip_access_point_stop(&port->network);
}

static enum lcm_err port_start(void *context, const struct lcm_access_point_config *config)
{
    struct lwip_access_point_port *port = context;

    port_stop(port);
    enum lcm_err err = lwip_access_point_start(&port->network, port->air, config,
                                               port->stack->ticks, port->stack->netif.hwaddr);
    if (err == LCM_OK)
        err = lwip_visitors_start(&port->visitors, &port->network.netif);
    if (err != LCM_OK)
        port_stop(port);
    return err;
}

static void port_refuse(void *context, bool is_refusing)
{
    struct lwip_access_point_port *port = context;

    lwip_visitors_refuse(&port->visitors, is_refusing);
}

static enum lcm_err port_accept(void *context, uint32_t *visitor)
{
    struct lwip_access_point_port *port = context;

    lwip_stack_poll(port->stack);
    return lwip_visitors_accept(&port->visitors, visitor);
}

static enum lcm_err port_receive(void *context, uint32_t visitor, uint8_t *dst, size_t size,
                                 size_t *received)
{
    struct lwip_access_point_port *port = context;

    return lwip_visitors_receive(&port->visitors, visitor, dst, size, received);
}

static enum lcm_err port_send(void *context, uint32_t visitor, const uint8_t *data, size_t size,
                              size_t *sent)
{
    struct lwip_access_point_port *port = context;

    return lwip_visitors_send(&port->visitors, visitor, data, size, sent);
}

static void port_close(void *context, uint32_t visitor, bool is_orderly)
{
    struct lwip_access_point_port *port = context;

    lwip_visitors_close(&port->visitors, visitor, is_orderly);
}

void lwip_access_point_port_init(struct lwip_access_point_port *port, struct lwip_stack *stack,
                                 const struct lwip_air *air)
{
    memset(port, 0, sizeof(*port));
    port->stack = stack;
    port->air = air;
    port->port = (struct lcm_access_point){
        .context = port,
        .scan = port_scan,
        .start = port_start,
        .stop = port_stop,
        .refuse = port_refuse,
        .accept = port_accept,
        .receive = port_receive,
        .send = port_send,
        .close = port_close,
    };
}
