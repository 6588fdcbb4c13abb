// SPDX-License-Identifier: Apache-2.0
/*
 * What the mask ROM does after each reset: load the image at flash 0 into RAM and start it.
 *
 * Invariant: nothing is started unless its checksum is right. As on the chip, segments are copied
 * before that is known, and their addresses are not judged beyond being RAM.
 */
#include "rom/rom.h"

#define IMAGE_MAGIC 0xE9u
#define IMAGE_SEGMENTS_MAX 16u
#define IMAGE_CHECKSUM_INIT 0xEFu
#define IMAGE_ALIGNMENT 16u
#define IRAM_ADDR 0x40100000u
#define IRAM_SIZE 0x10000u /* the cache is off: its 32 KiB are RAM */
#define DRAM_ADDR 0x3FFE8000u
#define DRAM_SIZE 0x14000u

struct boot_segment {
    uint32_t addr;
    uint32_t size;
};

static bool boot_is_inside(const struct boot_segment *segment, uint32_t area, uint32_t area_size)
{
    return segment->addr >= area && segment->size <= area_size &&
           segment->addr - area <= area_size - segment->size && segment->addr % 4 == 0 &&
           segment->size % 4 == 0;
}

static uint32_t boot_checksum(const struct boot_segment *segment)
{
    const uint32_t *words = (const uint32_t *)segment->addr;
    uint32_t sum = 0;

    for (uint32_t i = 0; i < segment->size / 4; i++)
        sum ^= words[i];
    sum ^= sum >> 16;
    return (sum ^ sum >> 8) & 0xFFu;
}

static bool boot_load_segment(uint32_t *addr, uint32_t *checksum)
{
    struct boot_segment segment;

    if (rom_spi_read(*addr, &segment, sizeof(segment)) != 0)
        return false;
    rom_printf("load 0x%08x, len %u, room 16 \n", (unsigned)segment.addr, (unsigned)segment.size);
    if (!boot_is_inside(&segment, IRAM_ADDR, IRAM_SIZE) &&
        !boot_is_inside(&segment, DRAM_ADDR, DRAM_SIZE))
        return false;
    *addr += (uint32_t)sizeof(segment);
    if (rom_spi_read(*addr, (void *)segment.addr, segment.size) != 0)
        return false;
    *addr += segment.size;
    *checksum ^= boot_checksum(&segment);
    return true;
}

/* The byte at the end of the block of 16 that follows the segments. */
static bool boot_check(uint32_t addr, uint32_t checksum)
{
    uint32_t block[IMAGE_ALIGNMENT / 4];

    rom_printf("tail %u\nchksum 0x%02x\n", (unsigned)(addr % IMAGE_ALIGNMENT), (unsigned)checksum);
    if (rom_spi_read(addr & ~(IMAGE_ALIGNMENT - 1), block, sizeof(block)) == 0 &&
        block[3] >> 24 == checksum)
        return true;
    rom_printf("csum err\n");
    return false;
}

static bool boot_load(uint32_t *entry)
{
    uint32_t header[2];
    uint32_t checksum = IMAGE_CHECKSUM_INIT;
    uint32_t addr = sizeof(header);

    if (rom_spi_read(0, header, sizeof(header)) != 0 || (header[0] & 0xFFu) != IMAGE_MAGIC ||
        (header[0] >> 8 & 0xFFu) > IMAGE_SEGMENTS_MAX)
        return false;
    for (uint32_t i = 0; i < (header[0] >> 8 & 0xFFu); i++) {
        if (!boot_load_segment(&addr, &checksum))
            return false;
    }
    *entry = header[1];
    return boot_check(addr, checksum);
}

void rom_boot(void)
{
    uint32_t entry = 0;

    rom_printf("\n lcm rom,rst cause:%u, boot mode:(3,6)\n\n", (unsigned)rom_reset_reason());
    if (!boot_load(&entry)) {
        rom_printf("rom: flash sector 0 holds no program that can be started\n");
        rom_host_stop(LCM_WIRE_STOP_NO_PROGRAM, 0, 0);
    }
    rom_host_tell(LCM_WIRE_START, entry, 0, 0);
    rom_enter(entry);
}
