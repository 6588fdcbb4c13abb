// SPDX-License-Identifier: Apache-2.0
/*
 * The power-cut harness: runs every scenario with every cut on several processes and prints
 * what came out. See docs/TESTING.md.
 *
 * usage: power [full|short|quick|faults] [--workers N] [--scenario NAME] [--paths-min N]
 *              [--json FILE] [--keep-memory]
 *        power --replay NAME
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/power/explore.h"

#define WORKERS_MAX 16u
#define SCENARIOS_MAX 64u
#define SEED 20261128u

struct options {
    struct explore_effort effort;
    uint32_t workers;
    const char *scenario;
    const char *replay;
    const char *json;
    uint64_t paths_min;
};

static struct field field;

static const struct explore_effort effort_full = {1, 1, 4, 1, false};
static const struct explore_effort effort_short = {1, 12, 8, 3, false};
static const struct explore_effort effort_quick = {1, 300, 0, 0, false};
static const struct explore_effort effort_faults = {0, 0, 0, 1, false};

static void usage(void)
{
    fprintf(stderr, "usage: power [full|short|quick|faults] [--workers N] [--scenario NAME]\n"
                    "             [--paths-min N] [--json FILE] [--keep-memory]\n"
                    "       power --replay NAME\n"
                    "scenarios:");
    scenario_list(stderr);
    exit(2);
}

static bool options_effort(struct options *options, const char *word)
{
    if (strcmp(word, "full") == 0)
        options->effort = effort_full;
    else if (strcmp(word, "short") == 0)
        options->effort = effort_short;
    else if (strcmp(word, "quick") == 0)
        options->effort = effort_quick;
    else if (strcmp(word, "faults") == 0)
        options->effort = effort_faults;
    else
        return false;
    return true;
}

static bool options_know_scenario(const struct options *options)
{
    bool is_known = options->scenario == NULL;

    for (uint32_t i = 0; i < scenario_count && !is_known; i++)
        is_known = strcmp(options->scenario, scenario_table[i].name) == 0;
    return is_known;
}

static uint64_t options_number(const char *text)
{
    char *end = NULL;
    uint64_t number = strtoull(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0')
        usage();
    return number;
}

static void options_read(struct options *options, int argc, char **argv)
{
    bool keeps_memory = false;

    *options = (struct options){.effort = effort_full, .workers = 2};
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;

        if (options_effort(options, argv[i]))
            continue;
        if (strcmp(argv[i], "--keep-memory") == 0) {
            keeps_memory = true;
            continue;
        }
        if (value == NULL)
            usage();
        if (strcmp(argv[i], "--workers") == 0)
            options->workers = (uint32_t)options_number(value);
        else if (strcmp(argv[i], "--scenario") == 0)
            options->scenario = value;
        else if (strcmp(argv[i], "--replay") == 0)
            options->replay = value;
        else if (strcmp(argv[i], "--json") == 0)
            options->json = value;
        else if (strcmp(argv[i], "--paths-min") == 0)
            options->paths_min = options_number(value);
        else
            usage();
        i++;
    }
    options->effort.is_memory_kept = keeps_memory;
    if (options->workers < 1 || options->workers > WORKERS_MAX || !options_know_scenario(options))
        usage();
}

/* ---- workers ---- */

static bool is_wanted(const struct options *options, uint32_t index)
{
    return options->scenario == NULL || strcmp(options->scenario, scenario_table[index].name) == 0;
}

static void work(const struct options *options, uint32_t worker,
                 struct explore_result results[WORKERS_MAX][SCENARIOS_MAX])
{
    for (uint32_t i = 0; i < scenario_count; i++)
        if (is_wanted(options, i))
            explore_scenario(&scenario_table[i], &field, &options->effort, worker, options->workers,
                             &results[worker][i]);
}

static bool work_all(const struct options *options,
                     struct explore_result results[WORKERS_MAX][SCENARIOS_MAX])
{
    pid_t pid[WORKERS_MAX];
    bool is_ok = true;

    for (uint32_t i = 0; i < options->workers; i++) {
        fflush(NULL);
        pid[i] = fork();
        if (pid[i] == 0) {
            work(options, i, results);
            exit(0); /* not _exit: coverage is written at the end */
        }
    }
    for (uint32_t i = 0; i < options->workers; i++) {
        int status = 0;
        if (waitpid(pid[i], &status, 0) != pid[i] || status != 0) {
            printf("worker %u died: status %d\n", (unsigned)i, status);
            is_ok = false;
        }
    }
    return is_ok;
}

/* ---- the table ---- */

static void result_add(struct explore_result *sum, const struct explore_result *part)
{
    sum->operations = part->operations > sum->operations ? part->operations : sum->operations;
    sum->paths += part->paths;
    sum->injections += part->injections;
    sum->torn += part->torn;
    sum->faults += part->faults;
    sum->dead += part->dead;
    for (uint64_t i = 0; i < part->failures && i < EXPLORE_FAILURES_KEPT; i++)
        if (sum->failures + i < EXPLORE_FAILURES_KEPT)
            sum->failure[sum->failures + i] = part->failure[i];
    sum->failures += part->failures;
    sum->erases_base = part->erases_base > sum->erases_base ? part->erases_base : sum->erases_base;
    sum->erases_max = part->erases_max > sum->erases_max ? part->erases_max : sum->erases_max;
    sum->seconds = part->seconds > sum->seconds ? part->seconds : sum->seconds;
}

static void result_print(const char *name, const struct explore_result *result)
{
    printf("%-18s %10u %9llu %9llu %8llu %6llu %4u/%-2u %8llu %8.1f\n", name,
           (unsigned)result->operations, (unsigned long long)result->paths,
           (unsigned long long)result->torn, (unsigned long long)result->faults,
           (unsigned long long)result->dead, (unsigned)result->erases_base,
           (unsigned)result->erases_max, (unsigned long long)result->failures, result->seconds);
    for (uint64_t i = 0; i < result->failures && i < EXPLORE_FAILURES_KEPT; i++)
        printf("  FAILED %s: %s\n", result->failure[i].name, result->failure[i].wrong);
}

static void json_write(const char *file, const struct explore_result *total)
{
    FILE *out = fopen(file, "w");

    if (out == NULL) {
        perror(file);
        exit(2);
    }
    fprintf(out,
            "{\"power_paths\": %llu, \"power_injections\": %llu, \"power_failures\": %llu, "
            "\"power_faults\": %llu, \"power_dead_in_boot_window\": %llu, "
            "\"erases_max_per_sector\": %u}\n",
            (unsigned long long)total->paths, (unsigned long long)total->injections,
            (unsigned long long)total->failures, (unsigned long long)total->faults,
            (unsigned long long)total->dead, (unsigned)total->erases_base);
    fclose(out);
}

static int report(const struct options *options,
                  struct explore_result results[WORKERS_MAX][SCENARIOS_MAX])
{
    static struct explore_result total;
    double begun = 0;

    printf("%-18s %10s %9s %9s %8s %6s %7s %8s %8s\n", "scenario", "operations", "paths", "torn",
           "faults", "dead", "erases", "failures", "seconds");
    for (uint32_t i = 0; i < scenario_count; i++) {
        static struct explore_result sum;

        if (!is_wanted(options, i))
            continue;
        memset(&sum, 0, sizeof(sum));
        for (uint32_t worker = 0; worker < options->workers; worker++)
            result_add(&sum, &results[worker][i]);
        result_print(scenario_table[i].name, &sum);
        begun += sum.seconds;
        result_add(&total, &sum);
    }
    total.seconds = begun;
    printf("%-18s %10s %9llu %9llu %8llu %6llu %4u/%-2u %8llu %8.1f\n", "all", "",
           (unsigned long long)total.paths, (unsigned long long)total.torn,
           (unsigned long long)total.faults, (unsigned long long)total.dead,
           (unsigned)total.erases_base, (unsigned)total.erases_max,
           (unsigned long long)total.failures, total.seconds);
    if (options->json != NULL)
        json_write(options->json, &total);
    if (total.paths < options->paths_min) {
        printf("only %llu paths, %llu are expected\n", (unsigned long long)total.paths,
               (unsigned long long)options->paths_min);
        return 1;
    }
    return total.failures > 0;
}

int main(int argc, char **argv)
{
    struct options options;
    struct explore_result(*results)[SCENARIOS_MAX];

    options_read(&options, argc, argv);
    field_open(&field, SEED);
    scenario_open(&field);
    if (options.replay != NULL)
        return explore_replay(options.replay, &field) ? 0 : 1;
    results = mmap(NULL, WORKERS_MAX * sizeof(*results), PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (results == MAP_FAILED) {
        perror("mmap");
        return 2;
    }
    bool is_ok = work_all(&options, results);
    return report(&options, results) != 0 || !is_ok;
}
