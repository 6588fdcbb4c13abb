// SPDX-License-Identifier: Apache-2.0
/* The wifi port: the radio joins, then DHCP asks for an address. Keeps no name and no password. */
#include <string.h>

#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "port/lwip/stack_parts.h"

static enum lcm_err wifi_join(void *context, const char *ssid, const char *password)
{
    struct lwip_stack *stack = context;

    lwip_stack_poll(stack);
    enum lcm_err err = stack->radio->join(stack->radio->context, ssid, password);
    if (err != LCM_OK)
        return err;
    if (!stack->is_dhcp_started) {
        if (dhcp_start(&stack->netif) != ERR_OK)
            return LCM_PENDING; /* no memory for now: the visitors of an access point have it */
        stack->is_dhcp_started = true;
    }
    return dhcp_supplied_address(&stack->netif) != 0 ? LCM_OK : LCM_PENDING;
}

static bool wifi_has_link(void *context)
{
    struct lwip_stack *stack = context;

    lwip_stack_poll(stack);
    return stack->radio->is_joined(stack->radio->context);
}

static void wifi_address(void *context, uint8_t ip[4])
{
    const struct lwip_stack *stack = context;

    memcpy(ip, &netif_ip4_addr(&stack->netif)->addr, 4);
}

/* Name servers and questions of this network mean nothing in the next one. */
static void wifi_forget_names(struct lwip_stack *stack)
{
    for (u8_t i = 0; i < DNS_MAX_SERVERS; i++)
        dns_setserver(i, NULL);
    stack->look_up.state = LWIP_LOOK_UP_IDLE;
    stack->time.server.state = LWIP_LOOK_UP_IDLE;
}

/* The address is given back while frames still pass. */
static void wifi_leave(void *context)
{
    struct lwip_stack *stack = context;

    if (stack->is_dhcp_started) {
        dhcp_release_and_stop(&stack->netif);
        dhcp_cleanup(&stack->netif);
        stack->is_dhcp_started = false;
    }
    stack->radio->leave(stack->radio->context);
    netif_set_link_down(&stack->netif);
    wifi_forget_names(stack);
}

void lwip_wifi_init(struct lwip_stack *stack)
{
    stack->wifi = (struct lcm_wifi){
        .context = stack,
        .join = wifi_join,
        .has_link = wifi_has_link,
        .address = wifi_address,
        .leave = wifi_leave,
    };
}
