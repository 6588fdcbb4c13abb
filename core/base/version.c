// SPDX-License-Identifier: Apache-2.0
/* Version text; see the header. */
#include "core/base/version.h"

#include <string.h>

#include "core/base/text.h"

#define VERSION_DIGITS_MAX 6u

static enum lcm_err version_parse_part(const char **cursor, uint32_t *part)
{
    size_t digits = 0;
    uint64_t value = 0;

    while ((*cursor)[digits] >= '0' && (*cursor)[digits] <= '9')
        digits++;
    if (digits > VERSION_DIGITS_MAX)
        return LCM_ERR_FORMAT;
    enum lcm_err err = lcm_text_parse_u64(*cursor, digits, &value);
    if (err != LCM_OK)
        return LCM_ERR_FORMAT;
    *cursor += digits;
    *part = (uint32_t)value;
    return LCM_OK;
}

static bool version_is_suffix(const char *text)
{
    if (*text != '-' || text[1] == '\0')
        return false;
    for (text++; *text != '\0'; text++) {
        char c = lcm_text_lower(*text);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'))
            return false;
    }
    return true;
}

enum lcm_err lcm_version_parse(const char *text, struct lcm_version *version)
{
    struct lcm_version result = {{0, 0, 0}, false};

    if (strlen(text) >= LCM_VERSION_SIZE)
        return LCM_ERR_FORMAT;
    if (lcm_text_lower(*text) == 'v')
        text++;
    for (int i = 0; i < 3; i++) {
        if (i > 0 && *text++ != '.')
            return LCM_ERR_FORMAT;
        enum lcm_err err = version_parse_part(&text, &result.part[i]);
        if (err != LCM_OK)
            return err;
    }
    result.is_prerelease = version_is_suffix(text);
    if (*text != '\0' && !result.is_prerelease)
        return LCM_ERR_FORMAT;
    *version = result;
    return LCM_OK;
}

int lcm_version_compare(const struct lcm_version *a, const struct lcm_version *b)
{
    for (int i = 0; i < 3; i++) {
        if (a->part[i] != b->part[i])
            return a->part[i] < b->part[i] ? -1 : 1;
    }
    return (int)b->is_prerelease - (int)a->is_prerelease;
}
