// SPDX-License-Identifier: Apache-2.0
/* Bounded text without the C library; see the header. */
#include "core/base/text.h"

#include <string.h>

#define DECIMAL_DIGITS_MAX 20 /* of a 64-bit number */

void lcm_text_init(struct lcm_text *text, char *buffer, size_t size)
{
    text->buffer = buffer;
    text->size = size;
    text->length = 0;
    text->truncated = false;
    buffer[0] = '\0';
}

void lcm_text_char(struct lcm_text *text, char c)
{
    if (text->length + 1 >= text->size) {
        text->truncated = true;
        return;
    }
    text->buffer[text->length++] = c;
    text->buffer[text->length] = '\0';
}

void lcm_text_string(struct lcm_text *text, const char *string)
{
    lcm_text_bytes(text, string, strlen(string));
}

void lcm_text_bytes(struct lcm_text *text, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        lcm_text_char(text, bytes[i]);
}

void lcm_text_u32(struct lcm_text *text, uint32_t value)
{
    lcm_text_u64(text, value);
}

void lcm_text_u64(struct lcm_text *text, uint64_t value)
{
    char digits[DECIMAL_DIGITS_MAX];
    size_t count = 0;

    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    while (count > 0)
        lcm_text_char(text, digits[--count]);
}

void lcm_text_hex(struct lcm_text *text, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        lcm_text_char(text, digits[bytes[i] >> 4]);
        lcm_text_char(text, digits[bytes[i] & 15]);
    }
}

enum lcm_err lcm_text_copy(char *dst, size_t dst_size, const char *src)
{
    return lcm_text_copy_bytes(dst, dst_size, (const uint8_t *)src, strlen(src));
}

enum lcm_err lcm_text_copy_bytes(char *dst, size_t dst_size, const uint8_t *src, size_t size)
{
    dst[0] = '\0';
    if (size >= dst_size)
        return LCM_ERR_TOO_LONG;
    if (memchr(src, 0, size) != NULL)
        return LCM_ERR_FORMAT;
    memcpy(dst, src, size);
    dst[size] = '\0';
    return LCM_OK;
}

bool lcm_text_equal(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

bool lcm_text_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

size_t lcm_text_find(const char *text, char c)
{
    size_t offset = 0;

    while (text[offset] != '\0' && text[offset] != c)
        offset++;
    return offset;
}

char lcm_text_lower(char c)
{
    return (char)((c >= 'A' && c <= 'Z') ? c - 'A' + 'a' : c);
}

bool lcm_text_equal_folded(const char *a, const char *b)
{
    while (*a != '\0' && lcm_text_lower(*a) == lcm_text_lower(*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

enum lcm_err lcm_text_parse_u64(const char *digits, size_t size, uint64_t *value)
{
    uint64_t result = 0;

    if (size == 0)
        return LCM_ERR_FORMAT;
    for (size_t i = 0; i < size; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return LCM_ERR_FORMAT;
        uint64_t digit = (uint64_t)(digits[i] - '0');
        if (result > (UINT64_MAX - digit) / 10)
            return LCM_ERR_TOO_LONG;
        result = result * 10 + digit;
    }
    *value = result;
    return LCM_OK;
}

static int text_hex_digit(char c)
{
    c = lcm_text_lower(c);
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

enum lcm_err lcm_text_parse_hex(const char *digits, uint8_t *bytes, size_t size)
{
    if (strlen(digits) != 2 * size)
        return LCM_ERR_FORMAT;
    for (size_t i = 0; i < size; i++) {
        if (text_hex_digit(digits[2 * i]) < 0 || text_hex_digit(digits[2 * i + 1]) < 0)
            return LCM_ERR_FORMAT;
    }
    for (size_t i = 0; i < size; i++)
        bytes[i] =
            (uint8_t)(text_hex_digit(digits[2 * i]) * 16 + text_hex_digit(digits[2 * i + 1]));
    return LCM_OK;
}
