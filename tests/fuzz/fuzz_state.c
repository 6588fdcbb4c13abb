// SPDX-License-Identifier: Apache-2.0
/* The install state log and its stage, with any content: it opens, and keeps what is stored. */
#include "core/update/records.h"
#include "tests/fuzz/fuzz_flash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct lcm_state_log log;
    struct lcm_installed installed;
    uint32_t image_size = 0;

    fuzz_flash_fill(&input, LCM_STATE_ADDR, LCM_STATE_SIZE);
    fuzz_flash_fill(&input, LCM_SCRATCH_ADDR, LCM_SCRATCH_SIZE);
    FUZZ_REQUIRE(lcm_state_open(&log, &fuzz_flash) == LCM_OK);
    (void)!lcm_record_installed_load(&log, LCM_STATE_APP, 1, &installed, &image_size);
    (void)lcm_record_time_floor(&log);
    for (uint32_t i = 0; i < 3; i++) {
        FUZZ_REQUIRE(lcm_record_tag_store(&log, LCM_STATE_TAG_APP, i, "v1.0.0", i) == LCM_OK);
        FUZZ_REQUIRE(lcm_record_tag_is_processed(&log, LCM_STATE_TAG_APP, i, "v1.0.0", i));
    }
    FUZZ_REQUIRE(lcm_state_open(&log, &fuzz_flash) == LCM_OK);
    FUZZ_REQUIRE(lcm_record_tag_is_processed(&log, LCM_STATE_TAG_APP, 2, "v1.0.0", 2));
    return 0;
}
