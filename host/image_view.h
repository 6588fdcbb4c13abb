/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Describes a flash image in memory: segments, checksum, identity, the slot its code
 * was linked for, and the verdict of the device's own image check. Any input is safe.
 */
#ifndef LCM_HOST_IMAGE_VIEW_H
#define LCM_HOST_IMAGE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/image/identity.h"
#include "host/image_build.h"
#include "lcm/err.h"

enum image_slot {
    IMAGE_SLOT_UNKNOWN = -1,
    IMAGE_SLOT_0 = 0,
    IMAGE_SLOT_1 = 1,
    IMAGE_SLOT_NONE = 2, /* no code in flash: runs from anywhere */
};

struct image_segment {
    uint32_t addr;
    uint32_t size; /* bytes */
};

struct image_view {
    enum image_format format;
    uint8_t flash_mode;
    uint8_t flash_size_freq;
    uint32_t entry;
    uint32_t flash_code_size; /* bytes of code that runs from flash; 0 in v1 */
    struct image_segment segments[IMAGE_SEGMENTS_MAX];
    uint32_t segment_count;
    uint32_t size; /* bytes from the first header to the checksum */
    uint8_t checksum;
    uint8_t checksum_computed;
    enum lcm_err verdict; /* of core/image: LCM_OK = a device can start it */
    enum image_slot slot; /* what the absolute addresses in the code say */
    bool has_identity;
    struct lcm_identity identity;
};

/* Describe an image of at most size bytes; what follows it is not looked at.
 * LCM_ERR_IMAGE when it is none or ends early; *view is unchanged then. A wrong
 * checksum or segments outside the chip's memory are no error here: see verdict. */
LCM_MUST_CHECK enum lcm_err image_view_parse(struct image_view *view, const uint8_t *bytes,
                                             size_t size);

/* "slot 0", "slot 1", "any slot", "unknown". */
const char *image_slot_name(enum image_slot slot);

/* "DOUT" and the like. */
const char *image_flash_mode_name(uint8_t mode);

#endif
