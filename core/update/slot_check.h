/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is in slot 0: a bootable app, and is it still the one that was installed?
 * Stepwise, one sector a call, so that the watchdog is fed.
 */
#ifndef LCM_UPDATE_SLOT_CHECK_H
#define LCM_UPDATE_SLOT_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include <bearssl.h>

#include "core/trust/rules.h"
#include "lcm/err.h"
#include "lcm/flash.h"

struct lcm_slot_check {
    const struct lcm_flash *flash;
    uint32_t addr; /* next byte to hash */
    uint32_t left; /* bytes */
    br_sha256_context hash;
};

/* true when slot 0 holds an image that boots and that is not an installer of ours. */
bool lcm_slot_has_app(const struct lcm_flash *flash);

/* Begin to hash image_size bytes of slot 0 (<= LCM_SLOT0_IMAGE_SIZE_MAX, else nothing is hashed).
 */
void lcm_slot_check_begin(struct lcm_slot_check *check, const struct lcm_flash *flash,
                          uint32_t image_size);

/* LCM_PENDING, then LCM_OK when the hash equals sha256, LCM_ERR_CORRUPT when not, LCM_ERR_FLASH. */
LCM_MUST_CHECK enum lcm_err lcm_slot_check_step(struct lcm_slot_check *check,
                                                const uint8_t sha256[LCM_SHA256_SIZE]);

#endif
