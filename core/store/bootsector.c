// SPDX-License-Identifier: Apache-2.0
/*
 * Staged rewrite of the config sector. Does not interpret config or marks.
 *
 * Invariant: while the sector is erased or incomplete, a stage record with a valid
 * checksum says what belongs there; it is broken only after the sector is complete, and from then
 * on the sector is not erased for its sake: it may be there now and gone in a moment.
 */
#include "core/store/bootsector.h"

#include <string.h>

#include "core/base/bytes.h"
#include "core/base/crc32.h"
#include "core/base/region.h"
#include "lcm/layout.h"

#define STAGE_ADDR (LCM_SCRATCH_ADDR + LCM_SECTOR_SIZE)
#define STAGE_MAGIC 0x3142434Cu /* "LCB1" */
#define STAGE_HEAD_OFFSET 4u
#define STAGE_MARKS_OFFSET (STAGE_HEAD_OFFSET + LCM_BOOTSECTOR_HEAD_SIZE)
#define STAGE_CRC_OFFSET (STAGE_MARKS_OFFSET + 4u)
#define STAGE_SIZE (STAGE_CRC_OFFSET + 4u)
#define START_MARKS_ADDR (LCM_BOOTCONF_ADDR + LCM_BOOTSECTOR_HEAD_SIZE + LCM_BOOTSECTOR_MARKS_SIZE)
#define LAST_MARKS_ADDR (START_MARKS_ADDR + LCM_BOOTSECTOR_MARKS_SIZE - 4u)

static enum lcm_err bootsector_write(const struct lcm_flash *flash, uint32_t addr,
                                     const uint8_t *src, uint32_t size)
{
    return lcm_region_program(flash, LCM_REGION_BOOTCONF, addr, src, size);
}

static enum lcm_err bootsector_break_stage(const struct lcm_flash *flash)
{
    static const uint8_t zero[4] = {0};

    return lcm_region_program(flash, LCM_REGION_SCRATCH, STAGE_ADDR, zero, sizeof(zero));
}

/* The head goes last: without it the sector counts as not written. */
static enum lcm_err bootsector_apply(const struct lcm_flash *flash, const uint8_t stage[STAGE_SIZE])
{
    enum lcm_err err = lcm_region_erase(flash, LCM_REGION_BOOTCONF, LCM_BOOTCONF_ADDR);

    if (err == LCM_OK)
        err = bootsector_write(flash, START_MARKS_ADDR, stage + STAGE_MARKS_OFFSET, 4);
    if (err == LCM_OK)
        err = bootsector_write(flash, LCM_BOOTCONF_ADDR, stage + STAGE_HEAD_OFFSET,
                               LCM_BOOTSECTOR_HEAD_SIZE);
    return err == LCM_OK ? bootsector_break_stage(flash) : err;
}

/* Is all of it in the sector? The old head may have been the same, and may be blank; but a sector
 * that is renewed has something in its last word, and a new one the marks that were staged. */
static enum lcm_err bootsector_is_complete(const struct lcm_flash *flash,
                                           const uint8_t stage[STAGE_SIZE], bool *is_complete)
{
    uint8_t head[LCM_BOOTSECTOR_HEAD_SIZE];
    uint8_t marks[4];
    uint8_t last[4];
    enum lcm_err err = flash->read(flash->context, LCM_BOOTCONF_ADDR, head, sizeof(head));

    if (err == LCM_OK)
        err = flash->read(flash->context, START_MARKS_ADDR, marks, sizeof(marks));
    if (err == LCM_OK)
        err = flash->read(flash->context, LAST_MARKS_ADDR, last, sizeof(last));
    *is_complete = err == LCM_OK && memcmp(head, stage + STAGE_HEAD_OFFSET, sizeof(head)) == 0 &&
                   (lcm_get_u32(marks) & ~lcm_get_u32(stage + STAGE_MARKS_OFFSET)) == 0 &&
                   lcm_bytes_all(last, sizeof(last), 0xFF);
    return err;
}

/* The stage is valid; it and the head may be half written and read right only now: once more. */
static enum lcm_err bootsector_finish(const struct lcm_flash *flash,
                                      const uint8_t stage[STAGE_SIZE])
{
    bool is_complete = false;
    enum lcm_err err = bootsector_is_complete(flash, stage, &is_complete);

    if (err != LCM_OK)
        return err;
    if (!is_complete) {
        err = lcm_region_program(flash, LCM_REGION_SCRATCH, STAGE_ADDR, stage, STAGE_SIZE);
        return err == LCM_OK ? bootsector_apply(flash, stage) : err;
    }
    err = bootsector_write(flash, LCM_BOOTCONF_ADDR, stage + STAGE_HEAD_OFFSET,
                           LCM_BOOTSECTOR_HEAD_SIZE);
    return err == LCM_OK ? bootsector_break_stage(flash) : err;
}

enum lcm_err lcm_bootsector_recover(const struct lcm_flash *flash)
{
    uint8_t stage[STAGE_SIZE];
    enum lcm_err err = flash->read(flash->context, STAGE_ADDR, stage, sizeof(stage));

    if (err != LCM_OK)
        return err;
    if (lcm_get_u32(stage) != STAGE_MAGIC ||
        lcm_get_u32(stage + STAGE_CRC_OFFSET) != lcm_crc32(0, stage, STAGE_CRC_OFFSET))
        return LCM_OK;
    return bootsector_finish(flash, stage);
}

enum lcm_err lcm_bootsector_rewrite(const struct lcm_flash *flash,
                                    const uint8_t head[LCM_BOOTSECTOR_HEAD_SIZE], uint32_t pending)
{
    uint8_t stage[STAGE_SIZE];

    if (pending > LCM_BOOTSECTOR_PENDING_MAX)
        pending = LCM_BOOTSECTOR_PENDING_MAX;
    lcm_put_u32(stage, STAGE_MAGIC);
    memcpy(stage + STAGE_HEAD_OFFSET, head, LCM_BOOTSECTOR_HEAD_SIZE);
    lcm_put_u32(stage + STAGE_MARKS_OFFSET, UINT32_MAX >> pending);
    lcm_put_u32(stage + STAGE_CRC_OFFSET, lcm_crc32(0, stage, STAGE_CRC_OFFSET));

    enum lcm_err err = lcm_region_erase(flash, LCM_REGION_SCRATCH, STAGE_ADDR);
    if (err == LCM_OK)
        err = lcm_region_program(flash, LCM_REGION_SCRATCH, STAGE_ADDR, stage, sizeof(stage));
    return err == LCM_OK ? bootsector_apply(flash, stage) : err;
}
