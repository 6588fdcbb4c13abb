// SPDX-License-Identifier: Apache-2.0
/* Images byte by byte; see the header. The device's own parser is the judge of them. */
#include "tests/lib/fixture_image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/bytes.h"
#include "core/image/image.h"

#define HEADER_SIZE 16u
#define RAM_PART_SIZE 48u /* header, segment header, segment, padding with the checksum */
#define SEGMENT_SIZE 16u
#define SEGMENT_ADDR 0x40100000u
#define ENTRY_ADDR 0x40100004u

void fixture_image_noise(uint8_t *bytes, size_t size, uint32_t seed)
{
    uint32_t state = seed * 2654435761u + 1;

    for (size_t i = 0; i < size; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        bytes[i] = (uint8_t)(state >> 11);
    }
}

static void image_put_ram_part(uint8_t *part, uint32_t seed)
{
    uint8_t checksum = 0xEF;

    memset(part, 0, RAM_PART_SIZE);
    part[0] = 0xE9;
    part[1] = 1;
    lcm_put_u32(part + 4, ENTRY_ADDR);
    lcm_put_u32(part + 8, SEGMENT_ADDR);
    lcm_put_u32(part + 12, SEGMENT_SIZE);
    fixture_image_noise(part + 16, SEGMENT_SIZE, ~seed);
    for (size_t i = 0; i < SEGMENT_SIZE; i++)
        checksum ^= part[16 + i];
    part[RAM_PART_SIZE - 1] = checksum;
}

void fixture_image_make(uint8_t *image, size_t size, const struct lcm_identity *identity,
                        uint32_t seed)
{
    size_t used = size - size % 16;
    struct lcm_image_reader reader;
    struct lcm_image parsed;

    assert_true(size >= FIXTURE_IMAGE_SIZE_MIN && size <= FIXTURE_IMAGE_SIZE_MAX);
    fixture_image_noise(image, size, seed);
    memset(image, 0, HEADER_SIZE);
    image[0] = 0xEA;
    image[1] = 0x04;
    lcm_put_u32(image + 4, ENTRY_ADDR);
    lcm_put_u32(image + 12, (uint32_t)(used - HEADER_SIZE - RAM_PART_SIZE));
    if (identity != NULL)
        assert_int_equal(lcm_identity_encode(identity, image + LCM_IDENTITY_OFFSET), LCM_OK);
    image_put_ram_part(image + used - RAM_PART_SIZE, seed);
    lcm_image_reader_init_bytes(&reader, image, (uint32_t)size);
    assert_int_equal(lcm_image_parse(&reader, &parsed), LCM_OK);
}
