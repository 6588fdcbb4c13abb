// SPDX-License-Identifier: Apache-2.0
/*
 * States that keep LifeCycle Manager's own files current: boot program, otamain in
 * slot 1, and otaboot in slot 0 as the way to replace a running otamain.
 *
 * otamain cannot overwrite itself. When a newer one exists it puts the new otaboot
 * into slot 0 and lets it start; otaboot writes the new otamain into slot 1 and
 * starts it; that one installs the app again. Both are rehearsed before the app goes.
 */
#include <string.h>

#include "core/base/text.h"
#include "core/image/identity.h"
#include "core/update/holdoff.h"
#include "core/update/states.h"

#define BOOT_FILE "boot.bin"
#define UPDATER_FILE "otamain.bin"
#define INSTALLER_FILE "otaboot.bin"
#define MANIFEST_SUFFIX ".manifest"

_Static_assert(LCM_VERSION_SIZE > LCM_BOOT_VERSION_SIZE, "version_before holds the boot program's");

static void self_look_at(struct lcm_lifecycle *lc, enum lcm_file_type type, uint32_t slot_addr,
                         const char *name)
{
    lc->file = (struct lcm_release_file){
        .type = type,
        .record = type == LCM_FILE_BOOT ? LCM_STATE_BOOT : LCM_STATE_UPDATER,
        .slot_addr = slot_addr,
        .name = name,
        .repository = lc->trust.repository,
        .is_beta_allowed = lc->is_lcm_beta,
    };
}

static void self_say_done(struct lcm_lifecycle *lc, const char *text)
{
    lifecycle_say(lc, &(struct lifecycle_message){
                          .id = LCM_EVENT_UPDATE,
                          .severity = LCM_SEVERITY_NOTICE,
                          .phase = "done",
                          .file = lc->file.name,
                          .from = lc->version_before,
                          .to = lc->manifest.version,
                          .text = text,
                      });
}

/* ---- boot program ---- */

enum lcm_err state_boot_locate_begin(struct lcm_lifecycle *lc)
{
    self_look_at(lc, LCM_FILE_BOOT, LCM_BOOT_ADDR, BOOT_FILE);
    lcm_boot_program_version(lifecycle_flash(lc), lc->version_before);
    return state_name_pair(lc, lc->lcm_tag, MANIFEST_SUFFIX);
}

/* A release need not carry a boot program. */
enum lcm_state state_boot_locate_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    if (state_is_first_missing(lc, result))
        return STATE_SELF_LOCATE;
    return result == LCM_OK ? STATE_BOOT_MANIFEST : STATE_FAILED;
}

/* The record alone decides, no version text: one that a power cut left half written would name a
 * version that nobody released. Without a record the program is fetched and compared. */
enum lcm_state state_boot_manifest_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    if (result != LCM_OK)
        return STATE_FAILED;
    return state_is_manifest_newer(lc, "") ? STATE_BOOT_INSTALL : STATE_SELF_LOCATE;
}

enum lcm_err state_boot_install_begin(struct lcm_lifecycle *lc)
{
    return state_get_small(lc, LCM_PLACE_SECOND, 0, lc->manifest.image_size,
                           LCM_BOOT_IMAGE_SIZE_MAX);
}

enum lcm_err state_boot_install_step(struct lcm_lifecycle *lc)
{
    enum lcm_err err = lcm_download_step(&lc->download);

    if (err != LCM_OK)
        return err;
    if (lc->buffer.length != lc->manifest.image_size)
        return LCM_ERR_CORRUPT;
    err = lcm_boot_program_install(lifecycle_flash(lc), &lc->manifest, lc->work);
    if (err == LCM_OK)
        err = lcm_record_installed_store(&lc->state_log, LCM_STATE_BOOT, &lc->manifest);
    if (err == LCM_OK)
        self_say_done(lc, "boot program installed");
    return err;
}

/* ---- otamain, slot 1 ---- */

/* The version that is about to be replaced: our own, or, for the installer, what is in
 * slot 1; "" on a new device. */
static enum lcm_err self_note_version(struct lcm_lifecycle *lc)
{
    struct lcm_identity identity;
    const char *version = lc->config.version;

    if (lc->config.running_slot == 0)
        version = lcm_identity_load(lifecycle_flash(lc), LCM_SLOT1_ADDR, &identity) == LCM_OK
                      ? identity.version
                      : "";
    return lcm_text_copy(lc->version_before, sizeof(lc->version_before), version);
}

enum lcm_err state_self_locate_begin(struct lcm_lifecycle *lc)
{
    self_look_at(lc, LCM_FILE_UPDATER, LCM_SLOT1_ADDR, UPDATER_FILE);
    enum lcm_err err = self_note_version(lc);

    return err == LCM_OK ? state_name_pair(lc, lc->lcm_tag, MANIFEST_SUFFIX) : err;
}

/* A release with new certificates only is allowed; an installer cannot live on it. Its tag is
 * not remembered: the updater may be on its way to the host while we look. */
enum lcm_state state_self_locate_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    lc->has_release_updater = !state_is_first_missing(lc, result);
    if (!lc->has_release_updater && lc->config.running_slot == 1)
        return STATE_LCM_DONE;
    return result == LCM_OK ? STATE_SELF_MANIFEST : STATE_FAILED;
}

enum lcm_state state_self_manifest_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    if (result != LCM_OK)
        return STATE_FAILED;
    if (lc->config.running_slot == 0)
        return STATE_SELF_INSTALL;
    lc->installer_sequence = lc->manifest.sequence;
    return state_is_manifest_newer(lc, lc->config.version) ? STATE_SELF_REHEARSE : STATE_LCM_DONE;
}

enum lcm_state state_self_install_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    bool is_progress = state_is_manifest_newer(lc, "");

    if (result == LCM_OK)
        result = lcm_record_installed_store(&lc->state_log, LCM_STATE_UPDATER, &lc->manifest);
    if (result != LCM_OK) {
        lc->failure = result;
        return STATE_FAILED;
    }
    self_say_done(lc, "updater installed");
    if (is_progress)
        lifecycle_store_failures(lc, 0);
    lc->outcome = LCM_OUTCOME_BOOT_SLOT1;
    return STATE_END;
}

/* ---- otaboot, slot 0 ---- */

enum lcm_err state_installer_locate_begin(struct lcm_lifecycle *lc)
{
    self_look_at(lc, LCM_FILE_UPDATER, LCM_SLOT0_ADDR, INSTALLER_FILE);
    enum lcm_err err =
        lcm_text_copy(lc->version_before, sizeof(lc->version_before), lc->config.version);
    return err == LCM_OK ? state_name_pair(lc, lc->lcm_tag, MANIFEST_SUFFIX) : err;
}

/* otaboot must be of the same release as the otamain that made us look for it. */
enum lcm_state state_installer_manifest_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    if (result == LCM_OK && lc->installer_sequence != 0 &&
        lc->manifest.sequence != lc->installer_sequence)
        result = LCM_ERR_EQUIVOCATION;
    if (result != LCM_OK) {
        lc->failure = result;
        return STATE_FAILED;
    }
    return STATE_INSTALLER_REHEARSE;
}

/* Half of the way counts as a failure until the new updater is there: a host that leads the
 * device in circles, new installer and old updater, does so more and more slowly. */
enum lcm_state state_installer_install_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    if (result != LCM_OK)
        return STATE_FAILED;
    self_say_done(lc, "installer is in slot 0, it brings the new updater");
    lifecycle_store_failures(lc, lcm_holdoff_next(lc->failures));
    lc->outcome = LCM_OUTCOME_BOOT_SLOT0;
    return STATE_END;
}

/* ---- nothing newer ---- */

/* Remember the tag only when the host proved who it is: an impostor may not make us
 * believe that a release was processed. Not being able to remember it only costs the next
 * check some requests. */
enum lcm_err state_lcm_done_step(struct lcm_lifecycle *lc)
{
    if (!lc->is_server_invalid && lc->has_release_updater)
        (void)!lcm_record_tag_store(&lc->state_log, LCM_STATE_TAG_LCM,
                                    lcm_record_repository_hash(lc->trust.repository), lc->lcm_tag,
                                    lc->trust.sequence);
    return LCM_OK;
}

enum lcm_state state_lcm_done_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    (void)result; /* always LCM_OK */
    return state_app_decide(lc);
}
