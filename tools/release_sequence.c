// SPDX-License-Identifier: Apache-2.0
/*
 * Version text to sequence number, see the header. The numbers are part of published
 * manifests: the formula can never change for versions it already covers.
 */
#include "tools/release_sequence.h"

#include <string.h>

#include "core/base/version.h"

#define SEQUENCE_PART_MAX 999u
#define SEQUENCE_MAJOR_MAX 41u
#define SEQUENCE_STAGES 100u
#define SEQUENCE_RELEASE 99u

/* The last decimal number in a text; 0 when it has none. Saturates. */
static uint32_t sequence_last_number(const char *text)
{
    uint32_t number = 0;
    const char *end = text + strlen(text);
    const char *start = NULL;

    while (end > text && (end[-1] < '0' || end[-1] > '9'))
        end--;
    start = end;
    while (start > text && start[-1] >= '0' && start[-1] <= '9')
        start--;
    for (; start < end; start++)
        number = number < SEQUENCE_STAGES ? number * 10 + (uint32_t)(*start - '0') : number;
    return number;
}

enum lcm_err release_sequence(const char *version, uint32_t *sequence)
{
    struct lcm_version parsed;
    uint32_t stage = SEQUENCE_RELEASE;

    if (lcm_version_parse(version, &parsed) != LCM_OK)
        return LCM_ERR_FORMAT;
    if (parsed.is_prerelease)
        stage = sequence_last_number(strchr(version, '-'));
    if (parsed.part[0] > SEQUENCE_MAJOR_MAX || parsed.part[1] > SEQUENCE_PART_MAX ||
        parsed.part[2] > SEQUENCE_PART_MAX || (parsed.is_prerelease && stage >= SEQUENCE_RELEASE))
        return LCM_ERR_TOO_LONG;
    *sequence =
        ((parsed.part[0] * 1000 + parsed.part[1]) * 1000 + parsed.part[2]) * SEQUENCE_STAGES +
        stage;
    return *sequence > 0 ? LCM_OK : LCM_ERR_FORMAT;
}
