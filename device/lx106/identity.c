// SPDX-License-Identifier: Apache-2.0
/*
 * What this updater image is: the identity block and the same for the program itself. Compiled for
 * each image and version; nothing else in an image knows its version, so that a new version alone
 * changes these bytes and no others.
 */
#include "device/lx106/identity.h"

#include "lcm/lcm_app.h"

LCM_IMAGE_IDENTITY(LCM_APP_IMAGE_UPDATER, IDENTITY_REPOSITORY, IDENTITY_FILE, IDENTITY_VERSION);

const char lcm_firmware_version[24] = IDENTITY_VERSION;
const uint32_t lcm_firmware_slot = IDENTITY_SLOT;
