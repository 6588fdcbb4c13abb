// SPDX-License-Identifier: Apache-2.0
/*
 * Enumeration of cuts; see the header. A run shows each of its flash operations to
 * explore_observe, which keeps copies of the flash as cuts would leave it; these copies are
 * the starts of further runs. So nothing is run twice to get to a cut.
 */
#include "tests/power/explore_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHILDREN_MAX 4096u
#define OFFLINE_ONE_IN 8u
#define WEAK_RUNS 9u            /* more, when cells read differently each time */
#define EXTRA_ERASES_PER_CUT 2u /* the sector being written, and a repair of a store */

static bool is_one_in(uint64_t seed, uint32_t one_in)
{
    return one_in != 0 && nor_random(&seed) % one_in == 0;
}

/* ---- cutting ---- */

void explore_node_cut(const struct explore *explore, struct explore_node *child,
                      const struct nor_operation *operation, const struct explore_cut *cut)
{
    const struct subject *subject = &explore->subject;
    uint64_t seed;

    nor_image_copy(&child->image, &subject->flash.image);
    memcpy(child->rtc, subject->rtc, sizeof(child->rtc));
    memcpy(child->erases, subject->flash.erases, sizeof(child->erases));
    if (operation->src == NULL && cut->way != NOR_BEFORE)
        child->erases[operation->addr / LCM_SECTOR_SIZE]++;
    child->now_ms = subject->now_ms;
    child->seen_after = subject->seen_after;
    child->has_acted = subject->has_acted;
    child->path = explore->node->path;
    child->path.cut[child->path.count++] = *cut;
    child->is_dead_expected =
        explore->scenario->is_boot_replaced && operation->addr / LCM_SECTOR_SIZE == 0;
    seed = explore_path_seed(explore, &child->path);
    nor_cut(&child->image, operation, (enum nor_way)cut->way, seed);
}

static bool operation_is_torn(const struct explore *explore, const struct explore_node *child,
                              const struct nor_operation *operation)
{
    struct nor_image after;
    bool is_torn;

    nor_image_copy(&after, &explore->subject.flash.image);
    nor_cut(&after, operation, NOR_AFTER, 0);
    is_torn = !nor_image_same_sector(&child->image, &explore->subject.flash.image,
                                     operation->addr / LCM_SECTOR_SIZE) &&
              !nor_image_same_sector(&child->image, &after, operation->addr / LCM_SECTOR_SIZE);
    nor_image_free(&after);
    return is_torn;
}

/* Is this cut among those that are tried? */
static bool explore_wants(const struct explore *explore, const struct explore_path *path)
{
    const struct explore_effort *effort = explore->effort;
    const struct scenario *scenario = explore->scenario;
    uint64_t seed = explore_path_seed(explore, path);

    if (path->count == 1)
        return is_one_in(seed, effort->first_one_in);
    if (path->count == 2)
        return is_one_in(seed, effort->pairs_one_in * scenario->pairs_one_in);
    return is_one_in(seed, effort->more_one_in * scenario->more_one_in);
}

static void explore_try(struct explore *explore, const struct nor_operation *operation,
                        const struct explore_cut *cut)
{
    struct explore_path path = explore->node->path;
    struct explore_node *child = &explore->child[explore->child_count];

    path.cut[path.count++] = *cut;
    if (!explore_wants(explore, &path))
        return;
    if (explore->child_count == CHILDREN_MAX) {
        fprintf(stderr, "explore: more than %u cuts of one run\n", CHILDREN_MAX);
        exit(2);
    }
    explore_node_cut(explore, child, operation, cut);
    explore->child_count++;
    explore->result->injections++;
    if (cut->way != NOR_BEFORE && cut->way != NOR_AFTER && cut->way != NOR_WEAK &&
        cut->way != NOR_BEGUN)
        explore->result->torn += operation_is_torn(explore, child, operation);
}

/* First cuts: every way, with RTC memory kept and lost. Further ones: one of both. */
static void explore_observe(void *observer, const struct nor_operation *operation, uint32_t number)
{
    struct explore *explore = observer;
    bool is_first = explore->node->path.count == 0;

    for (uint32_t way = 0; way < NOR_WAYS; way++) {
        struct explore_cut cut = {(uint16_t)number, (uint8_t)way, false};
        uint64_t seed = explore_path_seed(explore, &explore->node->path) ^ number << 4 ^ way;

        if (!is_first)
            cut.is_rtc_kept = nor_random(&seed) % 2 == 0;
        explore_try(explore, operation, &cut);
        if (is_first) {
            cut.is_rtc_kept = true;
            explore_try(explore, operation, &cut);
        }
    }
}

/* ---- running ---- */

void explore_load(struct explore *explore, const struct explore_node *node)
{
    struct subject *subject = &explore->subject;

    nor_image_free(&subject->flash.image);
    nor_image_copy(&subject->flash.image, &node->image);
    memcpy(subject->rtc, node->rtc, sizeof(subject->rtc));
    memcpy(subject->flash.erases, node->erases, sizeof(node->erases));
    subject->now_ms = node->now_ms;
    subject->seen_after = node->seen_after;
    subject->has_acted = node->has_acted;
    subject->is_set_up = false; /* the user comes again */
    subject->is_dead_expected = node->is_dead_expected;
    subject->is_weak = explore_path_is_weak(&node->path);
    subject->wrong[0] = '\0';
    subject->random = explore_path_seed(explore, &node->path);
    subject->flash.random = subject->random;
    subject->net.is_down = false;
}

void explore_node_save(const struct explore *explore, struct explore_node *node)
{
    const struct subject *subject = &explore->subject;

    memset(node, 0, sizeof(*node));
    nor_image_copy(&node->image, &subject->flash.image);
    memcpy(node->rtc, subject->rtc, sizeof(node->rtc));
    memcpy(node->erases, subject->flash.erases, sizeof(node->erases));
    node->now_ms = subject->now_ms;
    node->has_acted = subject->has_acted;
}

void explore_note(struct explore *explore, const struct explore_path *path, const char *suffix)
{
    struct explore_result *result = explore->result;
    const struct subject *subject = &explore->subject;

    if (subject->wrong[0] == '\0')
        return;
    if (result->failures < EXPLORE_FAILURES_KEPT) {
        struct explore_failure *failure = &result->failure[result->failures];
        explore_path_name(explore, path, suffix, failure->name);
        snprintf(failure->wrong, sizeof(failure->wrong), "%s", subject->wrong);
    }
    result->failures++;
}

static void explore_check_wear(struct explore *explore, uint32_t cuts)
{
    struct explore_result *result = explore->result;
    struct subject *subject = &explore->subject;
    uint32_t limit = explore->scenario->erases_max + EXTRA_ERASES_PER_CUT * cuts;

    for (uint32_t i = 0; i < NOR_SECTORS; i++) {
        uint32_t erases = subject->flash.erases[i];

        if (erases > result->erases_max)
            result->erases_max = erases;
        if (cuts == 0 && erases > result->erases_base)
            result->erases_base = erases;
        if (erases > limit)
            subject_fail(subject, "sector %02x was erased %u times, %u are allowed", (unsigned)i,
                         (unsigned)erases, (unsigned)limit);
    }
}

/* Without a network the app runs, or the updater waits; nothing else may happen. */
static void explore_run_offline(struct explore *explore, const struct explore_path *path)
{
    struct subject *subject = &explore->subject;
    void (*observe)(void *, const struct nor_operation *, uint32_t) = subject->flash.observe;
    enum subject_end end;

    subject->flash.observe = NULL; /* cuts are named by the operations of the run with network */
    subject->net.is_down = true;
    end = subject_run(subject, !path->cut[path->count - 1].is_rtc_kept);
    if (end == SUBJECT_DEAD && !subject->is_dead_expected)
        subject_fail(subject, "dead without a network");
    subject->net.is_down = false;
    subject->flash.observe = observe;
}

/* A run that met a weak cell may give up and let the app run; the next one gets on. */
static enum subject_end explore_run_again(struct explore *explore)
{
    struct subject *subject = &explore->subject;
    void (*observe)(void *, const struct nor_operation *, uint32_t) = subject->flash.observe;
    enum subject_end end = SUBJECT_WRONG;

    if (subject->wrong[0] == '\0')
        return end;
    subject->wrong[0] = '\0';
    subject->is_set_up = false;
    subject->flash.observe = NULL;
    end = subject_run(subject, true);
    subject->flash.observe = observe;
    scenario_judge(explore->scenario, subject, end, &explore->start);
    return end;
}

/* The last run of a path. */
void explore_run(struct explore *explore, const struct explore_node *node)
{
    struct subject *subject = &explore->subject;
    uint32_t count = node->path.count;
    bool is_power_lost = count == 0 || !node->path.cut[count - 1].is_rtc_kept;
    bool is_offline = count > 0 && is_one_in(subject->random ^ 0x0FF, OFFLINE_ONE_IN);
    enum subject_end end;

    if (is_offline) {
        explore_run_offline(explore, &node->path);
        is_power_lost = true;
    }
    if (subject->wrong[0] != '\0')
        return;
    end = subject_run(subject, is_power_lost);
    if (end == SUBJECT_DEAD && subject->is_dead_expected) {
        explore->result->dead++;
        return;
    }
    scenario_judge(explore->scenario, subject, end, &explore->start);
    for (uint32_t i = 0; i < WEAK_RUNS && subject->is_weak && end < SUBJECT_DEAD; i++)
        end = explore_run_again(explore);
    explore_check_wear(explore, count);
}

/* Run a node, then everything that its cuts lead to. */
static void explore_tree(struct explore *explore, struct explore_node *node)
{
    bool is_leaf = node->path.count >= EXPLORE_CUTS_MAX;
    struct explore_node *child = is_leaf ? NULL : malloc(CHILDREN_MAX * sizeof(*child));

    explore->node = node;
    explore->child = child;
    explore->child_count = 0;
    explore_load(explore, node);
    explore->subject.flash.observer = explore;
    explore->subject.flash.observe = is_leaf ? NULL : explore_observe;
    explore_run(explore, node);
    explore->subject.flash.observe = NULL;
    explore->result->paths++;
    explore_note(explore, &node->path, "");
    nor_image_free(&node->image);

    uint32_t child_count = explore->child_count;
    for (uint32_t i = 0; i < child_count; i++)
        explore_tree(explore, &child[i]);
    free(child);
}

/* ---- a scenario ---- */

void explore_open(struct explore *explore, const struct scenario *scenario,
                  const struct field *field, const struct explore_effort *effort,
                  struct explore_result *result)
{
    memset(explore, 0, sizeof(*explore));
    explore->scenario = scenario;
    explore->scenario_index = (uint32_t)(scenario - scenario_table);
    explore->field = field;
    explore->effort = effort;
    explore->result = result;
    scenario_begin(scenario, &explore->subject, field);
    explore->subject.is_memory_kept = effort->is_memory_kept;
    nor_image_copy(&explore->start, &explore->subject.flash.image);
}

static double seconds_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void explore_scenario(const struct scenario *scenario, const struct field *field,
                      const struct explore_effort *effort, uint32_t worker, uint32_t workers,
                      struct explore_result *result)
{
    static struct explore explore;
    static struct explore_node root;
    static struct explore_node child[CHILDREN_MAX];
    double begun = seconds_now();

    explore_open(&explore, scenario, field, effort, result);
    explore_node_save(&explore, &root);
    explore.node = &root;
    explore.child = child;
    explore_load(&explore, &root);
    explore.subject.flash.observer = &explore;
    explore.subject.flash.observe = explore_observe;
    explore_run(&explore, &root);
    explore.subject.flash.observe = NULL;
    result->operations = explore.subject.flash.operations;
    if (result->operations < scenario->operations_min)
        subject_fail(&explore.subject, "%u flash operations, fewer than ever before",
                     (unsigned)result->operations);
    result->paths += worker == 0;
    if (worker == 0)
        explore_note(&explore, &root.path, "");

    struct explore_uncut uncut = {.operations = result->operations,
                                  .reads = explore.subject.flash.reads};
    memcpy(uncut.erases, explore.subject.flash.erases, sizeof(uncut.erases));
    uint32_t child_count = explore.child_count;
    result->injections -= worker == 0 ? 0 : child_count; /* the same ones in each worker */
    for (uint32_t i = 0; i < child_count; i++) {
        if (i % workers == worker)
            explore_tree(&explore, &child[i]);
        else
            nor_image_free(&child[i].image);
    }
    if (effort->faults_one_in > 0)
        explore_faults(&explore, &root, &uncut, worker, workers * effort->faults_one_in);
    nor_image_free(&root.image);
    result->seconds = seconds_now() - begun;
}
