/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request and its answer, and what all of them share.
 *
 * struct serve_site is the running server: set up once, then read by every
 * connection thread (faults and log have their own locks). struct serve_exchange
 * lives on the stack of one connection thread for one request.
 */
#ifndef LCM_SERVER_EXCHANGE_H
#define LCM_SERVER_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/asset_url.h"
#include "server/fault.h"
#include "server/request.h"
#include "server/transport.h"

struct serve_log;
struct serve_credentials;

struct serve_site {
    const char *root;
    const char *host_names[SERVE_HOST_COUNT]; /* the plain host answers to any name: "" */
    uint8_t url_key[SERVE_URL_KEY_SIZE];
    struct serve_faults faults;
    struct serve_log *log;
    struct serve_credentials *credentials;
};

struct serve_exchange {
    struct serve_site *site;
    enum serve_host host;
    struct serve_transport *transport;
    struct serve_request request;
    unsigned long connection; /* number, for the log */
    bool is_first;            /* first request of a connection: it paid a handshake */

    /* Filled while answering; the log prints it. */
    int status;
    uint64_t header_size, body_size;       /* bytes sent */
    uint64_t faults;                       /* bit per serve_fault_kind that acted */
    char file[4 * SERVE_SEGMENT_SIZE + 4]; /* OWNER/REPOSITORY/TAG/FILE behind an asset address */
    bool is_broken; /* the connection cannot go on: close it without a farewell */
    bool is_last;   /* close it after this answer */
};

/* true when this fault acts on this exchange; notes it for the log. fault may be NULL. */
bool serve_exchange_fault(struct serve_exchange *exchange, enum serve_fault_kind kind,
                          struct serve_fault *fault);

/* Answer one request of each host. Errors of the connection are left in is_broken. */
void serve_release_answer(struct serve_exchange *exchange);
void serve_asset_answer(struct serve_exchange *exchange);
void serve_plain_answer(struct serve_exchange *exchange);

#endif
