// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the command line means what its tables say: every way to write an option,
 * refusals with one helpful line, help and completions that name every option.
 * Method: a small table of commands; stdout and stderr are caught in files and
 * compared with what a user must see.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/cli.h"

#define CAPTURE_SIZE 16384

struct capture {
    char out[CAPTURE_SIZE];
    char err[CAPTURE_SIZE];
};

static struct {
    char repo[64];
    char second[64];
    char positional[64];
    long number;
    bool has_json;
    bool number_ok;
    int runs;
} seen;

static void keep(char *dst, const char *text)
{
    snprintf(dst, 64, "%s", text != NULL ? text : "(none)");
}

static int run_probe(const struct cli_args *args)
{
    seen.runs++;
    keep(seen.repo, cli_get(args, "repo"));
    keep(seen.second, cli_get_at(args, "repo", 1));
    keep(seen.positional, cli_positional(args, 0));
    seen.has_json = cli_has(args, "json");
    seen.number_ok = cli_number(args, "count", 1, 10, &seen.number);
    return seen.number_ok ? CLI_OK : CLI_USAGE;
}

static const struct cli_option probe_options[] = {
    {"repo", "OWNER/NAME", "a repository"}, {"count", "N", "a number"}, {"out", "FILE", "a file"},
    {"json", NULL, "print JSON"},           {NULL, NULL, NULL},
};

static const struct cli_command probe = {
    .name = "probe run",
    .summary = "Look at things",
    .usage = "lcm probe run FILE",
    .examples = "lcm probe run x --repo me/lamp",
    .options = probe_options,
    .positional_min = 1,
    .positional_max = 1,
    .run = run_probe,
};

static const struct cli_command single = {
    .name = "single", .summary = "One word", .usage = "lcm single", .run = run_probe};

static const struct cli_command *const commands[] = {&probe, &single, NULL};

static void read_back(FILE *file, char *text)
{
    size_t size = 0;

    rewind(file);
    size = fread(text, 1, CAPTURE_SIZE - 1, file);
    text[size] = '\0';
    fclose(file);
}

/* Run "lcm" with up to seven words; the list ends with NULL. */
static int run(struct capture *capture, const char *const *words)
{
    char copies[8][128];
    char *argv[9] = {copies[0]};
    int argc = 1;
    FILE *out = tmpfile();
    FILE *err = tmpfile();
    int saved_out = dup(STDOUT_FILENO);
    int saved_err = dup(STDERR_FILENO);
    int result = 0;

    snprintf(copies[0], sizeof(copies[0]), "lcm");
    for (; words[argc - 1] != NULL; argc++) {
        snprintf(copies[argc], sizeof(copies[0]), "%s", words[argc - 1]);
        argv[argc] = copies[argc];
    }
    memset(&seen, 0, sizeof(seen));
    fflush(stdout);
    dup2(fileno(out), STDOUT_FILENO);
    dup2(fileno(err), STDERR_FILENO);
    result = cli_main(commands, argc, argv);
    fflush(stdout);
    dup2(saved_out, STDOUT_FILENO);
    dup2(saved_err, STDERR_FILENO);
    close(saved_out);
    close(saved_err);
    read_back(out, capture->out);
    read_back(err, capture->err);
    return result;
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static size_t count_lines(const char *text)
{
    size_t lines = 0;

    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

static void test_ways_to_write_options(void **state)
{
    struct capture capture;

    (void)state;
    assert_int_equal(run(&capture, WORDS("probe", "run", "--repo", "a/b", "file", "--json")),
                     CLI_OK);
    assert_string_equal(seen.repo, "a/b");
    assert_string_equal(seen.second, "(none)");
    assert_string_equal(seen.positional, "file");
    assert_true(seen.has_json);
    assert_int_equal(run(&capture, WORDS("probe", "run", "--repo=a/b", "--repo=", "-", "-j")),
                     CLI_OK);
    assert_string_equal(seen.repo, "");
    assert_string_equal(seen.second, "");
    assert_string_equal(seen.positional, "-");
    assert_true(seen.has_json);
    assert_int_equal(run(&capture, WORDS("probe", "run", "--", "--repo")), CLI_OK);
    assert_string_equal(seen.repo, "(none)");
    assert_string_equal(seen.positional, "--repo");
    assert_string_equal(capture.err, "");
    assert_int_equal(run(&capture, WORDS("single")), CLI_OK);
}

static void test_numbers(void **state)
{
    static const char *const bad[] = {"0", "11", "x", "", "3x", "99999999999999999999"};
    struct capture capture;

    (void)state;
    assert_int_equal(run(&capture, WORDS("probe", "run", "f", "--count", "10")), CLI_OK);
    assert_int_equal(seen.number, 10);
    assert_int_equal(run(&capture, WORDS("probe", "run", "f", "--count=0x0a")), CLI_OK);
    assert_int_equal(seen.number, 10);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(run(&capture, WORDS("probe", "run", "f", "--count", bad[i])), CLI_USAGE);
        assert_int_equal(seen.number, 0);
        assert_int_equal(count_lines(capture.err), 1);
    }
}

/* A refusal: exit code 2, one line with the hint, nothing ran, nothing on stdout. */
static void refuse(const char *const *words, const char *hint)
{
    struct capture capture;

    assert_int_equal(run(&capture, words), CLI_USAGE);
    assert_int_equal(seen.runs, 0);
    assert_int_equal(count_lines(capture.err), 1);
    assert_non_null(strstr(capture.err, "lcm: error: "));
    assert_non_null(strstr(capture.err, hint));
    assert_string_equal(capture.out, "");
}

static void test_refusals(void **state)
{
    (void)state;
    refuse(WORDS("probe", "run", "f", "--rebo", "x"), "did you mean --repo?");
    refuse(WORDS("probe", "run", "f", "--qqqqqq"), "lcm probe run --help");
    refuse(WORDS("probe", "run", "f", "-x"), "unknown option -x");
    refuse(WORDS("probe", "run", "f", "--repo"), "--repo OWNER/NAME");
    refuse(WORDS("probe", "run", "f", "--json=1"), "takes no value");
    refuse(WORDS("probe", "run"), "missing");
    refuse(WORDS("probe", "run", "f", "g"), "unexpected argument 'g'");
    refuse(WORDS("probe", "rum"), "did you mean 'lcm probe run'?");
    refuse(WORDS("singel"), "did you mean 'lcm single'?");
    refuse(WORDS("prbe"), "did you mean 'lcm probe'?");
    refuse(WORDS("quite-unlike"), "lcm help");
    refuse(WORDS("a\nb"), "a?b");
}

static void test_help_names_everything(void **state)
{
    struct capture capture;

    (void)state;
    assert_int_equal(run(&capture, WORDS("probe", "run", "--help")), CLI_OK);
    assert_int_equal(seen.runs, 0);
    for (size_t i = 0; probe_options[i].name != NULL; i++)
        assert_non_null(strstr(capture.out, probe_options[i].name));
    assert_non_null(strstr(capture.out, "lcm probe run x --repo me/lamp"));
    assert_true(strstr(capture.out, "examples") < strstr(capture.out, "options"));
    assert_int_equal(run(&capture, WORDS("help")), CLI_OK);
    assert_non_null(strstr(capture.out, "probe run"));
    assert_non_null(strstr(capture.out, "One word"));
    assert_int_equal(run(&capture, WORDS("help", "probe")), CLI_OK);
    assert_null(strstr(capture.out, "One word"));
    assert_int_equal(run(&capture, WORDS("probe")), CLI_USAGE);
    assert_string_equal(capture.out, "");
}

static void test_completions(void **state)
{
    struct capture capture;

    (void)state;
    assert_int_equal(run(&capture, WORDS("completion", "bash")), CLI_OK);
    assert_non_null(strstr(capture.out, "\"probe run \"*) words=\"--repo --count --out --json"));
    assert_non_null(strstr(capture.out, "words=\"probe single help"));
    assert_int_equal(run(&capture, WORDS("completion", "fish")), CLI_OK);
    assert_non_null(strstr(capture.out, "-l repo -r -d 'a repository'"));
    assert_int_equal(run(&capture, WORDS("completion", "zsh")), CLI_OK);
    assert_non_null(strstr(capture.out, "bashcompinit"));
    refuse(WORDS("completion", "cmd"), "bash|zsh|fish");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ways_to_write_options),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_help_names_everything),
        cmocka_unit_test(test_completions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
