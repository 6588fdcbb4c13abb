/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the command line frame share: the parsed line, help,
 * suggestions and shell completions. Commands include host/cli.h only.
 */
#ifndef LCM_HOST_CLI_INTERNAL_H
#define LCM_HOST_CLI_INTERNAL_H

#include <stdio.h>

#include "host/cli.h"

#define CLI_VALUES_MAX 256u
#define CLI_NAME_SIZE 64u /* bytes of a command name, the NUL included */

struct cli_value {
    const struct cli_option *option;
    const char *text; /* NULL for a flag */
};

struct cli_args {
    const struct cli_command *command;
    const struct cli_command *const *commands; /* all of them, for completions */
    struct cli_value values[CLI_VALUES_MAX];
    size_t value_count;
    const char *positionals[CLI_VALUES_MAX];
    size_t positional_count;
};

/* Print the list of commands; only those that start with group unless it is NULL. */
void cli_help_list(FILE *out, const struct cli_command *const *commands, const char *group);

/* Print everything there is to say about one command, examples first. */
void cli_help_command(FILE *out, const struct cli_command *command);

/* true when one of the words asks for help; "--" ends the search. */
bool cli_asks_help(char **argv);

/* The commands of the frame itself: version and completion. Ends with NULL. */
extern const struct cli_command *const cli_builtins[];

/* Print the version as text or JSON. CLI_OK. */
int cli_print_version(bool as_json);

/* Print the completion script of a shell: bash, zsh or fish. false for any other. */
bool cli_completion_print(FILE *out, const struct cli_command *const *commands, const char *shell);

#endif
