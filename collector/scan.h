/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading bytes of a stranger: a cursor that never passes its end, and copies that are safe to
 * store and show.
 */
#ifndef LCM_COLLECTOR_SCAN_H
#define LCM_COLLECTOR_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scan {
    const char *at;
    const char *end;
};

/* A slice of the bytes. */
struct scan_word {
    const char *bytes;
    size_t size;
};

/* The next byte, or '\0' at the end (a NUL among the bytes ends words as well). */
char scan_peek(const struct scan *scan);
/* Step over c, if it is next. */
bool scan_take(struct scan *scan, char c);
/* Step over text, if it is next. */
bool scan_take_text(struct scan *scan, const char *text);
/* Bytes up to the next space or the end; may be empty. */
struct scan_word scan_word(struct scan *scan);
/* Decimal digits, at most digits_max of them; false when there is none, or more. */
bool scan_number(struct scan *scan, unsigned digits_max, uint64_t *value);

bool scan_word_is(struct scan_word word, const char *text);

/* Copy as text of at most size - 1 bytes: valid UTF-8 without control characters or marks that
 * turn the direction of text; every byte that is not becomes '?'. Cut between characters. */
void scan_copy(char *text, size_t size, struct scan_word word);

/* true for 12 hex digits. */
bool scan_is_device_id(const char *bytes, size_t size);

#endif
