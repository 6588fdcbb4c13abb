/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What fuzz targets share. Every tests/fuzz/fuzz_NAME.c is one libFuzzer target over one
 * parser that a stranger can reach; tests/fuzz/corpus/NAME holds inputs worth trying again, one
 * per file. A target returns 0 always; it traps when something is wrong that no sanitizer sees.
 */
#ifndef LCM_TESTS_FUZZ_H
#define LCM_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_REQUIRE(condition) \
    do { \
        if (!(condition)) \
            __builtin_trap(); \
    } while (0)

/* Input taken from the front: decisions first, the rest is what the parser gets. */
struct fuzz_input {
    const uint8_t *bytes;
    size_t size;
};

static inline uint8_t fuzz_byte(struct fuzz_input *input)
{
    if (input->size == 0)
        return 0;
    input->size--;
    return *input->bytes++;
}

/* At most size_max bytes as text with a NUL; the number of characters. */
static inline size_t fuzz_text(struct fuzz_input *input, char *text, size_t size_max)
{
    size_t size = fuzz_byte(input) % size_max;

    if (size > input->size)
        size = input->size;
    memcpy(text, input->bytes, size);
    text[size] = '\0';
    input->bytes += size;
    input->size -= size;
    return strlen(text);
}

#endif
