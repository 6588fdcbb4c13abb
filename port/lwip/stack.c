// SPDX-License-Identifier: Apache-2.0
/*
 * The network interface between lwIP and the radio. Frames move only inside lwip_stack_poll and
 * when lwIP sends; nothing here waits.
 */
#include "port/lwip/stack.h"

#include <string.h>

#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/etharp.h"
#include "lwip/init.h"
#include "lwip/ip.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/sys.h"
#include "port/lwip/hooks.h"
#include "port/lwip/stack_parts.h"

#define FRAMES_PER_POLL 3u /* as many as the TCP window has segments */
#define MTU 1500u

static const struct lcm_clock *stack_ticks; /* lwIP asks for the time without a context */

u32_t sys_now(void)
{
    return (u32_t)stack_ticks->now_ms(stack_ticks->context);
}

/* An answer leaves by the interface the question came in by, everything else by the station's: the
 * network joined may have the same addresses as the access point's. */
struct netif *lwip_port_route(const ip4_addr_t *src)
{
    struct netif *input = ip_current_input_netif();

    if (src == NULL)
        return NULL;
    if (input != NULL)
        return input;
    bool is_usable = netif_default != NULL && netif_is_link_up(netif_default) != 0 &&
                     !ip4_addr_isany_val(*netif_ip4_addr(netif_default));
    return is_usable ? netif_default : NULL;
}

static err_t stack_send_frame(struct netif *netif, struct pbuf *frame)
{
    const struct lwip_radio *radio = ((struct lwip_stack *)netif->state)->radio;
    u16_t size = (u16_t)(frame->tot_len - ETH_PAD_SIZE);
    uint8_t *buffer = radio->send_buffer(radio->context, size);

    if (buffer == NULL)
        return ERR_IF;
    (void)pbuf_copy_partial(frame, buffer, size, ETH_PAD_SIZE);
    radio->send(radio->context, size);
    return ERR_OK;
}

static err_t stack_init_netif(struct netif *netif)
{
    netif->name[0] = 'w';
    netif->name[1] = 'l';
    netif->mtu = MTU;
    netif->hwaddr_len = ETH_HWADDR_LEN;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
    netif->output = etharp_output;
    netif->linkoutput = stack_send_frame;
    return ERR_OK;
}

/* A frame for which there is no memory is lost, as in the air. */
static void stack_take_frame(struct lwip_stack *stack, const uint8_t *bytes, size_t size)
{
    struct pbuf *frame = pbuf_alloc(PBUF_RAW, (u16_t)(size + ETH_PAD_SIZE), PBUF_RAM);

    if (frame == NULL)
        return;
    memcpy((uint8_t *)frame->payload + ETH_PAD_SIZE, bytes, size);
    if (stack->netif.input(frame, &stack->netif) != ERR_OK)
        (void)pbuf_free(frame);
}

/* A network that came back may be another one behind the same name: ask for the address again. */
static void stack_follow_link(struct lwip_stack *stack)
{
    bool is_joined = stack->radio->is_joined(stack->radio->context);

    if (is_joined == (netif_is_link_up(&stack->netif) != 0))
        return;
    if (is_joined)
        netif_set_link_up(&stack->netif);
    else
        netif_set_link_down(&stack->netif);
}

/* lwIP's clockwork, on the period of TCP's. A program that was busy makes it late, not fast: nobody
 * could have answered meanwhile. */
static void stack_run_timers(struct lwip_stack *stack)
{
    u32_t now = sys_now();

    if ((s32_t)(now - stack->timer_due_ms) < 0)
        return;
    stack->timer_due_ms = now + TCP_TMR_INTERVAL;
    stack->timer_count++;
    tcp_tmr();
    if (stack->timer_count % (DHCP_FINE_TIMER_MSECS / TCP_TMR_INTERVAL) == 0)
        dhcp_fine_tmr();
    if (stack->timer_count % (ARP_TMR_INTERVAL / TCP_TMR_INTERVAL) == 0)
        etharp_tmr();
    if (stack->timer_count % (DNS_TMR_INTERVAL / TCP_TMR_INTERVAL) == 0)
        dns_tmr();
    if (stack->timer_count % (DHCP_COARSE_TIMER_MSECS / TCP_TMR_INTERVAL) == 0)
        dhcp_coarse_tmr();
}

void lwip_stack_poll(struct lwip_stack *stack)
{
    const uint8_t *bytes = NULL;

    for (uint32_t i = 0; i < FRAMES_PER_POLL; i++) {
        size_t size = stack->radio->receive(stack->radio->context, &bytes);
        if (size == 0)
            break;
        stack->is_progress = true;
        stack_take_frame(stack, bytes, size);
    }
    stack_follow_link(stack);
    stack_run_timers(stack);
}

bool lwip_stack_had_progress(struct lwip_stack *stack)
{
    bool had_progress = stack->is_progress;

    stack->is_progress = false;
    return had_progress;
}

void lwip_stack_init(struct lwip_stack *stack, const struct lwip_radio *radio,
                     const struct lcm_clock *ticks, const uint8_t mac[6])
{
    memset(stack, 0, sizeof(*stack));
    stack->radio = radio;
    stack->ticks = ticks;
    stack_ticks = ticks;
    lwip_init();
    (void)netif_add_noaddr(&stack->netif, stack, stack_init_netif, netif_input);
    memcpy(stack->netif.hwaddr, mac, ETH_HWADDR_LEN);
    netif_set_default(&stack->netif);
    netif_set_up(&stack->netif);
    stack->datagrams = udp_new();
    lwip_net_init(stack);
    lwip_wifi_init(stack);
}
