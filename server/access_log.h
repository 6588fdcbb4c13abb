/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the server tells on stdout: one line per request, for people or as JSON.
 *
 * Paths come from the network: they are printed without their query (it holds the
 * signature of an asset address), cut, and with unprintable characters replaced.
 * All functions may be called from any thread; lines never mix.
 */
#ifndef LCM_SERVER_ACCESS_LOG_H
#define LCM_SERVER_ACCESS_LOG_H

#include <cjson/cJSON.h>

#include "server/exchange.h"

struct serve_log {
    pthread_mutex_t lock;
    bool is_json;
    bool is_colored;
};

/* Colour is used on a terminal without NO_COLOR. */
void serve_log_init(struct serve_log *log, bool is_json);

/* One answered request. */
void serve_log_exchange(struct serve_log *log, const struct serve_exchange *exchange);

/* A connection that ended before its first request; reason is static text. */
void serve_log_handshake_failure(struct serve_log *log, const struct serve_exchange *exchange,
                                 const char *reason);

/* The active faults changed by this control line. */
void serve_log_control(struct serve_log *log, const char *line);

/* Print an object as one JSON line and delete it; nothing in human mode. */
void serve_log_object(struct serve_log *log, cJSON *object);

/* Print text in human mode; nothing in JSON mode. */
void serve_log_text(struct serve_log *log, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
