// SPDX-License-Identifier: Apache-2.0
/* Reader of signed TLV files. It decides nothing about trust: signatures are elsewhere. */
#include "core/base/tlv.h"

#include <string.h>

#include "core/base/bytes.h"
#include "core/base/text.h"

enum lcm_err lcm_tlv_open(struct lcm_tlv_reader *reader, const uint8_t *file, size_t file_size,
                          const char *magic)
{
    if (file_size < LCM_TLV_HEADER_SIZE || memcmp(file + 1, magic + 1, 3) != 0)
        return LCM_ERR_FORMAT;

    size_t signed_items = lcm_get_u16(file + 4);
    if (lcm_get_u16(file + 6) != 0 || signed_items > file_size - LCM_TLV_HEADER_SIZE)
        return LCM_ERR_FORMAT;
    reader->cursor = file + LCM_TLV_HEADER_SIZE;
    reader->end = reader->cursor + signed_items;
    reader->last_tag = 0;
    reader->is_open_ended = false;
    return LCM_OK;
}

void lcm_tlv_open_signatures(struct lcm_tlv_reader *reader, const uint8_t *file, size_t file_size)
{
    reader->cursor = file + lcm_tlv_signed_size(file);
    reader->end = file + file_size;
    reader->last_tag = 0;
    reader->is_open_ended = true;
}

size_t lcm_tlv_signed_size(const uint8_t *file)
{
    return LCM_TLV_HEADER_SIZE + (size_t)lcm_get_u16(file + 4);
}

static bool tlv_is_end(const struct lcm_tlv_reader *reader)
{
    size_t left = (size_t)(reader->end - reader->cursor);

    return left == 0 ||
           (reader->is_open_ended && left >= 2 && lcm_get_u16(reader->cursor) == LCM_TLV_TAG_END);
}

enum lcm_err lcm_tlv_next(struct lcm_tlv_reader *reader, struct lcm_tlv_item *item)
{
    if (tlv_is_end(reader))
        return LCM_ERR_NOT_FOUND;

    size_t left = (size_t)(reader->end - reader->cursor);
    if (left < LCM_TLV_ITEM_HEADER_SIZE)
        return LCM_ERR_FORMAT;
    uint16_t tag = lcm_get_u16(reader->cursor);
    uint16_t size = lcm_get_u16(reader->cursor + 2);
    uint16_t order = (uint16_t)(tag & ~LCM_TLV_OPTIONAL);
    if (tag == LCM_TLV_TAG_END || size > left - LCM_TLV_ITEM_HEADER_SIZE ||
        order < reader->last_tag)
        return LCM_ERR_FORMAT;

    item->tag = order;
    item->is_optional = (tag & LCM_TLV_OPTIONAL) != 0;
    item->value = reader->cursor + LCM_TLV_ITEM_HEADER_SIZE;
    item->size = size;
    reader->last_tag = order;
    reader->cursor = item->value + size;
    return LCM_OK;
}

enum lcm_err lcm_tlv_u8(const struct lcm_tlv_item *item, uint8_t *value)
{
    if (item->size != 1)
        return LCM_ERR_FORMAT;
    *value = item->value[0];
    return LCM_OK;
}

enum lcm_err lcm_tlv_u32(const struct lcm_tlv_item *item, uint32_t *value)
{
    if (item->size != 4)
        return LCM_ERR_FORMAT;
    *value = lcm_get_u32(item->value);
    return LCM_OK;
}

enum lcm_err lcm_tlv_u64(const struct lcm_tlv_item *item, uint64_t *value)
{
    if (item->size != 8)
        return LCM_ERR_FORMAT;
    *value = lcm_get_u64(item->value);
    return LCM_OK;
}

enum lcm_err lcm_tlv_blob(const struct lcm_tlv_item *item, uint8_t *dst, size_t size)
{
    if (item->size != size)
        return LCM_ERR_FORMAT;
    memcpy(dst, item->value, size);
    return LCM_OK;
}

enum lcm_err lcm_tlv_text(const struct lcm_tlv_item *item, char *dst, size_t dst_size)
{
    if (item->size == 0)
        return LCM_ERR_FORMAT;
    for (size_t i = 0; i < item->size; i++) {
        if (item->value[i] <= ' ' || item->value[i] > '~')
            return LCM_ERR_FORMAT;
    }
    return lcm_text_copy_bytes(dst, dst_size, item->value, item->size);
}
