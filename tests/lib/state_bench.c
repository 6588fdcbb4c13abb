// SPDX-License-Identifier: Apache-2.0
/* An install state log under test; see the header. */
#include "tests/lib/state_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/bytes.h"

struct lcm_state_log state_log;

enum lcm_err state_bench_store(enum lcm_state_kind kind, uint8_t value)
{
    uint8_t payload[LCM_STATE_PAYLOAD_SIZE];

    memset(payload, value, sizeof(payload));
    payload[0] = (uint8_t)kind;
    return lcm_state_store(&state_log, kind, payload);
}

int state_bench_load(enum lcm_state_kind kind)
{
    uint8_t payload[LCM_STATE_PAYLOAD_SIZE];
    enum lcm_err err = lcm_state_load(&state_log, kind, payload);

    if (err == LCM_ERR_NOT_FOUND)
        return -1;
    if (err != LCM_OK || payload[0] != (uint8_t)kind ||
        !lcm_bytes_all(payload + 1, sizeof(payload) - 1, payload[1]))
        return -2;
    return payload[1];
}

void state_bench_fill(void)
{
    uint8_t value = 1;

    assert_int_equal(state_bench_store(LCM_STATE_UPDATER, 100), LCM_OK);
    assert_int_equal(state_bench_store(LCM_STATE_TIME_FLOOR, 101), LCM_OK);
    while (state_log.next <= STATE_BENCH_RECORDS)
        assert_int_equal(state_bench_store(LCM_STATE_APP, value++), LCM_OK);
    /* The same once more: no write. */
    assert_int_equal(state_bench_store(LCM_STATE_APP, (uint8_t)(value - 1)), LCM_OK);
}
