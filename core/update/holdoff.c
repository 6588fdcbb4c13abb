// SPDX-License-Identifier: Apache-2.0
/* Hold-off times; see the header. Keeps no state of its own. */
#include "core/update/holdoff.h"

static const uint32_t holdoff_seconds[LCM_HOLDOFF_STEPS] = {1, 20, 400, 8000, 160000, 604800};

uint32_t lcm_holdoff_delay_ms(uint32_t failures, uint32_t random)
{
    if (failures == 0)
        return 0;
    if (failures > LCM_HOLDOFF_STEPS)
        failures = LCM_HOLDOFF_STEPS;

    uint32_t nominal_ms = holdoff_seconds[failures - 1] * 1000u;
    uint32_t half_ms = nominal_ms / 2;

    return half_ms + random % (half_ms + 1);
}

uint8_t lcm_holdoff_next(uint8_t failures)
{
    return failures < LCM_HOLDOFF_STEPS ? (uint8_t)(failures + 1) : (uint8_t)LCM_HOLDOFF_STEPS;
}
