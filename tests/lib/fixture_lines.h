/* SPDX-License-Identifier: Apache-2.0 */
/* JSON lines: what the programs under test print with --json, as objects. */
#ifndef LCM_TESTS_FIXTURE_LINES_H
#define LCM_TESTS_FIXTURE_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#define FIXTURE_LINES_MAX 4096u

struct fixture_lines {
    cJSON *list[FIXTURE_LINES_MAX];
    size_t count;
};

/* Read the complete lines of a file from byte `first` on; what was read before is
 * released. A line that is no JSON object fails the test. Returns the byte behind the
 * last complete line. */
size_t fixture_lines_load(struct fixture_lines *lines, const char *path, size_t first);
void fixture_lines_free(struct fixture_lines *lines);

/* Text and number of a member; "" and 0 when it is missing. */
const char *fixture_text(const cJSON *object, const char *key);
double fixture_number(const cJSON *object, const char *key);
bool fixture_is_true(const cJSON *object, const char *key);

/* true when the member is this text. */
bool fixture_has(const cJSON *object, const char *key, const char *text);

#endif
