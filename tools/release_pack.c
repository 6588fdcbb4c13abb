// SPDX-License-Identifier: Apache-2.0
/*
 * lcm release pack: an image becomes a release: the file, its signed manifest, the
 * reference's hash file and SHA256SUMS.
 *
 * Invariant: what it writes passes the checks of a device that has the release
 * before (--previous) installed; anything else is refused before the first write.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "host/password.h"
#include "tools/commands.h"
#include "tools/common.h"
#include "tools/release_pack.h"
#include "tools/release_sequence.h"
#include "tools/release_sums.h"

#define SHA384_SIZE 48u

static int pack_read_numbers(struct pack_job *job)
{
    if (!tool_u32(job->args, "security-version", 0, &job->spec.security_version) ||
        !tool_time(job->args, "created", &job->spec.created))
        return CLI_USAGE;
    return CLI_OK;
}

static int pack_load_previous(struct pack_job *job)
{
    const char *path = cli_get(job->args, "previous");
    struct file_content content = {NULL, 0};
    enum lcm_err err = LCM_OK;
    int result = CLI_OK;

    if (path == NULL)
        return CLI_OK;
    result = tool_load_manifest(path, &content, &job->previous);
    if (result != CLI_OK)
        return result;
    job->has_previous = true;
    if (job->previous.type == LCM_FILE_APP)
        err = lcm_handover_read(job->handovers, &job->spec.handover_count, job->previous_key,
                                content.bytes, content.size);
    file_free(&content);
    if (err == LCM_OK)
        return CLI_OK;
    cli_error("%s: its key hand-overs are not readable: %s", path, lcm_err_text(err));
    return CLI_VERIFY;
}

/* From the version, and above the last release in any case; or as given. */
static int pack_choose_sequence(struct pack_job *job)
{
    enum lcm_err err = release_sequence(job->spec.version, &job->spec.sequence);

    if (cli_has(job->args, "sequence")) {
        job->spec.sequence = 1;
        return tool_u32(job->args, "sequence", 1, &job->spec.sequence) ? CLI_OK : CLI_USAGE;
    }
    if (job->has_previous && job->previous.sequence == UINT32_MAX) {
        cli_error("the last release has the highest sequence there is: change the key to go on");
        return CLI_VERIFY;
    }
    if (err != LCM_OK && !job->has_previous) {
        cli_error("version %s gives no sequence number: add --sequence N or --previous MANIFEST",
                  job->spec.version);
        return CLI_USAGE;
    }
    if (job->has_previous && (err != LCM_OK || job->spec.sequence <= job->previous.sequence))
        job->spec.sequence = job->previous.sequence + 1;
    return CLI_OK;
}

static int pack_load_image(struct pack_job *job)
{
    const char *path = cli_positional(job->args, 0);
    int result = file_read(path, LCM_FLASH_SIZE, &job->image);

    if (result != CLI_OK)
        return result;
    if (image_view_parse(&job->view, job->image.bytes, job->image.size) != LCM_OK) {
        cli_error("%s: not a bootable image: make it from the ELF file with 'lcm image build'",
                  path);
        return CLI_VERIFY;
    }
    if (job->view.checksum != job->view.checksum_computed) {
        cli_error("%s: its checksum is wrong (0x%02x, should be 0x%02x): build it again", path,
                  job->view.checksum, job->view.checksum_computed);
        return CLI_VERIFY;
    }
    if (job->view.verdict != LCM_OK) {
        cli_error("%s: a device would not start it: its segments or its entry are outside the RAM "
                  "of the chip",
                  path);
        return CLI_VERIFY;
    }
    return CLI_OK;
}

static int pack_place_image(struct pack_job *job)
{
    int result = pack_choose_place(job);

    if (result == CLI_OK)
        result = pack_check_size(job);
    job->spec.image = job->image.bytes;
    job->spec.image_size = job->image.size;
    return result;
}

static int pack_load_key(struct pack_job *job)
{
    int result = tool_load_key(job->args, cli_get(job->args, "key"), &job->key);

    if (result == CLI_OK)
        lcm_keys_public(job->key, job->key_point);
    return result;
}

/* The old key passes the repository on to the new one. */
static int pack_add_handover(struct pack_job *job)
{
    const char *path = cli_get(job->args, "handover");
    struct lcm_failure failure = {""};
    struct lcm_key *old_key = NULL;
    enum lcm_err err = LCM_OK;
    int result = CLI_OK;

    job->spec.handovers = job->handovers;
    if (path == NULL)
        return CLI_OK;
    if (job->spec.handover_count == LCM_HANDOVERS_MAX)
        cli_note("warning: a manifest holds %u key hand-overs: the oldest one is dropped, and "
                 "devices that pinned that key cannot follow any more",
                 LCM_HANDOVERS_MAX);
    if (job->spec.handover_count == LCM_HANDOVERS_MAX)
        memmove(job->handovers, job->handovers + 1,
                --job->spec.handover_count * sizeof(job->handovers[0]));
    result = tool_load_key(job->args, path, &old_key);
    if (result != CLI_OK)
        return result;
    err = lcm_handover_make(&job->handovers[job->spec.handover_count], old_key,
                            job->spec.repository, job->key_point, &failure);
    lcm_keys_close(old_key);
    if (err != LCM_OK)
        return tool_fail(err, &failure);
    job->spec.handover_count++;
    return CLI_OK;
}

static int pack_encode(struct pack_job *job)
{
    struct lcm_failure failure = {""};
    unsigned int size = 0;
    uint32_t length = (uint32_t)job->image.size;
    enum lcm_err err = lcm_manifest_encode(&job->spec, job->key, job->manifest,
                                           sizeof(job->manifest), &job->manifest_size, &failure);

    if (err != LCM_OK)
        return tool_fail(err, &failure);
    if (EVP_Digest(job->image.bytes, job->image.size, job->signature, &size, EVP_sha384(), NULL) !=
        1) {
        cli_error("SHA-384 is not available in this OpenSSL");
        return CLI_ERROR;
    }
    for (uint32_t i = 0; i < 4; i++)
        job->signature[SHA384_SIZE + i] = (uint8_t)(length >> (24 - 8 * i));
    return CLI_OK;
}

static int pack_write(struct pack_job *job)
{
    const char *folder = cli_get(job->args, "out");
    char paths[4][PATH_MAX];
    struct file_item items[4];
    struct file_content sums = {NULL, 0};
    int result = file_make_folder(folder);

    if (result == CLI_OK)
        result = file_join(paths[0], PATH_MAX, folder, job->spec.file);
    if (result == CLI_OK)
        result = file_join(paths[3], PATH_MAX, folder, "SHA256SUMS");
    if (result != CLI_OK)
        return result;
    if (snprintf(paths[1], PATH_MAX, "%s.manifest", paths[0]) >= PATH_MAX ||
        snprintf(paths[2], PATH_MAX, "%s.sig", paths[0]) >= PATH_MAX) {
        cli_error("%s: the path is too long", paths[0]);
        return CLI_ERROR;
    }
    items[0] = (struct file_item){paths[0], job->image.bytes, job->image.size, FILE_MODE_PUBLIC};
    items[1] = (struct file_item){paths[1], job->manifest, job->manifest_size, FILE_MODE_PUBLIC};
    items[2] =
        (struct file_item){paths[2], job->signature, sizeof(job->signature), FILE_MODE_PUBLIC};
    result = release_sums_merge(paths[3], items, 3, &sums);
    items[3] = (struct file_item){paths[3], sums.bytes, sums.size, FILE_MODE_PUBLIC};
    if (result == CLI_OK)
        result = file_write_set(items, 4);
    file_free(&sums);
    if (result == CLI_OK)
        cli_note("wrote %s, %s, %s and SHA256SUMS", paths[0], file_name(paths[1]),
                 file_name(paths[2]));
    return result;
}

static void pack_tell_next(const struct pack_job *job)
{
    const char *folder = cli_get(job->args, "out");
    bool is_beta = job->spec.channel == LCM_CHANNEL_BETA;
    const char *kind = is_beta ? "pre-release" : "release";

    if (job->spec.type == LCM_FILE_APP)
        cli_note("next: check it with 'lcm release verify %s --file %s --repo %s%s', then publish "
                 "the files of %s as %s %s",
                 folder, job->spec.file, job->spec.repository, is_beta ? " --channel beta" : "",
                 folder, kind, job->spec.version);
    else
        cli_note("next: publish the files of %s as %s %s", folder, kind, job->spec.version);
}

static int pack_report(struct pack_job *job)
{
    cJSON *json = NULL;
    char text[TOOL_TEXT_SIZE];
    char sequence[TEXT_NUMBER_SIZE];
    uint8_t fingerprint[LCM_FINGERPRINT_SIZE];

    lcm_key_fingerprint(job->key_point, fingerprint);
    if (!cli_has(job->args, "json")) {
        printf("%s %s of %s: version %s (%s), sequence %s, %s bytes\n",
               tool_type_name(job->spec.type), job->spec.file, job->spec.repository,
               job->spec.version, pack_channel_name(job),
               text_thousands(sequence, job->spec.sequence), text_thousands(text, job->image.size));
        printf("signed by %s\n", tool_hex(text, fingerprint, sizeof(fingerprint)));
        pack_tell_next(job);
        return CLI_OK;
    }
    json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "type", tool_type_name(job->spec.type));
    cJSON_AddStringToObject(json, "repository", job->spec.repository);
    cJSON_AddStringToObject(json, "file", job->spec.file);
    cJSON_AddStringToObject(json, "version", job->spec.version);
    cJSON_AddStringToObject(json, "channel", pack_channel_name(job));
    cJSON_AddNumberToObject(json, "sequence", job->spec.sequence);
    cJSON_AddNumberToObject(json, "slot_addr", job->spec.slot_addr);
    cJSON_AddNumberToObject(json, "size", (double)job->image.size);
    tool_json_hex(json, "fingerprint", fingerprint, sizeof(fingerprint));
    return tool_print_json(json);
}

static int release_pack(const struct cli_args *args)
{
    static int (*const steps[])(struct pack_job *) = {
        pack_load_image,      pack_read_names,    pack_read_numbers,    pack_load_previous,
        pack_check_previous,  pack_check_version, pack_read_channel,    pack_place_image,
        pack_choose_sequence, pack_load_key,      pack_add_handover,    pack_encode,
        pack_check_signer,    pack_check_rules,   pack_check_published, pack_write,
        pack_report,
    };
    struct pack_job job = {.args = args};
    int result = CLI_OK;

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && result == CLI_OK; i++)
        result = steps[i](&job);
    lcm_keys_close(job.key);
    file_free(&job.image);
    return result;
}

static const struct cli_option release_pack_options[] = {
    {"key", "KEY.pem", "private key that signs: of the app, or a release key (required)"},
    {"out", "DIR", "folder for the files of the release; made when missing (required)"},
    {"type", "TYPE", "app, updater or boot (default: what IMAGE says)"},
    {"repo", "OWNER/NAME", "repository the release belongs to (default: what IMAGE says)"},
    {"file", "NAME", "file name in the release (default: what IMAGE says, or its own name)"},
    {"version", "X.Y.Z", "-beta.1 and the like mark a pre-release (default: what IMAGE says)"},
    {"channel", "CHANNEL", "stable or beta (default: beta for pre-releases, else stable)"},
    {"previous", "MANIFEST", "manifest of the release before: checks that devices can follow"},
    {"sequence", "N", "default: from the version, and above --previous"},
    {"security-version", "N", "never goes down; raise it after fixing a vulnerability"},
    {"min-updater", "X.Y.Z", "oldest LifeCycle Manager that may install it"},
    {"handover", "OLD.pem", "the app's old key, when the key changes"},
    {"slot", "0|1", "slot it is linked for, when the code does not tell"},
    {"downgrade", NULL, "allow a version below the last release"},
    {"created", "UNIXTIME", "creation time instead of now"},
    {"force", NULL, "replace a release of the same version that has other content"},
    PASSWORD_OPTION,
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

const struct cli_command lcm_release_pack_command = {
    .name = "release pack",
    .summary = "Make and sign the files of a release",
    .usage = "lcm release pack IMAGE --key KEY.pem --out DIR [options]",
    .examples = "lcm release pack main.bin --key app.pem --out releases/me/lamp/1.2.0\n"
                "lcm release pack main.bin --type app --repo me/lamp --version 1.2.0 --key app.pem "
                "\\\n"
                "    --out dist               # an image that does not say what it is\n"
                "lcm release pack main.bin --key app.pem --previous dist/main.bin.manifest --out "
                "next",
    .options = release_pack_options,
    .positional_min = 1,
    .positional_max = 1,
    .run = release_pack,
};
