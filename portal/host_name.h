/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a request for this device's page, or for one of the names that phones probe? And does it come
 * from our own page? Every name leads to the device on its own network, so the Host field tells.
 */
#ifndef LCM_PORTAL_HOST_NAME_H
#define LCM_PORTAL_HOST_NAME_H

#include <stdbool.h>

/* true for an IPv4 address, localhost, lcm.setup and the device's name (also with .local), each
 * with or without a port; case does not count. name: "LCM-000001". */
bool lcm_portal_is_own_host(const char *host, const char *name);

/* true when there is no Origin field (origin = "") or it is "http://" and the Host field: then no
 * other site's page is speaking. */
bool lcm_portal_is_own_origin(const char *origin, const char *host);

#endif
