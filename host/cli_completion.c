// SPDX-License-Identifier: Apache-2.0
/*
 * Completion scripts for bash, zsh and fish, written from the command tables.
 * The bash script also serves zsh through its bashcompinit.
 */
#include "host/cli_internal.h"

#include <string.h>

/* Write the distinct words number index (0 or 1) of all names that start with group. */
static void cli_completion_words(FILE *out, const struct cli_command *const *commands,
                                 const char *group)
{
    char last[CLI_NAME_SIZE] = "";

    for (; *commands != NULL; commands++) {
        const char *name = (*commands)->name;
        size_t size = group != NULL ? strlen(group) : 0;

        if (group != NULL && (strncmp(name, group, size) != 0 || name[size] != ' '))
            continue;
        name += group != NULL ? size + 1 : 0;
        size = strcspn(name, " ");
        if (strlen(last) == size && strncmp(last, name, size) == 0)
            continue;
        snprintf(last, sizeof(last), "%.*s", (int)size, name);
        fprintf(out, "%s ", last);
    }
}

static void cli_completion_options(FILE *out, const struct cli_command *command)
{
    const struct cli_option *option = command->options;

    for (; option != NULL && option->name != NULL; option++)
        fprintf(out, "--%s ", option->name);
    fprintf(out, "--help --no-color");
}

static void cli_completion_bash_groups(FILE *out, const struct cli_command *const *commands)
{
    char last[CLI_NAME_SIZE] = "";

    for (size_t i = 0; commands[i] != NULL; i++) {
        size_t size = strcspn(commands[i]->name, " ");

        if (commands[i]->name[size] == '\0' ||
            (strlen(last) == size && strncmp(last, commands[i]->name, size) == 0))
            continue;
        snprintf(last, sizeof(last), "%.*s", (int)size, commands[i]->name);
        fprintf(out, "        %s) words=\"", last);
        cli_completion_words(out, commands, last);
        fprintf(out, "\" ;;\n");
    }
}

static void cli_completion_bash(FILE *out, const struct cli_command *const *commands)
{
    fprintf(out, "_lcm() {\n    local current=\"${COMP_WORDS[COMP_CWORD]}\" words=\"\"\n"
                 "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        words=\"");
    cli_completion_words(out, commands, NULL);
    fprintf(out, "help completion version\"\n    elif [ \"$COMP_CWORD\" -eq 2 ]; then\n"
                 "        case \"${COMP_WORDS[1]}\" in\n");
    cli_completion_bash_groups(out, commands);
    fprintf(out, "        completion) words=\"bash zsh fish\" ;;\n        esac\n    fi\n"
                 "    if [ \"${current#-}\" != \"$current\" ]; then\n"
                 "        case \"${COMP_WORDS[1]} ${COMP_WORDS[2]} \" in\n");
    for (size_t i = 0; commands[i] != NULL; i++) {
        fprintf(out, "        \"%s \"*) words=\"", commands[i]->name);
        cli_completion_options(out, commands[i]);
        fprintf(out, "\" ;;\n");
    }
    fprintf(out, "        esac\n    fi\n"
                 "    if [ -n \"$words\" ]; then\n"
                 "        COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
                 "    else\n        COMPREPLY=($(compgen -f -- \"$current\"))\n    fi\n}\n"
                 "complete -o filenames -F _lcm lcm\n");
}

/* Text inside single quotes of a shell; a quote in it would end them, so it is left out. */
static void cli_completion_quoted(FILE *out, const char *text)
{
    for (; *text != '\0'; text++)
        if (*text != '\'')
            fputc(*text, out);
}

static void cli_completion_fish_line(FILE *out, const struct cli_command *command,
                                     const struct cli_option *option)
{
    char words[CLI_NAME_SIZE];
    char *space = NULL;

    snprintf(words, sizeof(words), "%s", command->name);
    space = strchr(words, ' ');
    if (space != NULL)
        *space = '\0';
    fprintf(out, "complete -c lcm -n '__fish_seen_subcommand_from %s", words);
    if (space != NULL)
        fprintf(out, "; and __fish_seen_subcommand_from %s", space + 1);
    fprintf(out, "' -l %s%s -d '", option->name, option->argument != NULL ? " -r" : "");
    cli_completion_quoted(out, option->help);
    fprintf(out, "'\n");
}

static void cli_completion_fish(FILE *out, const struct cli_command *const *commands)
{
    fprintf(out, "complete -c lcm -n __fish_use_subcommand -f -a '");
    cli_completion_words(out, commands, NULL);
    fprintf(out, "help completion version'\n");
    for (size_t i = 0; commands[i] != NULL; i++) {
        const struct cli_option *option = commands[i]->options;
        const char *second = strchr(commands[i]->name, ' ');

        if (second != NULL) {
            fprintf(out, "complete -c lcm -n '__fish_seen_subcommand_from %.*s' -a %s -d '",
                    (int)(second - commands[i]->name), commands[i]->name, second + 1);
            cli_completion_quoted(out, commands[i]->summary);
            fprintf(out, "'\n");
        }
        for (; option != NULL && option->name != NULL; option++)
            cli_completion_fish_line(out, commands[i], option);
    }
}

bool cli_completion_print(FILE *out, const struct cli_command *const *commands, const char *shell)
{
    if (strcmp(shell, "fish") == 0) {
        cli_completion_fish(out, commands);
        return true;
    }
    if (strcmp(shell, "zsh") == 0)
        fprintf(out, "autoload -Uz bashcompinit && bashcompinit\n");
    else if (strcmp(shell, "bash") != 0)
        return false;
    cli_completion_bash(out, commands);
    return true;
}
