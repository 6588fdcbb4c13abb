// SPDX-License-Identifier: Apache-2.0
/*
 * What a request gets: the page, the exchange of shares and proofs, an opened message, or a
 * redirect for whoever only wanted to know whether there is internet here.
 *
 * Invariant: beside device id and version, everything a visitor learns or changes goes through an
 * opened message.
 */
#include <string.h>

#include "core/base/bytes.h"
#include "core/base/text.h"
#include "portal/host_name.h"
#include "portal/setup_parts.h"

#define SHARE_ANSWER_SIZE (LCM_SETUP_SESSION_SIZE + LCM_SETUP_POINT_SIZE)
#define CONFIRM_BODY_SIZE (LCM_SETUP_SESSION_SIZE + LCM_SETUP_CONFIRM_SIZE)
#define BUSY_RETRY_S 1u

static enum lcm_err answer_status(struct lcm_portal_reply *reply, uint16_t status)
{
    reply->status = status;
    reply->kind = LCM_PORTAL_BODY_TEXT;
    return LCM_OK;
}

static enum lcm_err answer_later(struct lcm_portal_reply *reply, uint16_t status, uint32_t after_s)
{
    reply->retry_after_s = after_s;
    return answer_status(reply, status);
}

static enum lcm_err answer_bytes(struct lcm_portal_reply *reply, uint32_t size)
{
    reply->status = 200;
    reply->kind = LCM_PORTAL_BODY_BYTES;
    reply->body_size = size;
    return LCM_OK;
}

/* ---- GET ---- */

static enum lcm_err answer_page(struct lcm_setup *setup, struct lcm_portal_reply *reply)
{
    setup_mark_person(setup);
    reply->status = 200;
    reply->kind = LCM_PORTAL_BODY_PAGE;
    return LCM_OK;
}

static enum lcm_err answer_info(struct lcm_setup *setup, struct lcm_visit *visit,
                                struct lcm_portal_reply *reply)
{
    struct lcm_text text;

    lcm_text_init(&text, (char *)visit->body, sizeof(visit->body));
    lcm_text_string(&text, "{\"protocol\":");
    lcm_text_u32(&text, LCM_SETUP_PROTOCOL);
    lcm_text_string(&text, ",\"id\":\"");
    lcm_text_string(&text, setup->device_id);
    lcm_text_string(&text, "\",\"name\":\"");
    lcm_text_string(&text, setup->name);
    lcm_text_string(&text, "\",\"version\":\"");
    lcm_text_string(&text, setup->config->run.version);
    lcm_text_string(&text, "\",\"wait\":");
    lcm_text_u32(&text, lcm_sessions_wait_s(&setup->sessions, setup_now_ms(setup)));
    lcm_text_string(&text, "}\n");
    reply->status = 200;
    reply->kind = LCM_PORTAL_BODY_JSON;
    reply->body_size = (uint32_t)text.length;
    return LCM_OK;
}

/* ---- the exchange ---- */

static enum lcm_err answer_wait(struct lcm_setup *setup, struct lcm_portal_reply *reply,
                                uint16_t status)
{
    uint32_t wait_s = lcm_sessions_wait_s(&setup->sessions, setup_now_ms(setup));

    return answer_later(reply, status, wait_s > 0 ? wait_s : BUSY_RETRY_S);
}

static enum lcm_err answer_session_failed(struct lcm_setup *setup, struct lcm_portal_reply *reply,
                                          enum lcm_err err)
{
    switch ((int)err) {
    case LCM_ERR_HOLD_OFF:
        return answer_wait(setup, reply, 429);
    case LCM_ERR_SIGNATURE:
        return answer_wait(setup, reply, 403);
    case LCM_ERR_NOT_FOUND:
        return answer_status(reply, 404);
    case LCM_ERR_FORMAT:
        return answer_status(reply, 400);
    default:
        return answer_later(reply, 503, BUSY_RETRY_S);
    }
}

/* The share takes several steps; the visit keeps the session's id in between. */
static enum lcm_err answer_share_step(struct lcm_setup *setup, struct lcm_visit *visit,
                                      struct lcm_portal_reply *reply)
{
    enum lcm_err err = lcm_sessions_step(&setup->sessions, setup->room->spakes, visit->body,
                                         setup_now_ms(setup), visit->body + LCM_SETUP_SESSION_SIZE);

    if (err == LCM_PENDING)
        return LCM_PENDING;
    visit->has_session = false;
    return err == LCM_OK ? answer_bytes(reply, SHARE_ANSWER_SIZE)
                         : answer_session_failed(setup, reply, err);
}

static enum lcm_err answer_share(struct lcm_setup *setup, struct lcm_visit *visit,
                                 struct lcm_portal_reply *reply)
{
    const struct lcm_sessions_setup exchange = {.crypto = setup->config->run.crypto,
                                                .entropy = setup->config->ports->entropy,
                                                .code = setup->code,
                                                .device_id = setup->device_id};
    uint8_t id[LCM_SETUP_SESSION_SIZE];
    enum lcm_err err;

    if (visit->has_session)
        return answer_share_step(setup, visit, reply);
    if (visit->request.body_size != LCM_SETUP_POINT_SIZE)
        return answer_status(reply, 400);
    setup_mark_person(setup);
    err = lcm_sessions_begin(&setup->sessions, setup->room->spakes, &exchange, visit->body,
                             setup_now_ms(setup), id);
    if (err != LCM_OK)
        return answer_session_failed(setup, reply, err);
    memcpy(visit->body, id, sizeof(id));
    visit->has_session = true;
    return LCM_PENDING;
}

static enum lcm_err answer_confirm(struct lcm_setup *setup, struct lcm_visit *visit,
                                   struct lcm_portal_reply *reply)
{
    uint8_t confirm[LCM_SETUP_CONFIRM_SIZE];
    enum lcm_err err;

    if (visit->request.body_size != CONFIRM_BODY_SIZE)
        return answer_status(reply, 400);
    err = lcm_sessions_confirm(&setup->sessions, setup->room->spakes, visit->body,
                               visit->body + LCM_SETUP_SESSION_SIZE, setup_now_ms(setup), confirm);
    if (err != LCM_OK)
        return answer_session_failed(setup, reply, err);
    memcpy(visit->body, confirm, sizeof(confirm));
    return answer_bytes(reply, sizeof(confirm));
}

static enum lcm_err answer_message(struct lcm_setup *setup, struct lcm_visit *visit,
                                   struct lcm_portal_reply *reply)
{
    const struct lcm_crypto *crypto = setup->config->run.crypto;
    uint8_t index = 0;
    enum lcm_err err;

    if (visit->request.body_size != LCM_MESSAGE_SIZE)
        return answer_status(reply, 400);
    err = lcm_sessions_open(&setup->sessions, crypto, visit->body, setup_now_ms(setup), &index);
    if (err != LCM_OK)
        return answer_status(reply, err == LCM_ERR_NOT_FOUND ? 404 : 403);
    setup_mark_person(setup);
    setup_command(setup, visit->body + LCM_MESSAGE_TEXT_OFFSET);
    if (lcm_message_seal(&setup->sessions.list[index].channel, crypto, visit->body) != LCM_OK)
        return answer_later(reply, 503, BUSY_RETRY_S);
    return answer_bytes(reply, LCM_MESSAGE_SIZE);
}

/* ---- which of them ---- */

static enum lcm_err answer_post(struct lcm_setup *setup, struct lcm_visit *visit,
                                struct lcm_portal_reply *reply)
{
    const struct lcm_portal_request *request = &visit->request;

    if (!lcm_portal_is_own_origin(request->origin, request->host))
        return answer_status(reply, 403);
    if (request->target == LCM_PORTAL_SHARE)
        return answer_share(setup, visit, reply);
    if (request->target == LCM_PORTAL_CONFIRM)
        return answer_confirm(setup, visit, reply);
    if (request->target == LCM_PORTAL_MESSAGE)
        return answer_message(setup, visit, reply);
    return answer_status(reply, request->target == LCM_PORTAL_OTHER ? 404 : 405);
}

static enum lcm_err answer_get(struct lcm_setup *setup, struct lcm_visit *visit,
                               struct lcm_portal_reply *reply)
{
    const struct lcm_portal_request *request = &visit->request;

    if (request->target == LCM_PORTAL_PAGE)
        return answer_page(setup, reply);
    if (request->target == LCM_PORTAL_INFO)
        return answer_info(setup, visit, reply);
    return answer_status(reply, request->target == LCM_PORTAL_OTHER ? 404 : 405);
}

enum lcm_err setup_answer(struct lcm_setup *setup, struct lcm_visit *visit,
                          struct lcm_portal_reply *reply)
{
    const struct lcm_portal_request *request = &visit->request;

    if (!lcm_portal_is_own_host(request->host, setup->name))
        return answer_status(reply, 302);
    if (request->method == LCM_PORTAL_POST)
        return answer_post(setup, visit, reply);
    if (request->method == LCM_PORTAL_GET || request->method == LCM_PORTAL_HEAD)
        return answer_get(setup, visit, reply);
    return answer_status(reply, 405);
}
