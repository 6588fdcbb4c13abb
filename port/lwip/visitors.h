/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Visitors of an access point: connections to TCP port 80 of any address on one interface, over
 * lwIP's raw calls. The functions behind accept, receive, send, close and refuse of struct
 * lcm_access_point.
 *
 * All of them and everything else share lwIP's small heap, so none may take much: received bytes
 * stay in lwIP's buffers, which keeps the window closed; at most two segments of a visitor are on
 * their way, the second only while there is plenty; some of the heap is never used for sending.
 * When it is short, a visitor who acknowledges nothing is reset, oldest first.
 *
 * Life cycle: zero the struct, lwip_visitors_start, the others, lwip_visitors_stop. They are called
 * from the program's loop, never from a callback of lwIP; the caller lets the stack be polled.
 */
#ifndef LCM_PORT_LWIP_VISITORS_H
#define LCM_PORT_LWIP_VISITORS_H

#include "lcm/access_point.h"
#include "lwip/netif.h"
#include "lwip/tcp.h"
#include "port/lwip/received.h"

enum lwip_visitor_state {
    LWIP_VISITOR_FREE,
    LWIP_VISITOR_NEW, /* connected, not accepted yet */
    LWIP_VISITOR_OPEN,
};

struct lwip_visitor {
    struct tcp_pcb *pcb; /* NULL = gone */
    struct lwip_received received;
    uint8_t state;
    bool is_ended; /* there is nothing more to come */
};

struct lwip_visitors {
    struct netif *netif;
    struct tcp_pcb *listener; /* NULL = new ones are reset */
    bool is_refusing;
    struct lwip_visitor list[LCM_VISITORS_MAX];
};

/* Listen on netif. LCM_ERR_NO_SPACE when lwIP has no memory; nothing runs then. visitors and netif
 * must outlive it, and netif's address stays. */
enum lcm_err lwip_visitors_start(struct lwip_visitors *visitors, struct netif *netif);

/* Reset everybody, also those whose visit ended a moment ago. Safe when it was never started. */
void lwip_visitors_stop(struct lwip_visitors *visitors);

void lwip_visitors_refuse(struct lwip_visitors *visitors, bool is_refusing);

/* Also looks after connections that are not visits: half-open ones, and those that have ended. */
enum lcm_err lwip_visitors_accept(struct lwip_visitors *visitors, uint32_t *visitor);

enum lcm_err lwip_visitors_receive(struct lwip_visitors *visitors, uint32_t visitor, uint8_t *dst,
                                   size_t size, size_t *received);
enum lcm_err lwip_visitors_send(struct lwip_visitors *visitors, uint32_t visitor,
                                const uint8_t *data, size_t size, size_t *sent);
void lwip_visitors_close(struct lwip_visitors *visitors, uint32_t visitor, bool is_orderly);

#endif
