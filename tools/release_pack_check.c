// SPDX-License-Identifier: Apache-2.0
/*
 * What lcm release pack refuses: everything that no device would take, judged by the
 * device's own code where that exists.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/trust/rules.h"
#include "tools/common.h"
#include "tools/release_pack.h"

/* A version must be above the last one, unless a downgrade was asked for. */
int pack_check_version(struct pack_job *job)
{
    struct lcm_version before;
    struct lcm_version now;

    if (lcm_version_parse(job->spec.version, &now) != LCM_OK ||
        strlen(job->spec.version) >= LCM_VERSION_SIZE) {
        cli_error("--version %s: write MAJOR.MINOR.PATCH, e.g. 1.2.0 or 1.3.0-beta.1",
                  job->spec.version);
        return CLI_USAGE;
    }
    if (!job->has_previous || cli_has(job->args, "downgrade") ||
        lcm_version_parse(job->previous.version, &before) != LCM_OK)
        return CLI_OK;
    if (lcm_version_compare(&now, &before) < 0 ||
        (!now.is_prerelease && lcm_version_compare(&now, &before) == 0)) {
        cli_error("version %s is not above %s, the last release: choose a higher one, or "
                  "--downgrade to mean it",
                  job->spec.version, job->previous.version);
        return CLI_VERIFY;
    }
    return CLI_OK;
}

static uint32_t pack_slot_addr(enum image_slot slot)
{
    return slot == IMAGE_SLOT_1 ? LCM_SLOT1_ADDR : LCM_SLOT0_ADDR;
}

/* The slot that type and file name stand for; -1 when they leave it open. */
static long pack_named_slot(const struct pack_job *job)
{
    if (job->spec.type == LCM_FILE_APP || strcmp(job->spec.file, "otaboot.bin") == 0)
        return 0;
    return strcmp(job->spec.file, "otamain.bin") == 0 ? 1 : -1;
}

static int pack_choose_slot(struct pack_job *job)
{
    enum image_slot linked = job->view.slot;
    long named = pack_named_slot(job);
    long wanted = -1;

    if (!cli_number(job->args, "slot", 0, 1, &wanted))
        return CLI_USAGE;
    if (named >= 0 && wanted >= 0 && wanted != named) {
        cli_error("--slot %ld: %s run in slot %ld: leave --slot out", wanted,
                  job->spec.type == LCM_FILE_APP ? "apps" : job->spec.file, named);
        return CLI_VERIFY;
    }
    if (wanted < 0)
        wanted = named;
    if (wanted < 0 && (linked == IMAGE_SLOT_UNKNOWN || linked == IMAGE_SLOT_NONE)) {
        cli_error("%s: cannot tell its slot from the code: add --slot 0 (otaboot) or 1 (otamain)",
                  cli_positional(job->args, 0));
        return CLI_USAGE;
    }
    if (wanted < 0)
        wanted = linked;
    if ((linked == IMAGE_SLOT_0 || linked == IMAGE_SLOT_1) && (long)linked != wanted) {
        cli_error("%s: is linked for slot %d, not for slot %ld: link it at 0x%08x",
                  cli_positional(job->args, 0), (int)linked, wanted,
                  LCM_FLASH_MAP_BASE + LCM_IROM_OFFSET + pack_slot_addr((enum image_slot)wanted));
        return CLI_VERIFY;
    }
    job->spec.slot_addr = pack_slot_addr((enum image_slot)wanted);
    return CLI_OK;
}

/* The version text at the end of a boot sector; "" when there is none. */
static void pack_boot_version(const uint8_t *sector, char text[LCM_BOOT_VERSION_SIZE + 1])
{
    size_t size = 0;

    for (; size < LCM_BOOT_VERSION_SIZE; size++) {
        uint8_t c = sector[LCM_BOOT_VERSION_OFFSET + size];

        if (c <= 0x20 || c > 0x7E)
            break;
        text[size] = (char)c;
    }
    text[size] = '\0';
}

/* A boot program is published without filling and version text: the device adds its
 * manifest's version when it writes the sector. */
static int pack_check_boot(struct pack_job *job)
{
    const char *path = cli_positional(job->args, 0);
    char text[LCM_BOOT_VERSION_SIZE + 1] = "";

    if (job->view.format != IMAGE_V1) {
        cli_error("%s: a boot program must be a v1 image", path);
        return CLI_VERIFY;
    }
    if (strlen(job->spec.version) > LCM_BOOT_VERSION_SIZE) {
        cli_error("--version %s: boot programs have room for %u characters", job->spec.version,
                  LCM_BOOT_VERSION_SIZE);
        return CLI_VERIFY;
    }
    if (job->image.size == LCM_BOOT_SIZE)
        pack_boot_version(job->image.bytes, text);
    if (text[0] != '\0' && strcmp(text, job->spec.version) != 0) {
        cli_error("%s: says that it is version %s, not %s", path, text, job->spec.version);
        return CLI_VERIFY;
    }
    if (job->image.size == LCM_BOOT_SIZE)
        job->image.size = job->view.size;
    job->spec.slot_addr = LCM_BOOT_ADDR;
    return CLI_OK;
}

int pack_choose_place(struct pack_job *job)
{
    return job->spec.type == LCM_FILE_BOOT ? pack_check_boot(job) : pack_choose_slot(job);
}

int pack_check_size(struct pack_job *job)
{
    size_t room = job->spec.type == LCM_FILE_BOOT         ? LCM_BOOT_IMAGE_SIZE_MAX
                  : job->spec.slot_addr == LCM_SLOT0_ADDR ? LCM_SLOT0_IMAGE_SIZE_MAX
                                                          : LCM_SLOT1_IMAGE_SIZE_MAX;
    char have[TOOL_TEXT_SIZE];
    char limit[TOOL_TEXT_SIZE];

    if (job->image.size <= room)
        return CLI_OK;
    cli_error("%s: %s bytes are too long: its place holds %s", cli_positional(job->args, 0),
              text_thousands(have, job->image.size), text_thousands(limit, room));
    return CLI_VERIFY;
}

int pack_check_signer(struct pack_job *job)
{
    uint8_t fingerprint[LCM_FINGERPRINT_SIZE];
    uint8_t key[LCM_KEY_SIZE];
    enum lcm_err err = LCM_OK;

    if (!job->has_previous || job->spec.type != LCM_FILE_APP)
        return CLI_OK;
    lcm_key_fingerprint(job->previous_key, fingerprint);
    err = lcm_manifest_signer(job->manifest, job->manifest_size, fingerprint, key);
    if (err == LCM_OK)
        return CLI_OK;
    cli_error("devices trust the key of the last release, not this one: %s: add --handover OLD.pem",
              lcm_err_text(err));
    return CLI_VERIFY;
}

int pack_check_rules(struct pack_job *job)
{
    struct lcm_manifest manifest;
    struct lcm_rules_target target = {
        .type = job->spec.type,
        .repository = job->spec.repository,
        .file = job->spec.file,
        .slot_addr = job->spec.slot_addr,
        .flash_size = LCM_FLASH_SIZE,
        .beta_allowed = job->spec.channel == LCM_CHANNEL_BETA,
        .updater_version = job->spec.updater_min != NULL ? job->spec.updater_min : LCM_VERSION,
        .has_installed = job->has_previous,
        .installed_key_trusted = true,
    };
    enum lcm_err err = lcm_manifest_decode(&manifest, job->manifest, job->manifest_size);

    if (job->has_previous) {
        target.installed.sequence = job->previous.sequence;
        target.installed.security_version = job->previous.security_version;
        memcpy(target.installed.key_id, job->previous.key_id, LCM_KEY_ID_SIZE);
        memcpy(target.installed.sha256, job->previous.sha256, LCM_SHA256_SIZE);
        memcpy(target.installed.version, job->previous.version, LCM_VERSION_SIZE);
    }
    if (err == LCM_OK)
        err = lcm_rules_check(&manifest, &target);
    if (err == LCM_OK)
        return CLI_OK;
    cli_error("no device would take this release: %s", lcm_err_text(err));
    return CLI_VERIFY;
}

/* The previous manifest must be about the same thing. */
int pack_check_previous(struct pack_job *job)
{
    const struct lcm_manifest *previous = &job->previous;

    if (!job->has_previous)
        return CLI_OK;
    if (previous->type == job->spec.type &&
        strcmp(previous->repository, job->spec.repository) == 0 &&
        strcmp(previous->file, job->spec.file) == 0)
        return CLI_OK;
    cli_error("--previous is about %s %s of %s: give the manifest of the release before this one",
              tool_type_name(previous->type), previous->file, previous->repository);
    return CLI_VERIFY;
}

/* Has the release that is in the output folder the same content? A version names one
 * content for ever: devices that have it would never fetch another one. */
static int pack_compare_published(const struct pack_job *job, const char *path)
{
    struct file_content content = {NULL, 0};
    struct lcm_manifest before;
    struct lcm_manifest now;
    int result = tool_load_manifest(path, &content, &before);
    enum lcm_err err = LCM_OK;

    if (result != CLI_OK)
        return result;
    file_free(&content);
    err = lcm_manifest_decode(&now, job->manifest, job->manifest_size);
    if (err != LCM_OK)
        return tool_fail(err, NULL);
    if (strcmp(before.version, now.version) != 0 ||
        memcmp(before.sha256, now.sha256, LCM_SHA256_SIZE) == 0)
        return CLI_OK;
    cli_error("%.*s is already %s with other content: choose a higher version, or --force",
              (int)(strlen(path) - strlen(".manifest")), path, now.version);
    return CLI_VERIFY;
}

int pack_check_published(struct pack_job *job)
{
    char name[LCM_FILE_SIZE + sizeof(".manifest")];
    char path[PATH_MAX];
    int result = CLI_OK;

    snprintf(name, sizeof(name), "%s.manifest", job->spec.file);
    result = file_join(path, sizeof(path), cli_get(job->args, "out"), name);
    if (result != CLI_OK || cli_has(job->args, "force") || access(path, F_OK) != 0)
        return result;
    return pack_compare_published(job, path);
}
