// SPDX-License-Identifier: Apache-2.0
/*
 * Encodes a GET request as a row of pieces.
 *
 * It sends nothing itself. Invariant: the pieces in a row are one well-formed request,
 * whatever amounts are acknowledged.
 */
#include "core/fetch/request.h"

#include <string.h>

#include "core/base/text.h"
#include "core/fetch/url.h"

enum request_piece {
    REQUEST_METHOD,
    REQUEST_PATH,
    REQUEST_VERSION,
    REQUEST_HOST,
    REQUEST_PORT,
    REQUEST_AGENT_NAME,
    REQUEST_AGENT,
    REQUEST_FIELDS,
    REQUEST_RANGE,
    REQUEST_END,
    REQUEST_SENT,
};

enum lcm_err lcm_request_check(const struct lcm_request *request)
{
    if (request->host == NULL || !lcm_url_host_is_valid(request->host))
        return LCM_ERR_ARGUMENT;
    if (request->path == NULL || !lcm_url_path_is_valid(request->path) ||
        memchr(request->path, '\0', LCM_URL_SIZE) == NULL)
        return LCM_ERR_ARGUMENT;
    if (request->has_range && request->range_first > request->range_last)
        return LCM_ERR_ARGUMENT;
    return LCM_OK;
}

void lcm_request_begin(struct lcm_request_encoder *encoder, const struct lcm_request *request,
                       const char *user_agent)
{
    memset(encoder, 0, sizeof *encoder);
    encoder->request = request;
    encoder->user_agent = user_agent;
}

/* The port is named only where it is not the scheme's own. */
static const char *request_format_port(struct lcm_request_encoder *encoder)
{
    const struct lcm_request *request = encoder->request;
    uint16_t usual = request->is_plain ? LCM_HTTP_PORT : LCM_HTTPS_PORT;
    struct lcm_text text;

    lcm_text_init(&text, encoder->text, sizeof encoder->text);
    if (request->port != 0 && request->port != usual) {
        lcm_text_char(&text, ':');
        lcm_text_u32(&text, request->port);
    }
    return encoder->text;
}

static const char *request_format_range(struct lcm_request_encoder *encoder)
{
    const struct lcm_request *request = encoder->request;
    struct lcm_text text;

    lcm_text_init(&text, encoder->text, sizeof encoder->text);
    if (request->has_range) {
        lcm_text_string(&text, "Range: bytes=");
        lcm_text_u32(&text, request->range_first);
        lcm_text_char(&text, '-');
        lcm_text_u32(&text, request->range_last);
        lcm_text_string(&text, "\r\n");
    }
    return encoder->text;
}

static const char *request_piece_text(struct lcm_request_encoder *encoder)
{
    switch ((enum request_piece)encoder->piece) {
    case REQUEST_METHOD:
        return "GET ";
    case REQUEST_PATH:
        return encoder->request->path;
    case REQUEST_VERSION:
        return " HTTP/1.1\r\nHost: ";
    case REQUEST_HOST:
        return encoder->request->host;
    case REQUEST_PORT:
        return request_format_port(encoder);
    case REQUEST_AGENT_NAME:
        return "\r\nUser-Agent: ";
    case REQUEST_AGENT:
        return encoder->user_agent;
    case REQUEST_FIELDS:
        return "\r\nAccept: */*\r\nConnection: keep-alive\r\n";
    case REQUEST_RANGE:
        return request_format_range(encoder);
    case REQUEST_END:
        return "\r\n";
    case REQUEST_SENT:
        break;
    }
    return "";
}

const char *lcm_request_pending(struct lcm_request_encoder *encoder, size_t *size)
{
    while (encoder->piece < REQUEST_SENT) {
        const char *text = request_piece_text(encoder);
        size_t length = strlen(text);

        if (encoder->offset < length) {
            *size = length - encoder->offset;
            return text + encoder->offset;
        }
        encoder->piece++;
        encoder->offset = 0;
    }
    *size = 0;
    return NULL;
}

void lcm_request_ack(struct lcm_request_encoder *encoder, size_t size)
{
    encoder->offset = (uint16_t)(encoder->offset + size);
}
