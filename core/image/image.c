// SPDX-License-Identifier: Apache-2.0
/*
 * Parser of v1 (0xE9) and v2 (0xEA) images over a reader. It loads nothing.
 *
 * Invariant: every read is checked against the reader's size before it is made, and
 * every size against what is left, so no header can lead outside the slot.
 */
#include "core/image/image.h"

#include <string.h>

#include "core/base/bytes.h"
#include "lcm/layout.h"

#define IMAGE_V2_MARK 0x04u /* in place of the segment count */
#define IMAGE_V1_HEADER_SIZE 8u
#define IMAGE_V2_HEADER_SIZE 16u
#define IMAGE_SEGMENT_HEADER_SIZE 8u
#define IMAGE_ALIGNMENT 16u
#define IMAGE_CHECKSUM_INIT 0xEFu
#define IMAGE_CHUNK_SIZE 64u

#define IRAM_ADDR 0x40100000u
#define IRAM_SIZE 0x8000u
#define DRAM_ADDR 0x3FFE8000u
#define DRAM_SIZE 0x14000u

/* Words that point into the other slot's irom before an image counts as foreign. */
#define LINK_EVIDENCE_MIN 8u
#define LINK_EVIDENCE_RATIO 4u

static bool image_is_inside(uint32_t addr, uint32_t size, uint32_t area, uint32_t area_size)
{
    return addr >= area && size <= area_size && addr - area <= area_size - size;
}

static enum lcm_err image_read(const struct lcm_image_reader *reader, uint32_t offset, void *dst,
                               uint32_t size)
{
    if (offset > reader->size || size > reader->size - offset)
        return LCM_ERR_IMAGE;
    return reader->read(reader->context, offset, dst, size);
}

static enum lcm_err image_parse_headers(const struct lcm_image_reader *reader,
                                        struct lcm_image *image)
{
    uint8_t header[IMAGE_V2_HEADER_SIZE];
    enum lcm_err err = image_read(reader, 0, header, sizeof(header));

    if (err != LCM_OK)
        return err;
    memset(image, 0, sizeof(*image));
    if (header[0] == LCM_IMAGE_MAGIC_V2 && header[1] == IMAGE_V2_MARK) {
        image->is_v2 = true;
        image->irom_size = lcm_get_u32(header + 12);
        if (image->irom_size > reader->size - IMAGE_V2_HEADER_SIZE)
            return LCM_ERR_IMAGE;
        image->ram_offset = IMAGE_V2_HEADER_SIZE + image->irom_size;
        err = image_read(reader, image->ram_offset, header, IMAGE_V1_HEADER_SIZE);
        if (err != LCM_OK)
            return err;
    }
    image->segment_count = header[1];
    image->entry = lcm_get_u32(header + 4);
    if (header[0] != LCM_IMAGE_MAGIC_V1 || image->segment_count < 1 ||
        image->segment_count > LCM_IMAGE_SEGMENTS_MAX ||
        !image_is_inside(image->entry, 1, IRAM_ADDR, IRAM_SIZE))
        return LCM_ERR_IMAGE;
    return LCM_OK;
}

static enum lcm_err image_add_checksum(const struct lcm_image_reader *reader, uint32_t offset,
                                       uint32_t size, uint8_t *checksum)
{
    uint8_t chunk[IMAGE_CHUNK_SIZE];

    while (size > 0) {
        uint32_t step = size < IMAGE_CHUNK_SIZE ? size : IMAGE_CHUNK_SIZE;
        enum lcm_err err = image_read(reader, offset, chunk, step);
        if (err != LCM_OK)
            return err;
        for (uint32_t i = 0; i < step; i++)
            *checksum = (uint8_t)(*checksum ^ chunk[i]);
        offset += step;
        size -= step;
    }
    return LCM_OK;
}

/* Check the segment at *offset and move behind it. */
static enum lcm_err image_check_segment(const struct lcm_image_reader *reader, uint32_t *offset,
                                        uint8_t *checksum)
{
    uint8_t header[IMAGE_SEGMENT_HEADER_SIZE];
    enum lcm_err err = image_read(reader, *offset, header, sizeof(header));

    if (err != LCM_OK)
        return err;
    uint32_t addr = lcm_get_u32(header);
    uint32_t size = lcm_get_u32(header + 4);
    if (!image_is_inside(addr, size, IRAM_ADDR, IRAM_SIZE) &&
        !image_is_inside(addr, size, DRAM_ADDR, DRAM_SIZE))
        return LCM_ERR_IMAGE;
    if (addr % 4 != 0 || size % 4 != 0)
        return LCM_ERR_IMAGE;
    *offset += IMAGE_SEGMENT_HEADER_SIZE;
    err = image_add_checksum(reader, *offset, size, checksum);
    *offset += size;
    return err;
}

enum lcm_err lcm_image_parse(const struct lcm_image_reader *reader, struct lcm_image *image)
{
    struct lcm_image result;
    uint8_t checksum = IMAGE_CHECKSUM_INIT;
    uint8_t stored;
    enum lcm_err err = image_parse_headers(reader, &result);

    if (err != LCM_OK)
        return err;
    uint32_t offset = result.ram_offset + IMAGE_V1_HEADER_SIZE;
    for (uint32_t i = 0; i < result.segment_count; i++) {
        err = image_check_segment(reader, &offset, &checksum);
        if (err != LCM_OK)
            return err;
    }
    offset |= IMAGE_ALIGNMENT - 1; /* the checksum is the last byte of a block */
    err = image_read(reader, offset, &stored, 1);
    if (err != LCM_OK)
        return err;
    if (stored != checksum)
        return LCM_ERR_IMAGE;
    result.size = offset + 1;
    *image = result;
    return LCM_OK;
}

/* ---- sources ---- */

struct image_flash_source {
    const struct lcm_flash *flash;
    uint32_t addr;
};

static enum lcm_err image_read_flash(void *context, uint32_t offset, void *dst, uint32_t size)
{
    const struct image_flash_source *source = context;

    return source->flash->read(source->flash->context, source->addr + offset, dst, size);
}

enum lcm_err lcm_image_check(const struct lcm_flash *flash, uint32_t addr, uint32_t size_max,
                             struct lcm_image *image)
{
    struct image_flash_source source = {flash, addr};
    struct lcm_image_reader reader = {&source, size_max, image_read_flash};

    if (!image_is_inside(addr, size_max, 0, flash->size))
        return LCM_ERR_IMAGE;
    return lcm_image_parse(&reader, image);
}

static enum lcm_err image_read_bytes(void *context, uint32_t offset, void *dst, uint32_t size)
{
    memcpy(dst, (const uint8_t *)context + offset, size);
    return LCM_OK;
}

void lcm_image_reader_init_bytes(struct lcm_image_reader *reader, const uint8_t *bytes,
                                 uint32_t size)
{
    /* The context is only read; the cast goes through an integer to keep the
     * compiler's watch over const everywhere else. */
    reader->context = (void *)(uintptr_t)bytes;
    reader->size = size;
    reader->read = image_read_bytes;
}

/* ---- link address ---- */

static uint32_t image_irom_addr(uint32_t slot_addr)
{
    return LCM_FLASH_MAP_BASE + slot_addr + LCM_IROM_OFFSET;
}

/* Count the words of the image that point into the irom of either slot. */
static enum lcm_err image_count_pointers(const struct lcm_image_reader *reader,
                                         const struct lcm_image *image,
                                         uint32_t count[LCM_SLOT_COUNT])
{
    static const uint32_t slot_addr[LCM_SLOT_COUNT] = {LCM_SLOT0_ADDR, LCM_SLOT1_ADDR};
    uint8_t chunk[IMAGE_CHUNK_SIZE];

    for (uint32_t offset = 0; offset < image->size; offset += IMAGE_CHUNK_SIZE) {
        uint32_t left = image->size - offset;
        uint32_t step = left < IMAGE_CHUNK_SIZE ? left : IMAGE_CHUNK_SIZE;
        enum lcm_err err = image_read(reader, offset, chunk, step);
        if (err != LCM_OK)
            return err;
        for (uint32_t i = 0; i + 4 <= step; i += 4) {
            uint32_t word = lcm_get_u32(chunk + i);
            for (uint32_t slot = 0; slot < LCM_SLOT_COUNT; slot++)
                count[slot] +=
                    image_is_inside(word, 1, image_irom_addr(slot_addr[slot]), image->irom_size);
        }
    }
    return LCM_OK;
}

enum lcm_err lcm_image_links_to(const struct lcm_image_reader *reader,
                                const struct lcm_image *image, uint32_t slot_addr, bool *is_linked)
{
    uint32_t count[LCM_SLOT_COUNT] = {0};

    *is_linked = true;
    if (!image->is_v2 || (slot_addr != LCM_SLOT0_ADDR && slot_addr != LCM_SLOT1_ADDR))
        return LCM_OK;
    enum lcm_err err = image_count_pointers(reader, image, count);
    if (err != LCM_OK)
        return err;
    uint32_t own = slot_addr == LCM_SLOT0_ADDR ? 0 : 1;
    /* Flash is too far from RAM for a plain call: the start code in RAM holds at least one
     * address of the code in flash. No word for one slot and some for the other settles it. */
    if (count[own] == 0)
        *is_linked = count[1 - own] == 0;
    else
        *is_linked = count[1 - own] < LINK_EVIDENCE_MIN + LINK_EVIDENCE_RATIO * count[own];
    return LCM_OK;
}
