/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The identity block: which release a binary is, readable from flash without running
 * it (docs/SPEC.md section 8). It is a label for reports and choices, not a proof:
 * trust comes from manifests.
 */
#ifndef LCM_IMAGE_IDENTITY_H
#define LCM_IMAGE_IDENTITY_H

#include <stdint.h>

#include "core/base/version.h"
#include "lcm/err.h"
#include "lcm/flash.h"

#define LCM_IDENTITY_MAGIC "LCM-ID1" /* with its NUL: 8 bytes */
#define LCM_IDENTITY_OFFSET 0x10u    /* from the start of the image: start of irom */
#define LCM_IDENTITY_SIZE 132u
#define LCM_IDENTITY_REPOSITORY_SIZE 64u /* bytes with NUL */
#define LCM_IDENTITY_FILE_SIZE 32u       /* bytes with NUL */

/* The types of a manifest. */
#define LCM_IDENTITY_APP 1u
#define LCM_IDENTITY_UPDATER 2u
#define LCM_IDENTITY_BOOT 3u

struct lcm_identity {
    uint8_t type;                   /* LCM_IDENTITY_* */
    char version[LCM_VERSION_SIZE]; /* all texts: printable ASCII without space, never "" */
    char repository[LCM_IDENTITY_REPOSITORY_SIZE];
    char file[LCM_IDENTITY_FILE_SIZE];
};

/* Bytes to struct; *identity is written only on LCM_OK. LCM_ERR_NOT_FOUND: no block.
 * LCM_ERR_FORMAT: a block with an unknown type or malformed texts. */
LCM_MUST_CHECK enum lcm_err lcm_identity_decode(const uint8_t bytes[LCM_IDENTITY_SIZE],
                                                struct lcm_identity *identity);

/* Struct to bytes. LCM_ERR_FORMAT (nothing is written): a field is out of its range. */
LCM_MUST_CHECK enum lcm_err lcm_identity_encode(const struct lcm_identity *identity,
                                                uint8_t bytes[LCM_IDENTITY_SIZE]);

/* The block of the image at image_addr on flash; as lcm_identity_decode, and LCM_ERR_FLASH. */
LCM_MUST_CHECK enum lcm_err lcm_identity_load(const struct lcm_flash *flash, uint32_t image_addr,
                                              struct lcm_identity *identity);

#endif
