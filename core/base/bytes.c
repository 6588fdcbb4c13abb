// SPDX-License-Identifier: Apache-2.0
/* Byte-order helpers and secret hygiene; see the header. */
#include "core/base/bytes.h"

uint16_t lcm_get_u16(const uint8_t *src)
{
    return (uint16_t)(src[0] | (uint32_t)src[1] << 8);
}

uint32_t lcm_get_u32(const uint8_t *src)
{
    return (uint32_t)lcm_get_u16(src) | (uint32_t)lcm_get_u16(src + 2) << 16;
}

uint64_t lcm_get_u64(const uint8_t *src)
{
    return (uint64_t)lcm_get_u32(src) | (uint64_t)lcm_get_u32(src + 4) << 32;
}

void lcm_put_u16(uint8_t *dst, uint16_t value)
{
    dst[0] = (uint8_t)value;
    dst[1] = (uint8_t)(value >> 8);
}

void lcm_put_u32(uint8_t *dst, uint32_t value)
{
    lcm_put_u16(dst, (uint16_t)value);
    lcm_put_u16(dst + 2, (uint16_t)(value >> 16));
}

void lcm_put_u64(uint8_t *dst, uint64_t value)
{
    lcm_put_u32(dst, (uint32_t)value);
    lcm_put_u32(dst + 4, (uint32_t)(value >> 32));
}

bool lcm_bytes_equal(const void *a, const void *b, size_t size)
{
    const uint8_t *left = a;
    const uint8_t *right = b;
    uint8_t difference = 0;

    for (size_t i = 0; i < size; i++)
        difference = (uint8_t)(difference | (left[i] ^ right[i]));
    return difference == 0;
}

bool lcm_bytes_all(const void *data, size_t size, uint8_t value)
{
    const uint8_t *bytes = data;

    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != value)
            return false;
    }
    return true;
}

void lcm_bytes_wipe(void *data, size_t size)
{
    volatile uint8_t *bytes = data;

    while (size-- > 0)
        *bytes++ = 0;
}
