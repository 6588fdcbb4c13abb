/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One visitor's request and answer: bytes in, bytes out, deadlines. What the answer is, is decided
 * elsewhere (answer.h).
 *
 *   lcm_visit_init -> step ... LCM_VISIT_ASKED -> lcm_visit_answer -> step ... LCM_VISIT_OVER
 *
 * Every visit is over within LCM_VISIT_READ_MS + LCM_VISIT_WRITE_MS, whatever the visitor does.
 */
#ifndef LCM_PORTAL_VISIT_H
#define LCM_PORTAL_VISIT_H

#include <stdbool.h>
#include <stdint.h>

#include "lcm/access_point.h"
#include "portal/reply.h"
#include "portal/request.h"

#define LCM_VISIT_READ_MS 10000u  /* for the whole request */
#define LCM_VISIT_STALL_MS 10000u /* without a byte of the answer taken */
#define LCM_VISIT_WRITE_MS 60000u /* for the whole answer */
#define LCM_VISIT_NEW_MS 1000u    /* a visitor who said nothing for so long gives way to others */

enum lcm_visit_state {
    LCM_VISIT_FREE,
    LCM_VISIT_READING,
    LCM_VISIT_ASKED, /* the request is complete: answer it */
    LCM_VISIT_WRITING,
    LCM_VISIT_OVER, /* close it: in order unless is_broken */
};

/* Owned by the caller. Request and body are for who answers, the rest is private. */
struct lcm_visit {
    enum lcm_visit_state state;
    bool is_broken;
    bool is_page;      /* the body is the page, body[] a window of it */
    bool has_session;  /* for who answers: it is begun, body[] holds its id */
    uint64_t since_ms; /* of the state */
    uint64_t moved_ms; /* last byte taken by the visitor */
    uint32_t body_size;
    uint32_t body_sent;
    uint32_t window_offset; /* of body[] in the page */
    uint32_t window_size;
    uint16_t head_size;
    uint16_t head_sent;
    struct lcm_portal_request request;
    char head[LCM_PORTAL_REPLY_HEAD_SIZE];
    uint8_t body[LCM_PORTAL_BODY_SIZE_MAX]; /* of the request, then of the answer */
};

/* A visitor has come. */
void lcm_visit_init(struct lcm_visit *visit, uint64_t now_ms);

/* Go on: takes what arrived (at most 512 bytes a call), sends what there is room for. */
void lcm_visit_step(struct lcm_visit *visit, const struct lcm_access_point *port, uint32_t visitor,
                    uint64_t now_ms);

/* Answer an ASKED visit with reply->body_size bytes of body[], or with the page. A text
 * answer brings its own sentence. */
void lcm_visit_answer(struct lcm_visit *visit, const struct lcm_portal_reply *reply,
                      uint64_t now_ms);

/* true while it costs nobody anything to send this visitor away: no byte came for a while. */
bool lcm_visit_gives_way(const struct lcm_visit *visit, uint64_t now_ms);

#endif
