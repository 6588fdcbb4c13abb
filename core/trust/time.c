// SPDX-License-Identifier: Apache-2.0
/*
 * Trusted time; see the header. It asks no clock and stores nothing. Invariant: no
 * sum that could overflow is ever formed, so any two 64-bit inputs are fine.
 */
#include "core/trust/time.h"

uint64_t lcm_time_trusted(uint64_t floor_s, uint64_t hint_s)
{
    if (hint_s < floor_s || hint_s - floor_s > LCM_TIME_AHEAD_MAX_S)
        return LCM_TIME_NONE;
    return hint_s;
}

uint64_t lcm_time_raise_floor(uint64_t floor_s, uint64_t signed_s)
{
    if (signed_s <= floor_s || signed_s - floor_s > LCM_TIME_AHEAD_MAX_S)
        return floor_s;
    return signed_s;
}
