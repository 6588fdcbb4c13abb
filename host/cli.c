// SPDX-License-Identifier: Apache-2.0
/*
 * Command line frame: finds the command, parses its options, runs it.
 *
 * It knows no command: everything comes from the tables. Nothing is allocated;
 * the parsed line points into argv. A command only runs when every option was
 * in its table and the number of positionals fits.
 */
#include "host/cli_internal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLI_MESSAGE_SIZE 1024
#define CLI_COMMANDS_MAX 64u
#define CLI_OPTIONS_MAX 64u

struct cli_short {
    char letter;
    const char *name;
};

/* One-letter forms; each stands for the long option where a command has it. */
static const struct cli_short cli_shorts[] = {{'o', "out"}, {'f', "file"}, {'j', "json"}};

static void cli_message(const char *prefix, const char *format, va_list list)
{
    char text[CLI_MESSAGE_SIZE];

    vsnprintf(text, sizeof(text), format, list);
    /* Names and values come from outside: a message stays one line. */
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = '?';
    fflush(stdout);
    fprintf(stderr, "%s%s\n", prefix, text);
}

void cli_error(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    cli_message("lcm: error: ", format, list);
    va_end(list);
}

void cli_note(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    cli_message("lcm: ", format, list);
    va_end(list);
}

const char *cli_get_at(const struct cli_args *args, const char *name, size_t index)
{
    for (size_t i = 0; i < args->value_count; i++) {
        if (strcmp(args->values[i].option->name, name) != 0)
            continue;
        if (index == 0)
            return args->values[i].text;
        index--;
    }
    return NULL;
}

const char *cli_get(const struct cli_args *args, const char *name)
{
    const char *last = NULL;

    for (size_t i = 0; i < args->value_count; i++)
        if (strcmp(args->values[i].option->name, name) == 0)
            last = args->values[i].text;
    return last;
}

bool cli_has(const struct cli_args *args, const char *name)
{
    for (size_t i = 0; i < args->value_count; i++)
        if (strcmp(args->values[i].option->name, name) == 0)
            return true;
    return false;
}

const char *cli_positional(const struct cli_args *args, size_t index)
{
    return index < args->positional_count ? args->positionals[index] : NULL;
}

int cli_require(const struct cli_args *args, const char *const *names)
{
    char missing[CLI_MESSAGE_SIZE / 2] = "";
    size_t used = 0;
    int count = 0;

    for (; *names != NULL; names++) {
        if (cli_has(args, *names) || used >= sizeof(missing))
            continue;
        used += (size_t)snprintf(missing + used, sizeof(missing) - used, "%s--%s",
                                 count > 0 ? ", " : "", *names);
        count++;
    }
    if (count == 0)
        return CLI_OK;
    cli_error("%s %s missing: see 'lcm %s --help'", missing, count == 1 ? "is" : "are",
              args->command->name);
    return CLI_USAGE;
}

bool cli_number(const struct cli_args *args, const char *name, long low, long high, long *value)
{
    const char *text = cli_get(args, name);
    char *end = NULL;
    long number = 0;

    if (text == NULL)
        return true;
    errno = 0;
    number = strtol(text, &end, 0);
    if (end == text || *end != '\0' || errno != 0 || number < low || number > high) {
        cli_error("--%s %s: not a number from %ld to %ld", name, text, low, high);
        return false;
    }
    *value = number;
    return true;
}

static const struct cli_option *cli_find_option(const struct cli_command *command, const char *name,
                                                size_t size)
{
    const struct cli_option *option = command->options;

    for (; option != NULL && option->name != NULL; option++)
        if (strncmp(option->name, name, size) == 0 && option->name[size] == '\0')
            return option;
    return NULL;
}

/* The long option that a word such as "--out=x" or "-o" names; NULL when none. */
static const struct cli_option *cli_match_option(const struct cli_command *command,
                                                 const char *word)
{
    if (word[1] == '-')
        return cli_find_option(command, word + 2, strcspn(word + 2, "="));
    for (size_t i = 0; i < sizeof(cli_shorts) / sizeof(cli_shorts[0]); i++)
        if (word[1] == cli_shorts[i].letter && word[2] == '\0')
            return cli_find_option(command, cli_shorts[i].name, strlen(cli_shorts[i].name));
    return NULL;
}

static int cli_refuse_option(const struct cli_command *command, const char *word)
{
    const char *names[CLI_OPTIONS_MAX + 2] = {"help"};
    const char *near = NULL;
    char name[CLI_NAME_SIZE];
    size_t count = 1;

    for (size_t i = 0; command->options != NULL && command->options[i].name != NULL; i++)
        if (count < CLI_OPTIONS_MAX)
            names[count++] = command->options[i].name;
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
    near = cli_suggest(name + strspn(name, "-"), names);
    if (near != NULL)
        cli_error("unknown option %s: did you mean --%s?", name, near);
    else
        cli_error("unknown option %s: see 'lcm %s --help'", name, command->name);
    return CLI_USAGE;
}

static int cli_add_value(struct cli_args *args, const struct cli_option *option, const char *text)
{
    if (args->value_count == CLI_VALUES_MAX) {
        cli_error("more than %u options", CLI_VALUES_MAX);
        return CLI_USAGE;
    }
    args->values[args->value_count++] = (struct cli_value){option, text};
    return CLI_OK;
}

/* Take the option at argv[*index]; *index moves on when the value is a word of its own. */
static int cli_take_option(struct cli_args *args, char **argv, int *index)
{
    const char *word = argv[*index];
    const struct cli_option *option = cli_match_option(args->command, word);
    const char *equals = word[1] == '-' ? strchr(word, '=') : NULL;

    if (option == NULL)
        return cli_refuse_option(args->command, word);
    if (option->argument == NULL) {
        if (equals == NULL)
            return cli_add_value(args, option, NULL);
        cli_error("--%s takes no value", option->name);
        return CLI_USAGE;
    }
    if (equals != NULL)
        return cli_add_value(args, option, equals + 1);
    if (argv[*index + 1] == NULL) {
        cli_error("--%s needs a value: --%s %s", option->name, option->name, option->argument);
        return CLI_USAGE;
    }
    *index += 1;
    return cli_add_value(args, option, argv[*index]);
}

static int cli_add_positional(struct cli_args *args, const char *word)
{
    if (args->positional_count == args->command->positional_max ||
        args->positional_count == CLI_VALUES_MAX) {
        cli_error("unexpected argument '%s': usage: %s", word, args->command->usage);
        return CLI_USAGE;
    }
    args->positionals[args->positional_count++] = word;
    return CLI_OK;
}

/* Parse the words behind the command name; argv is NULL-ended. */
static int cli_parse(struct cli_args *args, char **argv)
{
    bool only_positionals = false;
    int result = CLI_OK;

    for (int i = 0; argv[i] != NULL && result == CLI_OK; i++) {
        if (!only_positionals && strcmp(argv[i], "--") == 0)
            only_positionals = true;
        else if (only_positionals || argv[i][0] != '-' || argv[i][1] == '\0')
            result = cli_add_positional(args, argv[i]);
        else if (strcmp(argv[i], "--no-color") == 0 || strncmp(argv[i], "--no-color=", 11) == 0)
            setenv("NO_COLOR", "1", 1);
        else
            result = cli_take_option(args, argv, &i);
    }
    if (result == CLI_OK && args->positional_count < args->command->positional_min) {
        cli_error("an argument is missing: usage: %s", args->command->usage);
        return CLI_USAGE;
    }
    return result;
}

bool cli_asks_help(char **argv)
{
    for (; *argv != NULL && strcmp(*argv, "--") != 0; argv++)
        if (strcmp(*argv, "--help") == 0 || strcmp(*argv, "-h") == 0)
            return true;
    return false;
}

/* Number of words of argv that spell the name; 0 when they do not. */
static int cli_match_name(const char *name, char **argv)
{
    int words = 0;

    while (*name != '\0') {
        size_t size = strcspn(name, " ");

        if (argv[words] == NULL || strlen(argv[words]) != size ||
            strncmp(argv[words], name, size) != 0)
            return 0;
        words++;
        name += size;
        name += strspn(name, " ");
    }
    return words;
}

static const struct cli_command *cli_find_command(const struct cli_command *const *commands,
                                                  char **argv, int *words)
{
    for (; *commands != NULL; commands++) {
        *words = cli_match_name((*commands)->name, argv);
        if (*words > 0)
            return *commands;
    }
    return NULL;
}

static bool cli_is_group(const struct cli_command *const *commands, const char *word)
{
    size_t size = strlen(word);

    for (; *commands != NULL; commands++)
        if (strncmp((*commands)->name, word, size) == 0 && (*commands)->name[size] == ' ')
            return true;
    return false;
}

/* "flash" for "flsh": the first word of a command that is near enough. */
static const char *cli_near_group(const struct cli_command *const *commands, const char *word,
                                  char group[CLI_NAME_SIZE])
{
    const char *const names[] = {group, NULL};

    for (; *commands != NULL; commands++) {
        snprintf(group, CLI_NAME_SIZE, "%.*s", (int)strcspn((*commands)->name, " "),
                 (*commands)->name);
        if (cli_suggest(word, names) != NULL)
            return group;
    }
    return NULL;
}

static int cli_refuse_command(const struct cli_command *const *commands, char **argv)
{
    const char *names[CLI_COMMANDS_MAX + 1] = {NULL};
    const char *near = NULL;
    char typed[CLI_NAME_SIZE], group[CLI_NAME_SIZE];
    bool has_second = argv[1] != NULL && argv[1][0] != '-';

    for (size_t i = 0; i < CLI_COMMANDS_MAX && commands[i] != NULL; i++)
        names[i] = commands[i]->name;
    snprintf(typed, sizeof(typed), "%s%s%s", argv[0], has_second ? " " : "",
             has_second ? argv[1] : "");
    near = cli_suggest(typed, names);
    if (near == NULL)
        near = cli_suggest(argv[0], names);
    if (near == NULL)
        near = cli_near_group(commands, argv[0], group);
    if (near != NULL)
        cli_error("unknown command '%s': did you mean 'lcm %s'?", typed, near);
    else
        cli_error("unknown command '%s': 'lcm help' lists all commands", typed);
    return CLI_USAGE;
}

static int cli_run(const struct cli_command *command, const struct cli_command *const *commands,
                   char **argv)
{
    struct cli_args args = {.command = command, .commands = commands};
    int result = CLI_OK;

    if (cli_asks_help(argv)) {
        cli_help_command(stdout, command);
        return CLI_OK;
    }
    result = cli_parse(&args, argv);
    if (result == CLI_OK && command->required != NULL)
        result = cli_require(&args, command->required);
    return result == CLI_OK ? command->run(&args) : result;
}

static int cli_run_group(const struct cli_command *const *commands, char **argv)
{
    if (argv[1] == NULL) {
        cli_help_list(stderr, commands, argv[0]);
        return CLI_USAGE;
    }
    if (cli_asks_help(argv)) {
        cli_help_list(stdout, commands, argv[0]);
        return CLI_OK;
    }
    return cli_refuse_command(commands, argv);
}

/* A command of the list, or one the frame itself brings. */
static const struct cli_command *cli_find_any(const struct cli_command *const *commands,
                                              char **argv, int *words)
{
    const struct cli_command *command = cli_find_command(commands, argv, words);

    return command != NULL ? command : cli_find_command(cli_builtins, argv, words);
}

static int cli_run_help(const struct cli_command *const *commands, char **argv)
{
    int words = 0;
    const struct cli_command *command = NULL;

    if (argv[0] == NULL || argv[0][0] == '-') {
        cli_help_list(stdout, commands, NULL);
        return CLI_OK;
    }
    command = cli_find_any(commands, argv, &words);
    if (command == NULL && !cli_is_group(commands, argv[0]))
        return cli_refuse_command(commands, argv);
    if (command == NULL)
        cli_help_list(stdout, commands, argv[0]);
    else
        cli_help_command(stdout, command);
    return CLI_OK;
}

static int cli_choose(const struct cli_command *const *commands, char **argv)
{
    int words = 0;
    const struct cli_command *command = cli_find_any(commands, argv, &words);

    if (command != NULL)
        return cli_run(command, commands, argv + words);
    if (cli_is_group(commands, argv[0]))
        return cli_run_group(commands, argv);
    if (strcmp(argv[0], "--version") == 0)
        return cli_print_version(false);
    if (strcmp(argv[0], "help") == 0 || strcmp(argv[0], "--help") == 0 ||
        strcmp(argv[0], "-h") == 0)
        return cli_run_help(commands, argv + 1);
    return cli_refuse_command(commands, argv);
}

/* Did the output arrive? A reader such as head that has seen enough is no error. */
static int cli_finish(int result)
{
    struct pollfd reader = {.fd = STDOUT_FILENO};
    int error = 0;

    errno = 0;
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return result;
    error = errno;
    if (error == EPIPE || (poll(&reader, 1, 0) == 1 && (reader.revents & POLLERR) != 0))
        return result;
    cli_error("standard output: %s", error != 0 ? strerror(error) : "cannot be written");
    return result == CLI_OK ? CLI_ERROR : result;
}

int cli_main(const struct cli_command *const *commands, int argc, char **argv)
{
    /* Both end as an error of the write that hit them, so that it can clean up. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    if (argc < 2) {
        cli_help_list(stderr, commands, NULL);
        return CLI_USAGE;
    }
    return cli_finish(cli_choose(commands, argv + 1));
}
