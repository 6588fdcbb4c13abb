// SPDX-License-Identifier: Apache-2.0
/*
 * Memory and string functions of the ROM. Word by word where both sides allow it: what a program
 * spends here counts in its instruction figures. Built without builtins, or gcc would turn the
 * loops into calls of themselves.
 */
#include "rom/rom.h"

static bool memory_are_words(const void *a, const void *b)
{
    return (((uintptr_t)a | (uintptr_t)b) & 3u) == 0;
}

void *rom_memset(void *dst, int value, size_t size)
{
    uint8_t *bytes = dst;
    uint32_t word = (uint8_t)value;

    word |= word << 8;
    word |= word << 16;
    for (; size > 0 && ((uintptr_t)bytes & 3u) != 0; size--)
        *bytes++ = (uint8_t)value;
    for (; size >= 4; size -= 4, bytes += 4)
        *(uint32_t *)(void *)bytes = word;
    for (; size > 0; size--)
        *bytes++ = (uint8_t)value;
    return dst;
}

void *rom_memcpy(void *dst, const void *src, size_t size)
{
    uint8_t *to = dst;
    const uint8_t *from = src;

    if (memory_are_words(dst, src)) {
        for (; size >= 4; size -= 4, to += 4, from += 4)
            *(uint32_t *)(void *)to = *(const uint32_t *)(const void *)from;
    }
    for (; size > 0; size--)
        *to++ = *from++;
    return dst;
}

void *rom_memmove(void *dst, const void *src, size_t size)
{
    uint8_t *to = dst;
    const uint8_t *from = src;

    if (to <= from || to >= from + size)
        return rom_memcpy(dst, src, size);
    to += size;
    from += size;
    if (memory_are_words(to, from)) {
        for (; size >= 4; size -= 4) {
            to -= 4;
            from -= 4;
            *(uint32_t *)(void *)to = *(const uint32_t *)(const void *)from;
        }
    }
    for (; size > 0; size--)
        *--to = *--from;
    return dst;
}

int rom_memcmp(const void *a, const void *b, size_t size)
{
    const uint8_t *left = a;
    const uint8_t *right = b;

    for (; size > 0; size--, left++, right++) {
        if (*left != *right)
            return *left - *right;
    }
    return 0;
}

char *rom_strcpy(char *dst, const char *src)
{
    char *to = dst;

    while ((*to++ = *src++) != '\0') {
    }
    return dst;
}

size_t rom_strlen(const char *text)
{
    size_t length = 0;

    while (text[length] != '\0')
        length++;
    return length;
}
