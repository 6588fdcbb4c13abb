// SPDX-License-Identifier: Apache-2.0
/* A watch on the wall clock; see the header. Reads no clock itself. */
#include "collector/clock.h"

#include <stdlib.h>

void clock_watch_init(struct clock_watch *watch, int64_t wall_ms, int64_t boot_ms)
{
    *watch = (struct clock_watch){.offset_ms = wall_ms - boot_ms};
}

int64_t clock_watch_look(struct clock_watch *watch, int64_t wall_ms, int64_t boot_ms)
{
    int64_t offset_ms = wall_ms - boot_ms;
    bool was_off = watch->has_jumped;

    watch->has_jumped = llabs(offset_ms - watch->offset_ms) > CLOCK_JUMP_MS;
    if (!watch->has_jumped)
        return 0;
    if (!was_off || llabs(offset_ms - watch->other_ms) > CLOCK_STEADY_MS) {
        watch->other_ms = offset_ms;
        watch->other_since_ms = boot_ms;
    }
    if (boot_ms - watch->other_since_ms >= CLOCK_SETTLE_MS) {
        watch->offset_ms = offset_ms;
        watch->has_jumped = false;
    }
    return watch->has_jumped ? offset_ms - watch->offset_ms : 0;
}
