// SPDX-License-Identifier: Apache-2.0
/* Small well-formed images; see the header. */
#include "tests/lib/sample_image.h"

#include <string.h>

#include "core/base/bytes.h"
#include "lcm/layout.h"

static uint32_t sample_segment(uint8_t *dst, uint32_t addr, uint32_t size, uint8_t *checksum)
{
    lcm_put_u32(dst, addr);
    lcm_put_u32(dst + 4, size);
    for (uint32_t i = 0; i < size; i++) {
        dst[8 + i] = (uint8_t)(addr + 7 * i);
        *checksum ^= dst[8 + i];
    }
    return 8 + size;
}

uint32_t sample_image_v1(uint8_t *dst)
{
    static const uint8_t header[8] = {0xE9, 2, 0, 0x20, 0x3C, 0x02, 0x10, 0x40};
    uint8_t checksum = 0xEF;
    uint32_t size = sizeof(header);

    memcpy(dst, header, sizeof(header));
    size += sample_segment(dst + size, 0x40100000u, 100, &checksum);
    size += sample_segment(dst + size, 0x3FFE8000u, 36, &checksum);
    while (size % 16 != 15)
        dst[size++] = 0;
    dst[size++] = checksum;
    return size;
}

uint32_t sample_image_v2(uint8_t *dst, uint32_t slot_addr)
{
    static const uint8_t header[8] = {0xEA, 4, 0, 0x20, 0x3C, 0x02, 0x10, 0x40};

    memcpy(dst, header, sizeof(header));
    lcm_put_u32(dst + 8, 0);
    lcm_put_u32(dst + 12, SAMPLE_IROM_SIZE);
    for (uint32_t i = 0; i < SAMPLE_IROM_SIZE; i += 4)
        lcm_put_u32(dst + 16 + i, i % 16 == 0 ? LCM_FLASH_MAP_BASE + slot_addr + 0x10 + i
                                              : 0x12345678u * (i + 1));
    return 16 + SAMPLE_IROM_SIZE + sample_image_v1(dst + 16 + SAMPLE_IROM_SIZE);
}
