/* SPDX-License-Identifier: Apache-2.0 */
/* Name resolution of the host port: overrides, literals, then the system's resolver. */
#ifndef LCM_PORT_HOST_RESOLVE_H
#define LCM_PORT_HOST_RESOLVE_H

#include "port/host/host_net.h"

/* struct lcm_net.resolve; context is a struct host_net. */
enum lcm_err host_resolve(void *context, const char *host, uint16_t port,
                          struct lcm_endpoint *endpoint);

/* Give up a look-up that is under way. */
void host_resolve_cancel(struct host_net *net);

#endif
