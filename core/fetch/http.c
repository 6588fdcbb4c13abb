// SPDX-License-Identifier: Apache-2.0
/*
 * HTTP response parser: cuts the stream into lines and body bytes.
 *
 * Line states take one byte at a time, body states take what there is. Field meanings
 * are in http_field.c. It knows nothing of connections or of what was asked.
 *
 * Invariant: a body byte reaches the sink only after the whole header block was accepted,
 * and never more bytes than the response announced or the caller allowed.
 */
#include "core/fetch/http.h"

#include <string.h>

#include "core/base/text.h"
#include "core/fetch/http_field.h"

enum http_state {
    HTTP_STATUS_LINE,
    HTTP_LINE_START,
    HTTP_NAME,
    HTTP_VALUE,
    HTTP_CHUNK_SIZE, /* from here on the header block is complete */
    HTTP_CHUNK_EXTENSION,
    HTTP_CHUNK_END,
    HTTP_TRAILER_START,
    HTTP_TRAILER_LINE,
    HTTP_BODY_LENGTH,
    HTTP_BODY_CLOSE,
    HTTP_BODY_CHUNK,
    HTTP_COMPLETE,
};

static void http_clear_text(struct lcm_http_parser *parser)
{
    parser->text_length = 0;
    parser->is_text_cut = false;
}

/* Forget everything of a response but what bounds it: the size of the block. */
static void http_start_response(struct lcm_http_parser *parser)
{
    memset(&parser->response, 0, sizeof parser->response);
    parser->location_length = 0;
    parser->is_location_cut = false;
    parser->has_close = false;
    parser->has_keep_alive = false;
    parser->state = HTTP_STATUS_LINE;
    http_clear_text(parser);
}

void lcm_http_init(struct lcm_http_parser *parser, char *location, size_t location_size,
                   bool is_head)
{
    memset(parser, 0, sizeof *parser);
    parser->location = location_size > 0 ? location : NULL;
    parser->location_size = location_size;
    if (parser->location != NULL)
        parser->location[0] = '\0';
    parser->is_head = is_head;
    parser->body_max = LCM_HTTP_SIZE_UNLIMITED;
    parser->err = LCM_PENDING;
    http_start_response(parser);
}

static void http_append_text(struct lcm_http_parser *parser, char c)
{
    if (parser->text_length < sizeof parser->text)
        parser->text[parser->text_length++] = c;
    else
        parser->is_text_cut = true;
}

static void http_append_location(struct lcm_http_parser *parser, char c)
{
    if (parser->location_length + 1 < parser->location_size)
        parser->location[parser->location_length++] = c;
    else
        parser->is_location_cut = true;
}

static enum lcm_err http_read_status(struct lcm_http_parser *parser, char c)
{
    enum lcm_err err;

    if (c != '\n') {
        http_append_text(parser, c);
        return LCM_PENDING;
    }
    err = lcm_http_status_take(parser);
    parser->state = HTTP_LINE_START;
    return err == LCM_OK ? LCM_PENDING : err;
}

static bool http_is_token_char(char c)
{
    char lower = lcm_text_lower(c);

    if ((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9'))
        return true;
    return memchr("!#$%&'*+-.^_`|~", c, 15) != NULL;
}

static enum lcm_err http_read_name(struct lcm_http_parser *parser, char c)
{
    if (c == ':' && parser->text_length > 0) {
        parser->field = LCM_HTTP_FIELD_UNKNOWN;
        if (!parser->is_text_cut)
            parser->field = (uint8_t)lcm_http_field_find(parser->text, parser->text_length);
        if (parser->field == LCM_HTTP_FIELD_LOCATION && parser->response.has_location)
            return LCM_ERR_HTTP;
        http_clear_text(parser);
        parser->state = HTTP_VALUE;
        return LCM_PENDING;
    }
    if (!http_is_token_char(c))
        return LCM_ERR_HTTP;
    http_append_text(parser, lcm_text_lower(c));
    return LCM_PENDING;
}

static bool http_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Blanks behind a value are not part of it. */
static size_t http_trimmed_length(const char *text, size_t length)
{
    while (length > 0 && http_is_blank(text[length - 1]))
        length--;
    return length;
}

static enum lcm_err http_end_location(struct lcm_http_parser *parser)
{
    parser->location[http_trimmed_length(parser->location, parser->location_length)] = '\0';
    parser->response.has_location = true;
    return LCM_PENDING;
}

static enum lcm_err http_end_value(struct lcm_http_parser *parser)
{
    enum lcm_err err;

    parser->state = HTTP_LINE_START;
    if (parser->field == LCM_HTTP_FIELD_LOCATION && parser->location != NULL)
        return http_end_location(parser);
    parser->text_length = (uint8_t)http_trimmed_length(parser->text, parser->text_length);
    err = lcm_http_field_take(parser);
    return err == LCM_OK ? LCM_PENDING : err;
}

static enum lcm_err http_read_value(struct lcm_http_parser *parser, char c)
{
    bool is_blank = http_is_blank(c);

    if (c == '\n')
        return http_end_value(parser);
    if (((unsigned char)c < 0x20 && c != '\t') || c == 0x7F)
        return LCM_ERR_HTTP;
    if (parser->field == LCM_HTTP_FIELD_LOCATION && parser->location != NULL) {
        if (!is_blank || parser->location_length > 0)
            http_append_location(parser, c);
    } else if (!is_blank || parser->text_length > 0) {
        http_append_text(parser, c);
    }
    return LCM_PENDING;
}

static bool http_has_no_body(const struct lcm_http_parser *parser)
{
    uint16_t status = parser->response.status;

    return parser->is_head || status == 204 || status == 304;
}

/* RFC 9112 section 6.3: how the end of the body is found. */
static enum lcm_err http_start_body(struct lcm_http_parser *parser)
{
    struct lcm_http_response *response = &parser->response;

    parser->block_size = 0;
    if (http_has_no_body(parser) || (response->has_length && response->length == 0)) {
        parser->state = HTTP_COMPLETE;
        return LCM_OK;
    }
    if (response->is_chunked) {
        parser->state = HTTP_CHUNK_SIZE;
        http_clear_text(parser);
        return LCM_PENDING;
    }
    parser->state = response->has_length ? HTTP_BODY_LENGTH : HTTP_BODY_CLOSE;
    parser->body_left = response->has_length ? response->length : LCM_HTTP_SIZE_UNLIMITED;
    if (!response->has_length)
        response->is_keep_alive = false;
    return LCM_PENDING;
}

static enum lcm_err http_end_interim(struct lcm_http_parser *parser)
{
    /* 101 would change the protocol, which was never asked for. */
    if (parser->response.status == 101 || ++parser->interim_count > LCM_HTTP_INTERIM_MAX)
        return LCM_ERR_HTTP;
    http_start_response(parser);
    return LCM_PENDING;
}

static enum lcm_err http_end_header(struct lcm_http_parser *parser)
{
    struct lcm_http_response *response = &parser->response;
    bool is_redirect = response->status >= 300 && response->status < 400;

    if (response->status < 200)
        return http_end_interim(parser);
    if (response->is_chunked && (response->has_length || parser->is_http_1_0))
        return LCM_ERR_HTTP;
    if (is_redirect && parser->is_location_cut)
        return LCM_ERR_TOO_LONG;
    if (parser->is_location_cut)
        response->has_location = false;
    response->is_keep_alive =
        !parser->has_close && (!parser->is_http_1_0 || parser->has_keep_alive);
    return http_start_body(parser);
}

static enum lcm_err http_read_line_start(struct lcm_http_parser *parser, char c)
{
    if (c == '\n')
        return http_end_header(parser);
    http_clear_text(parser);
    parser->state = HTTP_NAME;
    return http_read_name(parser, c);
}

static int http_hex_digit(char c)
{
    char lower = lcm_text_lower(c);

    if (c >= '0' && c <= '9')
        return c - '0';
    if (lower >= 'a' && lower <= 'f')
        return lower - 'a' + 10;
    return -1;
}

static enum lcm_err http_end_chunk_line(struct lcm_http_parser *parser)
{
    if (parser->text_length == 0)
        return LCM_ERR_HTTP;
    parser->block_size = 0;
    if (parser->body_left > parser->body_max - parser->body_size)
        return LCM_ERR_TOO_LONG;
    parser->state = parser->body_left > 0 ? HTTP_BODY_CHUNK : HTTP_TRAILER_START;
    return LCM_PENDING;
}

/* text_length counts digits here; 16 of them fill 64 bits. */
static enum lcm_err http_read_chunk_size(struct lcm_http_parser *parser, char c)
{
    int digit = http_hex_digit(c);

    if (digit >= 0 && parser->text_length < 16) {
        if (parser->text_length++ == 0)
            parser->body_left = 0;
        parser->body_left = parser->body_left << 4 | (uint64_t)digit;
        return LCM_PENDING;
    }
    if (c == '\n')
        return http_end_chunk_line(parser);
    parser->state = HTTP_CHUNK_EXTENSION;
    return c == ';' || http_is_blank(c) ? LCM_PENDING : LCM_ERR_HTTP;
}

static enum lcm_err http_read_chunk_extension(struct lcm_http_parser *parser, char c)
{
    return c == '\n' ? http_end_chunk_line(parser) : LCM_PENDING;
}

static enum lcm_err http_read_chunk_end(struct lcm_http_parser *parser, char c)
{
    parser->state = HTTP_CHUNK_SIZE;
    parser->block_size = 0;
    http_clear_text(parser);
    return c == '\n' ? LCM_PENDING : LCM_ERR_HTTP;
}

static enum lcm_err http_read_trailer_start(struct lcm_http_parser *parser, char c)
{
    parser->state = c == '\n' ? HTTP_COMPLETE : HTTP_TRAILER_LINE;
    return c == '\n' ? LCM_OK : LCM_PENDING;
}

static enum lcm_err http_read_trailer_line(struct lcm_http_parser *parser, char c)
{
    if (c == '\n')
        parser->state = HTTP_TRAILER_START;
    return LCM_PENDING;
}

struct http_line_state {
    enum lcm_err (*read)(struct lcm_http_parser *parser, char c);
    uint32_t size_max; /* bytes of the block this line belongs to */
};

static const struct http_line_state line_states[] = {
    [HTTP_STATUS_LINE] = {http_read_status, LCM_HTTP_HEADER_SIZE_MAX},
    [HTTP_LINE_START] = {http_read_line_start, LCM_HTTP_HEADER_SIZE_MAX},
    [HTTP_NAME] = {http_read_name, LCM_HTTP_HEADER_SIZE_MAX},
    [HTTP_VALUE] = {http_read_value, LCM_HTTP_HEADER_SIZE_MAX},
    [HTTP_CHUNK_SIZE] = {http_read_chunk_size, LCM_HTTP_CHUNK_LINE_SIZE_MAX},
    [HTTP_CHUNK_EXTENSION] = {http_read_chunk_extension, LCM_HTTP_CHUNK_LINE_SIZE_MAX},
    [HTTP_CHUNK_END] = {http_read_chunk_end, LCM_HTTP_CHUNK_LINE_SIZE_MAX},
    [HTTP_TRAILER_START] = {http_read_trailer_start, LCM_HTTP_TRAILER_SIZE_MAX},
    [HTTP_TRAILER_LINE] = {http_read_trailer_line, LCM_HTTP_TRAILER_SIZE_MAX},
};

/* One byte of a line. CR is dropped, but only a line feed may follow it. */
static enum lcm_err http_read_line_byte(struct lcm_http_parser *parser, char c)
{
    const struct http_line_state *state = &line_states[parser->state];

    if (++parser->block_size > state->size_max)
        return LCM_ERR_TOO_LONG;
    if (parser->is_after_cr && c != '\n')
        return LCM_ERR_HTTP;
    parser->is_after_cr = c == '\r';
    if (c == '\r')
        return LCM_PENDING;
    return state->read(parser, c);
}

static enum lcm_err http_write_body(struct lcm_http_parser *parser, const uint8_t *bytes,
                                    size_t size)
{
    if (size > parser->body_max - parser->body_size)
        return LCM_ERR_TOO_LONG;
    parser->body_size += size;
    if (parser->body.write == NULL)
        return LCM_OK;
    return parser->body.write(parser->body.context, bytes, size);
}

static enum lcm_err http_read_body(struct lcm_http_parser *parser, const uint8_t *bytes,
                                   size_t size, size_t *used)
{
    enum lcm_err err;

    *used = size < parser->body_left ? size : (size_t)parser->body_left;
    err = http_write_body(parser, bytes, *used);
    if (err != LCM_OK)
        return err;
    if (parser->state == HTTP_BODY_CLOSE)
        return LCM_PENDING;
    parser->body_left -= *used;
    if (parser->body_left > 0)
        return LCM_PENDING;
    if (parser->state == HTTP_BODY_CHUNK) {
        parser->state = HTTP_CHUNK_END;
        return LCM_PENDING;
    }
    parser->state = HTTP_COMPLETE;
    return LCM_OK;
}

bool lcm_http_is_header_complete(const struct lcm_http_parser *parser)
{
    return parser->state >= HTTP_CHUNK_SIZE;
}

enum lcm_err lcm_http_feed(struct lcm_http_parser *parser, const uint8_t *bytes, size_t size,
                           size_t *used)
{
    bool was_header = !lcm_http_is_header_complete(parser);

    *used = 0;
    while (parser->err == LCM_PENDING && *used < size) {
        size_t taken = 1;

        if (parser->state < HTTP_BODY_LENGTH)
            parser->err = http_read_line_byte(parser, (char)bytes[*used]);
        else
            parser->err = http_read_body(parser, bytes + *used, size - *used, &taken);
        *used += taken;
        if (was_header && lcm_http_is_header_complete(parser))
            break;
    }
    return parser->err;
}

void lcm_http_set_body(struct lcm_http_parser *parser, const struct lcm_sink *sink,
                       uint64_t size_max)
{
    memset(&parser->body, 0, sizeof parser->body);
    if (sink != NULL)
        parser->body = *sink;
    parser->body_max = size_max;
}

enum lcm_err lcm_http_finish(struct lcm_http_parser *parser)
{
    if (parser->err == LCM_PENDING)
        parser->err = parser->state == HTTP_BODY_CLOSE ? LCM_OK : LCM_ERR_CLOSED;
    return parser->err;
}
