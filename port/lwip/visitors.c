// SPDX-License-Identifier: Apache-2.0
/*
 * Visitors over lwIP. The rules about memory are here; what visitors say is not looked at.
 *
 * Invariants: half-open connections and visitors together are never more than LCM_VISITORS_MAX. A
 * connection of ours is bound to the interface; one that is no visitor's any more has the callbacks
 * of the section about ends.
 */
#include "port/lwip/visitors.h"

#include <string.h>

#include "lwip/priv/tcp_priv.h"
#include "lwip/stats.h"

#define HTTP_PORT 80u
#define PIECES_MAX 4u      /* received buffers of one visitor; more are asked for again */
#define RESERVE_SIZE 1300u /* of the heap: two frames that come in, whatever goes out */
#define SEGMENT_COST 112u  /* bytes of the heap beside the content */
#define PLENTY_SIZE (TCP_MSS + SEGMENT_COST) /* beyond the reserve: a second segment may go out */
#define HALF_OPEN_TICKS 14u                  /* 7 s: the second try of a handshake is over */
#define HALF_OPEN_FULL_TICKS 6u              /* 3 s */
#define LINGERING_MAX 4u /* visits that ended and whose last bytes are still on their way */
#define LINGER_TICKS 12u /* 6 s for them: a lost segment is sent again after 3 s */
#define TIME_WAIT_MAX 2u /* connections that are over and remembered */

/* ---- all connections of the interface ---- */

static bool pcb_is_ours(const struct lwip_visitors *visitors, const struct tcp_pcb *pcb)
{
    return pcb->netif_idx == netif_get_index(visitors->netif);
}

/* Forget a connection; the other end gets a reset unless it has ended already. */
static void visitors_reset_all(struct lwip_visitors *visitors)
{
    struct tcp_pcb *pcb = tcp_active_pcbs;

    while (pcb != NULL) {
        bool is_ours = pcb_is_ours(visitors, pcb);
        if (is_ours)
            tcp_abort(pcb);
        pcb = is_ours ? tcp_active_pcbs : pcb->next;
    }
    pcb = tcp_tw_pcbs;
    while (pcb != NULL) {
        bool is_ours = pcb_is_ours(visitors, pcb);
        if (is_ours)
            tcp_abort(pcb);
        pcb = is_ours ? tcp_tw_pcbs : pcb->next;
    }
    for (uint32_t i = 0; i < LCM_VISITORS_MAX; i++)
        (void)lwip_received_drop(&visitors->list[i].received);
}

/* ---- listening ---- */

static uint32_t visitors_count_free(const struct lwip_visitors *visitors)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < LCM_VISITORS_MAX; i++)
        count += visitors->list[i].state == LWIP_VISITOR_FREE;
    return count;
}

/* As many may come as there are places; the others ask again after a second. */
static void visitors_set_places(struct lwip_visitors *visitors)
{
    if (visitors->listener != NULL)
        ((struct tcp_pcb_listen *)(void *)visitors->listener)->backlog =
            (u8_t)visitors_count_free(visitors);
}

/* lwIP has released the connection already. */
static void visitor_failed(void *context, err_t err)
{
    struct lwip_visitor *visitor = context;

    (void)err;
    visitor->pcb = NULL;
    visitor->is_ended = true;
}

static err_t visitor_received(void *context, struct tcp_pcb *pcb, struct pbuf *bytes, err_t err)
{
    struct lwip_visitor *visitor = context;

    (void)pcb;
    (void)err;
    if (bytes == NULL) {
        visitor->is_ended = true;
        return ERR_OK;
    }
    if (visitor->received.first != NULL && pbuf_clen(visitor->received.first) >= PIECES_MAX)
        return ERR_MEM; /* lwIP keeps it, and offers it again */
    lwip_received_add(&visitor->received, bytes);
    return ERR_OK;
}

static err_t visitors_connected(void *context, struct tcp_pcb *pcb, err_t err)
{
    struct lwip_visitors *visitors = context;
    uint32_t i = 0;

    if (pcb == NULL || err != ERR_OK)
        return ERR_VAL;
    while (i < LCM_VISITORS_MAX && visitors->list[i].state != LWIP_VISITOR_FREE)
        i++;
    if (i == LCM_VISITORS_MAX)
        return ERR_MEM; /* lwIP resets it */
    visitors->list[i] = (struct lwip_visitor){.pcb = pcb, .state = LWIP_VISITOR_NEW};
    visitors_set_places(visitors);
    tcp_arg(pcb, &visitors->list[i]);
    tcp_recv(pcb, visitor_received);
    tcp_err(pcb, visitor_failed);
    tcp_nagle_disable(pcb);
    return ERR_OK;
}

/* Visitors have a low priority: when there is no memory for a connection of the device's own, lwIP
 * takes theirs. */
static bool visitors_listen(struct lwip_visitors *visitors)
{
    struct tcp_pcb *pcb = tcp_new();
    struct tcp_pcb *listener = NULL;

    if (pcb == NULL)
        return false;
    tcp_bind_netif(pcb, visitors->netif);
    tcp_setprio(pcb, TCP_PRIO_MIN);
    if (tcp_bind(pcb, IP_ADDR_ANY, HTTP_PORT) == ERR_OK)
        listener = tcp_listen_with_backlog(pcb, LCM_VISITORS_MAX);
    if (listener == NULL) {
        tcp_abort(pcb);
        return false;
    }
    visitors->listener = listener;
    tcp_arg(listener, visitors);
    tcp_accept(listener, visitors_connected);
    visitors_set_places(visitors);
    return true;
}

static void visitors_close_listener(struct lwip_visitors *visitors)
{
    if (visitors->listener != NULL)
        (void)tcp_close(visitors->listener);
    visitors->listener = NULL;
}

enum lcm_err lwip_visitors_start(struct lwip_visitors *visitors, struct netif *netif)
{
    memset(visitors, 0, sizeof(*visitors));
    visitors->netif = netif;
    return visitors_listen(visitors) ? LCM_OK : LCM_ERR_NO_SPACE;
}

void lwip_visitors_stop(struct lwip_visitors *visitors)
{
    if (visitors->netif == NULL)
        return;
    visitors_close_listener(visitors);
    visitors_reset_all(visitors);
    memset(visitors, 0, sizeof(*visitors));
}

void lwip_visitors_refuse(struct lwip_visitors *visitors, bool is_refusing)
{
    visitors->is_refusing = is_refusing;
    if (visitors->netif == NULL || !is_refusing)
        return; /* accept listens again */
    visitors_close_listener(visitors);
    visitors_reset_all(visitors);
}

/* ---- connections that are no visits: half-open, over ---- */

/* Nobody waits for the end of a handshake for long, less so while all places are taken. */
static void visitors_drop_half_open(const struct lwip_visitors *visitors)
{
    const struct tcp_pcb_listen *listener = (const void *)visitors->listener;
    bool is_full = listener->accepts_pending >= listener->backlog;
    struct tcp_pcb *oldest = NULL;

    for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next) {
        if (pcb->state == SYN_RCVD && pcb_is_ours(visitors, pcb) &&
            (oldest == NULL || tcp_ticks - pcb->tmr > tcp_ticks - oldest->tmr))
            oldest = pcb;
    }
    if (oldest != NULL &&
        tcp_ticks - oldest->tmr > (is_full ? HALF_OPEN_FULL_TICKS : HALF_OPEN_TICKS))
        tcp_abort(oldest);
}

/* The newest are in front. */
static void visitors_drop_time_wait(const struct lwip_visitors *visitors)
{
    uint32_t count = 0;

    for (struct tcp_pcb *pcb = tcp_tw_pcbs; pcb != NULL; pcb = pcb->next) {
        count += pcb_is_ours(visitors, pcb);
        if (count > TIME_WAIT_MAX) {
            tcp_abort(pcb);
            return; /* the next one next time */
        }
    }
}

/* The oldest visitor who connected and went again before anybody saw him. */
static void visitors_forget_gone(struct lwip_visitors *visitors)
{
    for (uint32_t i = 0; i < LCM_VISITORS_MAX; i++) {
        struct lwip_visitor *visitor = &visitors->list[i];
        if (visitor->state != LWIP_VISITOR_NEW || visitor->pcb != NULL)
            continue;
        (void)lwip_received_drop(&visitor->received);
        visitor->state = LWIP_VISITOR_FREE;
        visitors_set_places(visitors);
    }
}

enum lcm_err lwip_visitors_accept(struct lwip_visitors *visitors, uint32_t *visitor)
{
    if (visitors->netif == NULL)
        return LCM_PENDING;
    visitors_forget_gone(visitors);
    visitors_drop_time_wait(visitors);
    if (visitors->listener != NULL)
        visitors_drop_half_open(visitors);
    else if (!visitors->is_refusing)
        (void)visitors_listen(visitors); /* without memory, next time */
    for (uint32_t i = 0; i < LCM_VISITORS_MAX; i++) {
        if (visitors->list[i].state != LWIP_VISITOR_NEW)
            continue;
        visitors->list[i].state = LWIP_VISITOR_OPEN;
        *visitor = i;
        return LCM_OK;
    }
    return LCM_PENDING;
}

/* ---- talking ---- */

enum lcm_err lwip_visitors_receive(struct lwip_visitors *visitors, uint32_t visitor, uint8_t *dst,
                                   size_t size, size_t *received)
{
    struct lwip_visitor *from = &visitors->list[visitor];

    *received = lwip_received_take(&from->received, dst, size);
    if (*received > 0 && from->pcb != NULL)
        tcp_recved(from->pcb, (u16_t)*received);
    if (*received > 0)
        return LCM_OK;
    return from->is_ended ? LCM_ERR_CLOSED : LCM_PENDING;
}

/* Something was sent, and nothing came back in time. */
static bool visitor_is_silent(const struct tcp_pcb *pcb)
{
    return pcb->nrtx > 0 || pcb->persist_backoff > 1;
}

static bool visitors_have_room(const struct tcp_pcb *pcb, size_t size)
{
    size_t left = (size_t)lwip_stats.mem.avail - lwip_stats.mem.used;
    bool is_second = pcb->snd_queuelen > 0;

    return left >= size + SEGMENT_COST + RESERVE_SIZE + (is_second ? PLENTY_SIZE : 0);
}

/* There is not even room for one segment: who acknowledges nothing gives his part back. */
static void visitors_make_room(const struct lwip_visitors *visitors, const struct tcp_pcb *sender)
{
    struct tcp_pcb *oldest = NULL;

    for (uint32_t i = 0; i < LCM_VISITORS_MAX; i++) {
        struct tcp_pcb *pcb = visitors->list[i].pcb;
        if (pcb != NULL && pcb != sender && visitor_is_silent(pcb) &&
            (oldest == NULL || tcp_ticks - pcb->tmr > tcp_ticks - oldest->tmr))
            oldest = pcb;
    }
    if (oldest != NULL)
        tcp_abort(oldest);
}

enum lcm_err lwip_visitors_send(struct lwip_visitors *visitors, uint32_t visitor,
                                const uint8_t *data, size_t size, size_t *sent)
{
    struct tcp_pcb *pcb = visitors->list[visitor].pcb;

    *sent = 0;
    if (pcb == NULL)
        return LCM_ERR_CLOSED;
    if (size > TCP_MSS)
        size = TCP_MSS;
    if (size > tcp_sndbuf(pcb))
        size = tcp_sndbuf(pcb);
    if (size == 0)
        return LCM_PENDING;
    if (!visitors_have_room(pcb, size)) {
        if (pcb->snd_queuelen == 0)
            visitors_make_room(visitors, pcb);
        return LCM_PENDING;
    }
    if (tcp_write(pcb, data, (u16_t)size, TCP_WRITE_FLAG_COPY) != ERR_OK)
        return LCM_PENDING;
    (void)tcp_output(pcb);
    *sent = size;
    return LCM_OK;
}

/* ---- ends ---- */

/* What is said behind the end is thrown away: a reset could overtake our last bytes. */
static err_t linger_received(void *context, struct tcp_pcb *pcb, struct pbuf *bytes, err_t err)
{
    (void)context;
    (void)err;
    if (bytes == NULL)
        return ERR_OK;
    tcp_recved(pcb, bytes->tot_len);
    (void)pbuf_free(bytes);
    return ERR_OK;
}

static err_t linger_is_over(void *context, struct tcp_pcb *pcb)
{
    (void)context;
    tcp_abort(pcb);
    return ERR_ABRT;
}

/* Places for those that end now: the oldest of too many goes. */
static void linger_make_place(const struct lwip_visitors *visitors)
{
    struct tcp_pcb *oldest = NULL;
    uint32_t count = 0;

    for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next) {
        if (!pcb_is_ours(visitors, pcb) || pcb->recv != linger_received)
            continue;
        count++;
        if (oldest == NULL || tcp_ticks - pcb->tmr > tcp_ticks - oldest->tmr)
            oldest = pcb;
    }
    if (count >= LINGERING_MAX)
        tcp_abort(oldest);
}

static void linger_begin(const struct lwip_visitors *visitors, struct tcp_pcb *pcb)
{
    linger_make_place(visitors);
    tcp_arg(pcb, NULL);
    tcp_err(pcb, NULL);
    tcp_recv(pcb, linger_received);
    tcp_poll(pcb, linger_is_over, LINGER_TICKS);
    if (tcp_shutdown(pcb, 0, 1) != ERR_OK)
        tcp_abort(pcb);
}

void lwip_visitors_close(struct lwip_visitors *visitors, uint32_t visitor, bool is_orderly)
{
    struct lwip_visitor *who = &visitors->list[visitor];
    size_t dropped = lwip_received_drop(&who->received);
    struct tcp_pcb *pcb = who->pcb;

    *who = (struct lwip_visitor){.state = LWIP_VISITOR_FREE};
    if (pcb != NULL && is_orderly) {
        tcp_recved(pcb, (u16_t)dropped);
        linger_begin(visitors, pcb);
    } else if (pcb != NULL) {
        tcp_arg(pcb, NULL);
        tcp_err(pcb, NULL);
        tcp_abort(pcb);
    }
    visitors_set_places(visitors);
}
