/* SPDX-License-Identifier: Apache-2.0 */
/* Opens everything a server needs, tells the user where it is, and closes it again. */
#ifndef LCM_SERVER_START_H
#define LCM_SERVER_START_H

#include "server/access_log.h"
#include "server/credentials.h"
#include "server/exchange.h"

struct serve_options {
    const char *root;
    bool is_root_default; /* made when missing */
    const char *state;
    const char *address;
    const char *host_names[SERVE_HOST_COUNT];
    uint16_t ports[SERVE_HOST_COUNT]; /* 0 = any */
    bool has_plain;
    bool is_json;
};

struct serve_server {
    struct serve_site site;
    struct serve_log log;
    struct serve_credentials credentials;
    int listeners[SERVE_HOST_COUNT]; /* -1 = not wanted */
    uint16_t ports[SERVE_HOST_COUNT];
    int control;
};

/* Make or load keys, open the sockets. CLI_OK; otherwise an error was printed and
 * nothing is left open. */
int serve_server_open(struct serve_server *server, const struct serve_options *options);

/* Print where the server is and what a device needs to reach it. */
void serve_server_announce(struct serve_server *server, const struct serve_options *options);

void serve_server_close(struct serve_server *server, const struct serve_options *options);

#endif
