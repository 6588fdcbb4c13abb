// SPDX-License-Identifier: Apache-2.0
/*
 * How a run ends: with the app, with a reset into another slot, or with a failure
 * that is reported, counted and held off. An app that can run always runs.
 */
#include "core/base/text.h"
#include "core/store/rtc.h"
#include "core/update/holdoff.h"
#include "core/update/states.h"

#define FAILED_SENTENCE_SIZE 96u

enum lcm_err state_finish_step(struct lcm_lifecycle *lc)
{
    lcm_fetch_close(&lc->fetch);
    lifecycle_store_failures(lc, 0);
    lc->result = LCM_OK;
    lc->outcome = LCM_OUTCOME_BOOT_APP;
    lifecycle_say(lc, &(struct lifecycle_message){
                          .id = LCM_EVENT_CHECK,
                          .severity = LCM_SEVERITY_INFO,
                          .phase = "done",
                          .file = lc->app_file,
                          .to = lc->app_version,
                          .text = "everything is up to date",
                      });
    return LCM_OK;
}

static bool failed_is_forgery(enum lcm_err err)
{
    return err == LCM_ERR_SIGNATURE || err == LCM_ERR_KEY_UNKNOWN || err == LCM_ERR_EQUIVOCATION;
}

/* Did it fail while a new file was judged or installed? What follows that does not fail. */
static bool failed_in_update(const struct lcm_lifecycle *lc)
{
    return lc->failed_state >= STATE_TRUST_POINTER && lc->failed_state != STATE_LCM_DONE;
}

static bool failed_on_the_way(enum lcm_err err)
{
    return err == LCM_ERR_DNS || err == LCM_ERR_CONNECT || err == LCM_ERR_CLOSED ||
           err == LCM_ERR_TIMEOUT || err == LCM_ERR_TOO_SLOW || err == LCM_ERR_TLS ||
           err == LCM_ERR_CERTIFICATE || err == LCM_ERR_HTTP_BUSY;
}

/* What the failure is about: the host that did not answer, the repository that does not
 * exist, or the file that was looked at. */
static const char *failed_subject(const struct lcm_lifecycle *lc)
{
    if (failed_on_the_way(lc->failure) && lcm_fetch_host(&lc->fetch)[0] != '\0')
        return lcm_fetch_host(&lc->fetch);
    if (lc->failure == LCM_ERR_HTTP_NOT_FOUND && lc->failed_state == STATE_FIND_LCM)
        return lc->trust.repository;
    if (lc->failure == LCM_ERR_HTTP_NOT_FOUND && lc->app_tag[0] == '\0')
        return lc->app_repository;
    return lc->file.name;
}

static void failed_report(struct lcm_lifecycle *lc)
{
    char sentence[FAILED_SENTENCE_SIZE];
    struct lcm_text text;
    struct lifecycle_message message = {
        .id = LCM_EVENT_CHECK,
        .severity = LCM_SEVERITY_ERROR,
        .phase = "failed",
        .file = failed_subject(lc),
        .from = lc->app_version,
        .text = sentence,
        .result = lc->failure,
    };

    if (failed_in_update(lc))
        message.id = LCM_EVENT_UPDATE;
    if (failed_is_forgery(lc->failure)) {
        message.id = LCM_EVENT_SIGINVALID;
        message.severity = LCM_SEVERITY_CRITICAL;
    }
    lcm_text_init(&text, sentence, sizeof(sentence));
    lcm_text_string(&text, failed_in_update(lc) ? "refused: " : "failed: ");
    lcm_text_string(&text, lcm_err_text(lc->failure));
    lifecycle_say(lc, &message);
}

static bool failed_needs_setup(enum lcm_err err)
{
    return err == LCM_ERR_NO_WIFI_SETTINGS || err == LCM_ERR_NO_REPOSITORY;
}

/* A network that does not take the device: the second time in a row, or at once when a person is
 * there. The first time it may only have been slow. */
static bool failed_at_network(const struct lcm_lifecycle *lc)
{
    return lc->config.has_setup && lc->failed_state == STATE_JOIN &&
           (lc->is_person_there || lc->failures > 0);
}

/* Where waiting does not help and a person can. An app that can run is left for set-up only when
 * somebody is there. */
static bool failed_leads_to_setup(const struct lcm_lifecycle *lc)
{
    return (failed_needs_setup(lc->failure) || failed_at_network(lc)) &&
           (!lc->is_app_bootable || (lc->config.has_setup && lc->is_person_there));
}

enum lcm_err state_failed_step(struct lcm_lifecycle *lc)
{
    const struct lcm_http_response *response = lcm_fetch_response(&lc->fetch);

    /* An impostor may not silence a device: only a host that proved who it is sets a time. */
    lc->retry_after_s = 0;
    if (lc->failure == LCM_ERR_HTTP_BUSY && lc->download.mode == LCM_TLS_VERIFY)
        lc->retry_after_s = response->retry_after_seconds;
    lcm_fetch_close(&lc->fetch);
    lc->result = lc->failure;
    if (lc->config.trial != NULL)
        return LCM_OK;
    if (lc->failure == LCM_ERR_FLASH) /* what is open may not be what flash holds */
        lc->is_started = false;
    failed_report(lc);
    lc->is_app_bootable = lc->config.running_slot == 1 && lcm_slot_has_app(lifecycle_flash(lc));
    lc->is_setup_due = failed_leads_to_setup(lc);
    if (!failed_needs_setup(lc->failure) && !lc->is_setup_due)
        lifecycle_store_failures(lc, lcm_holdoff_next(lc->failures));
    return LCM_OK;
}

static void failed_start_over(struct lcm_lifecycle *lc)
{
    lc->is_server_invalid = false;
    lc->is_app_as_recorded = false; /* nothing in slot 0 boots */
    lc->trust_changes = 0;
    lc->trust_announced = 0;
    lc->app_failure = LCM_OK;
    lc->download.mode = LCM_TLS_VERIFY;
    lcm_download_set_base(&lc->download, NULL);
}

/* LCM_OUTCOME_NONE: try again. */
static enum lcm_outcome failed_outcome(const struct lcm_lifecycle *lc)
{
    if (lc->config.trial != NULL)
        return LCM_OUTCOME_TRIED;
    if (lc->is_setup_due)
        return LCM_OUTCOME_SETUP;
    return lc->is_app_bootable ? LCM_OUTCOME_BOOT_APP : LCM_OUTCOME_NONE;
}

enum lcm_state state_failed_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    (void)result;
    lc->outcome = failed_outcome(lc);
    if (lc->outcome != LCM_OUTCOME_NONE)
        return STATE_END;
    failed_start_over(lc);
    return STATE_HOLD_OFF;
}

/* Ask for the slot: the boot configuration, which apps may write, could name the other. */
static void end_request_slot(const struct lcm_lifecycle *lc, uint8_t slot)
{
    struct lcm_rtc_boot once = {.next_mode = LCM_RTC_MODE_TEMPORARY,
                                .last_rom = (uint8_t)lc->config.running_slot,
                                .temp_rom = slot};

    lcm_rtc_boot_store(lc->config.ports->system, &once);
}

enum lcm_err state_end_step(struct lcm_lifecycle *lc)
{
    lcm_fetch_close(&lc->fetch);
    if (lc->outcome != LCM_OUTCOME_SETUP && lc->outcome != LCM_OUTCOME_TRIED)
        end_request_slot(lc, lc->outcome == LCM_OUTCOME_BOOT_SLOT1 ? 1 : 0);
    return LCM_OK;
}
