/* SPDX-License-Identifier: Apache-2.0 */
/* What this updater image is. The array has a fixed size, so that images of two versions differ in
 * the text alone. */
#ifndef LCM_DEVICE_LX106_IDENTITY_H
#define LCM_DEVICE_LX106_IDENTITY_H

#include <stdint.h>

extern const char lcm_firmware_version[24];
extern const uint32_t lcm_firmware_slot; /* 0: otaboot, 1: otamain */

#endif
