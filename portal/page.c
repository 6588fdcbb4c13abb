// SPDX-License-Identifier: Apache-2.0
/*
 * Reads the set-up page word by word: a byte load from flash would cost the chip an exception each.
 * Knows nothing of HTTP and keeps no state.
 */
#include "portal/page.h"

void lcm_page_read(uint32_t offset, uint8_t *dst, uint32_t size)
{
    uint32_t word = 0;

    for (uint32_t i = 0; i < size; i++, offset++) {
        if (i == 0 || offset % 4 == 0)
            word = lcm_page_words[offset / 4] >> (8 * (offset % 4));
        dst[i] = (uint8_t)word;
        word >>= 8;
    }
}
