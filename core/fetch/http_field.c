// SPDX-License-Identifier: Apache-2.0
/*
 * What the status line and the known header fields of a response mean.
 *
 * Works on the collected text of one line; it does not know how the line was cut into
 * pieces. Invariant: a value that was cut because it was too long is never taken as
 * if it were whole.
 */
#include "core/fetch/http_field.h"

#include <string.h>

#include "core/base/text.h"

#define STATUS_TEXT_SIZE_MIN 12u /* "HTTP/1.1 200" */

struct field_name {
    const char *name;
    enum lcm_http_field field;
};

static const struct field_name field_names[] = {
    {"location", LCM_HTTP_FIELD_LOCATION},
    {"content-length", LCM_HTTP_FIELD_CONTENT_LENGTH},
    {"content-range", LCM_HTTP_FIELD_CONTENT_RANGE},
    {"transfer-encoding", LCM_HTTP_FIELD_TRANSFER_ENCODING},
    {"connection", LCM_HTTP_FIELD_CONNECTION},
    {"retry-after", LCM_HTTP_FIELD_RETRY_AFTER},
};

enum lcm_http_field lcm_http_field_find(const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof field_names / sizeof field_names[0]; i++) {
        if (strlen(field_names[i].name) == size && memcmp(field_names[i].name, name, size) == 0)
            return field_names[i].field;
    }
    return LCM_HTTP_FIELD_UNKNOWN;
}

enum lcm_err lcm_http_status_take(struct lcm_http_parser *parser)
{
    const char *text = parser->text;
    uint64_t status = 0;

    if (parser->text_length < STATUS_TEXT_SIZE_MIN || memcmp(text, "HTTP/1.", 7) != 0)
        return LCM_ERR_HTTP;
    if (text[7] < '0' || text[7] > '9' || text[8] != ' ')
        return LCM_ERR_HTTP;
    if (parser->text_length > STATUS_TEXT_SIZE_MIN && text[STATUS_TEXT_SIZE_MIN] != ' ')
        return LCM_ERR_HTTP;
    if (lcm_text_parse_u64(text + 9, 3, &status) != LCM_OK || status < 100)
        return LCM_ERR_HTTP;
    parser->response.status = (uint16_t)status;
    parser->is_http_1_0 = text[7] == '0';
    return LCM_OK;
}

static enum lcm_err field_take_length(struct lcm_http_parser *parser)
{
    if (parser->response.has_length || parser->is_text_cut)
        return LCM_ERR_HTTP;
    if (lcm_text_parse_u64(parser->text, parser->text_length, &parser->response.length) != LCM_OK)
        return LCM_ERR_HTTP;
    parser->response.has_length = true;
    return LCM_OK;
}

/* Parse the number in front of the first stop character, and step over both. */
static enum lcm_err field_parse_part(const char **text, size_t *size, char stop, uint64_t *value)
{
    const char *end = memchr(*text, stop, *size);
    size_t digits = end != NULL ? (size_t)(end - *text) : 0;

    if (end == NULL || lcm_text_parse_u64(*text, digits, value) != LCM_OK)
        return LCM_ERR_HTTP;
    *text += digits + 1;
    *size -= digits + 1;
    return LCM_OK;
}

static enum lcm_err field_parse_range(struct lcm_http_response *response, const char *text,
                                      size_t size)
{
    enum lcm_err err = field_parse_part(&text, &size, '-', &response->range_first);

    if (err == LCM_OK)
        err = field_parse_part(&text, &size, '/', &response->range_last);
    if (err != LCM_OK || response->range_first > response->range_last)
        return LCM_ERR_HTTP;
    response->has_range = true;
    if (size == 1 && text[0] == '*')
        return LCM_OK;
    if (lcm_text_parse_u64(text, size, &response->range_total) != LCM_OK)
        return LCM_ERR_HTTP;
    response->has_range_total = true;
    return response->range_last < response->range_total ? LCM_OK : LCM_ERR_HTTP;
}

/* "bytes 0-99/1000", "bytes 0-99/" "*", or, with 416, "bytes " "*" "/1000". */
static enum lcm_err field_take_range(struct lcm_http_parser *parser)
{
    const char unit[] = "bytes ";
    const size_t unit_size = sizeof unit - 1;

    if (parser->response.has_range || parser->is_text_cut || parser->text_length <= unit_size)
        return LCM_ERR_HTTP;
    for (size_t i = 0; i < unit_size; i++) {
        if (lcm_text_lower(parser->text[i]) != unit[i])
            return LCM_ERR_HTTP;
    }
    if (parser->text[unit_size] == '*')
        return LCM_OK;
    return field_parse_range(&parser->response, parser->text + unit_size,
                             parser->text_length - unit_size);
}

static bool field_token_equals(const char *token, size_t size, const char *word)
{
    if (strlen(word) != size)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (lcm_text_lower(token[i]) != word[i])
            return false;
    }
    return true;
}

static enum lcm_err field_take_encoding(struct lcm_http_parser *parser)
{
    if (parser->response.is_chunked || parser->is_text_cut)
        return LCM_ERR_HTTP;
    if (!field_token_equals(parser->text, parser->text_length, "chunked"))
        return LCM_ERR_HTTP;
    parser->response.is_chunked = true;
    return LCM_OK;
}

static void field_take_connection_token(struct lcm_http_parser *parser, const char *token,
                                        size_t size)
{
    if (field_token_equals(token, size, "close"))
        parser->has_close = true;
    if (field_token_equals(token, size, "keep-alive"))
        parser->has_keep_alive = true;
}

static bool field_is_separator(char c)
{
    return c == ',' || c == ' ' || c == '\t';
}

static enum lcm_err field_take_connection(struct lcm_http_parser *parser)
{
    size_t start = 0;

    if (parser->is_text_cut)
        parser->has_close = true;
    for (size_t i = 0; i <= parser->text_length; i++) {
        if (i < parser->text_length && !field_is_separator(parser->text[i]))
            continue;
        field_take_connection_token(parser, parser->text + start, i - start);
        start = i + 1;
    }
    return LCM_OK;
}

static bool field_is_all_digits(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
    }
    return size > 0;
}

static enum lcm_err field_take_retry(struct lcm_http_parser *parser)
{
    struct lcm_http_response *response = &parser->response;
    uint64_t seconds = 0;

    response->retry_after_seconds = LCM_RETRY_AFTER_DEFAULT_S;
    if (!field_is_all_digits(parser->text, parser->text_length))
        return LCM_OK;
    if (parser->is_text_cut ||
        lcm_text_parse_u64(parser->text, parser->text_length, &seconds) != LCM_OK ||
        seconds > LCM_RETRY_AFTER_MAX_S)
        seconds = LCM_RETRY_AFTER_MAX_S;
    response->retry_after_seconds = (uint32_t)seconds;
    return LCM_OK;
}

enum lcm_err lcm_http_field_take(struct lcm_http_parser *parser)
{
    switch ((enum lcm_http_field)parser->field) {
    case LCM_HTTP_FIELD_CONTENT_LENGTH:
        return field_take_length(parser);
    case LCM_HTTP_FIELD_CONTENT_RANGE:
        return field_take_range(parser);
    case LCM_HTTP_FIELD_TRANSFER_ENCODING:
        return field_take_encoding(parser);
    case LCM_HTTP_FIELD_CONNECTION:
        return field_take_connection(parser);
    case LCM_HTTP_FIELD_RETRY_AFTER:
        return field_take_retry(parser);
    case LCM_HTTP_FIELD_UNKNOWN:
    case LCM_HTTP_FIELD_LOCATION:
        break;
    }
    return LCM_OK;
}
