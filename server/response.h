/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One HTTP response: status, headers in order, a body from memory or from a file.
 *
 * Life cycle: init, add headers, set a body, send; then free. The faults that concern
 * headers and bodies act in send, so routes need not know them.
 */
#ifndef LCM_SERVER_RESPONSE_H
#define LCM_SERVER_RESPONSE_H

#include "server/catalog.h"
#include "server/exchange.h"

#define SERVE_HEADERS_MAX 48u
#define SERVE_HEADER_TEXT_SIZE 16384u /* bytes of all names and values */

struct serve_header {
    const char *name, *value;
};

struct serve_response {
    int status;
    const char *reason;
    struct serve_header headers[SERVE_HEADERS_MAX];
    size_t header_count;
    char text[SERVE_HEADER_TEXT_SIZE];
    size_t text_used;
    const char *content; /* body in memory (static or owned by the caller), or NULL */
    int fd;              /* body in a file, or -1; closed by serve_response_free */
    uint64_t first;      /* of the file */
    uint64_t length;     /* bytes of the body */
};

/* An empty response. reason NULL = the standard one. */
void serve_response_init(struct serve_response *response, int status, const char *reason);

/* Append a header "name: formatted value"; both are copied. More than fits is a bug and aborts. */
void serve_response_header(struct serve_response *response, const char *name, const char *format,
                           ...) __attribute__((format(printf, 3, 4)));

/* Body from memory; content must outlive the response. */
void serve_response_content(struct serve_response *response, const char *content, size_t length);

/* Body from a file: takes over file->fd; looks at the Range of the request and sets
 * status 200, 206 or 416 with Content-Range. */
void serve_response_file(struct serve_response *response, struct serve_exchange *exchange,
                         const struct serve_file *file);

/* Send headers and body as the exchange's faults want it; fills the exchange for the log. */
void serve_response_send(struct serve_response *response, struct serve_exchange *exchange);

void serve_response_free(struct serve_response *response);

/* Format a time as in HTTP headers ("Sat, 06 Dec 2025 10:00:00 GMT"). */
void serve_time_format(time_t when, char text[32]);

#endif
