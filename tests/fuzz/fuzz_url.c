// SPDX-License-Identifier: Apache-2.0
/* Addresses from redirects, feeds and settings: what is accepted has a valid host and path,
 * and leads where the trust sector allows. */
#include "core/fetch/url.h"
#include "core/update/tag_scan.h"
#include "tests/fuzz/fuzz.h"

static void check_feed(struct fuzz_input input)
{
    struct lcm_tag_scan scan;
    char tag[LCM_TAG_SIZE];
    struct lcm_sink sink;

    lcm_tag_scan_init(&scan, tag, sizeof(tag));
    sink = lcm_tag_scan_sink(&scan);
    while (input.size > 0) {
        size_t step = input.size < 7 ? input.size : 7;

        if (sink.write(sink.context, input.bytes, step) != LCM_OK)
            break;
        input.bytes += step;
        input.size -= step;
    }
    if (lcm_tag_scan_finish(&scan) == LCM_OK)
        FUZZ_REQUIRE(strlen(tag) > 0 && strlen(tag) < sizeof(tag));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct lcm_trust trust = {
        .host = "github.com", .suffix_count = 1, .suffix = {"githubusercontent.com"}};
    struct fuzz_input input = {data, size};
    char text[LCM_URL_SIZE + 64];
    char path[LCM_PATH_SIZE];
    char tag[LCM_TAG_SIZE];
    struct lcm_url url;
    size_t length = size < sizeof(text) - 1 ? size : sizeof(text) - 1;

    check_feed(input);
    memcpy(text, data, length);
    text[length] = '\0';
    if (lcm_url_split(text, &url) == LCM_OK)
        FUZZ_REQUIRE(lcm_url_host_is_valid(url.host) && lcm_url_path_is_valid(url.path));
    if (lcm_redirect_check(&trust, text, &url) == LCM_OK)
        FUZZ_REQUIRE(!url.is_plain && lcm_trust_allows_host(&trust, url.host));
    if (lcm_url_parse_tag(text, tag) == LCM_OK &&
        lcm_url_download_path(path, "a/b", tag, "f") == LCM_OK)
        FUZZ_REQUIRE(lcm_url_path_is_valid(path));
    if (lcm_url_latest_path(path, text) == LCM_OK)
        FUZZ_REQUIRE(lcm_url_path_is_valid(path));
    return 0;
}
