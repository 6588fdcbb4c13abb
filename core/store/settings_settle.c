// SPDX-License-Identifier: Apache-2.0
/*
 * Cells that a power cut left between 0 and 1: they can read one way when the area is opened
 * and another way later. Only the last write can have been cut. Whatever that was, it is
 * written once more here; an entry that is not complete is left behind by a compaction.
 * Changes no value.
 */
#include "core/base/region.h"
#include "core/store/settings_area.h"

static enum lcm_err settle_last(const struct lcm_settings *s, struct lcm_settings_entry *last)
{
    uint32_t cursor = 0;
    enum lcm_err err;

    last->addr = 0;
    while ((err = lcm_settings_area_next(s, &cursor, last)) == LCM_OK)
        continue;
    return err == LCM_ERR_NOT_FOUND ? LCM_OK : err;
}

/* The value that the last one replaced: addr 0 when there is none. */
static enum lcm_err settle_before(const struct lcm_settings *s,
                                  const struct lcm_settings_entry *last,
                                  struct lcm_settings_entry *before)
{
    struct lcm_settings_entry entry;
    uint32_t cursor = 0;
    enum lcm_err err;

    before->addr = 0;
    while ((err = lcm_settings_area_next(s, &cursor, &entry)) == LCM_OK && entry.addr < last->addr)
        if (((entry.idflags ^ last->idflags) &
             (LCM_SETTINGS_ID_MASK | LCM_SETTINGS_VALUE | LCM_SETTINGS_INVALID)) == 0)
            *before = entry;
    return err == LCM_ERR_NOT_FOUND ? LCM_OK : err;
}

static enum lcm_err settle_flags(const struct lcm_settings *s,
                                 const struct lcm_settings_entry *entry)
{
    uint8_t high_byte = (uint8_t)(entry->idflags >> 8);

    return lcm_region_program(s->flash, LCM_REGION_SETTINGS, entry->addr + 1, &high_byte, 1);
}

enum lcm_err lcm_settings_area_settle(struct lcm_settings *s)
{
    struct lcm_settings_entry last, before;
    enum lcm_err err = settle_last(s, &last);

    if (err != LCM_OK || last.addr == 0)
        return err;
    /* Incomplete: its size, and the flag that says so, may read differently next time. */
    if ((last.idflags & LCM_SETTINGS_INVALID) != 0)
        return lcm_settings_compact(s);
    err = settle_flags(s, &last);
    if (err == LCM_OK && lcm_settings_area_is_value(&last))
        err = settle_before(s, &last, &before);
    else
        before.addr = 0;
    if (err == LCM_OK && before.addr != 0)
        err = lcm_settings_area_kill(s, &before);
    return err;
}
