/* SPDX-License-Identifier: Apache-2.0 */
/* Small well-formed v1 and v2 images for tests. */
#ifndef LCM_TESTS_SAMPLE_IMAGE_H
#define LCM_TESTS_SAMPLE_IMAGE_H

#include <stdint.h>

#define SAMPLE_IROM_SIZE 0x400u
#define SAMPLE_IMAGE_SIZE_MAX 0x800u /* bytes */

/* Write a v1 image (two segments) to dst; returns its size. */
uint32_t sample_image_v1(uint8_t *dst);

/* Write a v2 image whose irom is linked for slot_addr; returns its size. */
uint32_t sample_image_v2(uint8_t *dst, uint32_t slot_addr);

#endif
