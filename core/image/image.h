/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ESP8266 firmware images (docs/SPEC.md section 8): is this a complete image that
 * the chip can start?
 *
 * The checksum of the format covers the RAM segments only. An image that passes is
 * bootable in form; that it is the right one, hashes and signatures must say.
 */
#ifndef LCM_IMAGE_IMAGE_H
#define LCM_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"
#include "lcm/flash.h"

#define LCM_IMAGE_MAGIC_V1 0xE9u /* first byte */
#define LCM_IMAGE_MAGIC_V2 0xEAu
#define LCM_IMAGE_SEGMENTS_MAX 16u

/* Where an image is read from. */
struct lcm_image_reader {
    void *context;
    uint32_t size; /* bytes that may be read */

    /* Copy size bytes at offset from the start of the image; offset + size is never
     * beyond the size above. LCM_OK or LCM_ERR_FLASH. */
    enum lcm_err (*read)(void *context, uint32_t offset, void *dst, uint32_t size);
};

struct lcm_image {
    bool is_v2;            /* with a part that runs from flash (irom) */
    uint8_t segment_count; /* RAM segments */
    uint32_t size;         /* bytes up to and with the checksum, a multiple of 16 */
    uint32_t entry;        /* CPU address */
    uint32_t irom_size;    /* bytes, 0 for v1; irom begins at offset 16 */
    uint32_t ram_offset;   /* of the v1 header in front of the RAM segments */
};

/*
 * Check an image: header, segment bounds (inside IRAM or DRAM of the chip, whole
 * words, at most 16), entry inside IRAM, all of it within reader->size, checksum.
 * *image is written only on LCM_OK. LCM_ERR_IMAGE, LCM_ERR_FLASH.
 * Cost: reads every RAM segment once, in pieces of 64 bytes.
 */
LCM_MUST_CHECK enum lcm_err lcm_image_parse(const struct lcm_image_reader *reader,
                                            struct lcm_image *image);

/* The same for an image on flash at addr that may take up to size_max bytes, which
 * must lie inside the flash (LCM_ERR_IMAGE otherwise). */
LCM_MUST_CHECK enum lcm_err lcm_image_check(const struct lcm_flash *flash, uint32_t addr,
                                            uint32_t size_max, struct lcm_image *image);

/* A reader over size bytes in memory, which must outlive it. */
void lcm_image_reader_init_bytes(struct lcm_image_reader *reader, const uint8_t *bytes,
                                 uint32_t size);

/*
 * Can a checked image belong at slot_addr? The header does not say, but code for
 * flash is full of its own addresses: false when far more words of the image point
 * into the irom it would have in the other slot, or when only the other slot has any
 * such word (a program cannot enter its flash code without one). true when that cannot
 * be told.
 * Cost: reads the whole image. LCM_ERR_FLASH only.
 */
LCM_MUST_CHECK enum lcm_err lcm_image_links_to(const struct lcm_image_reader *reader,
                                               const struct lcm_image *image, uint32_t slot_addr,
                                               bool *is_linked);

#endif
