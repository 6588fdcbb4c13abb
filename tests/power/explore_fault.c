// SPDX-License-Identifier: Apache-2.0
/*
 * A flash that fails: operations, reads, stuck bits. One run meets the fault and may give up, but
 * loses nothing; the next one, with a flash that works again, must end well.
 */
#include <stdio.h>
#include <string.h>

#include "tests/power/explore_parts.h"

#define SUFFIX_SIZE 32u

static const uint32_t fail_counts[] = {1, 3, UINT32_MAX};
#define FAIL_COUNTS (sizeof(fail_counts) / sizeof(fail_counts[0]))

/* ---- names ---- */

static void fault_name(const struct nor_fault *fault, char suffix[SUFFIX_SIZE])
{
    bool is_read = fault->read_fail_at != UINT32_MAX;

    if (fault->stuck_addr != UINT32_MAX)
        snprintf(suffix, SUFFIX_SIZE, "!%05x.%02x%c", (unsigned)fault->stuck_addr,
                 (unsigned)fault->stuck_mask, fault->is_stuck_high ? 'h' : 'l');
    else
        snprintf(suffix, SUFFIX_SIZE, "!%s%u*%u", is_read ? "r" : "",
                 (unsigned)(is_read ? fault->read_fail_at : fault->fail_at),
                 (unsigned)fault->fail_count);
}

bool explore_fault_parse(const char *text, struct nor_fault *fault)
{
    unsigned at = 0, count = 0, mask = 0;
    char kind = 0;
    int used = 0;

    *fault = (struct nor_fault)NOR_NO_FAULT;
    if (sscanf(text, "!r%u*%u%n", &at, &count, &used) == 2) {
        fault->read_fail_at = at;
    } else if (sscanf(text, "!%u*%u%n", &at, &count, &used) == 2) {
        fault->fail_at = at;
    } else if (sscanf(text, "!%x.%x%c%n", &at, &mask, &kind, &used) == 3 &&
               strchr("hl", kind) != NULL) {
        fault->stuck_addr = at;
        fault->stuck_mask = (uint8_t)mask;
        fault->is_stuck_high = kind == 'h';
    }
    fault->fail_count = count;
    return used > 0 && text[used] == '\0';
}

/* ---- runs ---- */

void explore_fault_run(struct explore *explore, const struct explore_node *root,
                       const struct nor_fault *fault)
{
    struct subject *subject = &explore->subject;
    enum subject_end end;

    explore_load(explore, root);
    subject->flash.fault = *fault;
    /* A sector 0 that fails for good while it is replaced; one that fails now and then is mended.
     */
    subject->is_dead_expected =
        explore->scenario->is_boot_replaced && fault->fail_count == UINT32_MAX;
    end = subject_run(subject, true);
    explore->result->injections += subject->flash.faults_fired > 0;
    if (subject->flash.faults_fired > 0 && end == SUBJECT_DEAD && !subject->is_dead_expected)
        subject_fail(subject, "dead after a fault");
    if (end == SUBJECT_WAITING && fault->fail_count == 1)
        subject_fail(subject, "waits after one failure: %s",
                     lcm_err_name(subject->lifecycle.result));
    subject->flash.fault = (struct nor_fault)NOR_NO_FAULT;
    scenario_judge_settings(explore->scenario, subject, false);
    subject->is_set_up = false;
    if (subject->wrong[0] == '\0' && end != SUBJECT_DEAD)
        end = subject_run(subject, true);
    if (end == SUBJECT_DEAD && subject->is_dead_expected)
        explore->result->dead++;
    else if (subject->wrong[0] == '\0')
        scenario_judge(explore->scenario, subject, end, &explore->start);
}

static void fault_try(struct explore *explore, const struct explore_node *root,
                      const struct nor_fault *fault)
{
    char suffix[SUFFIX_SIZE];

    explore_fault_run(explore, root, fault);
    fault_name(fault, suffix);
    explore->result->paths++;
    explore->result->faults++;
    explore_note(explore, &root->path, suffix);
}

/* The operation or read fails: once, three times, from then on. */
static void fault_failing(struct explore *explore, const struct explore_node *root, uint32_t at,
                          bool is_read)
{
    for (uint32_t i = 0; i < FAIL_COUNTS; i++) {
        struct nor_fault fault = NOR_NO_FAULT;

        *(is_read ? &fault.read_fail_at : &fault.fail_at) = at;
        fault.fail_count = fail_counts[i];
        fault_try(explore, root, &fault);
    }
}

/* One stuck bit, somewhere in a sector that the scenario erases. */
static void fault_bits(struct explore *explore, const struct explore_node *root,
                       const uint8_t erases[NOR_SECTORS], uint32_t first, uint32_t step)
{
    for (uint32_t i = first; i < 8 * NOR_SECTORS; i += step) {
        uint64_t seed = i;
        uint64_t number = nor_random(&seed);
        struct nor_fault fault = NOR_NO_FAULT;

        if (erases[i / 8] == 0 || i / 8 == 0)
            continue;
        fault.stuck_addr = i / 8 * LCM_SECTOR_SIZE + (uint32_t)((number >> 8) % LCM_SECTOR_SIZE);
        fault.stuck_mask = (uint8_t)(1u << (number % 8));
        fault.is_stuck_high = i % 2 == 0;
        fault_try(explore, root, &fault);
    }
}

void explore_faults(struct explore *explore, const struct explore_node *root,
                    const struct explore_uncut *uncut, uint32_t first, uint32_t step)
{
    for (uint32_t at = first; at < uncut->operations; at += step)
        fault_failing(explore, root, at, false);
    for (uint32_t at = first; at < uncut->reads; at += step)
        fault_failing(explore, root, at, true);
    fault_bits(explore, root, uncut->erases, first, step);
}
