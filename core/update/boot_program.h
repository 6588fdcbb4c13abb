/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replacing the boot program in sector 0.
 *
 * The mask ROM starts nothing but flash address 0, so between erase and the end of
 * programming (about 0.1 s) a power cut leaves a chip that only a cable can revive.
 * This cannot be removed, only kept short and rare: the whole new sector is checked
 * in RAM first, nothing else happens in between, a program that is there already is never
 * rewritten, and a failed write is repeated at once. docs/THREATS.md says so too.
 */
#ifndef LCM_UPDATE_BOOT_PROGRAM_H
#define LCM_UPDATE_BOOT_PROGRAM_H

#include <stdint.h>

#include "core/trust/manifest.h"
#include "lcm/flash.h"

#define LCM_BOOT_WRITE_TRIES 8u

/* Copy the version text of the boot program in flash (16 bytes at 0xFF0) to
 * version[LCM_BOOT_VERSION_SIZE + 1]; "" when there is none. For people: what decides is the
 * record of kind LCM_STATE_BOOT. */
void lcm_boot_program_version(const struct lcm_flash *flash, char *version);

/*
 * Install the image in sector[0 .. manifest->image_size), a work buffer of
 * LCM_SECTOR_SIZE bytes that is completed in place: flash mode and size bytes of
 * the running boot program are kept (as long as there is one), the version text is
 * added. When the same program is there, nothing is written: the version text goes on naming the
 * release that brought it, or nothing on a board flashed by cable. LCM_ERR_CORRUPT when the hash is
 * not the manifest's, LCM_ERR_IMAGE when it is no v1 image, LCM_ERR_TOO_LARGE: nothing was
 * written. LCM_ERR_FLASH: sector 0 could not be read, or not be written in LCM_BOOT_WRITE_TRIES.
 */
LCM_MUST_CHECK enum lcm_err lcm_boot_program_install(const struct lcm_flash *flash,
                                                     const struct lcm_manifest *manifest,
                                                     uint8_t *sector);

#endif
