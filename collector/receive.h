/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sockets: UDP, TCP and TLS, one thread, no waiting on anybody. Messages go to the queue as
 * they came. When the queue is full UDP is dropped and counted; TCP is not read on until there is
 * room.
 */
#ifndef LCM_COLLECTOR_RECEIVE_H
#define LCM_COLLECTOR_RECEIVE_H

#include "collector/collect.h"

struct receiver; /* the sockets and their thread */

/* Open all sockets of the options. CLI_OK, or an exit code after an error line. */
LCM_MUST_CHECK int receiver_open(struct collect *collect, struct receiver **receiver);
/* Port that was taken: udp, broadcast, tcp, tls; 0 = none. */
uint16_t receiver_port(const struct receiver *receiver, unsigned which);
/* Run until collect->is_stopping; then take what has arrived, close, and close the queue. */
void receiver_run(struct receiver *receiver);
/* Make run look at is_stopping. Safe in a signal handler. */
void receiver_wake(struct receiver *receiver);
void receiver_close(struct receiver *receiver);

#endif
