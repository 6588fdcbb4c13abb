// SPDX-License-Identifier: Apache-2.0
/*
 * Visitors: letting them in, stepping their visits, answering them, showing them out. What an
 * answer says is answer.c's business.
 */
#include <string.h>

#include "core/base/bytes.h"
#include "portal/setup_parts.h"

void setup_serve_begin(struct lcm_setup *setup)
{
    for (uint32_t i = 0; i < LCM_VISITORS_MAX; i++)
        setup->room->visits[i].state = LCM_VISIT_FREE;
}

static void serve_close(struct lcm_setup *setup, uint32_t visitor, bool is_orderly)
{
    const struct lcm_access_point *port = setup->config->access_point;
    struct lcm_visit *visit = &setup->room->visits[visitor];

    port->close(port->context, visitor, is_orderly);
    lcm_bytes_wipe(visit->body, sizeof(visit->body));
    visit->state = LCM_VISIT_FREE;
}

static bool serve_is_full(const struct lcm_setup *setup)
{
    for (uint32_t i = 0; i < LCM_VISITORS_MAX; i++) {
        if (setup->room->visits[i].state == LCM_VISIT_FREE)
            return false;
    }
    return true;
}

/* Browsers open connections they may never use: with every place taken, those give way. */
static void serve_make_place(struct lcm_setup *setup)
{
    uint64_t now_ms = setup_now_ms(setup);

    for (uint32_t i = 0; i < LCM_VISITORS_MAX && serve_is_full(setup); i++) {
        if (lcm_visit_gives_way(&setup->room->visits[i], now_ms))
            serve_close(setup, i, false);
    }
}

static void serve_accept(struct lcm_setup *setup)
{
    const struct lcm_access_point *port = setup->config->access_point;
    uint32_t visitor;

    while (port->accept(port->context, &visitor) == LCM_OK) {
        if (visitor < LCM_VISITORS_MAX)
            lcm_visit_init(&setup->room->visits[visitor], setup_now_ms(setup));
    }
    serve_make_place(setup);
}

static void serve_answer(struct lcm_setup *setup, struct lcm_visit *visit)
{
    struct lcm_portal_reply reply = {.kind = LCM_PORTAL_BODY_TEXT};

    if (setup_answer(setup, visit, &reply) != LCM_PENDING)
        lcm_visit_answer(visit, &reply, setup_now_ms(setup));
}

static void serve_visit(struct lcm_setup *setup, uint32_t visitor)
{
    const struct lcm_access_point *port = setup->config->access_point;
    struct lcm_visit *visit = &setup->room->visits[visitor];

    lcm_visit_step(visit, port, visitor, setup_now_ms(setup));
    if (visit->state == LCM_VISIT_ASKED)
        serve_answer(setup, visit);
    if (visit->state == LCM_VISIT_OVER)
        serve_close(setup, visitor, !visit->is_broken);
}

void setup_serve_step(struct lcm_setup *setup)
{
    serve_accept(setup);
    for (uint32_t i = 0; i < LCM_VISITORS_MAX; i++) {
        if (setup->room->visits[i].state != LCM_VISIT_FREE)
            serve_visit(setup, i);
    }
}

void setup_serve_end(struct lcm_setup *setup)
{
    for (uint32_t i = 0; i < LCM_VISITORS_MAX; i++) {
        if (setup->room->visits[i].state != LCM_VISIT_FREE)
            serve_close(setup, i, false);
    }
    lcm_sessions_drop_unconfirmed(&setup->sessions, setup->room->spakes);
}
