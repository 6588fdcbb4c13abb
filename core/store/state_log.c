// SPDX-License-Identifier: Apache-2.0
/*
 * Append-only records in one sector, compacted through a staged copy. Knows nothing
 * about payloads.
 *
 * Invariants: the state sector is erased only while a complete copy is marked valid
 * in scratch; its header is programmed after its records; the stage is invalidated
 * only when the state sector carries the generation of the stage.
 */
#include "core/store/state_log.h"

#include <stdbool.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/base/crc32.h"
#include "core/base/region.h"
#include "lcm/layout.h"

#define STATE_MAGIC 0x3153434Cu       /* "LCS1" */
#define STATE_STAGE_MAGIC 0x5453434Cu /* "LCST" */
#define STATE_STAGE_ADDR LCM_SCRATCH_ADDR
#define STATE_HEADER_SIZE 16u
#define STATE_HEADER_CRC_OFFSET 12u
#define STATE_RECORD_SIZE 64u
#define STATE_PAYLOAD_OFFSET 4u
#define STATE_CRC_OFFSET 60u
#define STATE_SLOT_FIRST 1u /* slot 0 is the header */
#define STATE_SLOT_COUNT (LCM_STATE_SIZE / STATE_RECORD_SIZE)
#define STATE_SLOT_NONE 0u

_Static_assert(STATE_PAYLOAD_OFFSET + LCM_STATE_PAYLOAD_SIZE == STATE_CRC_OFFSET, "record layout");
_Static_assert(LCM_STATE_KIND_MAX + STATE_SLOT_FIRST < STATE_SLOT_COUNT, "a full set leaves room");

/* One of the two sectors that can hold records. */
struct state_sector {
    enum lcm_region region;
    uint32_t addr;
    uint32_t magic;
};

static const struct state_sector state_main = {LCM_REGION_STATE, LCM_STATE_ADDR, STATE_MAGIC};
static const struct state_sector state_stage = {LCM_REGION_SCRATCH, STATE_STAGE_ADDR,
                                                STATE_STAGE_MAGIC};

/* ---- sector headers ---- */

static enum lcm_err state_read_header(const struct lcm_flash *flash,
                                      const struct state_sector *sector, bool *is_valid,
                                      uint32_t *generation)
{
    uint8_t header[STATE_HEADER_SIZE];
    enum lcm_err err = flash->read(flash->context, sector->addr, header, sizeof(header));

    if (err != LCM_OK)
        return err;
    *is_valid =
        lcm_get_u32(header) == sector->magic && lcm_get_u32(header + STATE_HEADER_CRC_OFFSET) ==
                                                    lcm_crc32(0, header, STATE_HEADER_CRC_OFFSET);
    *generation = *is_valid ? lcm_get_u32(header + 4) : 0;
    return LCM_OK;
}

static enum lcm_err state_write_header(const struct lcm_flash *flash,
                                       const struct state_sector *sector, uint32_t generation)
{
    uint8_t header[STATE_HEADER_SIZE];

    lcm_put_u32(header, sector->magic);
    lcm_put_u32(header + 4, generation);
    lcm_put_u32(header + 8, 0xFFFFFFFFu);
    lcm_put_u32(header + STATE_HEADER_CRC_OFFSET, lcm_crc32(0, header, STATE_HEADER_CRC_OFFSET));
    return lcm_region_program(flash, sector->region, sector->addr, header, sizeof(header));
}

static enum lcm_err state_break_header(const struct lcm_flash *flash,
                                       const struct state_sector *sector)
{
    static const uint8_t zero[4] = {0};

    return lcm_region_program(flash, sector->region, sector->addr, zero, sizeof(zero));
}

/* ---- records ---- */

static enum lcm_err state_read_record(const struct lcm_flash *flash, uint32_t addr,
                                      uint8_t record[STATE_RECORD_SIZE], bool *is_valid)
{
    enum lcm_err err = flash->read(flash->context, addr, record, STATE_RECORD_SIZE);

    if (err != LCM_OK)
        return err;
    *is_valid = record[0] >= 1 && record[0] <= LCM_STATE_KIND_MAX &&
                lcm_get_u32(record + STATE_CRC_OFFSET) == lcm_crc32(0, record, STATE_CRC_OFFSET);
    return LCM_OK;
}

static uint32_t state_slot_addr(const struct state_sector *sector, uint32_t slot)
{
    return sector->addr + slot * STATE_RECORD_SIZE;
}

/* Fill newest[] and next from the records of a sector. */
static enum lcm_err state_index(struct lcm_state_log *log, const struct state_sector *sector)
{
    uint8_t record[STATE_RECORD_SIZE];
    bool is_valid;

    memset(log->newest, STATE_SLOT_NONE, sizeof(log->newest));
    log->next = STATE_SLOT_FIRST;
    for (uint32_t slot = STATE_SLOT_FIRST; slot < STATE_SLOT_COUNT; slot++) {
        enum lcm_err err =
            state_read_record(log->flash, state_slot_addr(sector, slot), record, &is_valid);
        if (err != LCM_OK)
            return err;
        if (is_valid)
            log->newest[record[0]] = (uint8_t)slot;
        if (!lcm_bytes_all(record, sizeof(record), 0xFF))
            log->next = (uint8_t)(slot + 1);
    }
    return LCM_OK;
}

/* Copy the newest record of every kind, as log->newest tells, to the front of another
 * sector that is erased. */
static enum lcm_err state_copy(const struct lcm_state_log *log, const struct state_sector *from,
                               const struct state_sector *to)
{
    uint8_t record[STATE_RECORD_SIZE];
    uint32_t slot = STATE_SLOT_FIRST;
    bool is_valid;

    for (uint32_t kind = 1; kind <= LCM_STATE_KIND_MAX; kind++) {
        if (log->newest[kind] == STATE_SLOT_NONE)
            continue;
        enum lcm_err err = state_read_record(log->flash, state_slot_addr(from, log->newest[kind]),
                                             record, &is_valid);
        if (err == LCM_OK && !is_valid)
            err = LCM_ERR_FLASH; /* it was valid when it was indexed */
        if (err == LCM_OK)
            err = lcm_region_program(log->flash, to->region, state_slot_addr(to, slot++), record,
                                     sizeof(record));
        if (err != LCM_OK)
            return err;
    }
    return LCM_OK;
}

/* ---- compaction ---- */

/* Second half: the stage is valid and its records are indexed in log. */
static enum lcm_err state_restore(struct lcm_state_log *log, uint32_t generation)
{
    enum lcm_err err = lcm_region_erase(log->flash, LCM_REGION_STATE, LCM_STATE_ADDR);

    if (err == LCM_OK)
        err = state_copy(log, &state_stage, &state_main);
    if (err == LCM_OK)
        err = state_write_header(log->flash, &state_main, generation);
    if (err == LCM_OK)
        err = state_break_header(log->flash, &state_stage);
    if (err == LCM_OK)
        err = state_index(log, &state_main);
    log->generation = generation;
    log->must_reopen = err != LCM_OK;
    return err;
}

static enum lcm_err state_compact(struct lcm_state_log *log)
{
    uint32_t generation = log->generation + 1;
    enum lcm_err err = lcm_region_erase(log->flash, LCM_REGION_SCRATCH, STATE_STAGE_ADDR);

    if (err == LCM_OK)
        err = state_copy(log, &state_main, &state_stage);
    if (err == LCM_OK)
        err = state_write_header(log->flash, &state_stage, generation);
    if (err != LCM_OK)
        return err;

    /* From here on the stage is what counts, should anything fail. */
    log->must_reopen = true;
    err = state_index(log, &state_stage);
    return err == LCM_OK ? state_restore(log, generation) : err;
}

static enum lcm_err state_format(struct lcm_state_log *log, uint32_t generation)
{
    enum lcm_err err = lcm_region_erase(log->flash, LCM_REGION_STATE, LCM_STATE_ADDR);

    if (err == LCM_OK)
        err = state_write_header(log->flash, &state_main, generation);
    if (err == LCM_OK)
        err = state_index(log, &state_main);
    log->generation = generation;
    log->must_reopen = err != LCM_OK;
    return err;
}

/* ---- public ---- */

/* The record written last may be half written, and read right only now: write it once more. A
 * flash that refuses leaves everything as it was. */
static void state_settle(const struct lcm_state_log *log)
{
    uint32_t addr = state_slot_addr(&state_main, log->next - 1u);
    uint8_t record[STATE_RECORD_SIZE];
    bool is_valid = false;

    if (log->next > STATE_SLOT_FIRST &&
        state_read_record(log->flash, addr, record, &is_valid) == LCM_OK && is_valid)
        (void)!lcm_region_program(log->flash, LCM_REGION_STATE, addr, record, sizeof(record));
}

static enum lcm_err state_open_sectors(struct lcm_state_log *log)
{
    bool has_main, has_stage;
    uint32_t main_generation, stage_generation;
    enum lcm_err err = state_read_header(log->flash, &state_main, &has_main, &main_generation);

    if (err == LCM_OK)
        err = state_read_header(log->flash, &state_stage, &has_stage, &stage_generation);
    if (err != LCM_OK)
        return err;
    if (has_stage && (!has_main || main_generation < stage_generation)) {
        err = state_index(log, &state_stage);
        return err == LCM_OK ? state_restore(log, stage_generation) : err;
    }
    if (has_stage) /* the header of the copy may be half written: once more, then it alone counts */
        err = state_write_header(log->flash, &state_main, main_generation);
    if (err == LCM_OK && has_stage)
        err = state_break_header(log->flash, &state_stage);
    if (err != LCM_OK)
        return err;
    if (!has_main)
        return state_format(log, 1);
    log->generation = main_generation;
    err = state_index(log, &state_main);
    if (err == LCM_OK)
        state_settle(log);
    return err;
}

enum lcm_err lcm_state_open(struct lcm_state_log *log, const struct lcm_flash *flash)
{
    memset(log, 0, sizeof(*log));
    log->flash = flash;
    enum lcm_err err = state_open_sectors(log);
    log->must_reopen = err != LCM_OK;
    return err;
}

enum lcm_err lcm_state_load(const struct lcm_state_log *log, enum lcm_state_kind kind,
                            uint8_t payload[LCM_STATE_PAYLOAD_SIZE])
{
    uint8_t record[STATE_RECORD_SIZE];
    bool is_valid;

    if (log->must_reopen) /* the index may be incomplete: that is not the same as no record */
        return LCM_ERR_FLASH;
    if ((unsigned)kind > LCM_STATE_KIND_MAX || log->newest[kind] == STATE_SLOT_NONE)
        return LCM_ERR_NOT_FOUND;
    enum lcm_err err = state_read_record(
        log->flash, state_slot_addr(&state_main, log->newest[kind]), record, &is_valid);
    if (err != LCM_OK)
        return err;
    if (!is_valid || record[0] != (uint8_t)kind)
        return LCM_ERR_CORRUPT;
    memcpy(payload, record + STATE_PAYLOAD_OFFSET, LCM_STATE_PAYLOAD_SIZE);
    return LCM_OK;
}

static enum lcm_err state_append(struct lcm_state_log *log, enum lcm_state_kind kind,
                                 const uint8_t payload[LCM_STATE_PAYLOAD_SIZE])
{
    uint8_t record[STATE_RECORD_SIZE] = {(uint8_t)kind};
    uint8_t slot = log->next;

    memcpy(record + STATE_PAYLOAD_OFFSET, payload, LCM_STATE_PAYLOAD_SIZE);
    lcm_put_u32(record + STATE_CRC_OFFSET, lcm_crc32(0, record, STATE_CRC_OFFSET));
    log->next++; /* a slot that failed is not used again */
    enum lcm_err err = lcm_region_program(
        log->flash, LCM_REGION_STATE, state_slot_addr(&state_main, slot), record, sizeof(record));
    if (err == LCM_OK)
        log->newest[kind] = slot;
    return err;
}

/* LCM_OK when the payload is current already, LCM_ERR_CORRUPT when it differs. */
static enum lcm_err state_compare(const struct lcm_state_log *log, enum lcm_state_kind kind,
                                  const uint8_t payload[LCM_STATE_PAYLOAD_SIZE])
{
    uint32_t addr = state_slot_addr(&state_main, log->newest[kind]) + STATE_PAYLOAD_OFFSET;

    if (log->newest[kind] == STATE_SLOT_NONE)
        return LCM_ERR_CORRUPT;
    return lcm_flash_compare(log->flash, addr, payload, LCM_STATE_PAYLOAD_SIZE);
}

enum lcm_err lcm_state_store(struct lcm_state_log *log, enum lcm_state_kind kind,
                             const uint8_t payload[LCM_STATE_PAYLOAD_SIZE])
{
    enum lcm_err err = LCM_OK;

    if (kind < 1 || kind > LCM_STATE_KIND_MAX)
        return LCM_ERR_ARGUMENT;
    if (log->must_reopen)
        err = lcm_state_open(log, log->flash);
    if (err != LCM_OK)
        return err;
    err = state_compare(log, kind, payload);
    if (err != LCM_ERR_CORRUPT)
        return err;
    err = log->next >= STATE_SLOT_COUNT ? state_compact(log) : LCM_OK;
    return err == LCM_OK ? state_append(log, kind, payload) : err;
}

enum lcm_err lcm_state_reset(struct lcm_state_log *log)
{
    enum lcm_err err = LCM_OK;

    if (log->must_reopen) /* a valid stage would bring everything back */
        err = state_break_header(log->flash, &state_stage);
    if (err == LCM_OK)
        err = state_break_header(log->flash, &state_main);
    return err == LCM_OK ? state_format(log, log->generation + 1) : err;
}
