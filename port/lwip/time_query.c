// SPDX-License-Identifier: Apache-2.0
/*
 * The time of day by SNTP. The answer must echo a random number of ours and come from the server
 * that was asked, so that only who sees the question can forge it; it stays a hint all the same.
 */
#include <string.h>

#include "lwip/arch.h"
#include "port/lwip/stack_parts.h"

#define TIME_HOST "pool.ntp.org"
#define TIME_PORT 123u
#define TIME_TIMEOUT_MS 5000u
#define NTP_SIZE 48u
#define NTP_ORIGINATE_OFFSET 24u
#define NTP_TRANSMIT_OFFSET 40u
#define NTP_VERSION_CLIENT 0x23u /* version 4, client */
#define NTP_MODE_SERVER 4u
#define NTP_STRATUM_MAX 15u
#define NTP_EPOCH_OFFSET 2208988800u /* 1900 to 1970, seconds */

static void time_received(void *context, struct udp_pcb *pcb, struct pbuf *answer,
                          const ip_addr_t *address, u16_t port)
{
    struct lwip_stack *stack = context;
    uint8_t bytes[NTP_SIZE];
    uint32_t seconds = 0;

    (void)pcb;
    (void)address;
    (void)port;
    if (pbuf_copy_partial(answer, bytes, NTP_SIZE, 0) == NTP_SIZE &&
        (bytes[0] & 7u) == NTP_MODE_SERVER && bytes[1] >= 1 && bytes[1] <= NTP_STRATUM_MAX &&
        memcmp(bytes + NTP_ORIGINATE_OFFSET, stack->time.nonce, sizeof(stack->time.nonce)) == 0) {
        for (uint32_t i = 0; i < 4; i++)
            seconds = seconds << 8 | bytes[NTP_TRANSMIT_OFFSET + i];
        /* Wraps in 2036 into the next era: the difference stays right until 2106. */
        stack->time.seconds = seconds - NTP_EPOCH_OFFSET;
        stack->time.answered_at_ms = stack->ticks->now_ms(stack->ticks->context);
    }
    (void)pbuf_free(answer);
}

static void time_ask(struct lwip_stack *stack, const ip_addr_t *server)
{
    struct lwip_time_query *query = &stack->time;
    uint8_t bytes[NTP_SIZE] = {NTP_VERSION_CLIENT};
    struct pbuf *question = pbuf_alloc(PBUF_TRANSPORT, NTP_SIZE, PBUF_RAM);

    query->nonce[0] = lwip_port_random();
    query->nonce[1] = lwip_port_random();
    memcpy(bytes + NTP_TRANSMIT_OFFSET, query->nonce, sizeof(query->nonce));
    query->pcb = udp_new();
    if (query->pcb != NULL && question != NULL) {
        udp_recv(query->pcb, time_received, stack);
        if (udp_connect(query->pcb, server, TIME_PORT) == ERR_OK &&
            pbuf_take(question, bytes, NTP_SIZE) == ERR_OK)
            (void)udp_send(query->pcb, question);
    }
    if (question != NULL)
        (void)pbuf_free(question);
}

static void time_stop(struct lwip_time_query *query)
{
    if (query->pcb != NULL)
        udp_remove(query->pcb);
    query->pcb = NULL;
    query->deadline_ms = 0;
}

static enum lcm_err time_step(struct lwip_stack *stack)
{
    struct lwip_time_query *query = &stack->time;
    ip_addr_t server;

    if (query->pcb != NULL)
        return query->seconds != 0 ? LCM_OK : LCM_PENDING;
    enum lcm_err err = lwip_look_up_step(&query->server, TIME_HOST, &server);
    if (err == LCM_OK) {
        time_ask(stack, &server);
        return LCM_PENDING;
    }
    return err == LCM_PENDING ? LCM_PENDING : LCM_ERR_TIMEOUT;
}

enum lcm_err lwip_stack_utc(struct lwip_stack *stack, uint64_t *seconds)
{
    struct lwip_time_query *query = &stack->time;

    lwip_stack_poll(stack);
    uint64_t now_ms = stack->ticks->now_ms(stack->ticks->context); /* an answer came before it */
    if (query->seconds == 0) {
        if (query->deadline_ms == 0)
            query->deadline_ms = now_ms + TIME_TIMEOUT_MS;
        enum lcm_err err = time_step(stack);
        if (err == LCM_PENDING && now_ms < query->deadline_ms)
            return LCM_PENDING;
        time_stop(query);
        if (err != LCM_OK)
            return LCM_ERR_TIMEOUT;
    }
    *seconds = query->seconds + (now_ms - query->answered_at_ms) / 1000;
    return LCM_OK;
}
