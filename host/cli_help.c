// SPDX-License-Identifier: Apache-2.0
/*
 * Help texts of the command line, written from the command tables alone, so that
 * help cannot say anything else than what the frame parses.
 */
#include "host/cli_internal.h"

#include <string.h>

#define CLI_HELP_COLUMN 26

void cli_help_list(FILE *out, const struct cli_command *const *commands, const char *group)
{
    size_t size = group != NULL ? strlen(group) : 0;

    if (group == NULL)
        fprintf(out, "lcm %s - firmware life cycle for small Wi-Fi devices\n\n", LCM_VERSION);
    fprintf(out, "usage: lcm %s [options]\n\ncommands:\n", group != NULL ? group : "COMMAND");
    for (; *commands != NULL; commands++)
        if (group == NULL ||
            (strncmp((*commands)->name, group, size) == 0 && (*commands)->name[size] == ' '))
            fprintf(out, "  %-18s %s\n", (*commands)->name, (*commands)->summary);
    for (size_t i = 0; group == NULL && cli_builtins[i] != NULL; i++)
        fprintf(out, "  %-18s %s\n", cli_builtins[i]->name, cli_builtins[i]->summary);
    fprintf(out, "\n'lcm COMMAND --help' shows examples and options.\n");
}

static void cli_help_option(FILE *out, const struct cli_option *option, bool is_required)
{
    const char *argument = option->argument;
    const char *mark = is_required ? " (required)" : "";
    char left[CLI_NAME_SIZE];

    snprintf(left, sizeof(left), "--%s%s%s", option->name, argument != NULL ? " " : "",
             argument != NULL ? argument : "");
    if (strlen(left) > CLI_HELP_COLUMN)
        fprintf(out, "  %s\n  %-*s %s%s\n", left, CLI_HELP_COLUMN, "", option->help, mark);
    else
        fprintf(out, "  %-*s %s%s\n", CLI_HELP_COLUMN, left, option->help, mark);
}

/* Print a text with each of its lines indented. */
static void cli_help_indent(FILE *out, const char *text)
{
    while (*text != '\0') {
        size_t size = strcspn(text, "\n");

        fprintf(out, "%s%.*s\n", size > 0 ? "  " : "", (int)size, text);
        text += size;
        text += *text == '\n';
    }
}

static bool cli_is_required(const struct cli_command *command, const char *name)
{
    const char *const *required = command->required;

    for (; required != NULL && *required != NULL; required++)
        if (strcmp(*required, name) == 0)
            return true;
    return false;
}

void cli_help_command(FILE *out, const struct cli_command *command)
{
    static const struct cli_option always[] = {
        {"no-color", NULL, "no colour (also: NO_COLOR, or output to a file)"},
        {"help", NULL, "show this text"},
    };
    const struct cli_option *option = command->options;

    fprintf(out, "lcm %s: %s\n\n", command->name, command->summary);
    if (command->examples != NULL) {
        fprintf(out, "examples:\n");
        cli_help_indent(out, command->examples);
        fprintf(out, "\n");
    }
    fprintf(out, "usage: %s\n\noptions:\n", command->usage);
    for (; option != NULL && option->name != NULL; option++)
        cli_help_option(out, option, cli_is_required(command, option->name));
    cli_help_option(out, &always[0], false);
    cli_help_option(out, &always[1], false);
    fprintf(out,
            "\nexit codes: 0 done, 1 error, 2 wrong usage, 3 not valid (signature, hash, rule),\n"
            "  4 password or permission, 5 not found, 6 timeout, 7 partly done\n");
}
