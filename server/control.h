/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changing faults while the server runs: the Unix socket STATE/control.
 *
 * A client writes lines and reads one reply per line, "ok" or "error: ...". The reply
 * comes after the change is in force (certificates included), so a test needs no sleep.
 *
 *   NAME[=VALUE][@HOST][~TEXT][*TIMES]   set a fault
 *   clear [NAME]                         remove it; all without NAME
 */
#ifndef LCM_SERVER_CONTROL_H
#define LCM_SERVER_CONTROL_H

#include "server/exchange.h"

#define SERVE_CONTROL_LINE_SIZE 512u

/* Carry out one line; reply tells the result. LCM_OK or why not. */
LCM_MUST_CHECK enum lcm_err serve_control_apply(struct serve_site *site, const char *line,
                                                char reply[SERVE_CONTROL_LINE_SIZE]);

/* Open the socket of a state folder. LCM_ERR_NO_SPACE: another server uses the folder;
 * LCM_ERR_CONNECT: errno tells. */
LCM_MUST_CHECK enum lcm_err serve_control_listen(const char *state, int *fd);

/* Remove the socket's name. */
void serve_control_unlink(const char *state);

/* Accept one client and carry out its lines; at most a second per line. */
void serve_control_accept(struct serve_site *site, int listener);

/* Client: send one line to the server of a state folder. LCM_ERR_CONNECT when none runs,
 * LCM_ERR_CLOSED when it did not answer. reply is what it said. */
LCM_MUST_CHECK enum lcm_err serve_control_send(const char *state, const char *line,
                                               char reply[SERVE_CONTROL_LINE_SIZE]);

#endif
