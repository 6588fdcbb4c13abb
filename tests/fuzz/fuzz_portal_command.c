// SPDX-License-Identifier: Apache-2.0
/*
 * The plaintext of any message somebody who knows the code can seal: items, values, commands. The
 * answer must be well-formed, whatever the request was.
 */
#include "host/setup_message.h"
#include "portal/setup_parts.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/fake_portal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fake_portal portal;
    static bool is_open;
    struct setup_text answer = {.size = 0};

    if (!is_open) {
        fake_portal_open(&portal, NULL);
        (void)fake_portal_run(&portal, 100);
        is_open = true;
    }
    if (size > LCM_MESSAGE_TEXT_SIZE)
        return 0;
    memcpy(answer.bytes, data, size);
    setup_command(&portal.setup, answer.bytes);
    FUZZ_REQUIRE(setup_text_is_answer(&answer));
    /* Nothing that was asked for begins: every input meets the same state. */
    portal.setup.is_trial_wanted = false;
    portal.setup.state = SETUP_STATE_SERVE;
    return 0;
}
