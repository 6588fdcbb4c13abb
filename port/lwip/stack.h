/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ports net and wifi, and the network half of the clock, on lwIP (NO_SYS) and a radio.
 *
 * Single-threaded: every call of a port first moves waiting frames and timers, a few at a time; so
 * does lwip_stack_poll, for a program that has nothing to ask.
 */
#ifndef LCM_PORT_LWIP_STACK_H
#define LCM_PORT_LWIP_STACK_H

#include "lcm/ports.h"
#include "lwip/netif.h"
#include "lwip/tcp.h"
#include "lwip/udp.h"
#include "port/lwip/radio.h"
#include "port/lwip/received.h"

enum lwip_look_up_state { LWIP_LOOK_UP_IDLE, LWIP_LOOK_UP_ASKING, LWIP_LOOK_UP_DONE };

struct lwip_look_up {
    enum lwip_look_up_state state;
    uint32_t name_crc; /* of the name asked for */
    ip_addr_t address; /* 0 = no such name */
};

struct lwip_time_query {
    struct lwip_look_up server;
    struct udp_pcb *pcb; /* NULL = nothing asked */
    uint64_t deadline_ms;
    uint64_t answered_at_ms;
    uint64_t seconds; /* at answered_at_ms; 0 = not known */
    uint32_t nonce[2];
};

struct lwip_stack {
    const struct lwip_radio *radio;
    const struct lcm_clock *ticks; /* now_ms only */
    struct netif netif;
    bool is_dhcp_started;
    bool is_progress; /* a frame came since the last lwip_stack_had_progress */
    uint32_t timer_due_ms;
    uint32_t timer_count;

    struct tcp_pcb *pcb; /* the connection, NULL = none */
    struct lwip_received received;
    bool is_connected;
    bool is_broken; /* the peer or the network ended it */
    struct udp_pcb *datagrams;
    struct lwip_look_up look_up;
    struct lwip_time_query time;

    struct lcm_net net; /* pass &stack->net; the struct must not move */
    struct lcm_wifi wifi;
};

/* Once: no network yet. mac is the station's address. */
void lwip_stack_init(struct lwip_stack *stack, const struct lwip_radio *radio,
                     const struct lcm_clock *ticks, const uint8_t mac[6]);

/* Move frames and timers. */
void lwip_stack_poll(struct lwip_stack *stack);

/* true when a frame came since the last call: waiting makes no sense. */
bool lwip_stack_had_progress(struct lwip_stack *stack);

/*
 * Time by SNTP (RFC 4330) from pool.ntp.org, one server, one answer: a hint. Polled: LCM_PENDING,
 * LCM_OK with *seconds, or LCM_ERR_TIMEOUT. A known time runs on without asking again.
 */
enum lcm_err lwip_stack_utc(struct lwip_stack *stack, uint64_t *seconds);

#endif
