// SPDX-License-Identifier: Apache-2.0
/* The flash contract, on the two scratch sectors. Raw port calls: no guard in between. */
#include <string.h>

#include "core/base/bytes.h"
#include "lcm/layout.h"
#include "port/conformance/checks.h"

#define FIRST LCM_SCRATCH_ADDR
#define SECOND (LCM_SCRATCH_ADDR + LCM_SECTOR_SIZE)
#define PIECE 64u

static const struct lcm_flash *check_flash(const struct lcm_conformance *conformance)
{
    return conformance->config->ports->flash;
}

static enum lcm_err flash_read(const struct lcm_conformance *conformance, uint32_t addr, void *dst,
                               uint32_t size)
{
    const struct lcm_flash *flash = check_flash(conformance);

    return flash->read(flash->context, addr, dst, size);
}

static enum lcm_err flash_program(const struct lcm_conformance *conformance, uint32_t addr,
                                  const void *src, uint32_t size)
{
    const struct lcm_flash *flash = check_flash(conformance);

    return flash->program(flash->context, addr, src, size);
}

static enum lcm_err flash_erase(const struct lcm_conformance *conformance, uint32_t addr)
{
    const struct lcm_flash *flash = check_flash(conformance);

    return flash->erase(flash->context, addr);
}

static enum lcm_err flash_expect(const struct lcm_conformance *conformance, uint32_t addr,
                                 const uint8_t *bytes, uint32_t size)
{
    uint8_t found[PIECE];
    enum lcm_err err = flash_read(conformance, addr, found, size);

    if (err != LCM_OK)
        return err;
    return memcmp(found, bytes, size) == 0 ? LCM_OK : LCM_ERR_CORRUPT;
}

static enum lcm_err flash_expect_blank(const struct lcm_conformance *conformance, uint32_t addr)
{
    uint8_t found[PIECE];

    for (uint32_t offset = 0; offset < LCM_SECTOR_SIZE; offset += PIECE) {
        enum lcm_err err = flash_read(conformance, addr + offset, found, PIECE);
        if (err != LCM_OK)
            return err;
        if (!lcm_bytes_all(found, PIECE, 0xFF))
            return LCM_ERR_CORRUPT;
    }
    return LCM_OK;
}

enum lcm_err check_flash_geometry(struct lcm_conformance *conformance)
{
    const struct lcm_flash *flash = check_flash(conformance);

    if (flash->size != LCM_FLASH_SIZE || flash->sector_size != LCM_SECTOR_SIZE)
        return LCM_ERR_CORRUPT;
    return LCM_OK;
}

/* The second sector keeps its mark while the first is erased. */
enum lcm_err check_flash_erase(struct lcm_conformance *conformance)
{
    static const uint8_t mark[4] = {0x12, 0x34, 0x56, 0x78};
    static const uint8_t zeros[4] = {0};
    enum lcm_err err = flash_program(conformance, FIRST + 100, zeros, sizeof(zeros));

    if (err == LCM_OK)
        err = flash_erase(conformance, SECOND);

    if (err == LCM_OK)
        err = flash_program(conformance, SECOND, mark, sizeof(mark));
    if (err == LCM_OK)
        err = flash_erase(conformance, FIRST);
    if (err == LCM_OK)
        err = flash_expect_blank(conformance, FIRST);
    if (err == LCM_OK)
        err = flash_expect(conformance, SECOND, mark, sizeof(mark));
    return err;
}

/* Lengths 1..8 at offsets 0..3 of a word, each in a place of its own; then bits cleared twice. */
enum lcm_err check_flash_program(struct lcm_conformance *conformance)
{
    static const uint8_t pattern[8] = {0xA1, 0xB2, 0xC3, 0xD4, 0xE5, 0xF6, 0x17, 0x28};
    static const uint8_t zeros[8] = {0};
    enum lcm_err err = LCM_OK;

    for (uint32_t size = 1; size <= sizeof(pattern); size++) {
        for (uint32_t offset = 0; offset < 4 && err == LCM_OK; offset++) {
            uint32_t addr = FIRST + (size * 4 + offset) * 16 + offset;
            err = flash_program(conformance, addr, pattern, size);
            if (err == LCM_OK)
                err = flash_expect(conformance, addr, pattern, size);
            if (err == LCM_OK)
                err = flash_program(conformance, addr, zeros, size);
            if (err == LCM_OK)
                err = flash_expect(conformance, addr, zeros, size);
        }
    }
    return err;
}

enum lcm_err check_flash_neighbours(struct lcm_conformance *conformance)
{
    static const uint8_t before[5] = {0xFF, 0x11, 0x22, 0x33, 0xFF};
    uint32_t addr = FIRST + 0x801; /* neither end on a word */
    enum lcm_err err = flash_program(conformance, addr, before + 1, 3);

    return err == LCM_OK ? flash_expect(conformance, addr - 1, before, sizeof(before)) : err;
}

enum lcm_err check_flash_read(struct lcm_conformance *conformance)
{
    uint8_t bytes[PIECE];
    enum lcm_err err = LCM_OK;

    for (uint32_t i = 0; i < PIECE; i++)
        bytes[i] = (uint8_t)(i * 7 + 1);
    err = flash_program(conformance, FIRST + 0x900, bytes, PIECE);
    for (uint32_t offset = 0; offset < 8 && err == LCM_OK; offset++) {
        for (uint32_t size = 1; size <= 24 && err == LCM_OK; size++)
            err = flash_expect(conformance, FIRST + 0x900 + offset, bytes + offset, size);
    }
    return err;
}
