// SPDX-License-Identifier: Apache-2.0
/* Heads of answers; see the header. Nothing a visitor sent is repeated in an answer. */
#include "portal/reply.h"

#include "core/base/text.h"

struct reply_row {
    uint16_t status;
    const char *reason;
    const char *text;
};

static const struct reply_row reply_rows[] = {
    {200, "OK", ""},
    {302, "Found", "Set up this device at http://192.168.4.1/\n"},
    {400, "Bad Request", "This request is malformed.\n"},
    {403, "Forbidden", "Refused.\n"},
    {404, "Not Found", "There is nothing here, or the session has ended.\n"},
    {405, "Method Not Allowed", "Use GET or POST.\n"},
    {408, "Request Timeout", "The request took too long.\n"},
    {413, "Content Too Large", "The request is too large.\n"},
    {429, "Too Many Requests", "Too many attempts, try again later.\n"},
    {503, "Service Unavailable", "Busy, try again in a moment.\n"},
};

static const char *const reply_types[] = {
    [LCM_PORTAL_BODY_TEXT] = "text/plain; charset=utf-8",
    [LCM_PORTAL_BODY_JSON] = "application/json",
    [LCM_PORTAL_BODY_BYTES] = "application/octet-stream",
    [LCM_PORTAL_BODY_PAGE] = "text/html; charset=utf-8",
};

static const struct reply_row *reply_row_of(uint16_t status)
{
    for (size_t i = 0; i < sizeof(reply_rows) / sizeof(reply_rows[0]); i++) {
        if (reply_rows[i].status == status)
            return &reply_rows[i];
    }
    return &reply_rows[2];
}

const char *lcm_portal_reply_text(uint16_t status)
{
    return reply_row_of(status)->text;
}

static void reply_field(struct lcm_text *text, const char *name, const char *value)
{
    lcm_text_string(text, name);
    lcm_text_string(text, ": ");
    lcm_text_string(text, value);
    lcm_text_string(text, "\r\n");
}

static void reply_number(struct lcm_text *text, const char *name, uint32_t value)
{
    lcm_text_string(text, name);
    lcm_text_string(text, ": ");
    lcm_text_u32(text, value);
    lcm_text_string(text, "\r\n");
}

size_t lcm_portal_reply_head(char buffer[LCM_PORTAL_REPLY_HEAD_SIZE],
                             const struct lcm_portal_reply *reply, const char *policy)
{
    struct lcm_text text;

    lcm_text_init(&text, buffer, LCM_PORTAL_REPLY_HEAD_SIZE);
    lcm_text_string(&text, "HTTP/1.1 ");
    lcm_text_u32(&text, reply->status);
    lcm_text_char(&text, ' ');
    lcm_text_string(&text, reply_row_of(reply->status)->reason);
    lcm_text_string(&text, "\r\n");
    reply_field(&text, "Content-Type", reply_types[reply->kind]);
    reply_number(&text, "Content-Length", reply->body_size);
    reply_field(&text, "Cache-Control", "no-store");
    reply_field(&text, "Connection", "close");
    reply_field(&text, "X-Content-Type-Options", "nosniff");
    if (reply->kind == LCM_PORTAL_BODY_PAGE) {
        reply_field(&text, "Content-Encoding", "gzip");
        reply_field(&text, "Content-Security-Policy", policy);
        reply_field(&text, "Referrer-Policy", "no-referrer");
    }
    if (reply->status == 302)
        reply_field(&text, "Location", "http://192.168.4.1/");
    if (reply->retry_after_s != 0)
        reply_number(&text, "Retry-After", reply->retry_after_s);
    lcm_text_string(&text, "\r\n");
    return text.length;
}
