// SPDX-License-Identifier: Apache-2.0
/* Keys, trust sector and app of a test program; see the header. */
#include "tests/lib/device_parts.h"

#include "tests/lib/update_fixture.h"

struct device_parts parts;

int device_parts_open(void **state)
{
    (void)state;
    fixture_open(&parts.keys);
    fixture_sector(&parts.keys, 1, FIXTURE_OWNER, FIXTURE_KEY_COUNT, parts.sector);
    update_image_make(parts.app, sizeof(parts.app), 1);
    return 0;
}

int device_parts_close(void **state)
{
    (void)state;
    fixture_close(&parts.keys);
    return 0;
}
