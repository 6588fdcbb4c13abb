/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions of set-up: who has proved to know the set-up code, and how often somebody did not.
 *
 * A session begins with a client's share, is confirmed by its proof, and then is a channel for
 * messages (message.h). Guessing is slowed down: each wrong code closes the door for longer, and
 * after LCM_SESSIONS_WRONG_MAX of them for LCM_SESSIONS_BLOCK_MS each. Sessions that are confirmed
 * are sent away for a new one only when they were silent for a while, and a closed door does not
 * concern them.
 */
#ifndef LCM_PORTAL_SESSIONS_H
#define LCM_PORTAL_SESSIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/fetch/crypto.h"
#include "lcm/err.h"
#include "lcm/ports.h"
#include "portal/message.h"
#include "portal/spake2.h"

#define LCM_SESSIONS_MAX 3u
#define LCM_SESSION_SHAKE_MS 60000u     /* from a client's share to its proof */
#define LCM_SESSION_IDLE_MS 600000u     /* from one message to the next */
#define LCM_SESSION_YOUNG_MS 3000u      /* so long an unconfirmed one is not sent away */
#define LCM_SESSION_SILENT_MS 30000u    /* so long a confirmed one is not sent away */
#define LCM_SESSIONS_WAIT_MAX_MS 64000u /* longest wait after a wrong code, of 1, 2, 4 .. s */
#define LCM_SESSIONS_WRONG_MAX 10u      /* wrong codes, then ... */
#define LCM_SESSIONS_BLOCK_MS 300000u   /* ... this long after each */

enum lcm_session_state {
    LCM_SESSION_FREE,
    LCM_SESSION_SHAKING,   /* the device computes its share */
    LCM_SESSION_SHARED,    /* the client has to prove itself */
    LCM_SESSION_CONFIRMED, /* messages */
};

struct lcm_session {
    enum lcm_session_state state;
    uint64_t used_ms; /* last step forward */
    struct lcm_message_channel channel;
};

/* Owned by the caller; holds keys: lcm_sessions_end wipes them. */
struct lcm_sessions {
    struct lcm_session list[LCM_SESSIONS_MAX];
    uint64_t open_from_ms; /* no new session before */
    uint8_t wrong_codes;
};

/* What beginning a session needs. */
struct lcm_sessions_setup {
    const struct lcm_crypto *crypto;
    const struct lcm_entropy *entropy;
    const char *code;      /* 12 characters */
    const char *device_id; /* 12 hex characters */
};

void lcm_sessions_init(struct lcm_sessions *sessions);

/* Seconds until a new session may begin, rounded up; 0 = now. */
uint32_t lcm_sessions_wait_s(const struct lcm_sessions *sessions, uint64_t now_ms);

/*
 * Begin a session with a client's share; *index names it. spakes: working memory, one for each
 * session, kept until the session is confirmed. LCM_ERR_HOLD_OFF (wait, see wait_s),
 * LCM_ERR_NO_SPACE (all sessions are in use), LCM_ERR_FORMAT (not a point), LCM_ERR_ENTROPY.
 */
LCM_MUST_CHECK enum lcm_err lcm_sessions_begin(struct lcm_sessions *sessions,
                                               struct lcm_spake2 spakes[LCM_SESSIONS_MAX],
                                               const struct lcm_sessions_setup *setup,
                                               const uint8_t share[LCM_SETUP_POINT_SIZE],
                                               uint64_t now_ms, uint8_t *index);

/* Go on with the device's share: one scalar multiplication a call (15 to 30 M instructions on
 * lx106). LCM_PENDING; LCM_OK when it can be sent; LCM_ERR_NOT_FOUND: the session was sent away; or
 * LCM_ERR_FORMAT, LCM_ERR_ENTROPY: the session is over. */
LCM_MUST_CHECK enum lcm_err lcm_sessions_step(struct lcm_sessions *sessions,
                                              struct lcm_spake2 spakes[LCM_SESSIONS_MAX],
                                              uint8_t index, uint64_t now_ms);

/*
 * The client's proof. LCM_OK: it knows the code, *confirm is the device's proof, and the session is
 * a channel. LCM_ERR_SIGNATURE: it does not; the session is over, the next one has to wait.
 * LCM_ERR_NOT_FOUND: no such session.
 */
LCM_MUST_CHECK enum lcm_err lcm_sessions_confirm(struct lcm_sessions *sessions,
                                                 struct lcm_spake2 spakes[LCM_SESSIONS_MAX],
                                                 const uint8_t id[LCM_SETUP_SESSION_SIZE],
                                                 const uint8_t proof[LCM_SETUP_CONFIRM_SIZE],
                                                 uint64_t now_ms,
                                                 uint8_t confirm[LCM_SETUP_CONFIRM_SIZE]);

/*
 * Open a message in place and name its session. LCM_ERR_NOT_FOUND (no such confirmed session),
 * LCM_ERR_SIGNATURE (it cannot be opened, or was seen before; the session goes on).
 */
LCM_MUST_CHECK enum lcm_err lcm_sessions_open(struct lcm_sessions *sessions,
                                              const struct lcm_crypto *crypto,
                                              uint8_t message[LCM_MESSAGE_SIZE], uint64_t now_ms,
                                              uint8_t *index);

/* The working memory goes away: sessions that are not confirmed end. */
void lcm_sessions_drop_unconfirmed(struct lcm_sessions *sessions,
                                   struct lcm_spake2 spakes[LCM_SESSIONS_MAX]);

/* End all sessions and wipe their keys. */
void lcm_sessions_end(struct lcm_sessions *sessions, struct lcm_spake2 spakes[LCM_SESSIONS_MAX]);

#endif
