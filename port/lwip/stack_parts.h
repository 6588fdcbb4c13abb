/* SPDX-License-Identifier: Apache-2.0 */
/* Functions the files of this folder give each other. */
#ifndef LCM_PORT_LWIP_STACK_PARTS_H
#define LCM_PORT_LWIP_STACK_PARTS_H

#include "port/lwip/stack.h"

/* Look a name up: LCM_PENDING, LCM_OK with *address, or LCM_ERR_DNS. Another name than the one
 * being asked for starts anew. */
enum lcm_err lwip_look_up_step(struct lwip_look_up *look_up, const char *host, ip_addr_t *address);

/* Fill the function tables of the stack. */
void lwip_net_init(struct lwip_stack *stack);
void lwip_wifi_init(struct lwip_stack *stack);

#endif
