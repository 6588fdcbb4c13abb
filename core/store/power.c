// SPDX-License-Identifier: Apache-2.0
/*
 * Power-cycle marks: two parallel fields of 508 words. Start words lose one bit per
 * power-on from the top; keep words follow the start words once a run survived, so a
 * bit that is 0 in start and 1 in keep is a short cycle. Decides nothing about what
 * a count means.
 *
 * Invariant: bits are only ever cleared; the last start word is never a mark but asks
 * for a rewrite of the sector once it is not blank (a value up to 32 = cycles pending).
 */
#include "core/store/power.h"

#include "core/base/bytes.h"
#include "core/base/region.h"
#include "core/store/bootsector.h"
#include "lcm/layout.h"

#define POWER_WORD_COUNT (LCM_BOOTSECTOR_MARKS_SIZE / 4u)
#define POWER_LAST (POWER_WORD_COUNT - 1u)
#define POWER_KEEP_ADDR (LCM_BOOTCONF_ADDR + LCM_BOOTSECTOR_HEAD_SIZE)
#define POWER_START_ADDR (POWER_KEEP_ADDR + LCM_BOOTSECTOR_MARKS_SIZE)
#define POWER_BLANK UINT32_MAX
#define POWER_CARRY_MAX 32u /* largest count the last word carries over */

/* The place where marking goes on. */
struct power_marks {
    uint32_t index;  /* first start word that is not 0; POWER_LAST at the end */
    uint32_t start;  /* that word */
    uint32_t keep;   /* keep word of the same index */
    uint32_t before; /* keep word in front of it, 0 at index 0 */
    uint32_t last;   /* the last start word */
};

static enum lcm_err power_read(const struct lcm_flash *flash, uint32_t addr, uint32_t *word)
{
    uint8_t bytes[4];
    enum lcm_err err = flash->read(flash->context, addr, bytes, sizeof(bytes));

    if (err == LCM_OK)
        *word = lcm_get_u32(bytes);
    return err;
}

/* Clear the bits of a word that are not in mask. */
static enum lcm_err power_clear(const struct lcm_flash *flash, uint32_t addr, uint32_t word,
                                uint32_t mask)
{
    uint8_t bytes[4];

    if ((word & mask) == word)
        return LCM_OK;
    lcm_put_u32(bytes, word & mask);
    return lcm_region_program(flash, LCM_REGION_BOOTCONF, addr, bytes, sizeof(bytes));
}

static enum lcm_err power_find(const struct lcm_flash *flash, struct power_marks *marks)
{
    enum lcm_err err;

    marks->index = 0;
    marks->before = 0;
    while ((err = power_read(flash, POWER_START_ADDR + 4 * marks->index, &marks->start)) ==
               LCM_OK &&
           marks->start == 0 && marks->index < POWER_LAST)
        marks->index++;
    if (err == LCM_OK)
        err = power_read(flash, POWER_KEEP_ADDR + 4 * marks->index, &marks->keep);
    if (err == LCM_OK && marks->index > 0)
        err = power_read(flash, POWER_KEEP_ADDR + 4 * (marks->index - 1), &marks->before);
    if (err == LCM_OK)
        err = power_read(flash, POWER_START_ADDR + 4 * POWER_LAST, &marks->last);
    return err;
}

static uint32_t power_bits(uint32_t word)
{
    uint32_t count = 0;

    for (; word != 0; word &= word - 1)
        count++;
    return count;
}

static uint32_t power_pending(const struct power_marks *marks)
{
    uint32_t pending = 0;

    if (marks->last <= POWER_CARRY_MAX)
        return marks->last;
    /* The last word is no mark: when it was torn, its cleared bits mean nothing. */
    if (marks->index < POWER_LAST)
        pending = power_bits(~marks->start & marks->keep);
    if (marks->keep == POWER_BLANK)
        pending += power_bits(marks->before);
    return pending;
}

enum lcm_err lcm_power_pending(const struct lcm_flash *flash, uint32_t *pending)
{
    struct power_marks marks;
    enum lcm_err err = power_find(flash, &marks);

    if (err == LCM_OK)
        *pending = power_pending(&marks);
    return err;
}

static enum lcm_err power_renew(const struct lcm_flash *flash, struct power_marks *marks)
{
    uint8_t head[LCM_BOOTSECTOR_HEAD_SIZE];
    enum lcm_err err = flash->read(flash->context, LCM_BOOTCONF_ADDR, head, sizeof(head));

    if (err == LCM_OK)
        err = lcm_bootsector_rewrite(flash, head, power_pending(marks));
    return err == LCM_OK ? power_find(flash, marks) : err;
}

enum lcm_err lcm_power_count(const struct lcm_flash *flash, uint32_t *count)
{
    struct power_marks marks;
    enum lcm_err err = power_find(flash, &marks);

    *count = 1;
    if (err != LCM_OK)
        return err;
    *count = power_pending(&marks) + 1;
    if (marks.last != POWER_BLANK) {
        err = power_renew(flash, &marks);
        if (err != LCM_OK)
            return err;
    }
    if (marks.index == POWER_LAST)
        return power_clear(flash, POWER_START_ADDR + 4 * POWER_LAST, marks.start,
                           *count < POWER_CARRY_MAX ? *count : POWER_CARRY_MAX);
    return power_clear(flash, POWER_START_ADDR + 4 * marks.index, marks.start, marks.start >> 1);
}

enum lcm_err lcm_power_survived(const struct lcm_flash *flash)
{
    struct power_marks marks;
    enum lcm_err err = power_find(flash, &marks);

    if (err != LCM_OK)
        return err;
    if (marks.last != POWER_BLANK)
        return power_clear(flash, POWER_START_ADDR + 4 * POWER_LAST, marks.last, 0);
    if (marks.keep == POWER_BLANK && marks.index > 0) {
        err = power_clear(flash, POWER_KEEP_ADDR + 4 * (marks.index - 1), marks.before, 0);
        if (err != LCM_OK)
            return err;
    }
    return power_clear(flash, POWER_KEEP_ADDR + 4 * marks.index, marks.keep, marks.start);
}
