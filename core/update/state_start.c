// SPDX-License-Identifier: Apache-2.0
/*
 * States before any network: read what the device knows, check slot 0, obey the
 * power-cycle gesture, wait out the hold-off.
 */
#include <string.h>

#include "core/base/text.h"
#include "core/store/rtc.h"
#include "core/update/holdoff.h"
#include "core/update/keys.h"
#include "core/update/states.h"

#define SECOND_MS 1000u
#define COUNT_TEXT_SIZE 8u

static enum lcm_err start_open_settings(struct lcm_lifecycle *lc)
{
    enum lcm_err err = lcm_settings_open(&lc->settings, lifecycle_flash(lc));

    if (err == LCM_ERR_NOT_FOUND)
        err = lcm_settings_format(&lc->settings, lifecycle_flash(lc));
    return err;
}

/* A text setting, or the fallback when it is absent or not usable. LCM_ERR_FLASH: nobody knows; the
 * start is tried again, or another app's name would be taken for this one's. */
static enum lcm_err start_text(struct lcm_lifecycle *lc, const char *key, char *dst, size_t size,
                               const char *fallback)
{
    enum lcm_err err = lcm_settings_get(&lc->settings, key, dst, size);

    return err == LCM_OK || err == LCM_ERR_FLASH ? err : lcm_text_copy(dst, size, fallback);
}

/* A fingerprint that is there but makes no sense stays all zero and fits no key: only a
 * device that never had one may take the first key it meets. */
static enum lcm_err start_read_pinned_key(struct lcm_lifecycle *lc)
{
    char hex[2 * LCM_FINGERPRINT_SIZE + 1];
    enum lcm_err err = lcm_settings_get(&lc->settings, LCM_KEY_APP_KEY, hex, sizeof(hex));

    lc->has_pinned_key = err != LCM_ERR_NOT_FOUND;
    if (err != LCM_OK || lcm_text_parse_hex(hex, lc->pinned_key, sizeof(lc->pinned_key)) != LCM_OK)
        memset(lc->pinned_key, 0, sizeof(lc->pinned_key));
    return err == LCM_ERR_FLASH ? err : LCM_OK;
}

static enum lcm_err start_read_settings(struct lcm_lifecycle *lc)
{
    enum lcm_err err =
        start_text(lc, LCM_KEY_OTA_REPO, lc->app_repository, sizeof(lc->app_repository), "");

    if (err == LCM_OK)
        err = start_text(lc, LCM_KEY_OTA_FILE, lc->app_file, sizeof(lc->app_file),
                         LCM_DEFAULT_APP_FILE);
    if (err == LCM_OK)
        err = start_text(lc, LCM_KEY_OTA_VERSION, lc->app_version, sizeof(lc->app_version), "");
    if (err == LCM_OK)
        err = start_read_pinned_key(lc);
    lc->is_app_beta = lcm_settings_get_bool(&lc->settings, LCM_KEY_OTA_BETA, false);
    lc->is_lcm_beta = lcm_settings_get_bool(&lc->settings, LCM_KEY_LCM_BETA, false);
    lc->is_unsigned_allowed = lcm_settings_get_bool(&lc->settings, LCM_KEY_UNSIGNED, false);
    lc->report.source.repository = lc->app_repository;
    lc->report.source.app_version = lc->app_version;
    lc->report.source.updater_version = lc->config.version;
    lc->report.source.is_beta = lc->is_app_beta;
    return err;
}

static uint32_t start_number_setting(struct lcm_lifecycle *lc, const char *key)
{
    char digits[COUNT_TEXT_SIZE];
    uint64_t value = 0;

    if (lcm_settings_get(&lc->settings, key, digits, sizeof(digits)) != LCM_OK ||
        lcm_text_parse_u64(digits, strlen(digits), &value) != LCM_OK)
        return 0;
    return (uint32_t)value;
}

/* The boot program hands the count over through RTC; an app may leave one in the
 * settings, which is used once. */
static enum lcm_err start_read_mode(struct lcm_lifecycle *lc)
{
    struct lcm_rtc_boot boot;
    uint32_t count = 0;
    enum lcm_err err = LCM_OK;

    if (lcm_rtc_boot_load(lc->config.ports->system, &boot) == LCM_OK)
        count = boot.temp_rom;
    if (count < 2) {
        count = start_number_setting(lc, LCM_KEY_OTA_COUNT);
        err = lcm_settings_delete(&lc->settings, LCM_KEY_OTA_COUNT);
    }
    lc->mode = lcm_mode_of_count(count, start_number_setting(lc, LCM_KEY_OTA_COUNT_STEP));
    return err;
}

/* What kind of run this is: where the device stands, and what the person asked for. */
static enum lcm_err start_read_run(struct lcm_lifecycle *lc)
{
    struct lcm_rtc_updater rtc;
    enum lcm_err err = start_read_settings(lc);

    lc->is_app_bootable = lc->config.running_slot == 1 && lcm_slot_has_app(lifecycle_flash(lc));
    lcm_rtc_updater_load(lc->config.ports->system, &rtc);
    lc->failures = rtc.hold_off_step;
    return err == LCM_OK ? start_read_mode(lc) : err;
}

enum lcm_err state_start_step(struct lcm_lifecycle *lc)
{
    enum lcm_err err = start_open_settings(lc);

    if (err == LCM_OK)
        err = lcm_state_open(&lc->state_log, lifecycle_flash(lc));
    if (err != LCM_OK)
        return err;
    if (lc->config.trial != NULL)
        state_trial_read(lc);
    else
        err = start_read_run(lc);
    if (err == LCM_OK)
        err = lcm_trust_store_open(&lc->trust_store, lifecycle_flash(lc), lc->work, &lc->trust);
    lc->is_started = err == LCM_OK;
    return err;
}

/* A gesture is obeyed even when the trust sector is lost. */
enum lcm_state state_start_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    if (lc->mode != LCM_MODE_NONE && (result == LCM_OK || result == LCM_ERR_NO_TRUST))
        return STATE_COUNTDOWN;
    if (result != LCM_OK)
        return STATE_FAILED;
    return lc->config.trial != NULL ? STATE_JOIN : STATE_SLOT_CHECK;
}

/* Compare slot 0 with the record of what was installed there. */
enum lcm_err state_slot_check_begin(struct lcm_lifecycle *lc)
{
    struct lcm_installed installed;
    uint32_t image_size = 0;

    lc->is_app_as_recorded = false;
    if (!lc->is_app_bootable)
        return LCM_ERR_NOT_FOUND;
    enum lcm_err err = lcm_record_installed_load(
        &lc->state_log, LCM_STATE_APP, lcm_record_app_hash(lc->app_repository, lc->app_file),
        &installed, &image_size);
    if (err != LCM_OK)
        return err;
    memcpy(lc->manifest.sha256, installed.sha256, sizeof(lc->manifest.sha256));
    lcm_slot_check_begin(&lc->job.slot_check, lifecycle_flash(lc), image_size);
    return LCM_OK;
}

enum lcm_err state_slot_check_step(struct lcm_lifecycle *lc)
{
    return lcm_slot_check_step(&lc->job.slot_check, lc->manifest.sha256);
}

enum lcm_state state_slot_check_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    lc->is_app_as_recorded = result == LCM_OK;
    return STATE_HOLD_OFF;
}

enum lcm_err state_countdown_begin(struct lcm_lifecycle *lc)
{
    lc->countdown_s = LCM_MODE_COUNTDOWN_S;
    return LCM_OK;
}

/* Ten seconds, one line each, in which a person can still cut the power. */
enum lcm_err state_countdown_step(struct lcm_lifecycle *lc)
{
    const struct lcm_observer *observer = lc->config.observer;

    if (lifecycle_now_ms(lc) < lc->wait_until_ms)
        return LCM_PENDING;
    if (lc->countdown_s == 0)
        return LCM_OK;
    lc->countdown_s--;
    if (observer != NULL && observer->countdown != NULL)
        observer->countdown(observer->context, lcm_mode_text(lc->mode), lc->countdown_s);
    lc->wait_until_ms = lifecycle_now_ms(lc) + SECOND_MS;
    return LCM_PENDING;
}

enum lcm_err state_mode_begin(struct lcm_lifecycle *lc)
{
    struct lcm_mode_target target = {
        .flash = lifecycle_flash(lc),
        .settings = &lc->settings,
        .state = &lc->state_log,
        .keeps_slot0 = lc->config.running_slot == 0,
    };

    lcm_mode_begin(&lc->job.mode, lc->mode, &target);
    return LCM_OK;
}

enum lcm_err state_mode_step(struct lcm_lifecycle *lc)
{
    enum lcm_err err = lcm_mode_step(&lc->job.mode);

    if (err != LCM_OK || lc->mode == LCM_MODE_CHECK)
        return err;
    lifecycle_say(lc, &(struct lifecycle_message){
                          .id = LCM_EVENT_SETUP,
                          .severity = LCM_SEVERITY_NOTICE,
                          .phase = "reset",
                          .text = lcm_mode_text(lc->mode),
                      });
    return LCM_OK;
}

/* Settings changed under our feet: read them again, but obey the gesture only once. */
enum lcm_state state_mode_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    static const struct lcm_rtc_boot no_count = {0, 0, 1, 0};

    lc->mode = LCM_MODE_NONE;
    lc->is_person_there = true;
    lcm_rtc_boot_store(lc->config.ports->system, &no_count);
    return result == LCM_OK ? STATE_START : STATE_FAILED;
}

enum lcm_err state_hold_off_begin(struct lcm_lifecycle *lc)
{
    uint32_t delay_ms = lcm_holdoff_delay_ms(lc->failures, lifecycle_random(lc));
    const struct lcm_observer *observer = lc->config.observer;

    if (delay_ms < lc->retry_after_s * SECOND_MS)
        delay_ms = lc->retry_after_s * SECOND_MS;
    lc->retry_after_s = 0;
    if (lc->is_app_bootable && delay_ms > LCM_HOLDOFF_WITH_APP_MAX_MS)
        delay_ms = LCM_HOLDOFF_WITH_APP_MAX_MS;
    if (delay_ms > 0 && observer != NULL && observer->waiting != NULL)
        observer->waiting(observer->context, delay_ms);
    lc->wait_until_ms = lifecycle_now_ms(lc) + delay_ms;
    return LCM_OK;
}

enum lcm_err state_hold_off_step(struct lcm_lifecycle *lc)
{
    return lifecycle_now_ms(lc) < lc->wait_until_ms ? LCM_PENDING : LCM_OK;
}

/* After a start that failed there is nothing to go on with: start again. */
enum lcm_state state_hold_off_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    (void)result; /* LCM_OK: a run that is overdue does not come here */
    return lc->is_started ? STATE_JOIN : STATE_START;
}
