/* SPDX-License-Identifier: Apache-2.0 */
/* Ports of this machine, for servers of a test. */
#ifndef LCM_TESTS_FIXTURE_PORT_H
#define LCM_TESTS_FIXTURE_PORT_H

#include <sys/socket.h>

/* A port of 127.0.0.1 that nobody has now. type: SOCK_STREAM or SOCK_DGRAM. */
unsigned fixture_free_port(int type);

#endif
