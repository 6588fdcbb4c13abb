// SPDX-License-Identifier: Apache-2.0
/*
 * Wear counters and power cuts around the flash file; see the header. The rules of NOR flash are
 * those of port/host/host_flash.
 *
 * Invariant: after a cut nothing changes the file.
 */
#include "port/emulator/chip_flash.h"

#include <string.h>

static bool chip_flash_is_inside(uint32_t addr, uint32_t size)
{
    return addr <= LCM_FLASH_SIZE && size <= LCM_FLASH_SIZE - addr;
}

bool chip_flash_open(struct chip_flash *flash, const char *path)
{
    memset(flash, 0, sizeof(*flash));
    return host_flash_open(&flash->file, path);
}

void chip_flash_close(struct chip_flash *flash)
{
    host_flash_close(&flash->file);
}

bool chip_flash_read(struct chip_flash *flash, uint32_t addr, void *dst, uint32_t size)
{
    const struct lcm_flash *port = &flash->file.port;

    return chip_flash_is_inside(addr, size) && port->read(port->context, addr, dst, size) == LCM_OK;
}

/* Count an operation. How much of its size happens: all, half, nothing. */
static uint32_t chip_flash_begin(struct chip_flash *flash, uint32_t size)
{
    if (flash->is_cut)
        return 0;
    flash->operation_count++;
    if (flash->operation_count != flash->cut_at)
        return size;
    flash->is_cut = true;
    switch (flash->cut) {
    case CHIP_FLASH_CUT_AFTER:
        return size;
    case CHIP_FLASH_CUT_TORN:
        return size / 2;
    case CHIP_FLASH_CUT_BEFORE:
    default:
        return 0;
    }
}

static void chip_flash_apply(struct chip_flash *flash, uint8_t *cells, const uint8_t *bytes,
                             uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        if (bytes[i] == 0xFF)
            continue; /* how drivers leave a byte alone */
        for (uint32_t refused = bytes[i] & ~cells[i] & 0xFFu; refused != 0; refused &= refused - 1)
            flash->refused_bits++;
        cells[i] &= bytes[i];
    }
}

bool chip_flash_program(struct chip_flash *flash, uint32_t addr, const uint8_t *bytes,
                        uint32_t size)
{
    const struct lcm_flash *port = &flash->file.port;
    uint8_t cells[LCM_SECTOR_SIZE];

    if (size > sizeof(cells) || !chip_flash_read(flash, addr, cells, size))
        return false;
    uint32_t done = chip_flash_begin(flash, size);
    if (done > 0) {
        flash->program_count++;
        flash->program_bytes += done;
        chip_flash_apply(flash, cells, bytes, done);
        if (port->program(port->context, addr, cells, done) != LCM_OK)
            return false;
    }
    return !flash->is_cut;
}

/* A torn erase: the first half is blank, the second half is as it was. */
bool chip_flash_erase(struct chip_flash *flash, uint32_t addr)
{
    const struct lcm_flash *port = &flash->file.port;
    uint8_t cells[LCM_SECTOR_SIZE];

    if (addr % LCM_SECTOR_SIZE != 0 || !chip_flash_read(flash, addr, cells, sizeof(cells)))
        return false;
    uint32_t done = chip_flash_begin(flash, sizeof(cells));
    if (done > 0) {
        flash->erase_count[addr / LCM_SECTOR_SIZE]++;
        if (port->erase(port->context, addr) != LCM_OK ||
            port->program(port->context, addr + done, cells + done,
                          (uint32_t)sizeof(cells) - done) != LCM_OK)
            return false;
    }
    return !flash->is_cut;
}
