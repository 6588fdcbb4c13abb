/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A running `lcm serve`: its ports, its faults, and what it was asked.
 *
 * The log is the server's own (--json). fixture_server_mark sets the start of what
 * fixture_server_requests gives, so each device run can be looked at alone.
 */
#ifndef LCM_TESTS_FIXTURE_SERVER_H
#define LCM_TESTS_FIXTURE_SERVER_H

#include <stdint.h>

#include "tests/lib/fixture_lines.h"
#include "tests/lib/fixture_process.h"

#define FIXTURE_RELEASE_HOST "github.com"
#define FIXTURE_ASSET_HOST "release-assets.githubusercontent.com"

struct fixture_server {
    struct fixture_process process;
    char state[FIXTURE_PATH_SIZE];
    char log[FIXTURE_PATH_SIZE];
    unsigned release_port, asset_port, plain_port;
    size_t mark; /* byte of the log */
    struct fixture_lines lines;
};

/* Start with files from root and keys in state; returns when it listens. */
void fixture_server_start(struct fixture_server *server, const char *root, const char *state,
                          const char *log);
void fixture_server_stop(struct fixture_server *server);

/* Set a fault ("slow=20000@asset"), or "clear". It is in force on return. */
void fixture_server_fault(const struct fixture_server *server, const char *line);

/* Forget the requests so far. */
void fixture_server_mark(struct fixture_server *server);

/* Load what was asked since the mark; waits until the log is quiet. */
void fixture_server_settle(struct fixture_server *server);

/* Of the requests loaded: how many, for a host (NULL = both); TLS handshakes that
 * led to a request, or failed ones. */
unsigned fixture_server_requests(const struct fixture_server *server, const char *host);
unsigned fixture_server_handshakes(const struct fixture_server *server);
unsigned fixture_server_failed_handshakes(const struct fixture_server *server);

/* Body bytes and GET requests answered for a path whose end is file, e.g.
 * "/1.1.0/main.bin", on the asset host. */
uint64_t fixture_server_bytes(const struct fixture_server *server, const char *file);
unsigned fixture_server_gets(const struct fixture_server *server, const char *file);

/* range_first of the n-th (from 0) of these requests; -1 without range or request. */
long fixture_server_range_first(const struct fixture_server *server, const char *file, unsigned n);

#endif
