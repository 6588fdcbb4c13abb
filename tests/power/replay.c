// SPDX-License-Identifier: Apache-2.0
/* One path again, told step by step. Each run ends where the next one begins: at the cut. */
#include <stdio.h>
#include <string.h>

#include "tests/power/explore_parts.h"

static const struct scenario *replay_find(const char *name, size_t *length)
{
    for (uint32_t i = 0; i < scenario_count; i++) {
        *length = strlen(scenario_table[i].name);
        if (strncmp(scenario_table[i].name, name, *length) == 0 &&
            (name[*length] == '\0' || strchr("@!", name[*length]) != NULL))
            return &scenario_table[i];
    }
    return NULL;
}

struct replay {
    struct explore explore;
    const struct explore_cut *cut; /* the next one */
    struct explore_node child;
    bool has_fired;
};

static void replay_observe(void *observer, const struct nor_operation *operation, uint32_t number)
{
    struct replay *replay = observer;

    printf("    operation %u: %s 0x%05x, %u bytes%s\n", (unsigned)number,
           operation->src == NULL ? "erase" : "program", (unsigned)operation->addr,
           (unsigned)operation->size,
           replay->cut != NULL && number == replay->cut->operation ? "  <- CUT" : "");
    if (replay->cut == NULL || number != replay->cut->operation || replay->has_fired)
        return;
    replay->has_fired = true;
    explore_node_cut(&replay->explore, &replay->child, operation, replay->cut);
}

/* One run of the path; the last one (cut == NULL) is judged. */
static bool replay_run(struct replay *replay, struct explore_node *node,
                       const struct explore_cut *cut)
{
    struct explore *explore = &replay->explore;

    replay->cut = cut;
    replay->has_fired = false;
    explore->node = node;
    explore_load(explore, node);
    explore->subject.is_traced = true;
    explore->subject.flash.observer = replay;
    explore->subject.flash.observe = replay_observe;
    printf("-- run %u, power %s\n", (unsigned)node->path.count,
           node->path.count == 0 || !node->path.cut[node->path.count - 1].is_rtc_kept
               ? "came back"
               : "stayed, reset");
    explore_run(explore, node);
    return cut == NULL ? explore->subject.wrong[0] == '\0' : replay->has_fired;
}

/* No cut, but a flash that fails. */
static bool replay_fault(struct replay *replay, struct explore_node *node,
                         const struct nor_fault *fault)
{
    struct explore *explore = &replay->explore;

    explore->node = node;
    explore->subject.is_traced = true;
    explore->subject.flash.observer = replay;
    explore->subject.flash.observe = replay_observe;
    explore_fault_run(explore, node, fault);
    if (explore->result->injections == 0)
        subject_fail(&explore->subject, "the fault did not happen");
    return explore->subject.wrong[0] == '\0';
}

static bool replay_path(struct replay *replay, struct explore_node *node,
                        const struct explore_path *path)
{
    for (uint32_t i = 0; i < path->count; i++) {
        if (!replay_run(replay, node, &path->cut[i])) {
            subject_fail(&replay->explore.subject, "the cut at operation %u did not happen",
                         (unsigned)path->cut[i].operation);
            return false;
        }
        *node = replay->child;
    }
    return replay_run(replay, node, NULL);
}

bool explore_replay(const char *name, const struct field *field)
{
    static const struct explore_effort effort = {1, 1, 1, 0, false};
    static struct explore_result result;
    static struct replay replay;
    static struct explore_node node;
    struct explore_path path;
    struct nor_fault fault;
    size_t length = 0;
    const struct scenario *scenario = replay_find(name, &length);
    bool is_fault = scenario != NULL && explore_fault_parse(name + length, &fault);

    if (scenario == NULL || (!is_fault && !explore_path_parse(name + length, &path))) {
        fprintf(
            stderr,
            "no such path: %s\nwrite SCENARIO@NUMBER and one of the letters b f r n w g a, such "
            "as update-app@12r+3fk,\nor a fault: install-app!r504*3 or install-app!7*1. Scenarios:",
            name);
        scenario_list(stderr);
        return false;
    }
    explore_open(&replay.explore, scenario, field, &effort, &result);
    explore_node_save(&replay.explore, &node);
    bool is_good =
        is_fault ? replay_fault(&replay, &node, &fault) : replay_path(&replay, &node, &path);
    if (is_good && result.dead > 0)
        printf("DEAD: sector 0 holds no boot program, the known weak spot (docs/THREATS.md)\n");
    else
        printf(is_good ? "ends well\n" : "WRONG: %s\n", replay.explore.subject.wrong);
    return is_good;
}
