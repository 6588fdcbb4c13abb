/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets that listen, and addresses as text. */
#ifndef LCM_COLLECTOR_SOCKETS_H
#define LCM_COLLECTOR_SOCKETS_H

#include <stdint.h>
#include <sys/socket.h>

#include "collector/queue.h"

/* A socket of type SOCK_DGRAM or SOCK_STREAM on address ("::" = any, IPv4 and IPv6); *port 0 takes
 * a free one and is set. The file descriptor, non-blocking; -1 with errno. */
int sockets_listen(const char *address, int type, uint16_t *port);

/* "192.0.2.1" also for an IPv4 address inside IPv6. */
void sockets_source(const struct sockaddr_storage *from, char text[COLLECT_SOURCE_SIZE]);

/* A number for the network of such a text: the address of IPv4, the first half of that of IPv6, as
 * many as one sender may have of. Never 0. */
uint64_t sockets_network(const char *source);

/* Connect to "HOST:PORT" ("[::1]:514"); -1 when it does not work within timeout_ms. */
int sockets_connect(const char *place, int type, uint32_t timeout_ms);

#endif
