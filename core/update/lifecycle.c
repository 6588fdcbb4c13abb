// SPDX-License-Identifier: Apache-2.0
/*
 * The life cycle as a table: every state, what it does, how long it may take, and
 * where it leads. A state with one way on a good result names it; a state with
 * several has a choose function, which is then the only owner of that switch.
 *
 * Errors without a choose function: a certificate that is not trusted leads to
 * STATE_SERVER_INVALID (once per run), everything else to STATE_FAILED.
 */
#include "core/update/lifecycle.h"

#include <stddef.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/base/text.h"
#include "core/store/rtc.h"
#include "core/update/states.h"

#define RUN_WITH_APP_MAX_MS (30u * 60u * 1000u) /* the network never holds the product hostage */

struct state_row {
    const char *name;
    enum lcm_err (*begin)(struct lcm_lifecycle *lc); /* on entry; may be NULL */
    enum lcm_err (*step)(struct lcm_lifecycle *lc);
    enum lcm_state on_ok; /* where LCM_OK leads when there is no choose */
    enum lcm_state (*choose)(struct lcm_lifecycle *lc, enum lcm_err result);
    uint32_t deadline_ms; /* 0 = the state bounds itself */
};

static const struct state_row state_table[STATE_COUNT] = {
    /* power-on, power-cycle modes, hold-off */
    [STATE_START] = {"start", NULL, state_start_step, STATE_SLOT_CHECK, state_start_choose, 0},
    [STATE_SLOT_CHECK] = {"check slots", state_slot_check_begin, state_slot_check_step,
                          STATE_HOLD_OFF, state_slot_check_choose, 0},
    [STATE_COUNTDOWN] = {"countdown", state_countdown_begin, state_countdown_step, STATE_MODE, NULL,
                         0},
    [STATE_MODE] = {"power-cycle mode", state_mode_begin, state_mode_step, STATE_HOLD_OFF,
                    state_mode_choose, 0},
    [STATE_HOLD_OFF] = {"hold-off", state_hold_off_begin, state_hold_off_step, STATE_JOIN,
                        state_hold_off_choose, 0},

    /* network */
    [STATE_JOIN] = {"join Wi-Fi", NULL, state_join_step, STATE_CLOCK, state_join_choose, 30000},
    [STATE_CLOCK] = {"clock", NULL, state_clock_step, STATE_SYSLOG, state_clock_choose, 5000},
    [STATE_SYSLOG] = {"syslog server", NULL, state_syslog_step, STATE_FIND_LCM, state_syslog_choose,
                      5000},
    [STATE_EMERGENCY] = {"emergency server", NULL, state_emergency_step, STATE_INSTALLER_LOCATE,
                         NULL, 0},

    /* what is new? */
    [STATE_FIND_LCM] = {"find LifeCycle Manager release", state_find_lcm_begin, state_find_lcm_step,
                        STATE_FIND_APP, state_find_lcm_choose, 0},
    [STATE_FIND_APP] = {"find app release", state_find_app_begin, state_find_app_step,
                        STATE_TRUST_LOCATE, state_find_app_choose, 0},
    [STATE_SERVER_INVALID] = {"server invalid", NULL, state_server_invalid_step, STATE_FIND_LCM,
                              NULL, 0},

    /* certificates */
    [STATE_TRUST_LOCATE] = {"locate certificates", state_trust_locate_begin, state_locate_pair_step,
                            STATE_TRUST_POINTER, state_trust_locate_choose, 0},
    [STATE_TRUST_POINTER] = {"check certificates", state_trust_pointer_begin,
                             state_trust_pointer_step, STATE_BOOT_LOCATE,
                             state_trust_pointer_choose, 0},
    [STATE_TRUST_SECTOR] = {"fetch certificates", state_trust_sector_begin, state_trust_sector_step,
                            STATE_TRUST_CHANGED, state_trust_sector_choose, 0},
    [STATE_TRUST_CHAIN] = {"follow key changes", state_trust_chain_begin, state_trust_chain_step,
                           STATE_TRUST_LOCATE, state_trust_chain_choose, 0},
    [STATE_TRUST_CHANGED] = {"new certificates", NULL, state_trust_changed_step, STATE_BOOT_LOCATE,
                             state_trust_changed_choose, 0},

    /* boot program */
    [STATE_BOOT_LOCATE] = {"locate boot program", state_boot_locate_begin, state_locate_pair_step,
                           STATE_BOOT_MANIFEST, state_boot_locate_choose, 0},
    [STATE_BOOT_MANIFEST] = {"check boot program", state_manifest_begin, state_manifest_step,
                             STATE_SELF_LOCATE, state_boot_manifest_choose, 0},
    [STATE_BOOT_INSTALL] = {"install boot program", state_boot_install_begin,
                            state_boot_install_step, STATE_SELF_LOCATE, NULL, 0},

    /* LifeCycle Manager itself */
    [STATE_SELF_LOCATE] = {"locate updater", state_self_locate_begin, state_locate_pair_step,
                           STATE_SELF_MANIFEST, state_self_locate_choose, 0},
    [STATE_SELF_MANIFEST] = {"check updater", state_manifest_begin, state_manifest_step,
                             STATE_LCM_DONE, state_self_manifest_choose, 0},
    [STATE_SELF_REHEARSE] = {"rehearse updater", state_rehearse_begin, state_rehearse_step,
                             STATE_INSTALLER_LOCATE, NULL, 0},
    [STATE_SELF_INSTALL] = {"install updater", state_install_begin, state_install_step, STATE_END,
                            state_self_install_choose, 0},
    [STATE_INSTALLER_LOCATE] = {"locate installer", state_installer_locate_begin,
                                state_locate_pair_step, STATE_INSTALLER_MANIFEST, NULL, 0},
    [STATE_INSTALLER_MANIFEST] = {"check installer", state_manifest_begin, state_manifest_step,
                                  STATE_INSTALLER_REHEARSE, state_installer_manifest_choose, 0},
    [STATE_INSTALLER_REHEARSE] = {"rehearse installer", state_rehearse_begin, state_rehearse_step,
                                  STATE_INSTALLER_INSTALL, NULL, 0},
    [STATE_INSTALLER_INSTALL] = {"install installer", state_install_begin, state_install_step,
                                 STATE_END, state_installer_install_choose, 0},
    [STATE_LCM_DONE] = {"LifeCycle Manager is current", NULL, state_lcm_done_step, STATE_FINISH,
                        state_lcm_done_choose, 0},

    /* app */
    [STATE_APP_LOCATE] = {"locate app", state_app_locate_begin, state_locate_pair_step,
                          STATE_APP_MANIFEST, state_app_locate_choose, 0},
    [STATE_APP_MANIFEST] = {"check app", state_manifest_begin, state_manifest_step,
                            STATE_APP_REHEARSE, state_app_manifest_choose, 0},
    [STATE_APP_REHEARSE] = {"rehearse app", state_rehearse_begin, state_rehearse_step,
                            STATE_APP_INSTALL, NULL, 0},
    [STATE_APP_SIGNATURE_LOCATE] = {"locate unsigned app", state_app_signature_locate_begin,
                                    state_locate_pair_step, STATE_APP_SIGNATURE,
                                    state_app_signature_locate_choose, 0},
    [STATE_APP_SIGNATURE] = {"check unsigned app", state_app_signature_begin,
                             state_app_signature_step, STATE_APP_SURVEY, NULL, 0},
    [STATE_APP_SURVEY] = {"survey unsigned app", state_app_survey_begin, state_app_survey_step,
                          STATE_APP_INSTALL, NULL, 0},
    [STATE_APP_INSTALL] = {"install app", state_install_begin, state_install_step, STATE_APP_RECORD,
                           NULL, 0},
    [STATE_APP_RECORD] = {"record app", NULL, state_app_record_step, STATE_FINISH, NULL, 0},

    /* the end */
    [STATE_FINISH] = {"finish", NULL, state_finish_step, STATE_END, NULL, 0},
    [STATE_TRIAL_END] = {"end of the trial", NULL, state_trial_end_step, STATE_END, NULL, 0},
    [STATE_FAILED] = {"failed", NULL, state_failed_step, STATE_END, state_failed_choose, 0},
    [STATE_END] = {"end", NULL, state_end_step, STATE_END, NULL, 0},
};

uint64_t lifecycle_now_ms(const struct lcm_lifecycle *lc)
{
    const struct lcm_clock *clock = lc->config.ports->clock;

    return clock->now_ms(clock->context);
}

const struct lcm_flash *lifecycle_flash(const struct lcm_lifecycle *lc)
{
    return lc->config.ports->flash;
}

uint32_t lifecycle_random(struct lcm_lifecycle *lc)
{
    const struct lcm_entropy *entropy = lc->config.ports->entropy;
    uint8_t bytes[4] = {0};

    if (entropy->fill(entropy->context, bytes, sizeof(bytes)) != LCM_OK)
        return (uint32_t)lifecycle_now_ms(lc); /* jitter only: nothing secret hangs on it */
    return lcm_get_u32(bytes);
}

void lifecycle_store_failures(struct lcm_lifecycle *lc, uint8_t failures)
{
    struct lcm_rtc_updater rtc;

    lcm_rtc_updater_load(lc->config.ports->system, &rtc);
    rtc.hold_off_step = failures;
    lcm_rtc_updater_store(lc->config.ports->system, &rtc);
    lc->failures = failures;
}

void lifecycle_say(struct lcm_lifecycle *lc, const struct lifecycle_message *message)
{
    struct lcm_event event = {
        .id = message->id,
        .severity = message->severity,
        .phase = message->phase,
        .file = message->file != NULL ? message->file : "",
        .from = message->from != NULL ? message->from : "",
        .to = message->to != NULL ? message->to : "",
        .text = message->text,
        .result = message->result,
    };

    lcm_report_emit(&lc->report, &event);
}

/* Anchors are needed during a handshake only, when no sector is in the work buffer. */
static enum lcm_err lifecycle_load_anchors(void *context, const uint8_t **sector_file)
{
    struct lcm_lifecycle *lc = context;
    enum lcm_err err = lcm_trust_store_read(&lc->trust_store, lc->work);

    if (err == LCM_OK)
        *sector_file = lc->work;
    return err;
}

/* "LCM/1.0.0": release hosts see which updaters are in the field. */
static void lifecycle_name_agent(struct lcm_lifecycle *lc)
{
    struct lcm_text text;

    lcm_text_init(&text, lc->user_agent, sizeof(lc->user_agent));
    lcm_text_string(&text, "LCM/");
    lcm_text_string(&text, lc->config.version);
}

void lcm_lifecycle_init(struct lcm_lifecycle *lifecycle, const struct lcm_lifecycle_config *config)
{
    /* A trial leaves the memory it lends alone. */
    memset(lifecycle, 0,
           config->trial != NULL ? offsetof(struct lcm_lifecycle, lent) : sizeof(*lifecycle));
    lifecycle->config = *config;
    lcm_report_init(&lifecycle->report, config->ports, config->observer);
    lifecycle_name_agent(lifecycle);
    lifecycle->fetch_config = (struct lcm_fetch_config){
        .net = config->ports->net,
        .clock = config->ports->clock,
        .entropy = config->ports->entropy,
        .crypto = config->crypto,
        .user_agent = lifecycle->user_agent,
        .buffer = config->tls_buffer,
        .context = lifecycle,
        .load_anchors = lifecycle_load_anchors,
    };
    lcm_fetch_init(&lifecycle->fetch, &lifecycle->fetch_config);
    lcm_download_init(&lifecycle->download, &lifecycle->fetch, &lifecycle->trust);
    lifecycle->state = STATE_START;
    lifecycle->started_ms = lifecycle_now_ms(lifecycle);
}

static enum lcm_err lifecycle_enter(struct lcm_lifecycle *lc, const struct state_row *row)
{
    const struct lcm_observer *observer = lc->config.observer;

    lc->is_entered = true;
    lc->sub_step = 0;
    lc->wait_until_ms = 0;
    lc->entered_ms = lifecycle_now_ms(lc);
    if (observer != NULL && observer->state != NULL)
        observer->state(observer->context, row->name);
    return row->begin != NULL ? row->begin(lc) : LCM_OK;
}

/* With an app that could run, the whole run is bounded. */
static bool lifecycle_is_run_overdue(const struct lcm_lifecycle *lc)
{
    return lc->is_app_bootable && lifecycle_now_ms(lc) - lc->started_ms > RUN_WITH_APP_MAX_MS;
}

static bool lifecycle_is_overdue(const struct lcm_lifecycle *lc, const struct state_row *row)
{
    if (row->deadline_ms != 0 && lifecycle_now_ms(lc) - lc->entered_ms > row->deadline_ms)
        return true;
    return lifecycle_is_run_overdue(lc);
}

static enum lcm_err lifecycle_work(struct lcm_lifecycle *lc, const struct state_row *row)
{
    enum lcm_err err = LCM_OK;

    if (!lc->is_entered)
        err = lifecycle_enter(lc, row);
    if (err != LCM_OK)
        return err;
    err = row->step(lc);
    if (err == LCM_PENDING && lifecycle_is_overdue(lc, row))
        return LCM_ERR_TIMEOUT;
    return err;
}

static enum lcm_state lifecycle_next(struct lcm_lifecycle *lc, const struct state_row *row,
                                     enum lcm_err result)
{
    bool is_first_distrust =
        result == LCM_ERR_CERTIFICATE && !lc->is_server_invalid && lc->config.trial == NULL;

    if (result != LCM_OK)
        lc->failure = result;
    if (is_first_distrust)
        return STATE_SERVER_INVALID;
    if (result == LCM_ERR_TIMEOUT && lifecycle_is_run_overdue(lc))
        return STATE_FAILED; /* no state may go on from here */
    if (row->choose != NULL)
        return row->choose(lc, result);
    return result == LCM_OK ? row->on_ok : STATE_FAILED;
}

enum lcm_err lcm_lifecycle_step(struct lcm_lifecycle *lifecycle)
{
    const struct state_row *row = &state_table[lifecycle->state];
    const struct lcm_system *system = lifecycle->config.ports->system;

    if (lifecycle->state == STATE_END && lifecycle->is_entered)
        return LCM_OK;
    system->alive(system->context);
    enum lcm_err err = lifecycle_work(lifecycle, row);
    if (err == LCM_PENDING)
        return LCM_PENDING;
    if (lifecycle->state == STATE_END)
        return LCM_OK;
    enum lcm_state next = lifecycle_next(lifecycle, row, err);
    if (next == STATE_FAILED) {
        lifecycle->failed_state = lifecycle->state;
        lifecycle->failed_phase = (uint8_t)lcm_lifecycle_trial_phase(lifecycle);
    }
    lifecycle->state = (uint8_t)next;
    lifecycle->is_entered = false;
    return LCM_PENDING;
}

uint64_t lcm_lifecycle_waits_until_ms(const struct lcm_lifecycle *lifecycle)
{
    return lifecycle->is_entered ? lifecycle->wait_until_ms : 0;
}

const char *lcm_lifecycle_state_name(const struct lcm_lifecycle *lifecycle)
{
    return state_table[lifecycle->state].name;
}
