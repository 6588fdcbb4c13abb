// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the survey of an unsigned app accepts exactly the bytes its .sig describes and
 * then hands the sector engine the manifest that the image deserves.
 * Method: .sig files made with OpenSSL's SHA-384 (the device uses BearSSL); images of
 * all shapes in pieces of several sizes; the manifest is compared with one made the
 * other way round; every kind of lie about length and content.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/sha.h>

#include "core/update/survey.h"
#include "tests/lib/update_fixture.h"

#define SECTOR LCM_SECTOR_SIZE

static uint8_t image[LCM_SLOT0_IMAGE_SIZE_MAX + 1];
static uint8_t sig[LCM_REFERENCE_SIG_SIZE];
static struct lcm_manifest manifest;
static struct lcm_survey survey;

static void sig_make(uint32_t size)
{
    SHA384(image, size, sig);
    sig[48] = (uint8_t)(size >> 24);
    sig[49] = (uint8_t)(size >> 16);
    sig[50] = (uint8_t)(size >> 8);
    sig[51] = (uint8_t)size;
}

static void begin(uint32_t size)
{
    update_image_make(image, size < UPDATE_IMAGE_SIZE_MIN ? UPDATE_IMAGE_SIZE_MIN : size, size);
    sig_make(size);
    memset(&manifest, 0, sizeof(manifest));
    assert_int_equal(lcm_survey_init(&survey, &manifest, sig), LCM_OK);
}

static enum lcm_err feed(uint32_t size, uint32_t piece)
{
    for (uint32_t at = 0; at < size; at += piece) {
        uint32_t step = size - at < piece ? size - at : piece;
        enum lcm_err err = lcm_survey_write(&survey, image + at, step);
        if (err != LCM_OK)
            return err;
    }
    return LCM_OK;
}

static void test_manifest_of_good_images(void **state)
{
    static const uint32_t sizes[] = {
        16,         48,         SECTOR - 1,       SECTOR,
        SECTOR + 1, 3 * SECTOR, 7 * SECTOR + 999, LCM_SLOT0_IMAGE_SIZE_MAX};
    static const uint32_t pieces[] = {1, 1460, SECTOR, 16384};
    struct lcm_manifest expected;

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (size_t j = 0; j < sizeof(pieces) / sizeof(pieces[0]); j++) {
            begin(sizes[i]);
            assert_int_equal(feed(sizes[i], pieces[j]), LCM_OK);
            assert_int_equal(lcm_survey_finish(&survey), LCM_OK);
            update_manifest_make(&expected, image, sizes[i]);
            assert_int_equal(manifest.image_size, expected.image_size);
            assert_int_equal(manifest.sector_count, expected.sector_count);
            assert_memory_equal(manifest.sha256, expected.sha256, sizeof(expected.sha256));
            assert_memory_equal(manifest.sector_hash, expected.sector_hash,
                                sizeof(expected.sector_hash));
        }
}

static void test_stated_length(void **state)
{
    (void)state;
    update_image_make(image, 64, 1);
    sig_make(15);
    assert_int_equal(lcm_survey_init(&survey, &manifest, sig), LCM_ERR_IMAGE);
    sig_make(0);
    assert_int_equal(lcm_survey_init(&survey, &manifest, sig), LCM_ERR_IMAGE);
    sig_make(LCM_SLOT0_IMAGE_SIZE_MAX + 1);
    assert_int_equal(lcm_survey_init(&survey, &manifest, sig), LCM_ERR_TOO_LARGE);
    memset(sig + 48, 0xFF, 4);
    assert_int_equal(lcm_survey_init(&survey, &manifest, sig), LCM_ERR_TOO_LARGE);
}

static void test_missing_and_extra_bytes(void **state)
{
    (void)state;
    begin(2 * SECTOR);
    assert_int_equal(feed(2 * SECTOR - 1, 1000), LCM_OK);
    assert_int_equal(lcm_survey_finish(&survey), LCM_ERR_CORRUPT);
    assert_int_equal(lcm_survey_write(&survey, image, 2), LCM_ERR_TOO_LONG);
    assert_int_equal(lcm_survey_write(&survey, image + 2 * SECTOR - 1, 1), LCM_OK);
    assert_int_equal(lcm_survey_write(&survey, image, 1), LCM_ERR_TOO_LONG);
    assert_int_equal(lcm_survey_finish(&survey), LCM_OK);
    begin(SECTOR);
    assert_int_equal(lcm_survey_finish(&survey), LCM_ERR_CORRUPT);
}

/* One wrong bit anywhere, in the image or in the .sig. */
static void test_wrong_bits(void **state)
{
    uint32_t size = SECTOR + 100;

    (void)state;
    for (uint32_t at = 0; at < size; at += 97) {
        begin(size);
        image[at] ^= (uint8_t)(1u << (at % 8));
        assert_int_equal(feed(size, 512), LCM_OK);
        assert_int_equal(lcm_survey_finish(&survey), LCM_ERR_CORRUPT);
    }
    for (uint32_t at = 0; at < 48; at++) {
        begin(size);
        sig[at] ^= 0x80;
        assert_int_equal(lcm_survey_init(&survey, &manifest, sig), LCM_OK);
        assert_int_equal(feed(size, 512), LCM_OK);
        assert_int_equal(lcm_survey_finish(&survey), LCM_ERR_CORRUPT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_manifest_of_good_images),
        cmocka_unit_test(test_stated_length),
        cmocka_unit_test(test_missing_and_extra_bytes),
        cmocka_unit_test(test_wrong_bits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
