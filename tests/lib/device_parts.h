/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the devices of a test program have in common: keys, the first trust sector, an app. Making
 * keys takes time, so they are made once, as the set-up of the program's group of tests.
 */
#ifndef LCM_TESTS_DEVICE_PARTS_H
#define LCM_TESTS_DEVICE_PARTS_H

#include <stdint.h>

#include "tests/lib/trust_fixture.h"

#define DEVICE_PARTS_APP_SIZE 9000u

struct device_parts {
    struct trust_fixture keys;
    uint8_t sector[LCM_TRUST_SIZE]; /* trust sector 1, signed by the owner */
    uint8_t app[DEVICE_PARTS_APP_SIZE];
};

extern struct device_parts parts;

/* For cmocka_run_group_tests. */
int device_parts_open(void **state);
int device_parts_close(void **state);

#endif
