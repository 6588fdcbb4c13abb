/* SPDX-License-Identifier: Apache-2.0 */
/* The app's sign of life to the server of the setting lcm_syslog; without that setting nothing is
 * sent. */
#ifndef LCM_EXAMPLES_BLINK_HEARTBEAT_H
#define LCM_EXAMPLES_BLINK_HEARTBEAT_H

#include "lcm/ports.h"

/* Once, when the IP stack is up. The ports and both texts must live on. */
void heartbeat_open(const struct lcm_ports *ports, const char *repository, const char *version);

/* Often. Sends the first message as soon as the server's address is known, then one every ten
 * minutes. */
void heartbeat_step(void);

#endif
