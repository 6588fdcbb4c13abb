// SPDX-License-Identifier: Apache-2.0
/*
 * Anything a visitor can send to port 80, into the whole portal: request parser, routes, exchange
 * of shares, sessions, messages. The first byte says how the bytes are cut into pieces.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/lib/fake_portal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fake_portal portal;
    struct fake_visitor *guest = &portal.visitors[0];
    static bool is_open;

    if (!is_open) {
        fake_portal_open(&portal, NULL);
        (void)fake_portal_run(&portal, 100);
        is_open = true;
    }
    if (size < 1 || size - 1 > FAKE_VISITOR_IN_MAX)
        return 0;
    fake_portal_visit(&portal, 0, data + 1, size - 1);
    guest->in_allowed = 0;
    while (guest->in_allowed < guest->in_size && !guest->is_closed_by_device) {
        guest->in_allowed += 1u + data[0];
        if (guest->in_allowed > guest->in_size)
            guest->in_allowed = guest->in_size;
        (void)fake_portal_run(&portal, 5);
    }
    guest->has_left = true;
    for (uint32_t i = 0; i < 100 && !guest->is_closed_by_device; i++)
        (void)fake_portal_run(&portal, 5);
    FUZZ_REQUIRE(guest->is_closed_by_device); /* every visit ends */
    return 0;
}
