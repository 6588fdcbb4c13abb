// SPDX-License-Identifier: Apache-2.0
/*
 * HTTP/1.1 request heads and paths; see the header.
 *
 * Works in the caller's buffer, reads no socket. Invariant: every string handed out
 * ends inside the head that was passed in.
 */
#include "server/request.h"

#include <string.h>

#include "core/base/text.h"

size_t serve_request_head_size(const char *bytes, size_t size)
{
    for (size_t i = 0; i + 1 < size; i++) {
        if (bytes[i] != '\n')
            continue;
        if (bytes[i + 1] == '\n')
            return i + 2;
        if (i + 2 < size && bytes[i + 1] == '\r' && bytes[i + 2] == '\n')
            return i + 3;
    }
    return 0;
}

/* Next line as a string; NULL at the end. */
static char *line_take(char **cursor)
{
    char *line = *cursor;
    char *end = strchr(line, '\n');

    if (end == NULL)
        return NULL;
    *cursor = end + 1;
    *end = '\0';
    if (end > line && end[-1] == '\r')
        end[-1] = '\0';
    return line;
}

static bool is_printable(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text <= ' ' || *text > '~')
            return false;
    }
    return true;
}

static enum lcm_err request_line_parse(char *line, struct serve_request *request)
{
    char *target = strchr(line, ' ');
    char *version = target != NULL ? strchr(target + 1, ' ') : NULL;

    if (version == NULL)
        return LCM_ERR_FORMAT;
    *target++ = '\0';
    *version++ = '\0';
    bool is_1_1 = lcm_text_equal(version, "HTTP/1.1");
    if ((!is_1_1 && !lcm_text_equal(version, "HTTP/1.0")) || target[0] != '/' ||
        !is_printable(target) || line[0] == '\0' || !is_printable(line))
        return LCM_ERR_FORMAT;
    request->method_text = line;
    request->method = SERVE_OTHER_METHOD;
    if (lcm_text_equal(line, "GET"))
        request->method = SERVE_GET;
    else if (lcm_text_equal(line, "HEAD"))
        request->method = SERVE_HEAD;
    request->target = target;
    request->keep_alive = is_1_1;
    return LCM_OK;
}

static bool number_take(const char **cursor, uint64_t *value)
{
    size_t digits = strspn(*cursor, "0123456789");

    if (lcm_text_parse_u64(*cursor, digits, value) != LCM_OK)
        return false;
    *cursor += digits;
    return true;
}

/* A range that is malformed or has several parts is ignored, as RFC 9110 14.2 allows. */
static struct serve_range range_parse(const char *text)
{
    struct serve_range range = {SERVE_RANGE_FROM_TO, 0, UINT64_MAX};
    const struct serve_range none = {SERVE_RANGE_NONE, 0, 0};

    if (strncmp(text, "bytes=", 6) != 0)
        return none;
    text += 6;
    if (*text == '-')
        range.kind = SERVE_RANGE_SUFFIX;
    else if (!number_take(&text, &range.first))
        return none;
    if (*text++ != '-')
        return none;
    bool has_last = number_take(&text, &range.last);
    if (*text != '\0' || (range.kind == SERVE_RANGE_SUFFIX && !has_last) ||
        (range.kind == SERVE_RANGE_FROM_TO && range.last < range.first))
        return none;
    return range;
}

static void field_store(const char *name, const char *value, struct serve_request *request)
{
    if (lcm_text_equal_folded(name, "Host"))
        request->host = value;
    else if (lcm_text_equal_folded(name, "Range"))
        request->range = range_parse(value);
    else if (lcm_text_equal_folded(name, "Connection"))
        request->keep_alive = lcm_text_equal_folded(value, "keep-alive") ||
                              (request->keep_alive && !lcm_text_equal_folded(value, "close"));
    else if (lcm_text_equal_folded(name, "Transfer-Encoding") ||
             (lcm_text_equal_folded(name, "Content-Length") && !lcm_text_equal(value, "0")))
        request->has_body = true;
}

static enum lcm_err field_parse(char *line, struct serve_request *request)
{
    char *value = strchr(line, ':');

    if (value == NULL || value == line || line[0] == ' ' || line[0] == '\t')
        return LCM_ERR_FORMAT;
    *value++ = '\0';
    value += strspn(value, " \t");
    size_t length = strlen(value);
    while (length > 0 && (value[length - 1] == ' ' || value[length - 1] == '\t'))
        value[--length] = '\0';
    field_store(line, value, request);
    return LCM_OK;
}

enum lcm_err serve_request_parse(char *head, size_t size, struct serve_request *request)
{
    struct serve_request result = {.host = ""};
    char *cursor = head;

    if (size == 0 || head[size - 1] != '\n' || memchr(head, '\0', size) != NULL)
        return LCM_ERR_FORMAT;
    head[size - 1] = '\0'; /* the end of the empty line: strchr stops inside the head */
    char *line = line_take(&cursor);
    if (line == NULL)
        return LCM_ERR_FORMAT;
    enum lcm_err err = request_line_parse(line, &result);
    while (err == LCM_OK && (line = line_take(&cursor)) != NULL)
        err = field_parse(line, &result);
    if (err == LCM_OK)
        *request = result;
    return err;
}

static bool segment_is_allowed(const char *text, size_t length)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+~";

    return length > 0 && text[0] != '.' && strspn(text, allowed) >= length;
}

enum lcm_err serve_path_split(const char *target,
                              char segments[SERVE_SEGMENTS_MAX][SERVE_SEGMENT_SIZE], size_t *count)
{
    size_t used = 0;

    while (*target == '/') {
        target++;
        size_t length = strcspn(target, "/?");
        if (!segment_is_allowed(target, length))
            return LCM_ERR_FORMAT;
        if (used == SERVE_SEGMENTS_MAX || length >= SERVE_SEGMENT_SIZE)
            return LCM_ERR_TOO_LONG;
        memcpy(segments[used], target, length);
        segments[used++][length] = '\0';
        target += length;
    }
    *count = used;
    return LCM_OK;
}

enum lcm_err serve_range_resolve(const struct serve_range *range, uint64_t size, uint64_t *first,
                                 uint64_t *length)
{
    if (range->kind == SERVE_RANGE_SUFFIX) {
        if (range->last == 0 || size == 0)
            return LCM_ERR_RANGE;
        *length = range->last < size ? range->last : size;
        *first = size - *length;
        return LCM_OK;
    }
    if (range->first >= size)
        return LCM_ERR_RANGE;
    uint64_t last = range->last < size ? range->last : size - 1;
    *first = range->first;
    *length = last - range->first + 1;
    return LCM_OK;
}
