// SPDX-License-Identifier: Apache-2.0
/*
 * What a release is called: type, repository, file, version and channel, from options and
 * from the identity block of the image. An image that says what it is is never published
 * as something else.
 */
#include <stdio.h>
#include <string.h>

#include "core/base/version.h"
#include "tools/common.h"
#include "tools/release_pack.h"

/* An image without identity leaves it to the options to say what it is. */
static int pack_require(const struct pack_job *job)
{
    static const char *const always[] = {"key", "out", NULL};
    static const char *const unnamed[] = {"type", "repo", "version", "key", "out", NULL};

    return cli_require(job->args, job->view.has_identity ? always : unnamed);
}

/* The value of an option and what the image says of it. */
struct pack_name {
    const char *option;
    const char *own; /* NULL: the image says nothing */
    const char *chosen;
};

static int pack_choose_name(const struct pack_job *job, struct pack_name *name)
{
    const char *given = cli_get(job->args, name->option);

    name->chosen = given != NULL ? given : name->own;
    if (given == NULL || name->own == NULL || strcmp(given, name->own) == 0)
        return CLI_OK;
    cli_error("--%s %s: %s says that it is %s: leave --%s out, or give another image", name->option,
              given, cli_positional(job->args, 0), name->own, name->option);
    return CLI_VERIFY;
}

static int pack_check_names(struct pack_job *job, const char *type)
{
    job->spec.type = tool_type_parse(type);
    if ((int)job->spec.type == 0) {
        cli_error("--type %s: must be app, updater or boot", type);
        return CLI_USAGE;
    }
    if (strchr(job->spec.file, '/') != NULL) {
        cli_error("--file %s: must be a name without a folder", job->spec.file);
        return CLI_USAGE;
    }
    return CLI_OK;
}

int pack_read_names(struct pack_job *job)
{
    const struct lcm_identity *own = job->view.has_identity ? &job->view.identity : NULL;
    struct pack_name names[] = {
        {"type", own != NULL ? tool_type_name((enum lcm_file_type)own->type) : NULL, NULL},
        {"repo", own != NULL ? own->repository : NULL, NULL},
        {"file", own != NULL ? own->file : NULL, NULL},
        {"version", own != NULL ? own->version : NULL, NULL},
    };
    int result = pack_require(job);

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && result == CLI_OK; i++)
        result = pack_choose_name(job, &names[i]);
    if (result != CLI_OK)
        return result;
    job->spec.repository = names[1].chosen;
    job->spec.file =
        names[2].chosen != NULL ? names[2].chosen : file_name(cli_positional(job->args, 0));
    job->spec.version = names[3].chosen;
    job->spec.updater_min = cli_get(job->args, "min-updater");
    return pack_check_names(job, names[0].chosen);
}

int pack_read_channel(struct pack_job *job)
{
    const char *channel = cli_get(job->args, "channel");
    struct lcm_version version;
    bool is_prerelease =
        lcm_version_parse(job->spec.version, &version) == LCM_OK && version.is_prerelease;

    if (channel != NULL && strcmp(channel, "stable") != 0 && strcmp(channel, "beta") != 0) {
        cli_error("--channel %s: must be stable or beta", channel);
        return CLI_USAGE;
    }
    if (channel != NULL && strcmp(channel, "stable") == 0 && is_prerelease) {
        cli_error("--channel stable: version %s is a pre-release, which goes to beta: leave "
                  "--channel out, or choose a version without -",
                  job->spec.version);
        return CLI_USAGE;
    }
    job->spec.channel = is_prerelease || (channel != NULL && strcmp(channel, "beta") == 0)
                            ? LCM_CHANNEL_BETA
                            : LCM_CHANNEL_STABLE;
    return CLI_OK;
}

const char *pack_channel_name(const struct pack_job *job)
{
    return job->spec.channel == LCM_CHANNEL_BETA ? "beta" : "stable";
}
