// SPDX-License-Identifier: Apache-2.0
/*
 * What all signed files have in common: locate manifest and image, fetch the
 * manifest, and judge it: form, signer, signature, rules, in this order. After that
 * only the decoded manifest is used, never its bytes again.
 */
#include <string.h>

#include "core/trust/time.h"
#include "core/update/keys.h"
#include "core/update/states.h"

enum locate_sub_step {
    LOCATE_FIRST_BEGIN,
    LOCATE_FIRST,
    LOCATE_SECOND_BEGIN,
    LOCATE_SECOND,
};

/* Name manifest (or other companion) and image of lc->file in a release. */
enum lcm_err state_name_pair(struct lcm_lifecycle *lc, const char *tag, const char *suffix)
{
    enum lcm_err err = lcm_download_name(&lc->download, LCM_PLACE_FIRST, lc->file.repository, tag,
                                         lc->file.name, suffix);

    if (err != LCM_OK)
        return err;
    return lcm_download_name(&lc->download, LCM_PLACE_SECOND, lc->file.repository, tag,
                             lc->file.name, "");
}

static enum lcm_err locate_begin(struct lcm_lifecycle *lc, enum lcm_place place)
{
    enum lcm_err err = lcm_download_locate(&lc->download, place);

    lc->sub_step++;
    return err == LCM_OK ? LCM_PENDING : err;
}

/* Both addresses back to back, on the one connection to the release host. */
enum lcm_err state_locate_pair_step(struct lcm_lifecycle *lc)
{
    enum lcm_err err;

    switch (lc->sub_step) {
    case LOCATE_FIRST_BEGIN:
        return locate_begin(lc, LCM_PLACE_FIRST);
    case LOCATE_SECOND_BEGIN:
        return locate_begin(lc, LCM_PLACE_SECOND);
    case LOCATE_FIRST:
        err = lcm_download_step(&lc->download);
        if (err != LCM_OK)
            return err;
        lc->sub_step++;
        return LCM_PENDING;
    case LOCATE_SECOND:
    default:
        return lcm_download_step(&lc->download);
    }
}

/* Not found, and it was the companion, not the file itself. */
bool state_is_first_missing(const struct lcm_lifecycle *lc, enum lcm_err result)
{
    return result == LCM_ERR_HTTP_NOT_FOUND && lc->sub_step <= LOCATE_FIRST;
}

/* Begin to fetch a small file into the work buffer; more than size_max bytes fail. */
enum lcm_err state_get_small(struct lcm_lifecycle *lc, enum lcm_place place, uint32_t first,
                             uint32_t size, uint32_t size_max)
{
    struct lcm_sink sink;

    lc->buffer = (struct lcm_buffer_sink){lc->work, size_max, 0};
    sink = lcm_buffer_sink(&lc->buffer);
    return lcm_download_get(&lc->download, place, first, size, &sink);
}

enum lcm_err state_manifest_begin(struct lcm_lifecycle *lc)
{
    return state_get_small(lc, LCM_PLACE_FIRST, 0, 0, LCM_MANIFEST_SIZE_MAX);
}

static enum lcm_err manifest_load_installed(struct lcm_lifecycle *lc,
                                            struct lcm_installed *installed)
{
    uint32_t hash = lc->file.type == LCM_FILE_APP
                        ? lcm_record_app_hash(lc->file.repository, lc->file.name)
                        : lcm_record_repository_hash(lc->file.repository);
    uint32_t image_size = 0;

    return lcm_record_installed_load(&lc->state_log, lc->file.record, hash, installed, &image_size);
}

/* Does the key that set the stored sequence still count? */
static bool manifest_is_key_trusted(const struct lcm_lifecycle *lc, const uint8_t *key_id)
{
    if (lc->file.type != LCM_FILE_APP)
        return lcm_trust_release_key(&lc->trust, key_id) != NULL;
    return lc->has_pinned_key && memcmp(lc->pinned_key, key_id, LCM_KEY_ID_SIZE) == 0;
}

/* LifeCycle Manager's files are signed by a release key of the trust sector; an app
 * by the key this device pinned, or the one that key handed over to. */
static enum lcm_err manifest_find_key(struct lcm_lifecycle *lc, uint8_t key[LCM_KEY_SIZE])
{
    if (lc->file.type == LCM_FILE_APP)
        return lcm_manifest_signer(lc->work, lc->buffer.length,
                                   lc->has_pinned_key ? lc->pinned_key : NULL, key);

    const uint8_t *release_key = lcm_trust_release_key(&lc->trust, lc->manifest.key_id);
    if (release_key == NULL)
        return LCM_ERR_KEY_UNKNOWN;
    memcpy(key, release_key, LCM_KEY_SIZE);
    return LCM_OK;
}

static enum lcm_err manifest_check_rules(struct lcm_lifecycle *lc)
{
    struct lcm_rules_target target = {
        .type = lc->file.type,
        .repository = lc->file.repository,
        .file = lc->file.name,
        .slot_addr = lc->file.slot_addr,
        .flash_size = LCM_FLASH_SIZE,
        .beta_allowed = lc->file.is_beta_allowed,
        .updater_version = lc->config.version,
        .security_floor = lc->trust.security_floor[lc->file.type],
    };

    enum lcm_err err = manifest_load_installed(lc, &target.installed);

    if (err != LCM_OK && err != LCM_ERR_NOT_FOUND)
        return err; /* not being able to read what is installed is not "nothing is" */
    target.has_installed = err == LCM_OK;
    target.installed_key_trusted =
        target.has_installed && manifest_is_key_trusted(lc, target.installed.key_id);
    /* otaboot and otamain of one release share a sequence but not their bytes; the
     * record is otamain's, so equal sequence means equal release for otaboot. */
    if (lc->file.type == LCM_FILE_UPDATER && lc->file.slot_addr == LCM_SLOT0_ADDR)
        memcpy(target.installed.sha256, lc->manifest.sha256, sizeof(target.installed.sha256));
    return lcm_rules_check(&lc->manifest, &target);
}

static void manifest_note_key(struct lcm_lifecycle *lc, const uint8_t key[LCM_KEY_SIZE])
{
    lcm_key_fingerprint(key, lc->signer);
}

/* From the floor in force on: a device without a record has that of its trust sector. */
static enum lcm_err manifest_raise_time_floor(struct lcm_lifecycle *lc)
{
    uint64_t floor_s =
        lcm_time_raise_floor(lc->trust.time_floor, lcm_record_time_floor(&lc->state_log));

    return lcm_record_time_floor_raise(&lc->state_log,
                                       lcm_time_raise_floor(floor_s, lc->manifest.created));
}

static enum lcm_err manifest_judge(struct lcm_lifecycle *lc)
{
    uint8_t key[LCM_KEY_SIZE];
    enum lcm_err err = lcm_manifest_decode(&lc->manifest, lc->work, lc->buffer.length);

    if (err == LCM_OK)
        err = manifest_find_key(lc, key);
    if (err == LCM_OK)
        err = lcm_manifest_verify(lc->work, lc->buffer.length, key);
    if (err == LCM_OK)
        err = manifest_check_rules(lc);
    if (err != LCM_OK)
        return err;
    manifest_note_key(lc, key);
    return lc->file.type != LCM_FILE_APP ? manifest_raise_time_floor(lc) : LCM_OK;
}

enum lcm_err state_manifest_step(struct lcm_lifecycle *lc)
{
    enum lcm_err err = lcm_download_step(&lc->download);

    return err == LCM_OK ? manifest_judge(lc) : err;
}

/* Newer by sequence; without a record (flashed by cable) by version. */
bool state_is_manifest_newer(struct lcm_lifecycle *lc, const char *running_version)
{
    struct lcm_installed installed;
    struct lcm_version running;
    struct lcm_version offered;

    if (manifest_load_installed(lc, &installed) == LCM_OK) {
        if (!manifest_is_key_trusted(lc, installed.key_id))
            return true; /* its sequence does not count any more */
        return lc->manifest.sequence > installed.sequence;
    }
    if (lcm_version_parse(lc->manifest.version, &offered) != LCM_OK ||
        lcm_version_parse(running_version, &running) != LCM_OK)
        return true;
    return lcm_version_compare(&offered, &running) > 0;
}
