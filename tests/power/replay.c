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
            (name[*length] == '@' || name[*length] == '\0'))
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

bool explore_replay(const char *name, const struct field *field)
{
    static const struct explore_effort effort = {1, 1, 1, 0, false};
    static struct explore_result result;
    static struct replay replay;
    static struct explore_node node;
    struct explore_path path;
    size_t length = 0;
    const struct scenario *scenario = replay_find(name, &length);

    if (scenario == NULL || !explore_path_parse(name + length, &path)) {
        fprintf(stderr, "no such path: %s\n", name);
        return false;
    }
    explore_open(&replay.explore, scenario, field, &effort, &result);
    explore_node_save(&replay.explore, &node);
    for (uint32_t i = 0; i < path.count; i++) {
        if (!replay_run(&replay, &node, &path.cut[i])) {
            printf("the cut at operation %u did not happen\n", (unsigned)path.cut[i].operation);
            return false;
        }
        node = replay.child;
    }
    if (replay_run(&replay, &node, NULL)) {
        printf("ends well\n");
        return true;
    }
    printf("WRONG: %s\n", replay.explore.subject.wrong);
    return false;
}
