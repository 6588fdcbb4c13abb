// SPDX-License-Identifier: Apache-2.0
/*
 * Enumeration of cuts; see the header. A run shows each of its flash operations to
 * explore_observe, which keeps copies of the flash as cuts would leave it; these copies are
 * the starts of further runs. So nothing is run twice to get to a cut.
 */
#include "tests/power/explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHILDREN_MAX 4096u
#define OFFLINE_ONE_IN 8u
#define WAY_LETTERS "bfranw"
#define WEAK_RUNS 9u /* more, when cells read differently each time */
#define EXTRA_ERASES_PER_CUT 2u /* the sector being written, and a repair of a store */

struct cut {
    uint16_t operation;
    uint8_t way;
    bool is_rtc_kept;
};

struct path {
    struct cut cut[EXPLORE_CUTS_MAX];
    uint32_t count;
};

/* A device at the moment when power comes back. */
struct node {
    struct nor_image image;
    uint8_t rtc[LCM_RTC_SIZE];
    uint8_t erases[NOR_SECTORS];
    uint64_t now_ms;
    uint32_t seen_after;
    bool has_acted;
    bool is_dead_expected;
    struct path path;
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
    const struct node *node; /* where it began */
    struct node *child;      /* what it yielded */
    uint32_t child_count;
};

/* ---- names and numbers of paths ---- */

static uint64_t path_seed(const struct explore *explore, const struct path *path)
{
    uint64_t seed = 0x4C434D00u + explore->scenario_index;

    for (uint32_t i = 0; i < path->count; i++) {
        const struct cut *cut = &path->cut[i];
        seed ^= (uint64_t)cut->operation << 16 | (uint64_t)cut->way << 8 | cut->is_rtc_kept;
        (void)nor_random(&seed);
    }
    return seed;
}

static void path_name(const struct explore *explore, const struct path *path, const char *suffix,
                      char name[EXPLORE_NAME_SIZE])
{
    size_t size = (size_t)snprintf(name, EXPLORE_NAME_SIZE, "%s", explore->scenario->name);

    for (uint32_t i = 0; i < path->count && size < EXPLORE_NAME_SIZE; i++) {
        const struct cut *cut = &path->cut[i];
        size += (size_t)snprintf(name + size, EXPLORE_NAME_SIZE - size, "%c%u%c%s",
                                 i == 0 ? '@' : '+', (unsigned)cut->operation,
                                 WAY_LETTERS[cut->way], cut->is_rtc_kept ? "k" : "");
    }
    if (size < EXPLORE_NAME_SIZE)
        snprintf(name + size, EXPLORE_NAME_SIZE - size, "%s", suffix);
}

static bool path_parse(const char *text, struct path *path)
{
    memset(path, 0, sizeof(*path));
    while (*text == '@' || *text == '+') {
        struct cut *cut = &path->cut[path->count];
        char way = 0;
        int used = 0;
        unsigned operation = 0;
        const char *letter;

        if (path->count == EXPLORE_CUTS_MAX ||
            sscanf(text + 1, "%u%c%n", &operation, &way, &used) != 2)
            return false;
        letter = strchr(WAY_LETTERS, way);
        if (letter == NULL)
            return false;
        cut->operation = (uint16_t)operation;
        cut->way = (uint8_t)(letter - WAY_LETTERS);
        text += 1 + used;
        cut->is_rtc_kept = *text == 'k';
        text += cut->is_rtc_kept;
        path->count++;
    }
    return *text == '\0';
}

static bool is_one_in(uint64_t seed, uint32_t one_in)
{
    return one_in != 0 && nor_random(&seed) % one_in == 0;
}

/* Cells between 0 and 1: what reads right may read wrong a moment later. */
static bool path_is_weak(const struct path *path)
{
    for (uint32_t i = 0; i < path->count; i++)
        if (path->cut[i].way == NOR_WEAK)
            return true;
    return false;
}

/* ---- cutting ---- */

static void node_cut(const struct explore *explore, struct node *child,
                     const struct nor_operation *operation, const struct cut *cut)
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
    child->is_dead_expected = explore->scenario->is_boot_replaced &&
                              operation->addr / LCM_SECTOR_SIZE == 0;
    seed = path_seed(explore, &child->path);
    nor_cut(&child->image, operation, (enum nor_way)cut->way, seed);
}

static bool operation_is_torn(const struct explore *explore, const struct node *child,
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
static bool explore_wants(const struct explore *explore, const struct path *path)
{
    const struct explore_effort *effort = explore->effort;
    const struct scenario *scenario = explore->scenario;
    uint64_t seed = path_seed(explore, path);

    if (path->count == 1)
        return is_one_in(seed, effort->first_one_in);
    if (path->count == 2)
        return is_one_in(seed, effort->pairs_one_in * scenario->pairs_one_in);
    return is_one_in(seed, effort->more_one_in * scenario->more_one_in);
}

static void explore_try(struct explore *explore, const struct nor_operation *operation,
                        const struct cut *cut)
{
    struct path path = explore->node->path;
    struct node *child = &explore->child[explore->child_count];

    path.cut[path.count++] = *cut;
    if (!explore_wants(explore, &path))
        return;
    if (explore->child_count == CHILDREN_MAX) {
        fprintf(stderr, "explore: more than %u cuts of one run\n", CHILDREN_MAX);
        exit(2);
    }
    node_cut(explore, child, operation, cut);
    explore->child_count++;
    explore->result->injections++;
    if (cut->way != NOR_BEFORE && cut->way != NOR_AFTER && cut->way != NOR_WEAK)
        explore->result->torn += operation_is_torn(explore, child, operation);
}

/* First cuts: every way, with RTC memory kept and lost. Further ones: one of both. */
static void explore_observe(void *observer, const struct nor_operation *operation, uint32_t number)
{
    struct explore *explore = observer;
    bool is_first = explore->node->path.count == 0;

    for (uint8_t way = 0; way < NOR_WAYS; way++) {
        struct cut cut = {(uint16_t)number, way, false};
        uint64_t seed = path_seed(explore, &explore->node->path) ^ number << 4 ^ way;

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

static void subject_load(struct explore *explore, const struct node *node)
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
    subject->is_weak = path_is_weak(&node->path);
    subject->wrong[0] = '\0';
    subject->random = path_seed(explore, &node->path);
    subject->flash.random = subject->random;
    subject->net.is_down = false;
}

static void node_save(const struct explore *explore, struct node *node)
{
    const struct subject *subject = &explore->subject;

    memset(node, 0, sizeof(*node));
    nor_image_copy(&node->image, &subject->flash.image);
    memcpy(node->rtc, subject->rtc, sizeof(node->rtc));
    memcpy(node->erases, subject->flash.erases, sizeof(node->erases));
    node->now_ms = subject->now_ms;
    node->has_acted = subject->has_acted;
}

static void explore_note(struct explore *explore, const struct path *path, const char *suffix)
{
    struct explore_result *result = explore->result;
    const struct subject *subject = &explore->subject;

    if (subject->wrong[0] == '\0')
        return;
    if (result->failures < EXPLORE_FAILURES_KEPT) {
        struct explore_failure *failure = &result->failure[result->failures];
        path_name(explore, path, suffix, failure->name);
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
static void explore_run_offline(struct explore *explore, const struct path *path)
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
static void explore_run(struct explore *explore, const struct node *node)
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
static void explore_node(struct explore *explore, struct node *node)
{
    bool is_leaf = node->path.count >= EXPLORE_CUTS_MAX;
    struct node *child = is_leaf ? NULL : malloc(CHILDREN_MAX * sizeof(*child));

    explore->node = node;
    explore->child = child;
    explore->child_count = 0;
    subject_load(explore, node);
    explore->subject.flash.observer = explore;
    explore->subject.flash.observe = is_leaf ? NULL : explore_observe;
    explore_run(explore, node);
    explore->subject.flash.observe = NULL;
    explore->result->paths++;
    explore_note(explore, &node->path, "");
    nor_image_free(&node->image);

    uint32_t child_count = explore->child_count;
    for (uint32_t i = 0; i < child_count; i++)
        explore_node(explore, &child[i]);
    free(child);
}

/* ---- a flash that fails ---- */

static void explore_fault(struct explore *explore, const struct node *root,
                          const struct nor_fault *fault, const char *suffix)
{
    struct subject *subject = &explore->subject;
    enum subject_end end;

    subject_load(explore, root);
    subject->flash.fault = *fault;
    subject->is_dead_expected = explore->scenario->is_boot_replaced;
    end = subject_run(subject, true);
    explore->result->injections += subject->flash.faults_fired > 0;
    if (subject->flash.faults_fired > 0 && end == SUBJECT_DEAD && !subject->is_dead_expected)
        subject_fail(subject, "dead after a fault");
    scenario_judge_settings(explore->scenario, subject, false);
    subject->flash.fault.fail_at = UINT32_MAX;
    subject->flash.fault.stuck_addr = UINT32_MAX;
    subject->is_set_up = false;
    if (subject->wrong[0] == '\0' && end == SUBJECT_DEAD) {
        explore->result->dead++;
    } else if (subject->wrong[0] == '\0') {
        end = subject_run(subject, true);
        scenario_judge(explore->scenario, subject, end, &explore->start);
    }
    explore->result->paths++;
    explore->result->faults++;
    explore_note(explore, &root->path, suffix);
}

/* Every operation fails: once, three times, from then on. */
static void explore_failing(struct explore *explore, const struct node *root, uint32_t first,
                            uint32_t step)
{
    static const uint32_t counts[] = {1, 3, UINT32_MAX};
    char suffix[32];

    for (uint32_t at = first; at < explore->result->operations; at += step) {
        for (uint32_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
            struct nor_fault fault = {.fail_at = at, .fail_count = counts[i],
                                      .stuck_addr = UINT32_MAX};

            snprintf(suffix, sizeof(suffix), "!%u*%u", (unsigned)at, (unsigned)(i + 1));
            explore_fault(explore, root, &fault, suffix);
        }
    }
}

/* One stuck bit, somewhere in a sector that the scenario erases. */
static void explore_stuck(struct explore *explore, const struct node *root,
                          const uint8_t erases[NOR_SECTORS], uint32_t first, uint32_t step)
{
    char suffix[32];

    for (uint32_t i = first; i < 8 * NOR_SECTORS; i += step) {
        uint64_t seed = i;
        uint64_t number = nor_random(&seed);
        struct nor_fault fault = {
            .fail_at = UINT32_MAX,
            .stuck_addr = i / 8 * LCM_SECTOR_SIZE + (uint32_t)((number >> 8) % LCM_SECTOR_SIZE),
            .stuck_mask = (uint8_t)(1u << (number % 8)),
            .is_stuck_high = i % 2 == 0,
        };

        if (erases[i / 8] == 0 || i / 8 == 0)
            continue;
        snprintf(suffix, sizeof(suffix), "!%05x.%02x%s", (unsigned)fault.stuck_addr,
                 (unsigned)fault.stuck_mask, fault.is_stuck_high ? "h" : "l");
        explore_fault(explore, root, &fault, suffix);
    }
}

/* ---- a scenario ---- */

static void explore_open(struct explore *explore, const struct scenario *scenario,
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
    static struct node root;
    static struct node child[CHILDREN_MAX];
    double begun = seconds_now();

    explore_open(&explore, scenario, field, effort, result);
    node_save(&explore, &root);
    explore.node = &root;
    explore.child = child;
    subject_load(&explore, &root);
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

    uint8_t erases[NOR_SECTORS];
    memcpy(erases, explore.subject.flash.erases, sizeof(erases));
    uint32_t child_count = explore.child_count;
    result->injections -= worker == 0 ? 0 : child_count; /* the same ones in each worker */
    for (uint32_t i = 0; i < child_count; i++) {
        if (i % workers == worker)
            explore_node(&explore, &child[i]);
        else
            nor_image_free(&child[i].image);
    }
    if (effort->faults_one_in > 0) {
        explore_failing(&explore, &root, worker, workers * effort->faults_one_in);
        explore_stuck(&explore, &root, erases, worker, workers * effort->faults_one_in);
    }
    nor_image_free(&root.image);
    result->seconds = seconds_now() - begun;
}

/* ---- replay ---- */

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
    const struct cut *cut; /* the next one */
    struct node child;
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
    node_cut(&replay->explore, &replay->child, operation, replay->cut);
}

/* One run of the path; the last one (cut == NULL) is judged. */
static bool replay_run(struct replay *replay, struct node *node, const struct cut *cut)
{
    struct explore *explore = &replay->explore;

    replay->cut = cut;
    replay->has_fired = false;
    explore->node = node;
    subject_load(explore, node);
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
    static struct node node;
    struct path path;
    size_t length = 0;
    const struct scenario *scenario = replay_find(name, &length);

    if (scenario == NULL || !path_parse(name + length, &path)) {
        fprintf(stderr, "no such path: %s\n", name);
        return false;
    }
    explore_open(&replay.explore, scenario, field, &effort, &result);
    node_save(&replay.explore, &node);
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
