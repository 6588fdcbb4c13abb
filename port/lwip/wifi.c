// SPDX-License-Identifier: Apache-2.0
/* The wifi port: the radio joins, then DHCP asks for an address. Keeps no name and no password. */
#include "lwip/dhcp.h"
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
            return LCM_ERR_WIFI;
        stack->is_dhcp_started = true;
    }
    return dhcp_supplied_address(&stack->netif) != 0 ? LCM_OK : LCM_PENDING;
}

void lwip_wifi_init(struct lwip_stack *stack)
{
    stack->wifi = (struct lcm_wifi){.context = stack, .join = wifi_join};
}
