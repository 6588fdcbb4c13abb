// SPDX-License-Identifier: Apache-2.0
/*
 * lcm trust build: owner key, release keys, hosts and CA certificates in, signed
 * certs.sector and certs.sector.sig out; trust-chain grows when the owner changes.
 *
 * Nothing is written unless a device that holds --previous would accept the result.
 * All outputs change together.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/trust/names.h"
#include "host/password.h"
#include "host/pem.h"
#include "host/trust_encode.h"
#include "tools/commands.h"
#include "tools/common.h"
#include "tools/trust_view.h"

#define TRUST_HOST_DEFAULT "github.com"
#define TRUST_SUFFIX_DEFAULT "githubusercontent.com"

struct trust_job {
    const struct cli_args *args;
    struct lcm_trust_spec spec;
    struct lcm_key *owner;
    struct lcm_key *owner_before;
    struct pem_certificates anchors;
    bool has_previous;
    struct lcm_trust previous;
    uint8_t file[LCM_TRUST_SIZE];
    uint8_t pointer[LCM_TRUST_POINTER_SIZE_MAX];
    size_t pointer_size;
    struct file_content chain; /* with the new sector at its end; empty = unchanged */
};

static int trust_load_owners(struct trust_job *job)
{
    const char *before = cli_get(job->args, "owner-before");
    int result = tool_load_key(job->args, cli_get(job->args, "owner"), &job->owner);

    if (result == CLI_OK && before != NULL)
        result = tool_load_key(job->args, before, &job->owner_before);
    job->spec.owner = job->owner;
    job->spec.owner_before = job->owner_before;
    return result;
}

static int trust_load_release_keys(struct trust_job *job)
{
    size_t *count = &job->spec.release_key_count;
    const char *path = NULL;
    uint8_t owner[LCM_KEY_SIZE];

    lcm_keys_public(job->owner, owner);
    while ((path = cli_get_at(job->args, "release-key", *count)) != NULL) {
        int result = CLI_OK;

        if (*count == LCM_RELEASE_KEYS_MAX) {
            cli_error("more than %u release keys: drop the oldest", LCM_RELEASE_KEYS_MAX);
            return CLI_USAGE;
        }
        result = tool_load_public(job->args, path, job->spec.release_key[*count]);
        if (result != CLI_OK)
            return result;
        if (memcmp(job->spec.release_key[*count], owner, LCM_KEY_SIZE) == 0)
            cli_note("warning: %s is the owner key and a release key: who gets hold of it can "
                     "replace both; make a release key of its own",
                     path);
        *count += 1;
    }
    return CLI_OK;
}

static int trust_load_anchors(struct trust_job *job)
{
    const char *path = NULL;

    if (!pem_init(&job->anchors, LCM_ANCHORS_MAX)) {
        cli_error("out of memory");
        return CLI_ERROR;
    }
    for (size_t i = 0; (path = cli_get_at(job->args, "ca", i)) != NULL; i++) {
        int result = pem_load(&job->anchors, path);

        if (result != CLI_OK)
            return result;
    }
    memcpy(job->spec.anchor, job->anchors.list, job->anchors.count * sizeof(X509 *));
    job->spec.anchor_count = job->anchors.count;
    return CLI_OK;
}

/* false after an error line. */
static bool trust_is_host(const char *option, const char *text)
{
    if (lcm_name_is_host(text))
        return true;
    cli_error("--%s %s: write a host name alone, for example %s", option, text, TRUST_HOST_DEFAULT);
    return false;
}

static int trust_read_hosts(struct trust_job *job)
{
    struct lcm_trust_spec *spec = &job->spec;
    const char *suffix = NULL;

    spec->repository = cli_get(job->args, "repo");
    if (!lcm_name_is_repository(spec->repository)) {
        cli_error("--repo %s: write OWNER/NAME, for example me/lifecycle", spec->repository);
        return CLI_USAGE;
    }
    spec->host = cli_has(job->args, "host") ? cli_get(job->args, "host") : TRUST_HOST_DEFAULT;
    if (!trust_is_host("host", spec->host))
        return CLI_USAGE;
    while ((suffix = cli_get_at(job->args, "host-suffix", spec->suffix_count)) != NULL) {
        if (spec->suffix_count == LCM_HOST_SUFFIXES_MAX) {
            cli_error("more than %u times --host-suffix: a sector holds no more",
                      LCM_HOST_SUFFIXES_MAX);
            return CLI_USAGE;
        }
        if (!trust_is_host("host-suffix", suffix))
            return CLI_USAGE;
        spec->suffix[spec->suffix_count++] = suffix;
    }
    if (spec->suffix_count == 0 && strcmp(spec->host, TRUST_HOST_DEFAULT) == 0)
        spec->suffix[spec->suffix_count++] = TRUST_SUFFIX_DEFAULT;
    return CLI_OK;
}

/* One "updater=3" of --security-floor. */
static int trust_read_floor(struct trust_job *job, const char *text)
{
    char name[16];
    const char *equals = strchr(text, '=');
    char *end = NULL;
    enum lcm_file_type type = (enum lcm_file_type)0;
    long number = 0;

    if (equals != NULL && (size_t)(equals - text) < sizeof(name)) {
        snprintf(name, sizeof(name), "%.*s", (int)(equals - text), text);
        type = tool_type_parse(name);
        number = strtol(equals + 1, &end, 10);
    }
    if ((int)type == 0 || end == equals + 1 || *end != '\0' || number < 0 || number > UINT32_MAX) {
        cli_error("--security-floor %s: write TYPE=NUMBER, with app, updater or boot", text);
        return CLI_USAGE;
    }
    job->spec.security_floor[type] = (uint32_t)number;
    return CLI_OK;
}

static int trust_read_floors(struct trust_job *job)
{
    const char *text = NULL;

    for (size_t i = 0; (text = cli_get_at(job->args, "security-floor", i)) != NULL; i++) {
        int result = trust_read_floor(job, text);

        if (result != CLI_OK)
            return result;
    }
    return CLI_OK;
}

static int trust_read_previous(struct trust_job *job)
{
    const char *path = cli_get(job->args, "previous");
    uint8_t file[LCM_TRUST_SIZE];
    int result = CLI_OK;

    job->spec.sequence = 1;
    if (path != NULL)
        result = tool_load_trust(path, file, &job->previous);
    if (result != CLI_OK)
        return result;
    job->has_previous = path != NULL;
    if (job->has_previous && job->previous.sequence == UINT32_MAX) {
        cli_error("%s: has the last sequence number there is", path);
        return CLI_VERIFY;
    }
    if (job->has_previous)
        job->spec.sequence = job->previous.sequence + 1;
    if (!tool_u32(job->args, "sequence", 1, &job->spec.sequence) ||
        !tool_time(job->args, "created", &job->spec.time_floor))
        return CLI_USAGE;
    return CLI_OK;
}

static const char *trust_folder(const struct trust_job *job)
{
    return cli_has(job->args, "out") ? cli_get(job->args, "out") : ".";
}

/* Devices hold the sector that is there: one that does not follow it leaves them behind. */
static int trust_check_existing(struct trust_job *job)
{
    char path[PATH_MAX];
    int result = file_join(path, sizeof(path), trust_folder(job), "certs.sector");

    if (result != CLI_OK || job->has_previous || access(path, F_OK) != 0)
        return result;
    cli_error("%s exists: add --previous %s to make the one that follows it, or choose another "
              "--out",
              path, path);
    return CLI_VERIFY;
}

static int trust_read_spec(struct trust_job *job)
{
    static int (*const readers[])(struct trust_job *) = {
        trust_read_hosts,  trust_read_floors,       trust_read_previous, trust_check_existing,
        trust_load_owners, trust_load_release_keys, trust_load_anchors,
    };
    int result = CLI_OK;

    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]) && result == CLI_OK; i++)
        result = readers[i](job);
    return result;
}

/* Would a device that holds the previous sector take the new one? */
static int trust_check_successor(const struct trust_job *job)
{
    struct lcm_trust next;
    enum lcm_err err = lcm_trust_decode(&next, job->file);

    if (err == LCM_OK)
        err = lcm_trust_verify_successor(&job->previous, &next, job->file);
    if (err == LCM_OK)
        return CLI_OK;
    if (err == LCM_ERR_ROLLBACK)
        cli_error("sequence %u is not above %u of %s: leave --sequence out", next.sequence,
                  job->previous.sequence, cli_get(job->args, "previous"));
    else if (err == LCM_ERR_KEY_UNKNOWN)
        cli_error("%s is not the owner key of %s: give that one with --owner-before",
                  cli_get(job->args, job->owner_before != NULL ? "owner-before" : "owner"),
                  cli_get(job->args, "previous"));
    else
        cli_error("a device that holds %s would refuse this sector: %s",
                  cli_get(job->args, "previous"), lcm_err_text(err));
    return CLI_VERIFY;
}

static int trust_encode(struct trust_job *job)
{
    struct lcm_failure failure = {""};
    enum lcm_err err = lcm_trust_encode(&job->spec, job->file, &failure);

    if (err == LCM_OK)
        err = lcm_trust_pointer_encode(job->file, job->owner, job->pointer, &job->pointer_size,
                                       &failure);
    if (err != LCM_OK)
        return tool_fail(err, &failure);
    return job->has_previous ? trust_check_successor(job) : CLI_OK;
}

/* The chain must be whole sectors with sequences below the new one. */
static int trust_check_chain(const struct trust_job *job, const char *path)
{
    struct lcm_trust last;
    size_t size = job->chain.size;

    if (size % LCM_TRUST_SIZE != 0 || size / LCM_TRUST_SIZE >= LCM_TRUST_CHAIN_SECTORS_MAX ||
        (size > 0 && lcm_trust_decode(&last, job->chain.bytes + size - LCM_TRUST_SIZE) != LCM_OK)) {
        cli_error("%s: not a trust chain, or a full one (%u sectors)", path,
                  LCM_TRUST_CHAIN_SECTORS_MAX);
        return CLI_VERIFY;
    }
    if (size > 0 && last.sequence >= job->spec.sequence) {
        cli_error("%s: already ends at sequence %u: use a higher --sequence, or remove the sector "
                  "if it was never published",
                  path, last.sequence);
        return CLI_VERIFY;
    }
    return CLI_OK;
}

/* Read the chain of the output folder and append the new sector. */
static int trust_extend_chain(struct trust_job *job, const char *path)
{
    uint8_t *grown = NULL;
    int result = CLI_OK;

    if (access(path, F_OK) == 0)
        result = file_read(path, LCM_TRUST_CHAIN_SECTORS_MAX * LCM_TRUST_SIZE, &job->chain);
    if (result == CLI_OK)
        result = trust_check_chain(job, path);
    if (result != CLI_OK)
        return result;
    grown = realloc(job->chain.bytes, job->chain.size + LCM_TRUST_SIZE);
    if (grown == NULL) {
        cli_error("out of memory");
        return CLI_ERROR;
    }
    memcpy(grown + job->chain.size, job->file, LCM_TRUST_SIZE);
    job->chain.bytes = grown;
    job->chain.size += LCM_TRUST_SIZE;
    return CLI_OK;
}

static int trust_write(struct trust_job *job)
{
    const char *folder = trust_folder(job);
    char size[TEXT_NUMBER_SIZE];
    char paths[3][PATH_MAX];
    const char *names[3] = {"certs.sector", "certs.sector.sig", "trust-chain"};
    struct file_item items[3];
    int result = file_make_folder(folder);

    for (size_t i = 0; i < 3 && result == CLI_OK; i++)
        result = file_join(paths[i], sizeof(paths[i]), folder, names[i]);
    if (result == CLI_OK && job->owner_before != NULL)
        result = trust_extend_chain(job, paths[2]);
    if (result != CLI_OK)
        return result;
    items[0] = (struct file_item){paths[0], job->file, LCM_TRUST_SIZE, FILE_MODE_PUBLIC};
    items[1] = (struct file_item){paths[1], job->pointer, job->pointer_size, FILE_MODE_PUBLIC};
    items[2] = (struct file_item){paths[2], job->chain.bytes, job->chain.size, FILE_MODE_PUBLIC};
    result = file_write_set(items, job->chain.size > 0 ? 3 : 2);
    for (size_t i = 0; i < (job->chain.size > 0 ? 3u : 2u) && result == CLI_OK; i++)
        cli_note("wrote %s (%s bytes)", paths[i], text_thousands(size, items[i].size));
    return result;
}

static int trust_build(const struct cli_args *args)
{
    struct trust_job job = {.args = args};
    int result = trust_read_spec(&job);

    if (result == CLI_OK)
        result = trust_encode(&job);
    if (result == CLI_OK)
        result = trust_write(&job);
    if (result == CLI_OK)
        result = trust_view_print(job.file, cli_has(args, "json"));
    if (result == CLI_OK && !cli_has(args, "json"))
        cli_note("next: publish these files with a release of %s; 'lcm flash compose --trust' puts "
                 "certs.sector on a device",
                 job.spec.repository);
    lcm_keys_close(job.owner);
    lcm_keys_close(job.owner_before);
    pem_free(&job.anchors);
    file_free(&job.chain);
    return result;
}

static const struct cli_option trust_build_options[] = {
    {"owner", "KEY.pem", "private key of the owner; signs the sector"},
    {"owner-before", "OLD.pem", "the owner key before, when it changes"},
    {"release-key", "PEM", "key that may sign boot and updater (public or private, repeatable)"},
    {"ca", "FILE.pem", "roots and intermediates of the hosts (repeatable, several per file)"},
    {"repo", "OWNER/NAME", "repository of LifeCycle Manager itself"},
    {"host", "HOST", "release host (default: " TRUST_HOST_DEFAULT ")"},
    {"host-suffix", "DOMAIN",
     "where redirects may lead (repeatable; for github.com the default is " TRUST_SUFFIX_DEFAULT
     ")"},
    {"sequence", "N", "default: one above --previous, else 1"},
    {"previous", "FILE", "the sector devices have now: checks that they accept the new one"},
    {"security-floor", "TYPE=N", "lowest security version devices accept, e.g. updater=3"},
    {"created", "UNIXTIME", "time floor instead of now"},
    {"out", "DIR", "folder for the files (default: .)"},
    PASSWORD_OPTION,
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

static const char *const trust_build_required[] = {"owner", "release-key", "ca", "repo", NULL};

const struct cli_command lcm_trust_build_command = {
    .name = "trust build",
    .summary = "Make and sign certs.sector: who may sign, which hosts and CAs count",
    .usage = "lcm trust build --owner KEY.pem --release-key PEM --ca FILE.pem --repo OWNER/NAME "
             "[options]",
    .examples =
        "lcm trust build --owner owner.pem --release-key release.pub.pem --ca roots.pem \\\n"
        "    --repo me/lifecycle --out dist\n"
        "lcm trust build --owner new.pem --owner-before owner.pem --previous "
        "dist/certs.sector \\\n"
        "    --release-key release.pub.pem --ca roots.pem --repo me/lifecycle --out dist",
    .options = trust_build_options,
    .required = trust_build_required,
    .run = trust_build,
};
