/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device's flash in memory, so that the device's own code can make and read flash
 * images. NOR rules hold: a program that would set a bit fails with LCM_ERR_FLASH.
 */
#ifndef LCM_HOST_MEMORY_FLASH_H
#define LCM_HOST_MEMORY_FLASH_H

#include <stdbool.h>
#include <stdint.h>

#include "lcm/flash.h"
#include "lcm/layout.h"

struct memory_flash {
    uint8_t *bytes; /* LCM_FLASH_SIZE of them */
    struct lcm_flash port;
};

/* An erased flash. false when out of memory. Its address must not change while the
 * port is in use; close it. */
bool memory_flash_open(struct memory_flash *flash);
void memory_flash_close(struct memory_flash *flash);

#endif
