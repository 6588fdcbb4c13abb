// SPDX-License-Identifier: Apache-2.0
/*
 * Bitwise CRC-32: records are 64 bytes, so a table would cost more flash and
 * DRAM than it saves time.
 */
#include "core/base/crc32.h"

#define CRC32_POLYNOMIAL 0xEDB88320u

uint32_t lcm_crc32(uint32_t crc, const void *data, size_t size)
{
    const uint8_t *bytes = data;

    crc = ~crc;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ ((crc & 1) ? CRC32_POLYNOMIAL : 0);
    }
    return ~crc;
}
