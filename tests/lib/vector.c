// SPDX-License-Identifier: Apache-2.0
/* Reader of golden files; see the header. */
#include "tests/lib/vector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void vector_bug(const char *name, const char *what)
{
    fprintf(stderr, "tests/vectors/%s.hex: %s\n", name, what);
    abort();
}

/* One word of the file, "XX" or "N*XX", as count and value. */
static void vector_parse(const char *name, const char *word, unsigned long *count,
                         unsigned long *value)
{
    const char *star = strchr(word, '*');
    char *end;

    *count = star != NULL ? strtoul(word, NULL, 10) : 1;
    *value = strtoul(star != NULL ? star + 1 : word, &end, 16);
    if (*end != '\0' || *value > 0xFF)
        vector_bug(name, "malformed byte");
}

size_t vector_load(const char *name, uint8_t *dst, size_t size)
{
    char path[128], line[256];
    unsigned long count, value;
    size_t used = 0;

    snprintf(path, sizeof(path), "tests/vectors/%s.hex", name);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        vector_bug(name, "cannot be opened");
    while (fgets(line, sizeof(line), file) != NULL) {
        line[strcspn(line, "#\n")] = '\0';
        for (char *word = strtok(line, " \t"); word != NULL; word = strtok(NULL, " \t")) {
            vector_parse(name, word, &count, &value);
            if (count > size - used)
                vector_bug(name, "longer than expected");
            memset(dst + used, (int)value, count);
            used += count;
        }
    }
    fclose(file);
    return used;
}
