/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bounded text building and parsing without the C library.
 *
 * A struct lcm_text fills a buffer of the caller and always keeps it
 * NUL-terminated. Appending past the end cuts the text and sets truncated;
 * check it once at the end. A buffer size of 0 is a bug.
 */
#ifndef LCM_BASE_TEXT_H
#define LCM_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"

struct lcm_text {
    char *buffer;
    size_t size;   /* bytes of buffer, the NUL included */
    size_t length; /* characters so far */
    bool truncated;
};

void lcm_text_init(struct lcm_text *text, char *buffer, size_t size);
void lcm_text_char(struct lcm_text *text, char c);
void lcm_text_string(struct lcm_text *text, const char *string);
void lcm_text_bytes(struct lcm_text *text, const char *bytes, size_t size);
void lcm_text_u32(struct lcm_text *text, uint32_t value);
void lcm_text_u64(struct lcm_text *text, uint64_t value);
void lcm_text_hex(struct lcm_text *text, const uint8_t *bytes, size_t size);

/* Copy a string into a buffer: LCM_OK, or LCM_ERR_TOO_LONG with dst = "". */
LCM_MUST_CHECK enum lcm_err lcm_text_copy(char *dst, size_t dst_size, const char *src);

/* Copy size bytes (no NUL inside) as a string; LCM_ERR_TOO_LONG, or LCM_ERR_FORMAT
 * for a NUL byte; dst = "" then. */
LCM_MUST_CHECK enum lcm_err lcm_text_copy_bytes(char *dst, size_t dst_size, const uint8_t *src,
                                                size_t size);

/* true when both strings are equal; ..._folded ignores ASCII case. */
bool lcm_text_equal(const char *a, const char *b);
bool lcm_text_equal_folded(const char *a, const char *b);

/* true when text begins with prefix. */
bool lcm_text_starts_with(const char *text, const char *prefix);

/* Offset of the first c in text, or its length when there is none. */
size_t lcm_text_find(const char *text, char c);

/* ASCII lower case of one character. */
char lcm_text_lower(char c);

/* Decimal number: 1..size digits, nothing else. LCM_ERR_FORMAT or LCM_ERR_TOO_LONG
 * (does not fit 32/64 bits). */
LCM_MUST_CHECK enum lcm_err lcm_text_parse_u64(const char *digits, size_t size, uint64_t *value);

/* Hex digits (2 * size of them, either case, NUL-terminated) to bytes; LCM_ERR_FORMAT. */
LCM_MUST_CHECK enum lcm_err lcm_text_parse_hex(const char *digits, uint8_t *bytes, size_t size);

#endif
