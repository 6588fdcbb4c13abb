// SPDX-License-Identifier: Apache-2.0
/*
 * Staged rewrite of the config sector. Does not interpret config or marks.
 *
 * Invariant: while the sector is erased or incomplete, a stage record with a valid
 * checksum says what belongs there; it is broken only after the sector is complete.
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

static enum lcm_err bootsector_write(const struct lcm_flash *flash, uint32_t addr,
                                     const uint8_t *src, uint32_t size)
{
    return lcm_region_program(flash, LCM_REGION_BOOTCONF, addr, src, size);
}

/* The head goes last: without it the sector counts as not written. */
static enum lcm_err bootsector_apply(const struct lcm_flash *flash, const uint8_t stage[STAGE_SIZE])
{
    static const uint8_t zero[4] = {0};
    enum lcm_err err = lcm_region_erase(flash, LCM_REGION_BOOTCONF, LCM_BOOTCONF_ADDR);

    if (err == LCM_OK)
        err = bootsector_write(flash, START_MARKS_ADDR, stage + STAGE_MARKS_OFFSET, 4);
    if (err == LCM_OK)
        err = bootsector_write(flash, LCM_BOOTCONF_ADDR, stage + STAGE_HEAD_OFFSET,
                               LCM_BOOTSECTOR_HEAD_SIZE);
    if (err == LCM_OK)
        err = lcm_region_program(flash, LCM_REGION_SCRATCH, STAGE_ADDR, zero, sizeof(zero));
    return err;
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
    /* It may be half written, and read right only now. */
    err = lcm_region_program(flash, LCM_REGION_SCRATCH, STAGE_ADDR, stage, sizeof(stage));
    return err == LCM_OK ? bootsector_apply(flash, stage) : err;
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
