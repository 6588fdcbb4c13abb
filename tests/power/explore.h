/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every cut of a scenario, and cuts in what follows them.
 *
 * A path is a row of cuts, each in the run that follows the one before, and one last run
 * that must end well. Its name is SCENARIO@CUT+CUT..., a cut is the number of the flash
 * operation, the way (b before, f front part, r random bits, a after, n nearly all, w weak
 * bits) and k when RTC memory survived. SCENARIO!7*3 has no cut: operation 7 and two more fail
 * (SCENARIO!r7*3: reads; *4294967295: for the rest of the run; !03456.10h: a bit is stuck). The
 * name alone repeats the path.
 */
#ifndef LCM_TESTS_POWER_EXPLORE_H
#define LCM_TESTS_POWER_EXPLORE_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/power/scenario.h"

#define EXPLORE_CUTS_MAX 5u
#define EXPLORE_NAME_SIZE 96u
#define EXPLORE_FAILURES_KEPT 8u

struct explore_failure {
    char name[EXPLORE_NAME_SIZE];
    char wrong[SUBJECT_TEXT_SIZE];
};

/* What came out; in memory that all workers share. */
struct explore_result {
    uint32_t operations; /* of the run without a cut */
    uint64_t paths;
    uint64_t injections; /* cuts and faults that were made */
    uint64_t torn;       /* cuts that left neither the old nor the new bytes */
    uint64_t faults;     /* paths with failing operations or reads, or stuck bits */
    uint64_t dead;       /* chips that died while sector 0 was rewritten */
    uint64_t failures;
    uint32_t erases_base; /* most erases of a sector without a cut */
    uint32_t erases_max;  /* most erases of a sector in any path */
    double seconds;
    struct explore_failure failure[EXPLORE_FAILURES_KEPT];
};

/* How much: every how-manieth second and further cut, on top of the scenario's own. */
struct explore_effort {
    uint32_t first_one_in;
    uint32_t pairs_one_in;
    uint32_t more_one_in;
    uint32_t faults_one_in;
    bool is_memory_kept; /* only to see that the garbage matters */
};

/* The share of worker `worker` of `workers`. */
void explore_scenario(const struct scenario *scenario, const struct field *field,
                      const struct explore_effort *effort, uint32_t worker, uint32_t workers,
                      struct explore_result *result);

/* Repeat one path and tell its story on stdout. true when it ends well. */
bool explore_replay(const char *name, const struct field *field);

#endif
