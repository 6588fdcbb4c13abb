/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is cut: start states, what happens, and what must be true afterwards.
 *
 * A scenario is prepared without cuts; its first run is cut at every operation; every run
 * after a cut, with network, must end with everything that `goal` says. In between, at any
 * moment, a setting has its value from before or from after, and an app that has seen the
 * new one never sees the old one again.
 */
#ifndef LCM_TESTS_POWER_SCENARIO_H
#define LCM_TESTS_POWER_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "tests/power/subject.h"

/* A setting before and after; NULL = absent. */
struct scenario_setting {
    const char *key;
    const char *before;
    const char *after;
};

struct scenario_goal {
    int app;     /* field_program in slot 0; -1 = none, the device waits for set-up */
    int updater; /* in slot 1 */
    int boot;    /* in sector 0 */
    enum field_trust trust;
    bool is_complete; /* every path ends with the new settings; false: old or new, key by key */
    bool is_atomic;   /* at any moment all settings are old or all are new */
    bool is_reset;    /* all settings but the network's two are there, or none */
};

struct scenario {
    const char *name;
    struct field_offer offer; /* of the release host from here on */
    void (*prepare)(struct subject *subject);
    void (*act)(struct subject *subject);    /* see struct subject */
    void (*set_up)(struct subject *subject); /* see struct subject */
    struct scenario_setting setting[SUBJECT_SETTINGS_MAX];
    struct scenario_goal goal;
    bool is_boot_replaced;   /* sector 0 is rewritten: cuts inside may leave a dead chip */
    bool may_erase_radio;    /* factory reset */
    uint32_t operations_min; /* of the run without a cut; fewer means that it tests less */
    uint32_t erases_max;     /* of any sector, in the run without a cut */
    uint32_t pairs_one_in;   /* second cuts: 1 = all of them */
    uint32_t more_one_in;    /* third, fourth and fifth cuts, after a second one */
};

extern const struct scenario scenario_table[];
extern const uint32_t scenario_count;

/* The names of all scenarios, one line each. */
void scenario_list(FILE *out);

/* Make what start states are built from. Once, before any scenario is prepared. */
void scenario_open(const struct field *field);

/* Start a subject in a scenario's start state, not yet run. */
void scenario_begin(const struct scenario *scenario, struct subject *subject,
                    const struct field *field);

/* After a run with network: all of the goal, or subject->wrong says what is not. start is
 * the flash before the scenario. */
void scenario_judge(const struct scenario *scenario, struct subject *subject, enum subject_end end,
                    const struct nor_image *start);

/* What must be true after any run, also one that could not complete. */
void scenario_judge_settings(const struct scenario *scenario, struct subject *subject,
                             bool is_complete);

#endif
