/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flash port on a file of 1 MiB, with the rules of NOR flash: programming clears
 * bits, erase works on whole sectors. Breaking a rule is a bug in the caller and
 * aborts the process with a message. Every operation reaches the file before it
 * returns, so a killed process leaves what a chip would hold after a power cut.
 */
#ifndef LCM_PORT_HOST_FLASH_H
#define LCM_PORT_HOST_FLASH_H

#include <stdbool.h>
#include <stdint.h>

#include "lcm/flash.h"
#include "lcm/layout.h"

struct host_flash {
    int fd; /* -1 = closed */
    uint32_t erase_count;
    uint32_t program_bytes;
    struct lcm_flash port; /* pass &flash->port; the struct must not move */
};

/*
 * Open an existing flash file and lock it. On failure prints one error line and
 * returns false: no such file, not 1,048,576 bytes, or in use by another process.
 */
bool host_flash_open(struct host_flash *flash, const char *path);

void host_flash_close(struct host_flash *flash);

#endif
