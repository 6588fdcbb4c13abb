/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strict HTTPS client for tests of the release server, made of libcurl: an
 * implementation that shares no code with the server or the device.
 *
 * Names and paths are those of GitHub; connections go to the test server's ports. No
 * redirect is followed. The client keeps its connections until the next reset.
 */
#ifndef LCM_TESTS_HTTPS_CLIENT_H
#define LCM_TESTS_HTTPS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include <curl/curl.h>

#include "tests/lib/serve_process.h"

#define HTTPS_HEADERS_SIZE (256u << 10)

struct https_client {
    CURL *curl;
    struct curl_slist *places; /* host:443 -> server */
    char ca_file[SERVE_PROCESS_PATH_SIZE];
    const struct serve_process *process;
};

struct https_reply {
    CURLcode result;
    long status;
    long connects; /* new connections this request needed */
    double seconds;
    char headers[HTTPS_HEADERS_SIZE]; /* raw, as received */
    size_t header_size;
    char *body; /* owned; freed by the next request into this reply or https_reply_free */
    size_t body_size;
};

/* ca_names: files of the state folder to trust, e.g. "ecc-root", ending with NULL. */
void https_client_init(struct https_client *client, const struct serve_process *process,
                       const char *const *ca_names);

/* Forget all connections. */
void https_client_reset(struct https_client *client);

/* GET url; range as in "0-99" or NULL. Aborts the transfer after body_max bytes. */
void https_get(struct https_client *client, const char *url, const char *range, size_t body_max,
               struct https_reply *reply);

/* Value of the first header of this name (any case) copied to value; false when missing. */
bool https_header(const struct https_reply *reply, const char *name, char *value, size_t size);

void https_reply_free(struct https_reply *reply);
void https_client_free(struct https_client *client);

#endif
