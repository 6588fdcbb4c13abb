// SPDX-License-Identifier: Apache-2.0
/* Events with any text in them, as hosts and releases may bring it: one line of at most 480 bytes
 * of printable characters, that no text can break open. */
#include "core/log/rfc5424.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    char buffer[LCM_RFC5424_SIZE_MAX + 1];
    char text[5][200];
    struct lcm_event event = {.id = (enum lcm_event_id)(fuzz_byte(&input) % 12),
                              .severity = LCM_SEVERITY_ERROR,
                              .phase = "failed",
                              .result = (enum lcm_err)(fuzz_byte(&input) % 64)};
    struct lcm_event_stamp stamp = {.sequence = fuzz_byte(&input)};
    struct lcm_event_source source = {.is_beta = true};
    size_t length;

    stamp.utc_seconds = (uint64_t)fuzz_byte(&input) << (fuzz_byte(&input) % 64);
    stamp.uptime_ms = (uint64_t)fuzz_byte(&input) << (fuzz_byte(&input) % 64);
    for (uint32_t i = 0; i < 5; i++)
        (void)fuzz_text(&input, text[i], sizeof(text[i]));
    event.file = text[0];
    event.from = text[1];
    event.to = text[2];
    event.text = text[3];
    source.repository = text[4];
    source.app_version = text[1];
    source.updater_version = text[2];
    length = lcm_rfc5424_encode(buffer, &event, &source, &stamp);
    FUZZ_REQUIRE(length > 0 && length < sizeof(buffer));
    for (size_t i = 0; i < length; i++)
        FUZZ_REQUIRE((uint8_t)buffer[i] >= 0x20 && (uint8_t)buffer[i] != 0x7F);
    return 0;
}
