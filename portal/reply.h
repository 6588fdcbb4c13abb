/* SPDX-License-Identifier: Apache-2.0 */
/* The head of an answer to a visitor: status line and fields. The body is sent by who made it. */
#ifndef LCM_PORTAL_REPLY_H
#define LCM_PORTAL_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"

#define LCM_PORTAL_REPLY_HEAD_SIZE \
    640u /* bytes with NUL: the page's, with its policy, is the longest */

enum lcm_portal_body {
    LCM_PORTAL_BODY_TEXT, /* one line for people */
    LCM_PORTAL_BODY_JSON,
    LCM_PORTAL_BODY_BYTES,
    LCM_PORTAL_BODY_PAGE, /* gzip, with the page's policy */
};

struct lcm_portal_reply {
    uint16_t status; /* 200, 302, 400, 403, 404, 405, 408, 413, 429, 503 */
    enum lcm_portal_body kind;
    uint32_t body_size;
    uint32_t retry_after_s; /* 0 = no such field */
};

/*
 * Write the head into text of LCM_PORTAL_REPLY_HEAD_SIZE bytes; returns its length. policy: the
 * page's Content-Security-Policy. A 302 leads to http://192.168.4.1/. The connection ends with
 * every answer, and nothing may be kept: what is true now is not true for the next visitor.
 */
size_t lcm_portal_reply_head(char text[LCM_PORTAL_REPLY_HEAD_SIZE],
                             const struct lcm_portal_reply *reply, const char *policy);

/* The sentence that goes with an error status, with a line feed; "" for 200. Static storage. */
const char *lcm_portal_reply_text(uint16_t status);

#endif
