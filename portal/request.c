// SPDX-License-Identifier: Apache-2.0
/*
 * Request parser; see the header. Lines are collected up to LCM_PORTAL_LINE_SIZE bytes and
 * understood at their end; a longer line is one that nobody here needs to read whole.
 *
 * Invariant: nothing is written behind line[], host[], origin[] or the announced body.
 */
#include "portal/request.h"

#include <string.h>

#include "core/base/text.h"

#define STATUS_BAD 400u
#define STATUS_TOO_LARGE 413u

void lcm_portal_request_init(struct lcm_portal_request *request, uint8_t *body)
{
    memset(request, 0, sizeof(*request));
    request->body = body;
}

bool lcm_portal_request_is_begun(const struct lcm_portal_request *request)
{
    return request->head_size > 0;
}

static enum lcm_err request_refuse(struct lcm_portal_request *request, uint16_t status)
{
    request->status = status;
    return status == STATUS_TOO_LARGE ? LCM_ERR_TOO_LONG : LCM_ERR_FORMAT;
}

/* ---- the request line ---- */

static enum lcm_portal_method request_method_of(const char *line, size_t length)
{
    static const char *const names[] = {"GET", "HEAD", "POST"};

    for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strlen(names[i]) == length && memcmp(line, names[i], length) == 0)
            return (enum lcm_portal_method)i;
    }
    return LCM_PORTAL_OTHER_METHOD;
}

/* A query behind the path does not matter: captive browsers add some. */
static enum lcm_portal_target request_target_of(const char *target, size_t length)
{
    static const char *const paths[] = {"", "/", "/i", "/p1", "/p2", "/x"};
    size_t path_length = 0;

    while (path_length < length && target[path_length] != '?')
        path_length++;
    for (uint32_t i = LCM_PORTAL_PAGE; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (strlen(paths[i]) == path_length && memcmp(target, paths[i], path_length) == 0)
            return (enum lcm_portal_target)i;
    }
    return LCM_PORTAL_OTHER;
}

/* "METHOD target HTTP/1.x"; the version of a cut line is not seen. */
static enum lcm_err request_take_first_line(struct lcm_portal_request *request)
{
    const char *line = request->line;
    size_t method_length = lcm_text_find(line, ' ');
    const char *target = line + method_length + (line[method_length] == ' ');
    size_t target_length = lcm_text_find(target, ' ');
    const char *version = target + target_length;

    if (method_length == 0 || target_length == 0)
        return request_refuse(request, STATUS_BAD);
    if (!request->is_line_cut && !lcm_text_starts_with(version, " HTTP/1."))
        return request_refuse(request, STATUS_BAD);
    request->method = request_method_of(line, method_length);
    request->target = request_target_of(target, target_length);
    request->has_line = true;
    return LCM_PENDING;
}

/* ---- fields ---- */

/* The value of the line's field when it has this name (lower case), else NULL. */
static const char *request_value_of(const struct lcm_portal_request *request, const char *name)
{
    const char *line = request->line;
    size_t length = strlen(name);

    for (size_t i = 0; i < length; i++) {
        if (lcm_text_lower(line[i]) != name[i])
            return NULL;
    }
    if (line[length] != ':')
        return NULL;
    line += length + 1;
    while (*line == ' ' || *line == '\t')
        line++;
    return line;
}

static size_t request_trimmed_length(const char *value)
{
    size_t length = strlen(value);

    while (length > 0 && (value[length - 1] == ' ' || value[length - 1] == '\t'))
        length--;
    return length;
}

/* Twice the same is one; a second length that differs is an attack. */
static enum lcm_err request_take_length(struct lcm_portal_request *request, const char *value)
{
    uint64_t number = 0;

    if (lcm_text_parse_u64(value, request_trimmed_length(value), &number) != LCM_OK)
        return request_refuse(request, STATUS_BAD);
    if (request->has_length && number != request->body_left)
        return request_refuse(request, STATUS_BAD);
    if (number > LCM_PORTAL_BODY_SIZE_MAX)
        return request_refuse(request, STATUS_TOO_LARGE);
    request->body_left = (uint32_t)number;
    request->has_length = true;
    return LCM_PENDING;
}

/* Too long: "" for the host, which is then no name of ours; a mark that fits no page for the
 * origin. */
static void request_keep(char *dst, size_t size, const char *value, const char *fallback)
{
    size_t length = request_trimmed_length(value);

    if (lcm_text_copy_bytes(dst, size, (const uint8_t *)value, length) != LCM_OK)
        (void)!lcm_text_copy(dst, size, fallback);
}

static enum lcm_err request_take_field(struct lcm_portal_request *request)
{
    const char *value;

    if (request->line[0] == ' ' || request->line[0] == '\t' || strchr(request->line, ':') == NULL)
        return request->is_line_cut && request->line[0] > ' ' ? LCM_PENDING
                                                              : request_refuse(request, STATUS_BAD);
    if (request_value_of(request, "transfer-encoding") != NULL)
        return request_refuse(request, STATUS_BAD);
    value = request_value_of(request, "content-length");
    if (value != NULL)
        return request_take_length(request, value);
    value = request_value_of(request, "host");
    if (value != NULL)
        request_keep(request->host, sizeof(request->host), request->is_line_cut ? "" : value, "");
    value = request_value_of(request, "origin");
    if (value != NULL)
        request_keep(request->origin, sizeof(request->origin),
                     request->is_line_cut ? "null" : value, "null");
    return LCM_PENDING;
}

/* ---- lines and body ---- */

static enum lcm_err request_end_head(struct lcm_portal_request *request)
{
    if (!request->has_line)
        return LCM_PENDING; /* an empty line before the request is allowed (RFC 9112, 2.2) */
    request->is_in_body = true;
    return request->body_left == 0 ? LCM_OK : LCM_PENDING;
}

static enum lcm_err request_end_line(struct lcm_portal_request *request)
{
    enum lcm_err err;

    request->line[request->line_length] = '\0';
    if (request->line_length == 0)
        err = request_end_head(request);
    else if (!request->has_line)
        err = request_take_first_line(request);
    else
        err = request_take_field(request);
    request->line_length = 0;
    request->is_line_cut = false;
    return err;
}

static enum lcm_err request_take_char(struct lcm_portal_request *request, char c)
{
    bool was_cr = request->is_after_cr;

    if (++request->head_size > LCM_PORTAL_HEAD_SIZE_MAX)
        return request_refuse(request, STATUS_BAD);
    request->is_after_cr = c == '\r';
    if (c == '\n')
        return request_end_line(request);
    if (c == '\r' && !was_cr)
        return LCM_PENDING;
    if (was_cr || (uint8_t)c == 0x7F || ((uint8_t)c < ' ' && c != '\t'))
        return request_refuse(request, STATUS_BAD);
    if (request->line_length < LCM_PORTAL_LINE_SIZE - 1)
        request->line[request->line_length++] = c;
    else
        request->is_line_cut = true;
    return LCM_PENDING;
}

static enum lcm_err request_take_body(struct lcm_portal_request *request, const uint8_t *bytes,
                                      size_t size)
{
    if (size > request->body_left)
        size = request->body_left;
    memcpy(request->body + request->body_size, bytes, size);
    request->body_size += (uint32_t)size;
    request->body_left -= (uint32_t)size;
    return request->body_left == 0 ? LCM_OK : LCM_PENDING;
}

enum lcm_err lcm_portal_request_feed(struct lcm_portal_request *request, const uint8_t *bytes,
                                     size_t size)
{
    enum lcm_err err = LCM_PENDING;
    size_t used = 0;

    if (request->status != 0)
        return request_refuse(request, request->status);
    while (err == LCM_PENDING && !request->is_in_body && used < size)
        err = request_take_char(request, (char)bytes[used++]);
    if (err == LCM_PENDING && request->is_in_body)
        err = request_take_body(request, bytes + used, size - used);
    return err;
}
