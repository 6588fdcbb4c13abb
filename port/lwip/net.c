// SPDX-License-Identifier: Apache-2.0
/*
 * The net port: one TCP connection by lwIP's raw calls, and datagrams. Received bytes stay in
 * lwIP's buffers until they are taken, which keeps the window closed.
 */
#include <string.h>

#include "port/lwip/stack_parts.h"

static enum lcm_err net_resolve(void *context, const char *host, uint16_t port,
                                struct lcm_endpoint *endpoint)
{
    struct lwip_stack *stack = context;
    ip_addr_t address;

    lwip_stack_poll(stack);
    enum lcm_err err = lwip_look_up_step(&stack->look_up, host, &address);
    if (err != LCM_OK)
        return err;
    memcpy(endpoint->ip, &ip_2_ip4(&address)->addr, sizeof(endpoint->ip));
    endpoint->port = port;
    return LCM_OK;
}

static err_t net_connected(void *context, struct tcp_pcb *pcb, err_t err)
{
    struct lwip_stack *stack = context;

    (void)pcb;
    (void)err;
    stack->is_connected = true;
    return ERR_OK;
}

/* lwIP has released the connection already. */
static void net_failed(void *context, err_t err)
{
    struct lwip_stack *stack = context;

    (void)err;
    stack->pcb = NULL;
    stack->is_broken = true;
}

static err_t net_received(void *context, struct tcp_pcb *pcb, struct pbuf *bytes, err_t err)
{
    struct lwip_stack *stack = context;

    (void)pcb;
    (void)err;
    if (bytes == NULL)
        stack->is_broken = true;
    else
        lwip_received_add(&stack->received, bytes);
    return ERR_OK;
}

static void net_close(void *context)
{
    struct lwip_stack *stack = context;

    (void)lwip_received_drop(&stack->received);
    if (stack->pcb != NULL) {
        tcp_arg(stack->pcb, NULL);
        tcp_recv(stack->pcb, NULL);
        tcp_err(stack->pcb, NULL);
        if (tcp_close(stack->pcb) != ERR_OK)
            tcp_abort(stack->pcb);
    }
    stack->pcb = NULL;
    stack->is_connected = false;
    stack->is_broken = false;
}

static enum lcm_err net_begin_connect(struct lwip_stack *stack, const struct lcm_endpoint *endpoint)
{
    ip_addr_t address;

    stack->pcb = tcp_new();
    if (stack->pcb == NULL)
        return LCM_ERR_CONNECT;
    tcp_arg(stack->pcb, stack);
    tcp_recv(stack->pcb, net_received);
    tcp_err(stack->pcb, net_failed);
    tcp_nagle_disable(stack->pcb);
    IP_ADDR4(&address, endpoint->ip[0], endpoint->ip[1], endpoint->ip[2], endpoint->ip[3]);
    if (tcp_connect(stack->pcb, &address, endpoint->port, net_connected) == ERR_OK)
        return LCM_PENDING;
    net_close(stack);
    return LCM_ERR_CONNECT;
}

static enum lcm_err net_connect(void *context, const struct lcm_endpoint *endpoint)
{
    struct lwip_stack *stack = context;

    lwip_stack_poll(stack);
    if (stack->is_broken) {
        net_close(stack);
        return LCM_ERR_CONNECT;
    }
    if (stack->pcb == NULL)
        return net_begin_connect(stack, endpoint);
    return stack->is_connected ? LCM_OK : LCM_PENDING;
}

static enum lcm_err net_send(void *context, const uint8_t *data, size_t size, size_t *sent)
{
    struct lwip_stack *stack = context;

    *sent = 0;
    lwip_stack_poll(stack);
    if (stack->pcb == NULL || stack->is_broken)
        return LCM_ERR_CLOSED;
    size_t room = tcp_sndbuf(stack->pcb);
    if (size > room)
        size = room;
    if (size == 0 || tcp_write(stack->pcb, data, (u16_t)size, TCP_WRITE_FLAG_COPY) != ERR_OK)
        return LCM_PENDING;
    (void)tcp_output(stack->pcb);
    *sent = size;
    return LCM_OK;
}

static enum lcm_err net_receive(void *context, uint8_t *data, size_t size, size_t *received)
{
    struct lwip_stack *stack = context;

    lwip_stack_poll(stack);
    *received = lwip_received_take(&stack->received, data, size);
    if (*received == 0)
        return stack->pcb == NULL || stack->is_broken ? LCM_ERR_CLOSED : LCM_PENDING;
    if (stack->pcb != NULL)
        tcp_recved(stack->pcb, (u16_t)*received);
    return LCM_OK;
}

static void net_send_datagram(void *context, const struct lcm_endpoint *endpoint,
                              const uint8_t *data, size_t size)
{
    struct lwip_stack *stack = context;
    ip_addr_t address;
    struct pbuf *datagram = pbuf_alloc(PBUF_TRANSPORT, (u16_t)size, PBUF_RAM);

    if (datagram == NULL)
        return;
    IP_ADDR4(&address, endpoint->ip[0], endpoint->ip[1], endpoint->ip[2], endpoint->ip[3]);
    if (stack->datagrams != NULL && pbuf_take(datagram, data, (u16_t)size) == ERR_OK)
        (void)udp_sendto(stack->datagrams, datagram, &address, endpoint->port);
    (void)pbuf_free(datagram);
}

void lwip_net_init(struct lwip_stack *stack)
{
    stack->net = (struct lcm_net){
        .context = stack,
        .resolve = net_resolve,
        .connect = net_connect,
        .send = net_send,
        .receive = net_receive,
        .close = net_close,
        .send_datagram = net_send_datagram,
    };
}
