/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to portal/: the states of set-up and what its files do for each other. The table in
 * setup.c says where each state leads.
 */
#ifndef LCM_PORTAL_SETUP_PARTS_H
#define LCM_PORTAL_SETUP_PARTS_H

#include "portal/setup.h"

enum setup_state {
    SETUP_STATE_SCAN,   /* look around once before the access point opens */
    SETUP_STATE_OPEN,   /* open it */
    SETUP_STATE_SERVE,  /* wait for a person */
    SETUP_STATE_PAUSE,  /* the answer to the form leaves */
    SETUP_STATE_TRY,    /* the values are tried; visitors as long as there is memory */
    SETUP_STATE_STORE,  /* what works is stored */
    SETUP_STATE_LINGER, /* the person reads the result */
    SETUP_STATE_CLOSE,
    SETUP_STATE_COUNT
};

/* setup.c */
uint64_t setup_now_ms(const struct lcm_setup *setup);
/* Longer than that in its state? */
bool setup_is_in_for(const struct lcm_setup *setup, uint32_t time_ms);
/* A person did something: set-up stays open for another while. */
void setup_mark_person(struct lcm_setup *setup);
/* Try setup->values (or, untried, store them at once) after the answer has left. */
void setup_want_trial(struct lcm_setup *setup, bool stores_untried);
/* End set-up after the current answer has left. */
void setup_want_close(struct lcm_setup *setup);
/* Is a trial on its way? Then values may not change. */
bool setup_is_trying(const struct lcm_setup *setup);
/* Seconds until the device leaves; 0 = it does not. */
uint32_t setup_leaves_in_s(const struct lcm_setup *setup);
/* Look for networks anew, unless that is going on, or values are tried. */
void setup_want_scan(struct lcm_setup *setup);

/* setup_serve.c: visitors */
void setup_serve_begin(struct lcm_setup *setup);
void setup_serve_step(struct lcm_setup *setup);
/* Send everybody away; the room is free afterwards. */
void setup_serve_end(struct lcm_setup *setup);

/* setup_try.c: the trial */
void setup_try_begin(struct lcm_setup *setup);
LCM_MUST_CHECK enum lcm_err setup_try_step(struct lcm_setup *setup);

/* answer.c: what a request gets. LCM_PENDING: ask again, the answer is being computed. */
LCM_MUST_CHECK enum lcm_err setup_answer(struct lcm_setup *setup, struct lcm_visit *visit,
                                         struct lcm_portal_reply *reply);

/* command.c: the plaintext of a request becomes that of its answer. */
void setup_command(struct lcm_setup *setup, uint8_t text[LCM_MESSAGE_TEXT_SIZE]);

/* serial_menu.c */
void setup_menu_begin(struct lcm_setup *setup);
void setup_menu_step(struct lcm_setup *setup);
/* A form took the place of what was typed, and came to nothing: begin again. */
void setup_menu_begin_again(struct lcm_setup *setup);
/* A trial has ended. */
void setup_menu_tell_end(struct lcm_setup *setup);

#endif
