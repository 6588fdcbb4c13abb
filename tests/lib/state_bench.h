/* SPDX-License-Identifier: Apache-2.0 */
/* An install state log with payloads that tell a torn one: for tests of the log. */
#ifndef LCM_TESTS_STATE_BENCH_H
#define LCM_TESTS_STATE_BENCH_H

#include "core/store/state_log.h"

#define STATE_BENCH_RECORDS 63u /* that fit one sector */

extern struct lcm_state_log state_log;

/* Store a payload that is made of the kind and this value. */
LCM_MUST_CHECK enum lcm_err state_bench_store(enum lcm_state_kind kind, uint8_t value);

/* Value of a kind: -1 none, -2 not a payload of ours. */
int state_bench_load(enum lcm_state_kind kind);

/* Store until the next new payload needs a compaction: updater 100, time floor 101, then app. */
void state_bench_fill(void);

#endif
