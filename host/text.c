// SPDX-License-Identifier: Apache-2.0
/*
 * Numbers for people, see the header. No locale: the output is the same on every
 * machine, so that tests and scripts can rely on it.
 */
#include "host/text.h"

#include <stdio.h>

const char *text_thousands(char text[TEXT_NUMBER_SIZE], uint64_t number)
{
    char digits[TEXT_NUMBER_SIZE];
    int count = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
    char *out = text;

    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            *out++ = ',';
        *out++ = digits[i];
    }
    *out = '\0';
    return text;
}
