// SPDX-License-Identifier: Apache-2.0
/*
 * Cursor and safe copies; see the header. Knows nothing of syslog. Invariant: no function reads
 * at or behind scan->end, and no copy leaves its buffer without a NUL.
 */
#include "collector/scan.h"

#include <string.h>

#define DEVICE_ID_DIGITS 12u

char scan_peek(const struct scan *scan)
{
    return scan->at < scan->end ? *scan->at : '\0';
}

bool scan_take(struct scan *scan, char c)
{
    if (scan->at == scan->end || *scan->at != c)
        return false;
    scan->at++;
    return true;
}

bool scan_take_text(struct scan *scan, const char *text)
{
    size_t size = strlen(text);

    if ((size_t)(scan->end - scan->at) < size || memcmp(scan->at, text, size) != 0)
        return false;
    scan->at += size;
    return true;
}

struct scan_word scan_word(struct scan *scan)
{
    struct scan_word word = {scan->at, 0};

    while (scan->at < scan->end && *scan->at != ' ' && *scan->at != '\0')
        scan->at++;
    word.size = (size_t)(scan->at - word.bytes);
    return word;
}

bool scan_number(struct scan *scan, unsigned digits_max, uint64_t *value)
{
    uint64_t number = 0;
    unsigned digits = 0;

    while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9') {
        if (++digits > digits_max)
            return false;
        number = number * 10 + (uint64_t)(*scan->at++ - '0');
    }
    if (digits > 0)
        *value = number;
    return digits > 0;
}

bool scan_word_is(struct scan_word word, const char *text)
{
    return word.size == strlen(text) && memcmp(word.bytes, text, word.size) == 0;
}

/* Bytes and code point of a well-formed character, or 0 bytes. */
static size_t utf8_decode(const uint8_t *bytes, size_t size, uint32_t *code)
{
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = bytes[0] < 0x80   ? 1
                    : bytes[0] < 0xC2 ? 0
                    : bytes[0] < 0xE0 ? 2
                    : bytes[0] < 0xF0 ? 3
                    : bytes[0] < 0xF5 ? 4
                                      : 0;

    if (length == 0 || length > size)
        return 0;
    *code = length == 1 ? bytes[0] : bytes[0] & (0xFFu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
        *code = *code << 6 | (bytes[i] & 0x3F);
    }
    if (*code < lowest[length] || *code > 0x10FFFF || (*code >= 0xD800 && *code <= 0xDFFF))
        return 0;
    return length;
}

/* Control characters, and those that reorder what a person reads. */
static bool code_is_shown(uint32_t code)
{
    return code >= 0x20 && !(code >= 0x7F && code <= 0x9F) && code != 0x061C &&
           !(code >= 0x200B && code <= 0x200F) && !(code >= 0x2028 && code <= 0x202E) &&
           !(code >= 0x2060 && code <= 0x206F) && code != 0xFEFF && (code & 0xFFFE) != 0xFFFE;
}

void scan_copy(char *text, size_t size, struct scan_word word)
{
    size_t length = 0;
    size_t at = 0;

    while (at < word.size) {
        uint32_t code = 0;
        size_t step = utf8_decode((const uint8_t *)word.bytes + at, word.size - at, &code);
        bool is_shown = step > 0 && code_is_shown(code);
        size_t room = is_shown ? step : 1;

        if (length + room >= size)
            break;
        if (is_shown)
            memcpy(text + length, word.bytes + at, step);
        else
            text[length] = '?';
        length += room;
        at += step > 0 ? step : 1;
    }
    text[length] = '\0';
}

bool scan_is_device_id(const char *bytes, size_t size)
{
    if (size != DEVICE_ID_DIGITS)
        return false;
    for (size_t i = 0; i < size; i++) {
        char c = bytes[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
            return false;
    }
    return true;
}
