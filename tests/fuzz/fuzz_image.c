// SPDX-License-Identifier: Apache-2.0
/* Image headers and identity blocks: what passes lies inside its bytes. */
#include "core/image/identity.h"
#include "core/image/image.h"
#include "lcm/layout.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lcm_image_reader reader;
    struct lcm_image image;
    struct lcm_identity identity;
    bool is_linked;

    if (size >= LCM_IDENTITY_SIZE && lcm_identity_decode(data, &identity) == LCM_OK)
        FUZZ_REQUIRE(strlen(identity.version) > 0 &&
                     strlen(identity.version) < sizeof(identity.version));
    lcm_image_reader_init_bytes(&reader, data, (uint32_t)size);
    if (lcm_image_parse(&reader, &image) != LCM_OK)
        return 0;
    FUZZ_REQUIRE(image.size <= size && image.ram_offset < image.size);
    FUZZ_REQUIRE(image.segment_count <= LCM_IMAGE_SEGMENTS_MAX);
    FUZZ_REQUIRE(lcm_image_links_to(&reader, &image, LCM_SLOT1_ADDR, &is_linked) == LCM_OK);
    return 0;
}
