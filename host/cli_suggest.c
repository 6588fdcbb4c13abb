// SPDX-License-Identifier: Apache-2.0
/*
 * "Did you mean": the nearest word by edit distance.
 * Words longer than the bound are not compared; they are never suggested.
 */
#include "host/cli_internal.h"

#include <string.h>

#define CLI_DISTANCE_MAX 2u

static size_t cli_least(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;

    return least < c ? least : c;
}

/* Insertions, deletions and replacements between two words shorter than CLI_NAME_SIZE. */
static size_t cli_distance(const char *a, const char *b)
{
    size_t row[CLI_NAME_SIZE];
    size_t width = strlen(b);

    for (size_t j = 0; j <= width; j++)
        row[j] = j;
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t diagonal = row[0];

        row[0] = i + 1;
        for (size_t j = 0; j < width; j++) {
            size_t above = row[j + 1];

            row[j + 1] = cli_least(above + 1, row[j] + 1, diagonal + (a[i] != b[j]));
            diagonal = above;
        }
    }
    return row[width];
}

const char *cli_suggest(const char *word, const char *const *candidates)
{
    const char *best = NULL;
    size_t best_distance = CLI_DISTANCE_MAX + 1;

    if (strlen(word) < 2 || strlen(word) >= CLI_NAME_SIZE)
        return NULL;
    for (; *candidates != NULL; candidates++) {
        size_t distance = 0;

        if (strlen(*candidates) >= CLI_NAME_SIZE)
            continue;
        distance = cli_distance(word, *candidates);
        if (distance < best_distance) {
            best_distance = distance;
            best = *candidates;
        }
    }
    return best;
}
