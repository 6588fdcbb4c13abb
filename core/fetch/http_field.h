/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header fields the HTTP parser understands. Internal to core/fetch/http.c.
 */
#ifndef LCM_FETCH_HTTP_FIELD_H
#define LCM_FETCH_HTTP_FIELD_H

#include "core/fetch/http.h"

enum lcm_http_field {
    LCM_HTTP_FIELD_UNKNOWN,
    LCM_HTTP_FIELD_LOCATION, /* collected by the parser itself */
    LCM_HTTP_FIELD_CONTENT_LENGTH,
    LCM_HTTP_FIELD_CONTENT_RANGE,
    LCM_HTTP_FIELD_TRANSFER_ENCODING,
    LCM_HTTP_FIELD_CONNECTION,
    LCM_HTTP_FIELD_RETRY_AFTER,
};

/* The field of this lower-case name of size characters. */
enum lcm_http_field lcm_http_field_find(const char *name, size_t size);

/*
 * Take over the value in parser->text (trimmed) of parser->field. LCM_OK, or LCM_ERR_HTTP
 * for a value that cannot be right or a field that may not repeat.
 */
LCM_MUST_CHECK enum lcm_err lcm_http_field_take(struct lcm_http_parser *parser);

/* Take over the status line in parser->text. LCM_OK or LCM_ERR_HTTP. */
LCM_MUST_CHECK enum lcm_err lcm_http_status_take(struct lcm_http_parser *parser);

#endif
