// SPDX-License-Identifier: Apache-2.0
/*
 * lcm release verify: judges a published release as a device does, with the device's
 * own decoder, rules and image check, and in its order: signature first, then rules,
 * then content. It stops at the first check that fails.
 */
#include <stdio.h>
#include <string.h>

#include <bearssl.h>

#include "core/base/text.h"
#include "core/trust/rules.h"
#include "host/image_view.h"
#include "tools/commands.h"
#include "tools/common.h"
#include "tools/release_source.h"

struct verify_job {
    const struct cli_args *args;
    struct release_source source;
    const char *file;
    bool has_trust;
    struct lcm_trust trust;
    bool has_pin;
    uint8_t pin[LCM_FINGERPRINT_SIZE];
    uint8_t pinned_key[LCM_KEY_SIZE]; /* when --key was given */
    bool has_pinned_key;
    struct file_content manifest_file;
    struct file_content image;
    struct lcm_manifest manifest;
    uint8_t key[LCM_KEY_SIZE]; /* the signer */
    struct lcm_rules_target target;
    const char *step; /* what is being checked */
};

static int verify_read_trust(struct verify_job *job)
{
    const char *path = cli_get(job->args, "trust");
    uint8_t file[LCM_TRUST_SIZE];
    int result = CLI_OK;

    if (path == NULL)
        return CLI_OK;
    result = tool_load_trust(path, file, &job->trust);
    job->has_trust = result == CLI_OK;
    job->source.trust = job->has_trust ? &job->trust : NULL;
    return result;
}

static int verify_read_pin(struct verify_job *job)
{
    const char *key = cli_get(job->args, "key");
    const char *fingerprint = cli_get(job->args, "fingerprint");
    int result = CLI_OK;

    if (key != NULL) {
        result = tool_load_public(job->args, key, job->pinned_key);
        lcm_key_fingerprint(job->pinned_key, job->pin);
        job->has_pinned_key = true;
    } else if (fingerprint != NULL &&
               (strlen(fingerprint) != 2 * LCM_FINGERPRINT_SIZE ||
                lcm_text_parse_hex(fingerprint, job->pin, LCM_FINGERPRINT_SIZE) != LCM_OK)) {
        cli_error("--fingerprint: must be 64 hex digits, as 'lcm key show' prints them");
        return CLI_USAGE;
    }
    job->has_pin = key != NULL || fingerprint != NULL;
    return result;
}

static int verify_read_installed(struct verify_job *job)
{
    const char *path = cli_get(job->args, "installed");
    struct file_content content = {NULL, 0};
    struct lcm_manifest installed;
    int result = CLI_OK;

    if (path == NULL)
        return CLI_OK;
    result = tool_load_manifest(path, &content, &installed);
    if (result != CLI_OK)
        return result;
    file_free(&content);
    job->target.has_installed = true;
    job->target.installed_key_trusted = true;
    job->target.installed.sequence = installed.sequence;
    job->target.installed.security_version = installed.security_version;
    memcpy(job->target.installed.key_id, installed.key_id, LCM_KEY_ID_SIZE);
    memcpy(job->target.installed.sha256, installed.sha256, LCM_SHA256_SIZE);
    memcpy(job->target.installed.version, installed.version, LCM_VERSION_SIZE);
    return CLI_OK;
}

static int verify_read_target(struct verify_job *job)
{
    const char *channel = cli_get(job->args, "channel");
    const char *type = cli_get(job->args, "type");

    job->file = cli_get(job->args, "file");
    job->target.file = job->file;
    job->target.repository = cli_get(job->args, "repo");
    job->target.type = type != NULL ? tool_type_parse(type) : LCM_FILE_APP;
    if ((int)job->target.type == 0) {
        cli_error("--type %s: must be app, updater or boot", type);
        return CLI_USAGE;
    }
    if (job->target.type != LCM_FILE_APP && !cli_has(job->args, "trust") &&
        !cli_has(job->args, "key")) {
        cli_error("--type %s: needs --trust certs.sector or --key PEM: its signer is not in the "
                  "manifest",
                  type);
        return CLI_USAGE;
    }
    job->target.flash_size = LCM_FLASH_SIZE;
    job->target.beta_allowed = channel != NULL && strcmp(channel, "beta") == 0;
    job->target.updater_version =
        cli_has(job->args, "updater") ? cli_get(job->args, "updater") : LCM_VERSION;
    return CLI_OK;
}

static int verify_fetch(struct verify_job *job, const char *name, size_t size_max,
                        struct file_content *content)
{
    return release_source_read(&job->source, name, size_max, content);
}

static int verify_fetch_manifest(struct verify_job *job)
{
    char name[LCM_FILE_SIZE + sizeof(".manifest")];

    if (strlen(job->file) >= LCM_FILE_SIZE) {
        cli_error("--file %s: file names have at most %u characters", job->file, LCM_FILE_SIZE - 1);
        return CLI_USAGE;
    }
    snprintf(name, sizeof(name), "%s.manifest", job->file);
    if (release_source_lacks(&job->source, name)) {
        cli_error("%s: has no %s: make it with 'lcm release pack', or name another --file",
                  job->source.folder, name);
        return CLI_NOT_FOUND;
    }
    return verify_fetch(job, name, LCM_MANIFEST_SIZE_MAX, &job->manifest_file);
}

/* The key that has to have signed: a release key for our files, the pinned one for apps. */
static enum lcm_err verify_find_signer(struct verify_job *job)
{
    const uint8_t *release_key = NULL;

    if (job->manifest.type == LCM_FILE_APP)
        return lcm_manifest_signer(job->manifest_file.bytes, job->manifest_file.size,
                                   job->has_pin ? job->pin : NULL, job->key);
    if (job->has_pinned_key) {
        memcpy(job->key, job->pinned_key, LCM_KEY_SIZE);
        return LCM_OK;
    }
    release_key = job->has_trust ? lcm_trust_release_key(&job->trust, job->manifest.key_id) : NULL;
    if (release_key == NULL)
        return LCM_ERR_KEY_UNKNOWN;
    memcpy(job->key, release_key, LCM_KEY_SIZE);
    return LCM_OK;
}

static enum lcm_err verify_manifest(struct verify_job *job)
{
    const struct file_content *file = &job->manifest_file;
    enum lcm_err err = LCM_OK;

    job->step = "manifest";
    err = lcm_manifest_decode(&job->manifest, file->bytes, file->size);
    if (err != LCM_OK)
        return err;
    job->step = "signature";
    err = verify_find_signer(job);
    if (err == LCM_OK)
        err = lcm_manifest_verify(file->bytes, file->size, job->key);
    if (err != LCM_OK)
        return err;
    job->step = "rules";
    if (job->has_trust)
        job->target.security_floor = job->trust.security_floor[job->target.type];
    job->target.slot_addr = job->target.type == LCM_FILE_UPDATER ? job->manifest.slot_addr
                            : job->target.type == LCM_FILE_BOOT  ? LCM_BOOT_ADDR
                                                                 : LCM_SLOT0_ADDR;
    return lcm_rules_check(&job->manifest, &job->target);
}

static enum lcm_err verify_hashes(const struct verify_job *job)
{
    uint8_t hash[LCM_SHA256_SIZE];
    br_sha256_context context;

    br_sha256_init(&context);
    br_sha256_update(&context, job->image.bytes, job->image.size);
    br_sha256_out(&context, hash);
    if (memcmp(hash, job->manifest.sha256, sizeof(hash)) != 0)
        return LCM_ERR_CORRUPT;
    for (uint32_t i = 0; i < job->manifest.sector_count; i++) {
        size_t offset = (size_t)i * LCM_SECTOR_SIZE;
        size_t rest = job->image.size - offset;

        br_sha256_init(&context);
        br_sha256_update(&context, job->image.bytes + offset,
                         rest < LCM_SECTOR_SIZE ? rest : LCM_SECTOR_SIZE);
        br_sha256_out(&context, hash);
        if (memcmp(hash, job->manifest.sector_hash[i], LCM_SECTOR_HASH_SIZE) != 0)
            return LCM_ERR_CORRUPT;
    }
    return LCM_OK;
}

/* Code that was linked for the other slot crashes in this one. */
static enum lcm_err verify_slot(const struct image_view *view, uint32_t slot_addr)
{
    enum image_slot other = slot_addr == LCM_SLOT0_ADDR ? IMAGE_SLOT_1 : IMAGE_SLOT_0;

    return view->slot == other ? LCM_ERR_WRONG_SLOT : LCM_OK;
}

static enum lcm_err verify_image(struct verify_job *job)
{
    struct image_view view;
    enum lcm_err err = LCM_OK;

    job->step = "length";
    if (job->image.size != job->manifest.image_size)
        return LCM_ERR_CORRUPT;
    job->step = "hashes";
    err = verify_hashes(job);
    if (err != LCM_OK)
        return err;
    job->step = "image";
    err = image_view_parse(&view, job->image.bytes, job->image.size);
    if (err != LCM_OK)
        return err;
    if (view.verdict != LCM_OK || view.size > job->image.size)
        return LCM_ERR_IMAGE;
    if (job->manifest.type == LCM_FILE_BOOT)
        return view.format == IMAGE_V1 ? LCM_OK : LCM_ERR_WRONG_TYPE;
    return verify_slot(&view, job->manifest.slot_addr);
}

static void verify_report_text(const struct verify_job *job)
{
    char text[TOOL_TEXT_SIZE];
    uint8_t fingerprint[LCM_FINGERPRINT_SIZE];

    lcm_key_fingerprint(job->key, fingerprint);
    printf("valid        %s %s %s of %s\n", tool_type_name(job->manifest.type), job->manifest.file,
           job->manifest.version, job->manifest.repository);
    printf("sequence     %s, security version %u\n", text_thousands(text, job->manifest.sequence),
           job->manifest.security_version);
    printf("image        %s bytes, %u sector hashes, checksum correct\n",
           text_thousands(text, job->manifest.image_size), job->manifest.sector_count);
    printf("created      %s\n", tool_date(text, job->manifest.created));
    printf("signed by    %s%s\n", tool_hex(text, fingerprint, sizeof(fingerprint)),
           job->has_pin || job->manifest.type != LCM_FILE_APP
               ? ""
               : " (not pinned: as on first install)");
}

static int verify_report(const struct verify_job *job, enum lcm_err err)
{
    cJSON *json = NULL;
    uint8_t fingerprint[LCM_FINGERPRINT_SIZE];

    if (!cli_has(job->args, "json") && err == LCM_OK)
        verify_report_text(job);
    if (!cli_has(job->args, "json"))
        return CLI_OK;
    json = cJSON_CreateObject();
    cJSON_AddBoolToObject(json, "valid", err == LCM_OK);
    if (err != LCM_OK) {
        cJSON_AddStringToObject(json, "failed_check", job->step);
        cJSON_AddStringToObject(json, "error", lcm_err_name(err));
        return tool_print_json(json);
    }
    lcm_key_fingerprint(job->key, fingerprint);
    cJSON_AddStringToObject(json, "type", tool_type_name(job->manifest.type));
    cJSON_AddStringToObject(json, "repository", job->manifest.repository);
    cJSON_AddStringToObject(json, "file", job->manifest.file);
    cJSON_AddStringToObject(json, "version", job->manifest.version);
    cJSON_AddNumberToObject(json, "sequence", job->manifest.sequence);
    cJSON_AddNumberToObject(json, "security_version", job->manifest.security_version);
    cJSON_AddNumberToObject(json, "size", job->manifest.image_size);
    cJSON_AddNumberToObject(json, "created", (double)job->manifest.created);
    cJSON_AddBoolToObject(json, "pinned", job->has_pin || job->manifest.type != LCM_FILE_APP);
    tool_json_hex(json, "fingerprint", fingerprint, sizeof(fingerprint));
    return tool_print_json(json);
}

static int verify_judge(struct verify_job *job)
{
    enum lcm_err err = verify_manifest(job);
    int result = CLI_OK;

    if (err == LCM_OK)
        result = verify_fetch(job, job->file, job->manifest.image_size, &job->image);
    if (result != CLI_OK)
        return result;
    if (err == LCM_OK)
        err = verify_image(job);
    result = verify_report(job, err);
    if (err == LCM_OK)
        return result;
    cli_error("%s: a device refuses this release: %s: %s", job->file, job->step, lcm_err_text(err));
    return CLI_VERIFY;
}

static int release_verify(const struct cli_args *args)
{
    static int (*const steps[])(struct verify_job *) = {
        verify_read_target,    verify_read_trust,     verify_read_pin,
        verify_read_installed, verify_fetch_manifest, verify_judge,
    };
    struct verify_job job = {.args = args, .source = {.args = args}};
    int result = release_source_open(&job.source, cli_positional(args, 0));

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && result == CLI_OK; i++)
        result = steps[i](&job);
    file_free(&job.manifest_file);
    file_free(&job.image);
    return result;
}

static const struct cli_option release_verify_options[] = {
    {"file", "NAME", "file to verify, e.g. main.bin"},
    {"repo", "OWNER/NAME", "repository the device follows"},
    {"type", "TYPE", "app (default), updater or boot"},
    {"trust", "FILE", "certs.sector: release keys, allowed hosts, security floors"},
    {"key", "PEM", "key the device has pinned"},
    {"fingerprint", "HEX", "the same as a fingerprint"},
    {"installed", "MANIFEST", "what the device has installed: rollback rules apply"},
    {"updater", "X.Y.Z", "LifeCycle Manager version of the device (default: this one)"},
    {"channel", "CHANNEL", "channel of the device: stable (default) or beta"},
    {"cacert", "FILE", "CA certificates for the release host instead of the system's"},
    {"resolve", "HOST:IP[:PORT]", "where to find a host instead of asking DNS (repeatable)"},
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

static const char *const release_verify_required[] = {"file", "repo", NULL};

const struct cli_command lcm_release_verify_command = {
    .name = "release verify",
    .summary = "Judge a release exactly as a device does",
    .usage = "lcm release verify FOLDER-OR-URL --file NAME --repo OWNER/NAME [options]",
    .examples = "lcm release verify dist --file main.bin --repo me/lamp --key app.pem\n"
                "lcm release verify https://github.com/me/lamp --file main.bin --repo me/lamp\n"
                "lcm release verify dist --file otamain.bin --type updater --repo me/lifecycle \\\n"
                "    --trust certs.sector",
    .options = release_verify_options,
    .required = release_verify_required,
    .positional_min = 1,
    .positional_max = 1,
    .run = release_verify,
};
