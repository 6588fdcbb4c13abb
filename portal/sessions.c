// SPDX-License-Identifier: Apache-2.0
/*
 * Table of sessions and the brake on guessing; see the header. The arithmetic is spake2.c's, the
 * messages are message.c's.
 *
 * Invariant: a session that is free holds no key, and nothing of the device's proof leaves before
 * the client's proof was right.
 */
#include "portal/sessions.h"

#include <string.h>

#include "core/base/bytes.h"

#define SECOND_MS 1000u

void lcm_sessions_init(struct lcm_sessions *sessions)
{
    memset(sessions, 0, sizeof(*sessions));
}

static void sessions_free(struct lcm_session *session, struct lcm_spake2 *spake)
{
    lcm_spake2_abort(spake);
    lcm_bytes_wipe(session, sizeof(*session));
}

static bool sessions_is_expired(const struct lcm_session *session, uint64_t now_ms)
{
    uint32_t life_ms =
        session->state == LCM_SESSION_CONFIRMED ? LCM_SESSION_IDLE_MS : LCM_SESSION_SHAKE_MS;

    return now_ms - session->used_ms > life_ms;
}

uint32_t lcm_sessions_wait_s(const struct lcm_sessions *sessions, uint64_t now_ms)
{
    if (now_ms >= sessions->open_from_ms)
        return 0;
    return (uint32_t)((sessions->open_from_ms - now_ms + SECOND_MS - 1) / SECOND_MS);
}

/* Session ids are public: comparing them needs no constant time. */
static uint8_t sessions_find(const struct lcm_sessions *sessions, const uint8_t *id,
                             enum lcm_session_state state, uint64_t now_ms)
{
    for (uint8_t i = 0; i < LCM_SESSIONS_MAX; i++) {
        const struct lcm_session *session = &sessions->list[i];
        if (session->state == state && !sessions_is_expired(session, now_ms) &&
            memcmp(session->channel.session, id, LCM_SETUP_SESSION_SIZE) == 0)
            return i;
    }
    return LCM_SESSIONS_MAX;
}

/* ---- beginning ---- */

static bool sessions_gives_way(const struct lcm_session *session, uint64_t now_ms)
{
    return session->state != LCM_SESSION_CONFIRMED &&
           now_ms - session->used_ms > LCM_SESSION_YOUNG_MS;
}

/* A free place, or one that expired, or the oldest that may be sent away; LCM_SESSIONS_MAX = none.
 */
static uint8_t sessions_place(const struct lcm_sessions *sessions, uint64_t now_ms)
{
    uint8_t place = LCM_SESSIONS_MAX;

    for (uint8_t i = 0; i < LCM_SESSIONS_MAX; i++) {
        const struct lcm_session *session = &sessions->list[i];
        if (session->state == LCM_SESSION_FREE || sessions_is_expired(session, now_ms))
            return i;
        if (sessions_gives_way(session, now_ms) &&
            (place == LCM_SESSIONS_MAX || session->used_ms < sessions->list[place].used_ms))
            place = i;
    }
    return place;
}

static enum lcm_err sessions_start(struct lcm_session *session, struct lcm_spake2 *spake,
                                   const struct lcm_sessions_setup *setup,
                                   const uint8_t share[LCM_SETUP_POINT_SIZE])
{
    const struct lcm_entropy *entropy = setup->entropy;
    const struct lcm_spake2_request request = {.code = setup->code,
                                               .device_id = setup->device_id,
                                               .session = session->channel.session,
                                               .client_share = share};

    if (entropy->fill(entropy->context, session->channel.session,
                      sizeof(session->channel.session)) != LCM_OK)
        return LCM_ERR_ENTROPY;
    return lcm_spake2_begin(spake, setup->crypto, entropy, &request);
}

enum lcm_err lcm_sessions_begin(struct lcm_sessions *sessions,
                                struct lcm_spake2 spakes[LCM_SESSIONS_MAX],
                                const struct lcm_sessions_setup *setup,
                                const uint8_t share[LCM_SETUP_POINT_SIZE], uint64_t now_ms,
                                uint8_t id[LCM_SETUP_SESSION_SIZE])
{
    uint8_t place = sessions_place(sessions, now_ms);

    if (lcm_sessions_wait_s(sessions, now_ms) > 0)
        return LCM_ERR_HOLD_OFF;
    if (place == LCM_SESSIONS_MAX)
        return LCM_ERR_NO_SPACE;
    sessions_free(&sessions->list[place], &spakes[place]);
    enum lcm_err err = sessions_start(&sessions->list[place], &spakes[place], setup, share);
    if (err != LCM_OK) {
        sessions_free(&sessions->list[place], &spakes[place]);
        return err;
    }
    sessions->list[place].state = LCM_SESSION_SHAKING;
    sessions->list[place].used_ms = now_ms;
    memcpy(id, sessions->list[place].channel.session, LCM_SETUP_SESSION_SIZE);
    return LCM_OK;
}

/* By its id, not its place: the place may be another's by now. */
enum lcm_err lcm_sessions_step(struct lcm_sessions *sessions,
                               struct lcm_spake2 spakes[LCM_SESSIONS_MAX],
                               const uint8_t id[LCM_SETUP_SESSION_SIZE], uint64_t now_ms,
                               uint8_t share[LCM_SETUP_POINT_SIZE])
{
    uint8_t index = sessions_find(sessions, id, LCM_SESSION_SHAKING, now_ms);

    if (index == LCM_SESSIONS_MAX)
        return LCM_ERR_NOT_FOUND;
    struct lcm_session *session = &sessions->list[index];
    enum lcm_err err = lcm_spake2_step(&spakes[index]);
    if (err == LCM_OK) {
        memcpy(share, lcm_spake2_share(&spakes[index]), LCM_SETUP_POINT_SIZE);
        session->state = LCM_SESSION_SHARED;
        session->used_ms = now_ms;
    } else if (err != LCM_PENDING) {
        sessions_free(session, &spakes[index]);
    }
    return err;
}

/* ---- confirming ---- */

/* 1, 2, 4 .. 64 s, later five minutes. */
static void sessions_close_door(struct lcm_sessions *sessions, uint64_t now_ms)
{
    uint32_t wait_ms = SECOND_MS;

    if (sessions->wrong_codes < LCM_SESSIONS_WRONG_MAX)
        sessions->wrong_codes++;
    for (uint32_t i = 1; i < sessions->wrong_codes && wait_ms < LCM_SESSIONS_WAIT_MAX_MS; i++)
        wait_ms *= 2;
    if (sessions->wrong_codes == LCM_SESSIONS_WRONG_MAX)
        wait_ms = LCM_SESSIONS_BLOCK_MS;
    sessions->open_from_ms = now_ms + wait_ms;
}

/* Another one knows the code: if that leaves no place for an exchange, the one that was silent for
 * the longest ends. */
static void sessions_keep_place(struct lcm_sessions *sessions,
                                struct lcm_spake2 spakes[LCM_SESSIONS_MAX], uint8_t newest)
{
    uint8_t oldest = LCM_SESSIONS_MAX;

    for (uint8_t i = 0; i < LCM_SESSIONS_MAX; i++) {
        if (sessions->list[i].state != LCM_SESSION_CONFIRMED)
            return;
        if (i != newest && (oldest == LCM_SESSIONS_MAX ||
                            sessions->list[i].used_ms < sessions->list[oldest].used_ms))
            oldest = i;
    }
    sessions_free(&sessions->list[oldest], &spakes[oldest]);
}

enum lcm_err lcm_sessions_confirm(struct lcm_sessions *sessions,
                                  struct lcm_spake2 spakes[LCM_SESSIONS_MAX],
                                  const uint8_t id[LCM_SETUP_SESSION_SIZE],
                                  const uint8_t proof[LCM_SETUP_CONFIRM_SIZE], uint64_t now_ms,
                                  uint8_t confirm[LCM_SETUP_CONFIRM_SIZE])
{
    uint8_t index = sessions_find(sessions, id, LCM_SESSION_SHARED, now_ms);

    if (index == LCM_SESSIONS_MAX)
        return LCM_ERR_NOT_FOUND;
    struct lcm_session *session = &sessions->list[index];
    if (lcm_spake2_confirm(&spakes[index], proof, confirm, &session->channel) !=
        LCM_VERDICT_VALID) {
        sessions_free(session, &spakes[index]);
        sessions_close_door(sessions, now_ms);
        return LCM_ERR_SIGNATURE;
    }
    session->state = LCM_SESSION_CONFIRMED;
    session->used_ms = now_ms;
    sessions->wrong_codes = 0; /* the owner is here: what he mistyped is forgotten */
    sessions_keep_place(sessions, spakes, index);
    return LCM_OK;
}

/* ---- messages ---- */

enum lcm_err lcm_sessions_open(struct lcm_sessions *sessions, const struct lcm_crypto *crypto,
                               uint8_t message[LCM_MESSAGE_SIZE], uint64_t now_ms, uint8_t *index)
{
    uint8_t found = sessions_find(sessions, message, LCM_SESSION_CONFIRMED, now_ms);

    if (found == LCM_SESSIONS_MAX)
        return LCM_ERR_NOT_FOUND;
    struct lcm_session *session = &sessions->list[found];
    /* Whoever heard a session's id can send nonsense in its name: that must not end it. */
    if (lcm_message_open(&session->channel, crypto, message) != LCM_VERDICT_VALID)
        return LCM_ERR_SIGNATURE;
    session->used_ms = now_ms;
    *index = found;
    return LCM_OK;
}

void lcm_sessions_drop_unconfirmed(struct lcm_sessions *sessions,
                                   struct lcm_spake2 spakes[LCM_SESSIONS_MAX])
{
    for (uint8_t i = 0; i < LCM_SESSIONS_MAX; i++) {
        if (sessions->list[i].state != LCM_SESSION_CONFIRMED)
            sessions_free(&sessions->list[i], &spakes[i]);
    }
}

void lcm_sessions_end(struct lcm_sessions *sessions, struct lcm_spake2 spakes[LCM_SESSIONS_MAX])
{
    for (uint8_t i = 0; i < LCM_SESSIONS_MAX; i++)
        sessions_free(&sessions->list[i], &spakes[i]);
}
