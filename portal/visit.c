// SPDX-License-Identifier: Apache-2.0
/*
 * A visit's bytes and deadlines; see the header. It knows HTTP's frame and nothing of set-up.
 *
 * Invariant: body[] holds bytes of the page only in its window; whatever a request brought is
 * overwritten or wiped by who answers.
 */
#include "portal/visit.h"

#include <string.h>

#include "core/base/bytes.h"
#include "portal/page.h"

#define RECEIVE_SIZE 512u /* bytes taken in one step, on the stack */

static void visit_enter(struct lcm_visit *visit, enum lcm_visit_state state, uint64_t now_ms)
{
    visit->state = state;
    visit->since_ms = now_ms;
    visit->moved_ms = now_ms;
}

static void visit_break(struct lcm_visit *visit)
{
    visit->is_broken = true;
    visit->state = LCM_VISIT_OVER;
}

void lcm_visit_init(struct lcm_visit *visit, uint64_t now_ms)
{
    visit->is_broken = false;
    visit->has_session = false;
    lcm_portal_request_init(&visit->request, visit->body);
    visit_enter(visit, LCM_VISIT_READING, now_ms);
}

bool lcm_visit_gives_way(const struct lcm_visit *visit, uint64_t now_ms)
{
    return visit->state == LCM_VISIT_READING && !lcm_portal_request_is_begun(&visit->request) &&
           now_ms - visit->since_ms > LCM_VISIT_NEW_MS;
}

/* ---- answering ---- */

static void visit_put_text(struct lcm_visit *visit, struct lcm_portal_reply *reply)
{
    const char *text = lcm_portal_reply_text(reply->status);

    reply->body_size = (uint32_t)strlen(text);
    memcpy(visit->body, text, reply->body_size);
}

void lcm_visit_answer(struct lcm_visit *visit, const struct lcm_portal_reply *reply,
                      uint64_t now_ms)
{
    struct lcm_portal_reply full = *reply;

    visit->is_page = reply->kind == LCM_PORTAL_BODY_PAGE;
    if (visit->is_page)
        full.body_size = lcm_page_size;
    if (reply->kind == LCM_PORTAL_BODY_TEXT)
        visit_put_text(visit, &full);
    visit->head_size = (uint16_t)lcm_portal_reply_head(visit->head, &full, lcm_page_policy);
    visit->head_sent = 0;
    visit->body_size = visit->request.method == LCM_PORTAL_HEAD ? 0 : full.body_size;
    visit->body_sent = 0;
    visit->window_offset = 0;
    visit->window_size = visit->is_page ? 0 : full.body_size;
    visit_enter(visit, LCM_VISIT_WRITING, now_ms);
}

/* What the visitor sent cannot be understood: say so, with the parser's status. */
static void visit_refuse(struct lcm_visit *visit, uint16_t status, uint64_t now_ms)
{
    const struct lcm_portal_reply reply = {.status = status, .kind = LCM_PORTAL_BODY_TEXT};

    lcm_bytes_wipe(visit->body, sizeof(visit->body));
    lcm_visit_answer(visit, &reply, now_ms);
}

/* ---- reading ---- */

static void visit_read(struct lcm_visit *visit, const struct lcm_access_point *port,
                       uint32_t visitor, uint64_t now_ms)
{
    uint8_t bytes[RECEIVE_SIZE];
    size_t size = 0;
    enum lcm_err err = port->receive(port->context, visitor, bytes, sizeof(bytes), &size);

    if (err == LCM_OK)
        err = lcm_portal_request_feed(&visit->request, bytes, size);
    if (err == LCM_OK)
        visit_enter(visit, LCM_VISIT_ASKED, now_ms);
    else if (err == LCM_ERR_CLOSED)
        visit_break(visit);
    else if (err != LCM_PENDING)
        visit_refuse(visit, visit->request.status, now_ms);
    else if (now_ms - visit->since_ms <= LCM_VISIT_READ_MS)
        return;
    else if (lcm_portal_request_is_begun(&visit->request))
        visit_refuse(visit, 408, now_ms);
    else
        visit_break(visit);
}

/* ---- writing ---- */

/* The next unsent bytes of head or body; refills the window on the page. */
static const uint8_t *visit_pending(struct lcm_visit *visit, size_t *size)
{
    if (visit->head_sent < visit->head_size) {
        *size = (size_t)visit->head_size - visit->head_sent;
        return (const uint8_t *)visit->head + visit->head_sent;
    }
    if (visit->is_page && visit->body_sent == visit->window_offset + visit->window_size) {
        uint32_t left = visit->body_size - visit->body_sent;
        visit->window_offset = visit->body_sent;
        visit->window_size = left < sizeof(visit->body) ? left : (uint32_t)sizeof(visit->body);
        lcm_page_read(visit->window_offset, visit->body, visit->window_size);
    }
    *size = visit->window_offset + visit->window_size - visit->body_sent;
    return visit->body + (visit->body_sent - visit->window_offset);
}

static void visit_count_sent(struct lcm_visit *visit, size_t sent)
{
    if (visit->head_sent < visit->head_size)
        visit->head_sent = (uint16_t)(visit->head_sent + sent);
    else
        visit->body_sent += (uint32_t)sent;
}

static bool visit_is_sent(const struct lcm_visit *visit)
{
    return visit->head_sent == visit->head_size && visit->body_sent == visit->body_size;
}

static void visit_write(struct lcm_visit *visit, const struct lcm_access_point *port,
                        uint32_t visitor, uint64_t now_ms)
{
    size_t size = 0;
    size_t sent = 0;
    const uint8_t *bytes = visit_pending(visit, &size);
    enum lcm_err err = port->send(port->context, visitor, bytes, size, &sent);

    if (err == LCM_OK) {
        visit_count_sent(visit, sent);
        visit->moved_ms = now_ms;
    }
    if (visit_is_sent(visit))
        visit->state = LCM_VISIT_OVER;
    else if ((err != LCM_OK && err != LCM_PENDING) ||
             now_ms - visit->moved_ms > LCM_VISIT_STALL_MS ||
             now_ms - visit->since_ms > LCM_VISIT_WRITE_MS)
        visit_break(visit);
}

void lcm_visit_step(struct lcm_visit *visit, const struct lcm_access_point *port, uint32_t visitor,
                    uint64_t now_ms)
{
    if (visit->state == LCM_VISIT_READING)
        visit_read(visit, port, visitor, now_ms);
    else if (visit->state == LCM_VISIT_WRITING)
        visit_write(visit, port, visitor, now_ms);
}
