// SPDX-License-Identifier: Apache-2.0
/*
 * Name checks; see the header. Nothing is copied or changed. Invariant: a text that
 * passes holds no character that means anything to a URL, a shell or a log line,
 * except the one slash of a repository.
 */
#include "core/trust/names.h"

#include <stddef.h>
#include <string.h>

#include "core/base/text.h"

#define LABEL_SIZE_MAX 63u /* RFC 1035 */

static bool name_is_alphanumeric(char c)
{
    c = lcm_text_lower(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Number of leading characters that are alphanumeric or in extra. */
static size_t name_span(const char *text, const char *extra)
{
    size_t length = 0;

    while (text[length] != '\0' && (name_is_alphanumeric(text[length]) ||
                                    memchr(extra, text[length], strlen(extra)) != NULL))
        length++;
    return length;
}

/* "." and ".." would climb in a URL path. */
static bool name_is_dots(const char *part, size_t length)
{
    return (length == 1 && part[0] == '.') || (length == 2 && part[0] == '.' && part[1] == '.');
}

bool lcm_name_is_repository(const char *text)
{
    size_t owner = name_span(text, "._-");

    if (owner == 0 || text[owner] != '/' || name_is_dots(text, owner))
        return false;
    text += owner + 1;
    size_t name = name_span(text, "._-");
    return name > 0 && text[name] == '\0' && !name_is_dots(text, name);
}

bool lcm_name_is_file(const char *text)
{
    size_t length = name_span(text, "._-");

    return length > 0 && text[length] == '\0' && text[0] != '.';
}

bool lcm_name_is_version(const char *text)
{
    size_t length = name_span(text, "._+-");

    return length > 0 && text[length] == '\0';
}

bool lcm_name_is_host(const char *text)
{
    for (;;) {
        size_t length = name_span(text, "-");
        if (length == 0 || length > LABEL_SIZE_MAX || text[0] == '-' || text[length - 1] == '-')
            return false;
        if (text[length] == '\0')
            return true;
        if (text[length] != '.')
            return false;
        text += length + 1;
    }
}
