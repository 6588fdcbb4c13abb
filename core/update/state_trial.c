// SPDX-License-Identifier: Apache-2.0
/*
 * What is special about a trial (trial.h): where its values come from, how far it is, how
 * it ends. The states between are those of every check.
 */
#include "core/base/text.h"
#include "core/update/keys.h"
#include "core/update/states.h"

/* The bounds of the caller's texts are those of the settings. */
static void trial_copy(char *dst, size_t size, const char *text)
{
    if (lcm_text_copy(dst, size, text) != LCM_OK)
        dst[0] = '\0';
}

/* Nothing runs from here but the trial: no app is at stake, no gesture is obeyed. */
void state_trial_read(struct lcm_lifecycle *lc)
{
    const struct lcm_trial *trial = lc->config.trial;

    trial_copy(lc->app_repository, sizeof(lc->app_repository), trial->repository);
    trial_copy(lc->app_file, sizeof(lc->app_file),
               trial->file[0] != '\0' ? trial->file : LCM_DEFAULT_APP_FILE);
    lc->is_app_beta = trial->is_app_beta;
    lc->is_unsigned_allowed = trial->is_unsigned_allowed;
    lc->has_pinned_key = trial->has_pinned_key;
}

enum lcm_err state_trial_end_step(struct lcm_lifecycle *lc)
{
    lcm_fetch_close(&lc->fetch);
    lc->result = LCM_OK;
    lc->outcome = LCM_OUTCOME_TRIED;
    return LCM_OK;
}

/* Asking for the release is about the host until it is reached and known. */
static enum lcm_setup_phase trial_phase_of_find(const struct lcm_lifecycle *lc)
{
    bool is_answered = lcm_fetch_response(&lc->fetch)->status != 0 || lcm_fetch_is_open(&lc->fetch);

    return is_answered ? LCM_SETUP_PHASE_REPOSITORY : LCM_SETUP_PHASE_HOST;
}

static enum lcm_setup_phase trial_phase_of_state(const struct lcm_lifecycle *lc, uint8_t state)
{
    switch (state) {
    case STATE_START:
    case STATE_JOIN:
        return LCM_SETUP_PHASE_JOIN;
    case STATE_CLOCK:
        return LCM_SETUP_PHASE_CLOCK;
    case STATE_FIND_APP:
        return trial_phase_of_find(lc);
    case STATE_APP_LOCATE:
    case STATE_APP_SIGNATURE_LOCATE:
        return LCM_SETUP_PHASE_FILE;
    default:
        return LCM_SETUP_PHASE_DONE;
    }
}

enum lcm_setup_phase lcm_lifecycle_trial_phase(const struct lcm_lifecycle *lifecycle)
{
    if (lifecycle->result != LCM_OK)
        return (enum lcm_setup_phase)lifecycle->failed_phase;
    return trial_phase_of_state(lifecycle, lifecycle->state);
}

bool lcm_lifecycle_uses_tls_buffer(const struct lcm_lifecycle *lifecycle)
{
    return lifecycle->state >= STATE_EMERGENCY && lifecycle->state < STATE_FINISH;
}
