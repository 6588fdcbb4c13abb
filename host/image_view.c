// SPDX-License-Identifier: Apache-2.0
/*
 * Bounded parser of v1 and v2 images for descriptions. Whether a device can start the
 * image, and where, is asked of core/image.
 */
#include "host/image_view.h"

#include "core/base/bytes.h"
#include "core/image/image.h"
#include "lcm/layout.h"

struct image_cursor {
    const uint8_t *bytes;
    size_t size;
    size_t offset;
};

static const uint8_t *image_take(struct image_cursor *cursor, uint32_t size)
{
    const uint8_t *start = cursor->bytes + cursor->offset;

    if (size > cursor->size - cursor->offset)
        return NULL;
    cursor->offset += size;
    return start;
}

static enum lcm_err image_parse_segments(struct image_view *view, struct image_cursor *cursor)
{
    view->checksum_computed = IMAGE_CHECKSUM_SEED;
    for (uint32_t i = 0; i < view->segment_count; i++) {
        const uint8_t *header = image_take(cursor, IMAGE_SEGMENT_HEADER_SIZE);
        const uint8_t *body = NULL;

        if (header == NULL)
            return LCM_ERR_IMAGE;
        view->segments[i].addr = lcm_get_u32(header);
        view->segments[i].size = lcm_get_u32(header + 4);
        body = image_take(cursor, view->segments[i].size);
        if (body == NULL)
            return LCM_ERR_IMAGE;
        for (uint32_t j = 0; j < view->segments[i].size; j++)
            view->checksum_computed ^= body[j];
    }
    return LCM_OK;
}

static enum lcm_err image_parse_v1(struct image_view *view, struct image_cursor *cursor)
{
    const uint8_t *header = image_take(cursor, IMAGE_HEADER_SIZE);
    const uint8_t *padding = NULL;
    uint32_t rest = 0;
    enum lcm_err err = LCM_OK;

    if (header == NULL || header[0] != IMAGE_MAGIC_V1 || header[1] == 0 ||
        header[1] > IMAGE_SEGMENTS_MAX)
        return LCM_ERR_IMAGE;
    view->segment_count = header[1];
    view->flash_mode = header[2];
    view->flash_size_freq = header[3];
    view->entry = lcm_get_u32(header + 4);
    err = image_parse_segments(view, cursor);
    if (err != LCM_OK)
        return err;
    rest = (uint32_t)(16 - cursor->offset % 16);
    padding = image_take(cursor, rest);
    if (padding == NULL)
        return LCM_ERR_IMAGE;
    view->checksum = padding[rest - 1];
    view->size = (uint32_t)cursor->offset;
    return LCM_OK;
}

static enum lcm_err image_parse_v2(struct image_view *view, struct image_cursor *cursor)
{
    const uint8_t *header = image_take(cursor, IMAGE_HEADER_SIZE + IMAGE_SEGMENT_HEADER_SIZE);
    const uint8_t *code = NULL;

    if (header == NULL || header[1] != IMAGE_V2_MARK)
        return LCM_ERR_IMAGE;
    view->flash_code_size = lcm_get_u32(header + 12);
    code = image_take(cursor, view->flash_code_size);
    if (code == NULL || view->flash_code_size % 4 != 0)
        return LCM_ERR_IMAGE;
    return image_parse_v1(view, cursor);
}

/* Ask for each slot whether the code can belong there. */
static void image_find_slot(struct image_view *view, const struct lcm_image_reader *reader,
                            const struct lcm_image *image)
{
    bool is_linked[LCM_SLOT_COUNT] = {false, false};

    if (!image->is_v2 || image->irom_size == 0)
        return;
    view->slot = IMAGE_SLOT_UNKNOWN;
    if (lcm_image_links_to(reader, image, LCM_SLOT0_ADDR, &is_linked[0]) != LCM_OK ||
        lcm_image_links_to(reader, image, LCM_SLOT1_ADDR, &is_linked[1]) != LCM_OK)
        return;
    if (is_linked[0] != is_linked[1])
        view->slot = is_linked[0] ? IMAGE_SLOT_0 : IMAGE_SLOT_1;
}

static void image_judge(struct image_view *view, const uint8_t *bytes, size_t size)
{
    struct lcm_image_reader reader;
    struct lcm_image image;

    lcm_image_reader_init_bytes(&reader, bytes, (uint32_t)size);
    view->verdict = lcm_image_parse(&reader, &image);
    if (view->verdict == LCM_OK)
        image_find_slot(view, &reader, &image);
    if (size >= LCM_IDENTITY_OFFSET + LCM_IDENTITY_SIZE)
        view->has_identity =
            lcm_identity_decode(bytes + LCM_IDENTITY_OFFSET, &view->identity) == LCM_OK;
}

enum lcm_err image_view_parse(struct image_view *view, const uint8_t *bytes, size_t size)
{
    struct image_cursor cursor = {.bytes = bytes, .size = size};
    struct image_view parsed = {.format = IMAGE_V1, .slot = IMAGE_SLOT_NONE};
    enum lcm_err err = LCM_ERR_IMAGE;

    if (size == 0 || size > UINT32_MAX)
        return err;
    if (bytes[0] == IMAGE_MAGIC_V2)
        parsed.format = IMAGE_V2;
    err = parsed.format == IMAGE_V2 ? image_parse_v2(&parsed, &cursor)
                                    : image_parse_v1(&parsed, &cursor);
    if (err != LCM_OK)
        return err;
    image_judge(&parsed, bytes, size);
    *view = parsed;
    return LCM_OK;
}

const char *image_slot_name(enum image_slot slot)
{
    switch (slot) {
    case IMAGE_SLOT_0:
        return "slot 0";
    case IMAGE_SLOT_1:
        return "slot 1";
    case IMAGE_SLOT_NONE:
        return "any slot";
    case IMAGE_SLOT_UNKNOWN:
    default:
        return "unknown";
    }
}

const char *image_flash_mode_name(uint8_t mode)
{
    static const char *const names[] = {"QIO", "QOUT", "DIO", "DOUT"};

    return mode < sizeof(names) / sizeof(names[0]) ? names[mode] : "?";
}
