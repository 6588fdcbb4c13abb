// SPDX-License-Identifier: Apache-2.0
/*
 * Sort keys of versions; see the header. Numbers stand behind the count of their digits; "~" behind
 * a release and "-" before a pre-release put them in order. Keeps no state.
 */
#include "collector/version.h"

#include <stdbool.h>
#include <string.h>

#define NUMBER_DIGITS 9u
#define NUMBERS 3u

static bool key_put(char key[VERSION_KEY_SIZE], size_t *length, char c)
{
    if (*length + 1 >= VERSION_KEY_SIZE)
        return false;
    key[(*length)++] = c;
    key[*length] = '\0';
    return true;
}

/* Digits at version, behind the mark of their number: longer numbers are larger. Returns how many
 * there are; 0 when none, too many, or with a leading zero (no number by semver). */
static size_t key_number(char key[VERSION_KEY_SIZE], size_t *length, const char *version)
{
    size_t digits = strspn(version, "0123456789");

    if (digits == 0 || digits > NUMBER_DIGITS || (version[0] == '0' && digits > 1) ||
        !key_put(key, length, (char)('0' + digits)))
        return 0;
    for (size_t i = 0; i < digits; i++) {
        if (!key_put(key, length, version[i]))
            return 0;
    }
    return digits;
}

/* "beta.1": numbers sort before words, so words begin with a mark above the digits. */
static bool key_pre_release(char key[VERSION_KEY_SIZE], size_t *length, const char *text)
{
    while (true) {
        size_t word = strcspn(text, ".+");
        bool is_number = word > 0 && strspn(text, "0123456789") == word;

        if (word == 0 ||
            (is_number ? key_number(key, length, text) == 0 : !key_put(key, length, '=')))
            return false;
        for (size_t i = 0; i < word && !is_number; i++) {
            if (!key_put(key, length, text[i]))
                return false;
        }
        text += word;
        if (*text != '.')
            return true;
        text++;
        /* Fewer words sort first: the separator is below everything a word begins with. */
        if (!key_put(key, length, '!'))
            return false;
    }
}

void version_key(const char *version, char key[VERSION_KEY_SIZE])
{
    const char *at = version;
    size_t length = 0;
    bool is_good = true;

    key[0] = '\0';
    if (*at == 'v' || *at == 'V')
        at++;
    for (unsigned i = 0; i < NUMBERS && is_good; i++) {
        size_t digits = key_number(key, &length, at);

        is_good = digits > 0;
        at += digits;
        if (i + 1 < NUMBERS)
            is_good = is_good && *at++ == '.';
    }
    if (is_good && *at == '-')
        is_good = key_put(key, &length, '-') && key_pre_release(key, &length, at + 1);
    else
        is_good = is_good && (*at == '\0' || *at == '+') && key_put(key, &length, '~');
    if (!is_good)
        key[0] = '\0';
}
