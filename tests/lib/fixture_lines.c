// SPDX-License-Identifier: Apache-2.0
/* JSON lines by cJSON; see the header. A line still being written is left for later. */
#include "tests/lib/fixture_lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/fixture_process.h"

void fixture_lines_free(struct fixture_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        cJSON_Delete(lines->list[i]);
    lines->count = 0;
}

static void lines_add(struct fixture_lines *lines, const char *line, const char *path)
{
    cJSON *object = cJSON_Parse(line);

    if (!cJSON_IsObject(object))
        fail_msg("%s: not a JSON object: %s", path, line);
    assert_true(lines->count < FIXTURE_LINES_MAX);
    lines->list[lines->count++] = object;
}

size_t fixture_lines_load(struct fixture_lines *lines, const char *path, size_t first)
{
    size_t size = 0;
    char *text = fixture_read_file(path, &size);
    size_t start = first < size ? first : size;
    char *end;

    fixture_lines_free(lines);
    while ((end = memchr(text + start, '\n', size - start)) != NULL) {
        *end = '\0';
        if (end > text + start)
            lines_add(lines, text + start, path);
        start = (size_t)(end - text) + 1;
    }
    free(text);
    return start;
}

const char *fixture_text(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));

    return text != NULL ? text : "";
}

double fixture_number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

bool fixture_is_true(const cJSON *object, const char *key)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, key)) != 0;
}

bool fixture_has(const cJSON *object, const char *key, const char *text)
{
    return strcmp(fixture_text(object, key), text) == 0;
}
