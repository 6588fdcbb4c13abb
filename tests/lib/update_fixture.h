/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bootable images of any size and the manifests that describe them, for tests of
 * core/update. Nothing is signed here; that is trust_fixture's.
 */
#ifndef LCM_TESTS_UPDATE_FIXTURE_H
#define LCM_TESTS_UPDATE_FIXTURE_H

#include <stdint.h>

#include "core/trust/manifest.h"
#include "tests/lib/ram_flash.h"

#define UPDATE_IMAGE_SIZE_MIN 48u

/*
 * Fill dst with a v2 image of exactly size bytes (>= UPDATE_IMAGE_SIZE_MIN) that
 * lcm_image_check accepts: random irom first, its one RAM segment at the very end.
 */
void update_image_make(uint8_t *dst, uint32_t size, uint64_t seed);

/* An app manifest for slot 0 with all sizes and hashes of the image. */
void update_manifest_make(struct lcm_manifest *manifest, const uint8_t *image, uint32_t size);

/* Put bytes on flash as if they had always been there; counts no operation. */
void update_flash_put(struct ram_flash *flash, uint32_t addr, const void *bytes, uint32_t size);

#endif
