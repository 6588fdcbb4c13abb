/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SPAKE2 from outside: both shares by plain OpenSSL, and the golden numbers of tests/vectors for
 * the device, `lcm setup` and the page.
 */
#ifndef LCM_TESTS_SPAKE2_POINTS_H
#define LCM_TESTS_SPAKE2_POINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "lcm/setup.h"

enum spake2_role {
    SPAKE2_CLIENT, /* w*M */
    SPAKE2_DEVICE, /* w*N */
};

/* scalar*G + w*(M or N); scalar NULL: without the first part. 32-byte numbers, big-endian. */
void spake2_points_share(enum spake2_role role, const uint8_t *w, const uint8_t *scalar,
                         uint8_t share[LCM_SETUP_POINT_SIZE]);

/* A JSON file of tests/vectors; delete it. A missing or malformed one aborts the test program. */
cJSON *spake2_points_load(const char *name);

/* Member of an object: a string, or the bytes of hex digits; aborts when it is not there, or has
 * more than size bytes. Returns how many. */
const char *spake2_points_text(const cJSON *object, const char *name);
size_t spake2_points_bytes(const cJSON *object, const char *name, uint8_t *bytes, size_t size);

#endif
