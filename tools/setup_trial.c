// SPDX-License-Identifier: Apache-2.0
/*
 * One trial of new settings: send, then ask how it goes until it ends. While the device speaks TLS
 * it resets connections for some seconds; its Wi-Fi may be away for longer.
 */
#include "tools/setup_trial.h"

#include <time.h>

#include "core/base/bytes.h"

#define TRIAL_PATIENCE_MS 120000u /* without any answer */
#define TRIAL_POLL_MS 1000u
#define TRIAL_POLLS_MAX 400u
#define TRIAL_STORE_POLLS 5u /* after it worked: storing takes a moment */

static void trial_take_refusal(struct setup_trial *trial, const struct setup_text *answer)
{
    struct setup_item item;

    trial->refused_tag = LCM_ITEM_END;
    trial->refused_error = LCM_ERR_SETTING;
    if (!setup_text_find(answer, LCM_ITEM_FIELD_ERROR, 0, &item) || item.size != 4)
        return;
    trial->refused_tag = lcm_get_u16(item.value);
    trial->refused_error = lcm_get_u16(item.value + 2);
}

/* LCM_OK: the trial goes on. *is_over: a field was refused. */
static enum lcm_err trial_send(struct setup_trial *trial, bool *is_over,
                               struct lcm_failure *failure)
{
    struct setup_text request, answer;
    bool was_repeated = false;

    setup_text_begin(&request, LCM_SETUP_SET);
    if (trial->saves_anyway)
        setup_text_put_u8(&request, LCM_ITEM_NO_TRIAL, 1);
    setup_values_write(trial->values, &request);
    enum lcm_err err =
        request.is_cut
            ? lcm_failure_set(failure, LCM_ERR_TOO_LONG, "too many settings at once")
            : setup_client_request(trial->client, &request, &answer, &was_repeated, failure);
    lcm_bytes_wipe(&request, sizeof(request));
    if (err != LCM_OK)
        return err;
    switch (setup_text_number(&answer, LCM_ITEM_RESULT, LCM_SETUP_MALFORMED)) {
    case LCM_SETUP_DONE:
        return LCM_OK;
    case LCM_SETUP_REFUSED:
        trial_take_refusal(trial, &answer);
        *is_over = true;
        return LCM_OK;
    case LCM_SETUP_BUSY:
        if (was_repeated) /* with the copy whose answer was lost */
            return LCM_OK;
        return lcm_failure_set(failure, LCM_ERR_HOLD_OFF,
                               "the device is busy with a trial: try again when it has ended");
    default:
        return lcm_failure_set(failure, LCM_ERR_FORMAT,
                               "the device does not understand the request");
    }
}

/* Ended: failed, stored, or it worked and was not stored in time. polls: since it worked. */
static bool trial_is_over(const struct setup_trial *trial, unsigned polls)
{
    const struct setup_state *state = &trial->state;
    bool may_be_stored = state->phase == LCM_SETUP_PHASE_DONE || trial->saves_anyway;

    return state->phase == LCM_SETUP_PHASE_FAILED || (may_be_stored && state->is_stored) ||
           polls > TRIAL_STORE_POLLS;
}

static enum lcm_err trial_follow(struct setup_trial *trial, struct lcm_failure *failure)
{
    const struct timespec pause = {TRIAL_POLL_MS / 1000u, (long)(TRIAL_POLL_MS % 1000u) * 1000000};
    enum lcm_setup_phase told = LCM_SETUP_PHASE_NONE;
    unsigned done = 0;
    struct setup_text request, answer;

    setup_text_begin(&request, LCM_SETUP_STATUS);
    for (unsigned i = 0; i < TRIAL_POLLS_MAX; i++) {
        enum lcm_err err = setup_client_request(trial->client, &request, &answer, NULL, failure);
        if (err != LCM_OK)
            return err;
        setup_state_read(&answer, &trial->state);
        if (trial->state.phase != told && trial->report != NULL)
            trial->report(trial->context, trial->state.phase);
        told = trial->state.phase;
        done += trial->state.phase == LCM_SETUP_PHASE_DONE;
        if (trial_is_over(trial, done))
            return LCM_OK;
        nanosleep(&pause, NULL);
    }
    return lcm_failure_set(failure, LCM_ERR_TIMEOUT, "the trial has not ended after %u minutes",
                           TRIAL_POLLS_MAX * TRIAL_POLL_MS / 60000u);
}

enum lcm_err setup_trial_run(struct setup_trial *trial, struct lcm_failure *failure)
{
    bool is_over = false;

    trial->refused_tag = 0;
    trial->refused_error = 0;
    trial->state = (struct setup_state){.phase = LCM_SETUP_PHASE_NONE};
    setup_client_set_patience(trial->client, TRIAL_PATIENCE_MS);
    enum lcm_err err = trial_send(trial, &is_over, failure);
    if (err == LCM_OK && !is_over)
        err = trial_follow(trial, failure);
    return err;
}

bool setup_trial_is_good(const struct setup_trial *trial)
{
    return trial->refused_error == 0 && trial->state.is_stored &&
           trial->state.phase != LCM_SETUP_PHASE_FAILED;
}
