// SPDX-License-Identifier: Apache-2.0
/*
 * Bounded parser of v1 and v2 images for descriptions. It copies nothing and judges
 * nothing but the form.
 */
#include "host/image_view.h"

#include "core/base/bytes.h"
#include "lcm/layout.h"

/* Code refers to itself by absolute address. So many more references into one slot
 * than into the other decide where it was linked. */
#define IMAGE_VOTES_MIN 4u
#define IMAGE_VOTES_FACTOR 4u

struct image_cursor {
    const uint8_t *bytes;
    size_t size;
    size_t offset;
    uint32_t votes[LCM_SLOT_COUNT];
};

static const uint8_t *image_take(struct image_cursor *cursor, uint32_t size)
{
    const uint8_t *start = cursor->bytes + cursor->offset;

    if (size > cursor->size - cursor->offset)
        return NULL;
    cursor->offset += size;
    return start;
}

/* Count the words that are addresses of flash code in either slot. */
static void image_count_votes(struct image_cursor *cursor, const uint8_t *data, uint32_t size,
                              uint32_t code_size)
{
    const uint32_t base = LCM_FLASH_MAP_BASE + LCM_IROM_OFFSET;

    for (uint32_t i = 0; i + 4 <= size; i += 4) {
        uint32_t word = lcm_get_u32(data + i);

        cursor->votes[0] += word - (base + LCM_SLOT0_ADDR) < code_size;
        cursor->votes[1] += word - (base + LCM_SLOT1_ADDR) < code_size;
    }
}

static enum image_slot image_decide_slot(const struct image_cursor *cursor)
{
    for (uint32_t slot = 0; slot < LCM_SLOT_COUNT; slot++)
        if (cursor->votes[slot] >= IMAGE_VOTES_MIN &&
            cursor->votes[slot] / IMAGE_VOTES_FACTOR >= cursor->votes[1 - slot])
            return slot == 0 ? IMAGE_SLOT_0 : IMAGE_SLOT_1;
    return IMAGE_SLOT_UNKNOWN;
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
        image_count_votes(cursor, body, view->segments[i].size, view->flash_code_size);
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
    if (code == NULL || view->flash_code_size % 16 != 0)
        return LCM_ERR_IMAGE;
    image_count_votes(cursor, code, view->flash_code_size, view->flash_code_size);
    return image_parse_v1(view, cursor);
}

enum lcm_err image_view_parse(struct image_view *view, const uint8_t *bytes, size_t size)
{
    struct image_cursor cursor = {.bytes = bytes, .size = size};
    struct image_view parsed = {.format = IMAGE_V1, .slot = IMAGE_SLOT_NONE};
    enum lcm_err err = LCM_ERR_IMAGE;

    if (size == 0)
        return err;
    if (bytes[0] == IMAGE_MAGIC_V2)
        parsed.format = IMAGE_V2;
    err = parsed.format == IMAGE_V2 ? image_parse_v2(&parsed, &cursor)
                                    : image_parse_v1(&parsed, &cursor);
    if (err != LCM_OK)
        return err;
    if (parsed.flash_code_size > 0)
        parsed.slot = image_decide_slot(&cursor);
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
