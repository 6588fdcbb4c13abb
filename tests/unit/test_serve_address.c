// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: signed asset addresses have GitHub's length, give back what was put in, and no
 * change of any byte, no other key and no cut is accepted.
 * Method: make addresses for many names; flip every bit position in turn (one bit per
 * byte), drop every byte, cut at every length.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/asset_url.h"

#define HOST "release-assets.githubusercontent.com"
#define PREFIX_SIZE (sizeof("https://" HOST) - 1)

static const uint8_t key[SERVE_URL_KEY_SIZE] = {1, 2, 3};
static struct serve_asset asset = {"owner", "app", "1.10.0", "main.bin", 1764000000, 1764000300};
static char url[SERVE_URL_SIZE];

static void test_length_and_round_trip(void **state)
{
    static const char *const files[] = {"a", "main.bin", "certs.sector.sig",
                                        "otaboot.bin.manifest"};
    struct serve_asset opened;
    (void)state;

    for (size_t i = 0; i < 4; i++) {
        strcpy(asset.file, files[i]);
        assert_int_equal(serve_asset_url_make(key, HOST, &asset, url), LCM_OK);
        assert_int_equal(strlen(url), SERVE_URL_LENGTH_BASE + 2 * strlen(files[i]));
        assert_int_equal(serve_asset_url_open(key, url + PREFIX_SIZE, &opened), LCM_OK);
        assert_string_equal(opened.owner, asset.owner);
        assert_string_equal(opened.repository, asset.repository);
        assert_string_equal(opened.tag, asset.tag);
        assert_string_equal(opened.file, asset.file);
        assert_int_equal(opened.not_before_s, asset.not_before_s);
        assert_int_equal(opened.expires_s, asset.expires_s);
    }
    strcpy(asset.file, "main.bin");
}

static void test_long_names_still_work(void **state)
{
    struct serve_asset long_asset = asset, opened;
    (void)state;

    memset(long_asset.owner, 'o', SERVE_SEGMENT_SIZE - 1);
    memset(long_asset.repository, 'r', SERVE_SEGMENT_SIZE - 1);
    memset(long_asset.tag, 't', SERVE_SEGMENT_SIZE - 1);
    memset(long_asset.file, 'f', SERVE_SEGMENT_SIZE - 1);
    assert_int_equal(serve_asset_url_make(key, HOST, &long_asset, url), LCM_OK);
    assert_int_equal(serve_asset_url_open(key, url + PREFIX_SIZE, &opened), LCM_OK);
    assert_string_equal(opened.tag, long_asset.tag);
}

static void test_every_change_is_refused(void **state)
{
    const uint8_t other_key[SERVE_URL_KEY_SIZE] = {1, 2, 4};
    char target[SERVE_URL_SIZE];
    struct serve_asset opened;
    (void)state;

    assert_int_equal(serve_asset_url_make(key, HOST, &asset, url), LCM_OK);
    const char *good = url + PREFIX_SIZE;
    size_t length = strlen(good);
    assert_int_equal(serve_asset_url_open(other_key, good, &opened), LCM_ERR_SIGNATURE);
    for (size_t i = 0; i < length; i++) {
        strcpy(target, good);
        target[i] = (char)(target[i] ^ 1 << i % 7);
        assert_int_equal(serve_asset_url_open(key, target, &opened), LCM_ERR_SIGNATURE);
        memcpy(target, good, i);
        strcpy(target + i, good + i + 1);
        assert_int_equal(serve_asset_url_open(key, target, &opened), LCM_ERR_SIGNATURE);
        target[i] = '\0';
        assert_int_equal(serve_asset_url_open(key, target, &opened), LCM_ERR_SIGNATURE);
    }
    assert_int_equal(serve_asset_url_open(key, good, &opened), LCM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_length_and_round_trip),
        cmocka_unit_test(test_long_names_still_work),
        cmocka_unit_test(test_every_change_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
