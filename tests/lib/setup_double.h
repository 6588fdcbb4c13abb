/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device in set-up, as far as a client sees it: the HTTP requests of docs/SPEC.md section 11 on a
 * port of 127.0.0.1, in a thread. The cryptography is the device's own code; what it answers and
 * how it misbehaves is what the test says. One visitor at a time.
 *
 * Fill the configuration, setup_double_start, let a client talk to url, setup_double_stop, look at
 * what was observed.
 */
#ifndef LCM_TESTS_SETUP_DOUBLE_H
#define LCM_TESTS_SETUP_DOUBLE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"
#include "portal/items.h"
#include "portal/message.h"
#include "portal/spake2.h"

#define DOUBLE_CODE "7K3MQ9XTA2HB"
#define DOUBLE_CODE_TEXT "7k3m-q9xt-a2hb"
#define DOUBLE_ID "5ccf7f000001"
#define DOUBLE_LOG_SIZE 262144u
#define DOUBLE_ITEMS_MAX 16u

/* One answer to `status`; the last one stays. */
struct double_state {
    enum lcm_setup_phase phase;
    enum lcm_setup_phase failed_phase;
    enum lcm_err error;
    bool is_stored;
};

struct double_network {
    int8_t signal;
    uint8_t channel;
    bool is_secured;
    const char *name;
};

enum double_tamper {
    DOUBLE_HONEST,
    DOUBLE_FLIPS_CONFIRM, /* a relay changes cB */
    DOUBLE_FLIPS_SHARE,   /* ... the device's share */
    DOUBLE_FLIPS_ANSWER,  /* ... an answer's ciphertext */
    DOUBLE_ADDS_A_BYTE,   /* ... behind an answer */
    DOUBLE_REPLAYS,       /* ... gives an older answer */
    DOUBLE_SENDS_RUBBISH, /* 200 and something else, everywhere */
    DOUBLE_SENDS_TOO_MUCH,
};

struct setup_double {
    /* configuration */
    int protocol;                /* 1 */
    unsigned drops;              /* so many requests are reset before anything is done */
    unsigned drop_set_answers;   /* so many answers to `set` are lost */
    unsigned forgets;            /* so many /p2 come too late: 404 */
    unsigned drop_confirms;      /* so many answers to /p2 are lost */
    unsigned unavailable;        /* so many requests get 503 */
    unsigned blocked;            /* so many /p1 get 429 ... */
    unsigned blocked_s;          /* ... with this Retry-After */
    unsigned session_ends_after; /* messages; 0 = never */
    enum double_tamper tamper;
    struct double_state states[DOUBLE_ITEMS_MAX]; /* the first one is there before any `set` */
    size_t state_count;
    struct double_network networks[DOUBLE_ITEMS_MAX];
    size_t network_count;
    unsigned scans;         /* so many `scan` say: going on */
    uint16_t refused_field; /* `set` refuses this tag */
    enum lcm_err refused_error;
    const char *ssid, *repository, *file; /* what `read` says; NULL = absent */
    bool has_beta, has_password;

    /* observed */
    char url[64];
    unsigned requests, exchanges, wrong_codes;
    unsigned commands[8];                    /* by their number */
    uint8_t set_text[LCM_MESSAGE_TEXT_SIZE]; /* plaintext of the last `set` */
    uint8_t log[DOUBLE_LOG_SIZE];            /* every byte that came and went */
    size_t log_size;

    /* its own */
    pthread_t thread;
    int listener;
    struct lcm_spake2 exchange;
    bool has_channel;
    struct lcm_message_channel channel;
    unsigned messages;
    size_t state;
    bool was_set;
    uint8_t old_answer[LCM_MESSAGE_SIZE];
};

/* A device that works: one state, no networks. */
void setup_double_init(struct setup_double *device);
void setup_double_start(struct setup_double *device);
void setup_double_stop(struct setup_double *device);

/* What it answers to `status` from now on; the first state is there until the next `set`. */
void setup_double_play(struct setup_double *device, const struct double_state *states,
                       size_t count);
void setup_double_play_success(struct setup_double *device);
void setup_double_play_wrong_password(struct setup_double *device);

/* Networks: "home" (locked), "caf\xC3\xA9" (open), DOUBLE_NASTY_NAME and "\xFF\xFE". */
#define DOUBLE_NASTY_NAME \
    "\x1B[2J<script>\xE2\x80\xAE'\"" /* clears the screen, turns the direction */
void setup_double_put_networks(struct setup_double *device);

/* Fail the test unless this item of the last `set` is the text; NULL: it must be absent. */
void setup_double_expect(const struct setup_double *device, enum lcm_item tag, const char *text);

/* Item of the last `set`; its size, or -1 when it is absent. */
int setup_double_field(const struct setup_double *device, enum lcm_item tag, const uint8_t **value);

/* Did these bytes pass in clear? */
bool setup_double_saw(const struct setup_double *device, const void *bytes, size_t size);

#endif
