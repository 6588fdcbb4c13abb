/* SPDX-License-Identifier: Apache-2.0 */
/* Host calls of the emulator, for descriptors the chip's program inherits. */
#ifndef LCM_PORT_EMULATOR_GUEST_SIMCALL_H
#define LCM_PORT_EMULATOR_GUEST_SIMCALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One message. Size, or <= 0. The buffer must not cross a 4 KiB border. */
int32_t simcall_read(int32_t fd, void *buffer, size_t size);
int32_t simcall_write(int32_t fd, const void *buffer, size_t size);

/* true when fd has something to read now. */
bool simcall_is_readable(int32_t fd);

#endif
