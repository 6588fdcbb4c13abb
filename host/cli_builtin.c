// SPDX-License-Identifier: Apache-2.0
/*
 * The commands that the frame itself brings: version and completion. They are tables
 * like all others, so that --help and refusals are the same everywhere.
 */
#include "host/cli_internal.h"

int cli_print_version(bool as_json)
{
    printf(as_json ? "{\"version\": \"%s\"}\n" : "lcm %s\n", LCM_VERSION);
    return CLI_OK;
}

static int cli_version(const struct cli_args *args)
{
    return cli_print_version(cli_has(args, "json"));
}

static int cli_completion(const struct cli_args *args)
{
    const char *shell = cli_positional(args, 0);

    if (cli_completion_print(stdout, args->commands, shell))
        return CLI_OK;
    cli_error("completion %s: unknown shell: lcm completion bash|zsh|fish", shell);
    return CLI_USAGE;
}

static const struct cli_option cli_version_options[] = {
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

static const struct cli_command cli_version_command = {
    .name = "version",
    .summary = "Print the version",
    .usage = "lcm version [--json]",
    .options = cli_version_options,
    .run = cli_version,
};

static const struct cli_command cli_completion_command = {
    .name = "completion",
    .summary = "Print a bash, zsh or fish completion",
    .usage = "lcm completion bash|zsh|fish",
    .examples = "lcm completion bash >~/.local/share/bash-completion/completions/lcm\n"
                "lcm completion fish >~/.config/fish/completions/lcm.fish",
    .positional_min = 1,
    .positional_max = 1,
    .run = cli_completion,
};

const struct cli_command *const cli_builtins[] = {
    &cli_completion_command,
    &cli_version_command,
    NULL,
};
