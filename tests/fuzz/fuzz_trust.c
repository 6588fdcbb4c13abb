// SPDX-License-Identifier: Apache-2.0
/* Trust sectors, chains and pointers: no stranger's sector follows one that is in force, and
 * anchors lie inside their sector. */
#include "core/fetch/anchors.h"
#include "core/trust/sector.h"
#include "tests/fuzz/fuzz.h"

static void check_anchors(const struct lcm_trust *trust, const uint8_t *file)
{
    br_x509_trust_anchor anchors[LCM_ANCHORS_MAX];
    struct lcm_anchor anchor;
    size_t count = 0;

    for (uint32_t i = 0; i < trust->anchor_count; i++) {
        FUZZ_REQUIRE(lcm_trust_anchor(file, i, &anchor) == LCM_OK);
        FUZZ_REQUIRE(anchor.name >= file &&
                     anchor.name + anchor.name_size <= file + LCM_TRUST_SIZE);
        FUZZ_REQUIRE(anchor.key >= file && anchor.key + anchor.key_size <= file + LCM_TRUST_SIZE);
    }
    if (lcm_anchors_load(anchors, &count, file) == LCM_OK)
        FUZZ_REQUIRE(count <= LCM_ANCHORS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t file[LCM_TRUST_SIZE];
    static struct lcm_trust active; /* an owner key that no input can sign for */
    struct lcm_trust trust;
    struct lcm_trust_pointer pointer;

    memset(file, 0xFF, sizeof(file));
    memcpy(file, data, size < sizeof(file) ? size : sizeof(file));
    active.owner_key[0] = 0x04;
    FUZZ_REQUIRE(lcm_trust_pointer_open(&pointer, data, size, active.owner_key) != LCM_OK);
    if (lcm_trust_decode(&trust, file) != LCM_OK)
        return 0;
    check_anchors(&trust, file);
    FUZZ_REQUIRE(trust.release_key_count <= LCM_RELEASE_KEYS_MAX);
    FUZZ_REQUIRE(trust.suffix_count <= LCM_HOST_SUFFIXES_MAX);
    FUZZ_REQUIRE(lcm_trust_verify_successor(&active, &trust, file) != LCM_OK);
    return 0;
}
