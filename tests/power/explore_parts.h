/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between explore.c, explore_fault.c, explore_path.c and replay.c: a path, the device at its end,
 * and the run that is being observed.
 */
#ifndef LCM_TESTS_POWER_EXPLORE_PARTS_H
#define LCM_TESTS_POWER_EXPLORE_PARTS_H

#include "tests/power/explore.h"

struct explore_cut {
    uint16_t operation;
    uint8_t way;
    bool is_rtc_kept;
};

struct explore_path {
    struct explore_cut cut[EXPLORE_CUTS_MAX];
    uint32_t count;
};

/* A device at the moment when power comes back. */
struct explore_node {
    struct nor_image image;
    uint8_t rtc[LCM_RTC_SIZE];
    uint8_t erases[NOR_SECTORS];
    uint64_t now_ms;
    uint32_t seen_after;
    bool has_acted;
    bool is_dead_expected;
    struct explore_path path;
};

struct explore {
    const struct scenario *scenario;
    const struct field *field;
    const struct explore_effort *effort;
    struct explore_result *result;
    struct nor_image start;
    uint32_t scenario_index;
    struct subject subject;

    /* while a run is observed */
    const struct explore_node *node; /* where it began */
    struct explore_node *child;      /* what it yielded */
    uint32_t child_count;
};

/* What is random in a path is decided by this number. */
uint64_t explore_path_seed(const struct explore *explore, const struct explore_path *path);
void explore_path_name(const struct explore *explore, const struct explore_path *path,
                       const char *suffix, char name[EXPLORE_NAME_SIZE]);
/* The cuts behind the scenario's name; false when they are malformed. */
bool explore_path_parse(const char *text, struct explore_path *path);
/* Cells between 0 and 1: what reads right may read wrong a moment later. */
bool explore_path_is_weak(const struct explore_path *path);

void explore_open(struct explore *explore, const struct scenario *scenario,
                  const struct field *field, const struct explore_effort *effort,
                  struct explore_result *result);
/* The device as it is, and back to it. */
void explore_node_save(const struct explore *explore, struct explore_node *node);
void explore_load(struct explore *explore, const struct explore_node *node);
/* What a cut of this operation leaves of the device. */
void explore_node_cut(const struct explore *explore, struct explore_node *child,
                      const struct nor_operation *operation, const struct explore_cut *cut);
/* The last run of a path, judged: subject.wrong says what is wrong. */
void explore_run(struct explore *explore, const struct explore_node *node);
/* Count a failure, if subject.wrong says so, under the path's name and this suffix. */
void explore_note(struct explore *explore, const struct explore_path *path, const char *suffix);

/* The scenario's run without cuts and faults. */
struct explore_uncut {
    uint32_t operations;
    uint32_t reads;
    uint8_t erases[NOR_SECTORS];
};

/* Runs with a flash that fails: the share that begins at `first`, every step-th fault. */
void explore_faults(struct explore *explore, const struct explore_node *root,
                    const struct explore_uncut *uncut, uint32_t first, uint32_t step);
/* One run with this fault and one without, judged. */
void explore_fault_run(struct explore *explore, const struct explore_node *root,
                       const struct nor_fault *fault);
/* What stands for a fault behind a scenario's name; false when it is malformed. */
bool explore_fault_parse(const char *text, struct nor_fault *fault);

#endif
