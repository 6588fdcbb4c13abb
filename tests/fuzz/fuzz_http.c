// SPDX-License-Identifier: Apache-2.0
/* HTTP responses in pieces of any size: the result may not depend on the pieces, and no more
 * body arrives than is allowed. */
#include "core/fetch/http.h"
#include "core/fetch/url.h"
#include "tests/fuzz/fuzz.h"

#define BODY_MAX 5000u

struct outcome {
    enum lcm_err err;
    struct lcm_http_response response;
    uint64_t body_size;
    char location[LCM_URL_SIZE];
};

static enum lcm_err count_body(void *context, const uint8_t *bytes, size_t size)
{
    uint64_t *body_size = context;

    FUZZ_REQUIRE(bytes != NULL && size > 0);
    *body_size += size;
    FUZZ_REQUIRE(*body_size <= BODY_MAX);
    return LCM_OK;
}

static void parse(struct outcome *outcome, const uint8_t *bytes, size_t size, size_t piece,
                  bool is_head)
{
    struct lcm_http_parser parser;
    struct lcm_sink sink = {&outcome->body_size, count_body};
    bool has_body = false;

    memset(outcome, 0, sizeof(*outcome));
    lcm_http_init(&parser, outcome->location, sizeof(outcome->location), is_head);
    outcome->err = LCM_PENDING;
    while (size > 0 && outcome->err == LCM_PENDING) {
        size_t step = size < piece ? size : piece;
        size_t used = 0;

        outcome->err = lcm_http_feed(&parser, bytes, step, &used);
        FUZZ_REQUIRE(used <= step && (used > 0 || outcome->err != LCM_PENDING || !has_body));
        if (!has_body && lcm_http_is_header_complete(&parser)) {
            has_body = true;
            lcm_http_set_body(&parser, &sink, BODY_MAX);
        }
        bytes += used;
        size -= used;
    }
    if (outcome->err == LCM_PENDING)
        outcome->err = lcm_http_finish(&parser);
    outcome->response = parser.response;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct outcome whole, pieces;
    struct fuzz_input input = {data, size};
    uint8_t choice = fuzz_byte(&input);

    parse(&whole, input.bytes, input.size, input.size + 1, (choice & 1) != 0);
    parse(&pieces, input.bytes, input.size, 1u + choice / 2u % 16u, (choice & 1) != 0);
    FUZZ_REQUIRE(whole.err == pieces.err);
    FUZZ_REQUIRE(whole.err != LCM_OK || whole.body_size == pieces.body_size);
    FUZZ_REQUIRE(whole.err != LCM_OK || strcmp(whole.location, pieces.location) == 0);
    FUZZ_REQUIRE(whole.response.status == pieces.response.status);
    return 0;
}
