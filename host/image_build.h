/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flash images out of linked programs (docs/SPEC.md, "Images").
 *
 * v2 (0xEA) is what a slot holds: code that runs from flash, then the segments that
 * are copied to RAM. v1 (0xE9) has RAM segments only: what the mask ROM can start.
 */
#ifndef LCM_HOST_IMAGE_BUILD_H
#define LCM_HOST_IMAGE_BUILD_H

#include "host/file.h"

enum image_format {
    IMAGE_V1 = 1,
    IMAGE_V2 = 2,
};

#define IMAGE_MAGIC_V1 0xE9u
#define IMAGE_MAGIC_V2 0xEAu
#define IMAGE_V2_MARK 0x04u
#define IMAGE_HEADER_SIZE 8u
#define IMAGE_SEGMENT_HEADER_SIZE 8u
#define IMAGE_SEGMENTS_MAX 16u
#define IMAGE_CHECKSUM_SEED 0xEFu
#define IMAGE_SIZE_MAX 0x100000u

struct image_options {
    enum image_format format;
    uint8_t flash_mode;      /* 0 QIO, 1 QOUT, 2 DIO, 3 DOUT */
    uint8_t flash_size_freq; /* size << 4 | frequency: 0x20 = 1 MiB at 40 MHz */
    const char
        *boot_version; /* NULL, or fill up to one sector with this text in the last 16 bytes */
};

/* Build an image from an ELF file; path is for messages only. CLI_OK with *image
 * allocated, else one error line was printed, CLI_ERROR is returned and *image is unchanged. */
LCM_MUST_CHECK int image_build(const char *path, const struct file_content *elf,
                               const struct image_options *options, struct file_content *image);

#endif
