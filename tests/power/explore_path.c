// SPDX-License-Identifier: Apache-2.0
/* Names and seeds of paths: everything random in a path follows from its name. */
#include <stdio.h>
#include <string.h>

#include "tests/power/explore_parts.h"

#define WAY_LETTERS "bfranwg"

uint64_t explore_path_seed(const struct explore *explore, const struct explore_path *path)
{
    uint64_t seed = 0x4C434D00u + explore->scenario_index;

    for (uint32_t i = 0; i < path->count; i++) {
        const struct explore_cut *cut = &path->cut[i];
        seed ^= (uint64_t)cut->operation << 16 | (uint64_t)cut->way << 8 | cut->is_rtc_kept;
        (void)nor_random(&seed);
    }
    return seed;
}

void explore_path_name(const struct explore *explore, const struct explore_path *path,
                       const char *suffix, char name[EXPLORE_NAME_SIZE])
{
    size_t size = (size_t)snprintf(name, EXPLORE_NAME_SIZE, "%s", explore->scenario->name);

    for (uint32_t i = 0; i < path->count && size < EXPLORE_NAME_SIZE; i++) {
        const struct explore_cut *cut = &path->cut[i];
        size += (size_t)snprintf(name + size, EXPLORE_NAME_SIZE - size, "%c%u%c%s",
                                 i == 0 ? '@' : '+', (unsigned)cut->operation,
                                 WAY_LETTERS[cut->way], cut->is_rtc_kept ? "k" : "");
    }
    if (size < EXPLORE_NAME_SIZE)
        snprintf(name + size, EXPLORE_NAME_SIZE - size, "%s", suffix);
}

bool explore_path_parse(const char *text, struct explore_path *path)
{
    memset(path, 0, sizeof(*path));
    while (*text == '@' || *text == '+') {
        struct explore_cut *cut = &path->cut[path->count];
        char way = 0;
        int used = 0;
        unsigned operation = 0;
        const char *letter;

        if (path->count == EXPLORE_CUTS_MAX ||
            sscanf(text + 1, "%u%c%n", &operation, &way, &used) != 2)
            return false;
        letter = strchr(WAY_LETTERS, way);
        if (letter == NULL)
            return false;
        cut->operation = (uint16_t)operation;
        cut->way = (uint8_t)(letter - WAY_LETTERS);
        text += 1 + used;
        cut->is_rtc_kept = *text == 'k';
        text += cut->is_rtc_kept;
        path->count++;
    }
    return *text == '\0';
}

bool explore_path_is_weak(const struct explore_path *path)
{
    for (uint32_t i = 0; i < path->count; i++)
        if (path->cut[i].way == NOR_WEAK || path->cut[i].way == NOR_BEGUN)
            return true;
    return false;
}
