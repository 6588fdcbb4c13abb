/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A visitor's HTTP request, taken byte by byte as it arrives, in constant memory.
 *
 *   lcm_portal_request_init -> feed ... until not LCM_PENDING -> method, target, host, body
 *
 * Only what set-up needs is understood: GET, HEAD and POST, six targets, four fields. A body must
 * announce its length; chunked bodies, folded fields and control characters are refused. Nothing
 * is judged but the form.
 */
#ifndef LCM_PORTAL_REQUEST_H
#define LCM_PORTAL_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"

#define LCM_PORTAL_HEAD_SIZE_MAX 4096u /* bytes of request line and fields; more is 400 */
#define LCM_PORTAL_BODY_SIZE_MAX 1056u /* bytes: a message (docs/SPEC.md 11.3); more is 413 */
#define LCM_PORTAL_LINE_SIZE 128u      /* what is looked at of a line */
#define LCM_PORTAL_HOST_SIZE 64u       /* with NUL; a longer Host counts as another host */
#define LCM_PORTAL_ORIGIN_SIZE 80u     /* with NUL; a longer one is of another page */

enum lcm_portal_method {
    LCM_PORTAL_GET,
    LCM_PORTAL_HEAD,
    LCM_PORTAL_POST,
    LCM_PORTAL_OTHER_METHOD,
};

enum lcm_portal_target {
    LCM_PORTAL_OTHER,   /* anything else: probes of phones, for example */
    LCM_PORTAL_PAGE,    /* / */
    LCM_PORTAL_INFO,    /* /i */
    LCM_PORTAL_SHARE,   /* /p1 */
    LCM_PORTAL_CONFIRM, /* /p2 */
    LCM_PORTAL_MESSAGE, /* /x */
};

/* Owned by the caller. The first group is for reading once feed returned LCM_OK. */
struct lcm_portal_request {
    enum lcm_portal_method method;
    enum lcm_portal_target target;
    char host[LCM_PORTAL_HOST_SIZE];     /* as sent; "" = none, or too long */
    char origin[LCM_PORTAL_ORIGIN_SIZE]; /* as sent; "" = none */
    uint8_t *body;                       /* the caller's */
    uint32_t body_size;
    uint16_t status; /* after an error: what to answer, 400 or 413 */

    /* private */
    uint32_t body_left;
    uint16_t head_size;
    uint8_t line_length;
    bool is_line_cut;
    bool is_after_cr;
    bool has_line; /* the request line is over */
    bool has_length;
    bool is_in_body;
    char line[LCM_PORTAL_LINE_SIZE];
};

/* Start. body: room for LCM_PORTAL_BODY_SIZE_MAX bytes, kept until the request is over. */
void lcm_portal_request_init(struct lcm_portal_request *request, uint8_t *body);

/*
 * Take bytes. LCM_PENDING: feed on. LCM_OK: the request is complete; what follows it is not looked
 * at. LCM_ERR_FORMAT or LCM_ERR_TOO_LONG: refused, status says how to answer. A final result
 * repeats. Cost: linear in size.
 */
LCM_MUST_CHECK enum lcm_err lcm_portal_request_feed(struct lcm_portal_request *request,
                                                    const uint8_t *bytes, size_t size);

/* true once the first byte arrived. */
bool lcm_portal_request_is_begun(const struct lcm_portal_request *request);

#endif
