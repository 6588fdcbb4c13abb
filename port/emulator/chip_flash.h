/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flash chip of the emulated device: a flash file, how worn each sector is, and power cuts.
 *
 * Operations are what the flash chip itself does: one page program of up to 256 bytes, or one
 * sector erase. Programming a 0 to 1 does nothing, as on the chip; such bits are counted,
 * but for whole bytes of ones: so drivers leave a byte alone.
 */
#ifndef LCM_PORT_EMULATOR_CHIP_FLASH_H
#define LCM_PORT_EMULATOR_CHIP_FLASH_H

#include <stdbool.h>
#include <stdint.h>

#include "port/host/host_flash.h"

#define CHIP_FLASH_SECTORS (LCM_FLASH_SIZE / LCM_SECTOR_SIZE)

enum chip_flash_cut {
    CHIP_FLASH_CUT_BEFORE, /* the operation does not begin */
    CHIP_FLASH_CUT_TORN,   /* it gets half way */
    CHIP_FLASH_CUT_AFTER,  /* it is the last thing that happens */
};

struct chip_flash {
    struct host_flash file;
    uint32_t erase_count[CHIP_FLASH_SECTORS];
    uint32_t program_count;
    uint32_t program_bytes;
    uint32_t refused_bits;    /* programs of 1 over 0 */
    uint32_t operation_count; /* programs and erases */
    uint32_t cut_at;          /* number of the operation, from 1; 0 = never */
    enum chip_flash_cut cut;
    bool is_cut; /* the power went: no further operation happens */
};

/* Open the file; counters at 0. false after one error line. */
bool chip_flash_open(struct chip_flash *flash, const char *path);
void chip_flash_close(struct chip_flash *flash);

/* false: the range is outside the flash, or the file failed. */
bool chip_flash_read(struct chip_flash *flash, uint32_t addr, void *dst, uint32_t size);

/* At most LCM_SECTOR_SIZE bytes, or one sector. false as above, or because the power went (is_cut):
 * then the chip must not run on. */
bool chip_flash_program(struct chip_flash *flash, uint32_t addr, const uint8_t *bytes,
                        uint32_t size);
bool chip_flash_erase(struct chip_flash *flash, uint32_t addr);

#endif
