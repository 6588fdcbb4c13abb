// SPDX-License-Identifier: Apache-2.0
/*
 * States that bring the app. A signed app is judged like every signed file; an
 * unsigned one of a reference-style repository only where the user said so, no key
 * is pinned, and the host proved who it is.
 */
#include <string.h>

#include "core/base/text.h"
#include "core/update/keys.h"
#include "core/update/states.h"

#define MANIFEST_SUFFIX ".manifest"
#define REFERENCE_SUFFIX ".sig"

static void app_look_at(struct lcm_lifecycle *lc)
{
    lc->file = (struct lcm_release_file){
        .type = LCM_FILE_APP,
        .record = LCM_STATE_APP,
        .slot_addr = LCM_SLOT0_ADDR,
        .name = lc->app_file,
        .repository = lc->app_repository,
        .is_beta_allowed = lc->is_app_beta,
    };
}

static uint32_t app_hash(const struct lcm_lifecycle *lc)
{
    return lcm_record_app_hash(lc->app_repository, lc->app_file);
}

static enum lcm_state app_fail(struct lcm_lifecycle *lc, enum lcm_err err)
{
    lc->failure = err;
    return STATE_FAILED;
}

/* Nothing to do when the latest release was processed and slot 0 still holds it. */
enum lcm_state state_app_decide(struct lcm_lifecycle *lc)
{
    app_look_at(lc);
    if (lc->app_repository[0] == '\0')
        return lc->is_app_bootable ? STATE_FINISH : app_fail(lc, LCM_ERR_NO_REPOSITORY);
    if (lc->is_server_invalid)
        return app_fail(lc, LCM_ERR_CERTIFICATE);
    if (lc->app_failure != LCM_OK)
        return app_fail(lc, lc->app_failure);
    if (lc->is_app_as_recorded && lcm_record_tag_is_processed(&lc->state_log, LCM_STATE_TAG_APP,
                                                              app_hash(lc), lc->app_tag, 0))
        return STATE_FINISH;
    return STATE_APP_LOCATE;
}

enum lcm_err state_app_locate_begin(struct lcm_lifecycle *lc)
{
    memcpy(lc->version_before, lc->app_version, sizeof(lc->version_before));
    return state_name_pair(lc, lc->app_tag, MANIFEST_SUFFIX);
}

static bool app_may_be_unsigned(const struct lcm_lifecycle *lc)
{
    return lc->is_unsigned_allowed && !lc->has_pinned_key;
}

enum lcm_state state_app_locate_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    if (state_is_first_missing(lc, result))
        return app_may_be_unsigned(lc) ? STATE_APP_SIGNATURE_LOCATE
                                       : app_fail(lc, LCM_ERR_UNSIGNED);
    if (result != LCM_OK)
        return STATE_FAILED;
    return lc->config.trial != NULL ? STATE_TRIAL_END : STATE_APP_MANIFEST;
}

/* From here on this device follows the key that signed the manifest. */
static enum lcm_err app_pin_key(struct lcm_lifecycle *lc)
{
    char hex[2 * LCM_FINGERPRINT_SIZE + 1];
    struct lcm_text text;

    lcm_text_init(&text, hex, sizeof(hex));
    lcm_text_hex(&text, lc->signer, sizeof(lc->signer));
    enum lcm_err err = lcm_settings_set(&lc->settings, LCM_KEY_APP_KEY, hex);
    if (err != LCM_OK)
        return err;
    memcpy(lc->pinned_key, lc->signer, sizeof(lc->pinned_key));
    lc->has_pinned_key = true;
    return LCM_OK;
}

/* Also an equal sequence goes to the engine: it finds nothing to fetch when slot 0 is
 * intact, and repairs it when it is not. */
enum lcm_state state_app_manifest_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    return result == LCM_OK ? STATE_APP_REHEARSE : app_fail(lc, result);
}

/* ---- unsigned apps ---- */

/* Without sequence numbers only the version says what is newer. */
static bool app_is_tag_wanted(const struct lcm_lifecycle *lc)
{
    struct lcm_version offered;
    struct lcm_version present;

    if (!lc->is_app_bootable)
        return true;
    if (lcm_version_parse(lc->app_tag, &offered) != LCM_OK)
        return false;
    if (lcm_version_parse(lc->app_version, &present) != LCM_OK)
        return true;
    return lcm_version_compare(&offered, &present) >= 0;
}

enum lcm_err state_app_signature_locate_begin(struct lcm_lifecycle *lc)
{
    if (!app_is_tag_wanted(lc))
        return LCM_ERR_ROLLBACK;
    return lcm_download_name(&lc->download, LCM_PLACE_FIRST, lc->app_repository, lc->app_tag,
                             lc->app_file, REFERENCE_SUFFIX);
}

enum lcm_state state_app_signature_locate_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    if (result != LCM_OK)
        return STATE_FAILED;
    return lc->config.trial != NULL ? STATE_TRIAL_END : STATE_APP_SIGNATURE;
}

enum lcm_err state_app_signature_begin(struct lcm_lifecycle *lc)
{
    /* LifeCycle Manager's own .sig files of the reference carry 104 bytes more. */
    return state_get_small(lc, LCM_PLACE_FIRST, 0, 0, LCM_TRUST_POINTER_SIZE_MAX);
}

static enum lcm_err app_make_manifest(struct lcm_lifecycle *lc)
{
    memset(&lc->manifest, 0, sizeof(lc->manifest));
    lc->manifest.type = LCM_FILE_APP;
    lc->manifest.slot_addr = LCM_SLOT0_ADDR;
    memcpy(lc->manifest.repository, lc->app_repository, sizeof(lc->manifest.repository));
    memcpy(lc->manifest.file, lc->app_file, sizeof(lc->manifest.file));
    return lcm_text_copy(lc->manifest.version, sizeof(lc->manifest.version), lc->app_tag);
}

enum lcm_err state_app_signature_step(struct lcm_lifecycle *lc)
{
    enum lcm_err err = lcm_download_step(&lc->download);

    if (err != LCM_OK)
        return err;
    if (lc->buffer.length < LCM_REFERENCE_SIG_SIZE)
        return LCM_ERR_FORMAT;
    err = app_make_manifest(lc);
    return err == LCM_OK ? lcm_survey_init(&lc->job.survey, &lc->manifest, lc->work) : err;
}

static enum lcm_err app_survey_take(void *context, const uint8_t *bytes, size_t size)
{
    struct lcm_lifecycle *lc = context;
    const struct lcm_http_response *response = lcm_fetch_response(&lc->fetch);

    if (response->has_range_total && response->range_total != lc->manifest.image_size)
        return LCM_ERR_RANGE;
    return lcm_survey_write(&lc->job.survey, bytes, size);
}

static enum lcm_err app_survey_get(struct lcm_lifecycle *lc)
{
    struct lcm_sink sink = {lc, app_survey_take};
    uint32_t first = lc->job.survey.received;

    return lcm_download_get(&lc->download, LCM_PLACE_SECOND, first, lc->manifest.image_size - first,
                            &sink);
}

enum lcm_err state_app_survey_begin(struct lcm_lifecycle *lc)
{
    lc->retries = 0;
    lc->retry_mark = 0;
    return app_survey_get(lc);
}

enum lcm_err state_app_survey_step(struct lcm_lifecycle *lc)
{
    enum lcm_err err = lcm_download_step(&lc->download);

    state_progress(lc, lc->job.survey.received);
    if (err == LCM_PENDING)
        return err;
    if (err == LCM_OK || lc->job.survey.received == lc->manifest.image_size)
        return lcm_survey_finish(&lc->job.survey); /* a bad end takes nothing away */
    lcm_fetch_close(&lc->fetch);
    if (!state_may_retry(lc, err, lc->job.survey.received))
        return err;
    err = app_survey_get(lc);
    return err == LCM_OK ? LCM_PENDING : err;
}

/* ---- done ---- */

/* The image is complete and bootable: now the records may say so. */
enum lcm_err state_app_record_step(struct lcm_lifecycle *lc)
{
    uint32_t hash = app_hash(lc);

    /* Signed, complete, and yet nothing that boots: a publisher's mistake. Nothing may
     * say that it was installed, or the device would take it for done. */
    lc->is_app_bootable = lcm_slot_has_app(lifecycle_flash(lc));
    if (!lc->is_app_bootable)
        return LCM_ERR_IMAGE;
    /* The pin before the record: a cut in between leaves a device that asks for the new key,
     * which never signed anything older. */
    enum lcm_err err = lc->manifest.sequence != 0 ? app_pin_key(lc) : LCM_OK;
    if (err == LCM_OK)
        err = lcm_record_installed_store(&lc->state_log, LCM_STATE_APP, &lc->manifest);
    if (err == LCM_OK)
        err = lcm_settings_set(&lc->settings, LCM_KEY_OTA_VERSION, lc->manifest.version);
    if (err == LCM_OK)
        err = lcm_record_tag_store(&lc->state_log, LCM_STATE_TAG_APP, hash, lc->app_tag, 0);
    if (err == LCM_OK)
        err = lcm_text_copy(lc->app_version, sizeof(lc->app_version), lc->manifest.version);
    if (err != LCM_OK)
        return err;
    lc->is_app_as_recorded = true;
    lifecycle_say(
        lc, &(struct lifecycle_message){
                .id = LCM_EVENT_UPDATE,
                .severity = LCM_SEVERITY_NOTICE,
                .phase = "done",
                .file = lc->app_file,
                .from = lc->version_before,
                .to = lc->app_version,
                .text = lc->manifest.sequence == 0 ? "unsigned app installed" : "app installed",
            });
    return LCM_OK;
}
