/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Synthetic firmware images: valid v2 headers, one small RAM segment with its checksum,
 * an identity block, and pseudo-random flash content that depends on the seed alone.
 * The chip would start them; a virtual device only reads their form.
 */
#ifndef LCM_TESTS_FIXTURE_IMAGE_H
#define LCM_TESTS_FIXTURE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "core/image/identity.h"

#define FIXTURE_IMAGE_SIZE_MIN 512u
#define FIXTURE_IMAGE_SIZE_MAX (1024u * 1024)

/* Write an image of size bytes (FIXTURE_IMAGE_SIZE_MIN or more) to image. Bytes behind
 * the last multiple of 16 are padding. identity may be NULL: an app without one. */
void fixture_image_make(uint8_t *image, size_t size, const struct lcm_identity *identity,
                        uint32_t seed);

/* size pseudo-random bytes. */
void fixture_image_noise(uint8_t *bytes, size_t size, uint32_t seed);

#endif
