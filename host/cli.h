/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line frame: one table per command is the source of its parsing,
 * its --help and its documentation.
 *
 * A command declares its options; the frame parses argv ("--name value",
 * "--name=value", flags, positionals, "--" ends options), answers --help, refuses
 * what is not in the table ("did you mean --repo?"), and calls run. Every command
 * has --help, and --json where the table lists it.
 *
 * stdout carries data, stderr carries messages and progress.
 */
#ifndef LCM_HOST_CLI_H
#define LCM_HOST_CLI_H

#include <stdbool.h>
#include <stddef.h>

/* Exit codes of every lcm command. */
enum cli_exit {
    CLI_OK = 0,
    CLI_ERROR = 1,
    CLI_USAGE = 2,
    CLI_VERIFY = 3, /* signature, certificate or hash not valid, or a rule refuses it */
    CLI_AUTH = 4,   /* a password or permission is missing */
    CLI_NOT_FOUND = 5,
    CLI_TIMEOUT = 6,
    CLI_PARTIAL = 7,
    CLI_INTERRUPTED = 130,
};

struct cli_option {
    const char *name;     /* without dashes; NULL ends the table */
    const char *argument; /* placeholder such as "FILE"; NULL = flag */
    const char *help;     /* one line */
};

struct cli_args; /* parsed command line; owned by the frame */

struct cli_command {
    const char *name;     /* "release pack" */
    const char *summary;  /* one line */
    const char *usage;    /* "lcm release pack IMAGE --repo OWNER/NAME ..." */
    const char *examples; /* lines shown first in --help */
    const struct cli_option *options;
    const char *const *required; /* names of options that must be given; NULL-ended, may be NULL */
    size_t positional_min, positional_max;
    int (*run)(const struct cli_args *args); /* returns enum cli_exit */
};

/* Value of an option (the last one given), or NULL. */
const char *cli_get(const struct cli_args *args, const char *name);
/* Value number index of a repeatable option, or NULL past the last one. */
const char *cli_get_at(const struct cli_args *args, const char *name, size_t index);
/* true when the flag or option was given. */
bool cli_has(const struct cli_args *args, const char *name);
/* Positional argument number index, or NULL. */
const char *cli_positional(const struct cli_args *args, size_t index);
/* CLI_OK when all options of a NULL-ended list were given, else CLI_USAGE after one error
 * line that names every missing one. For options that are required only sometimes; the
 * frame itself asks for those in the table. */
int cli_require(const struct cli_args *args, const char *const *names);
/* Number between low and high; on a bad value prints an error and returns false.
 * *value keeps its content when the option was not given. */
bool cli_number(const struct cli_args *args, const char *name, long low, long high, long *value);

/* Print one line "lcm: error: WHAT: WHY. FIX" on stderr (format gives all of it). */
void cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Print one note line on stderr. */
void cli_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The word of a NULL-ended list that is meant most likely, or NULL when none is near. */
const char *cli_suggest(const char *word, const char *const *candidates);

/* Run the command that argv names ("lcm trust build ..."); commands ends with NULL. */
int cli_main(const struct cli_command *const *commands, int argc, char **argv);

#endif
