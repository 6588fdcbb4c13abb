// SPDX-License-Identifier: Apache-2.0
/*
 * One pass over an unsigned image that writes nothing; see the header. It proves
 * integrity only: that the file is the one its .sig describes, not who made it.
 */
#include "core/update/survey.h"

#include <string.h>

#include "core/base/bytes.h"

static uint32_t survey_get_u32_big_endian(const uint8_t *src)
{
    return (uint32_t)src[0] << 24 | (uint32_t)src[1] << 16 | (uint32_t)src[2] << 8 | src[3];
}

enum lcm_err lcm_survey_init(struct lcm_survey *survey, struct lcm_manifest *manifest,
                             const uint8_t *sig)
{
    uint32_t size = survey_get_u32_big_endian(sig + sizeof(survey->expected));

    if (size > LCM_SLOT0_IMAGE_SIZE_MAX)
        return LCM_ERR_TOO_LARGE;
    if (size < 16)
        return LCM_ERR_IMAGE;
    manifest->image_size = size;
    manifest->sector_count = (size + LCM_SECTOR_SIZE - 1) / LCM_SECTOR_SIZE;
    survey->manifest = manifest;
    survey->received = 0;
    memcpy(survey->expected, sig, sizeof(survey->expected));
    br_sha384_init(&survey->whole384);
    br_sha256_init(&survey->whole256);
    br_sha256_init(&survey->sector);
    return LCM_OK;
}

static void survey_end_sector(struct lcm_survey *survey)
{
    uint8_t digest[LCM_SHA256_SIZE];
    uint32_t sector = (survey->received - 1) / LCM_SECTOR_SIZE;

    br_sha256_out(&survey->sector, digest);
    memcpy(survey->manifest->sector_hash[sector], digest, LCM_SECTOR_HASH_SIZE);
    br_sha256_init(&survey->sector);
}

enum lcm_err lcm_survey_write(struct lcm_survey *survey, const uint8_t *bytes, size_t size)
{
    uint32_t image_size = survey->manifest->image_size;

    if (size > image_size - survey->received)
        return LCM_ERR_TOO_LONG;
    br_sha384_update(&survey->whole384, bytes, size);
    br_sha256_update(&survey->whole256, bytes, size);
    while (size > 0) {
        uint32_t missing = LCM_SECTOR_SIZE - survey->received % LCM_SECTOR_SIZE;
        uint32_t step = size < missing ? (uint32_t)size : missing;

        br_sha256_update(&survey->sector, bytes, step);
        survey->received += step;
        bytes += step;
        size -= step;
        if (survey->received % LCM_SECTOR_SIZE == 0 || survey->received == image_size)
            survey_end_sector(survey);
    }
    return LCM_OK;
}

enum lcm_err lcm_survey_finish(struct lcm_survey *survey)
{
    uint8_t digest[sizeof(survey->expected)];

    br_sha384_out(&survey->whole384, digest);
    if (survey->received != survey->manifest->image_size ||
        !lcm_bytes_equal(digest, survey->expected, sizeof(digest)))
        return LCM_ERR_CORRUPT;
    br_sha256_out(&survey->whole256, survey->manifest->sha256);
    return LCM_OK;
}
