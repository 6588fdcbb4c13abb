// SPDX-License-Identifier: Apache-2.0
/* Names to addresses by lwIP's resolver, as a state to poll instead of a callback. */
#include <string.h>

#include "core/base/crc32.h"
#include "lwip/dns.h"
#include "port/lwip/stack_parts.h"

static uint32_t look_up_crc(const char *host)
{
    return lcm_crc32(0, (const uint8_t *)host, strlen(host));
}

/* An answer to a question that is no longer asked is dropped. */
static void look_up_found(const char *name, const ip_addr_t *address, void *context)
{
    struct lwip_look_up *look_up = context;

    if (look_up->state != LWIP_LOOK_UP_ASKING || look_up_crc(name) != look_up->name_crc)
        return;
    look_up->state = LWIP_LOOK_UP_DONE;
    ip_addr_set_zero(&look_up->address);
    if (address != NULL)
        ip_addr_copy(look_up->address, *address);
}

static enum lcm_err look_up_begin(struct lwip_look_up *look_up, const char *host,
                                  ip_addr_t *address)
{
    look_up->name_crc = look_up_crc(host);
    look_up->state = LWIP_LOOK_UP_ASKING;
    switch ((int)dns_gethostbyname(host, address, look_up_found, look_up)) {
    case ERR_OK:
        look_up->state = LWIP_LOOK_UP_IDLE;
        return LCM_OK;
    case ERR_INPROGRESS:
        return LCM_PENDING;
    case ERR_MEM: /* an older question is still open */
        look_up->state = LWIP_LOOK_UP_IDLE;
        return LCM_PENDING;
    default:
        look_up->state = LWIP_LOOK_UP_IDLE;
        return LCM_ERR_DNS;
    }
}

enum lcm_err lwip_look_up_step(struct lwip_look_up *look_up, const char *host, ip_addr_t *address)
{
    if (look_up->state == LWIP_LOOK_UP_IDLE || look_up->name_crc != look_up_crc(host))
        return look_up_begin(look_up, host, address);
    if (look_up->state == LWIP_LOOK_UP_ASKING)
        return LCM_PENDING;
    look_up->state = LWIP_LOOK_UP_IDLE;
    if (ip_addr_isany_val(look_up->address))
        return LCM_ERR_DNS;
    ip_addr_copy(*address, look_up->address);
    return LCM_OK;
}
