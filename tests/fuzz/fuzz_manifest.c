// SPDX-License-Identifier: Apache-2.0
/* Manifests: what decodes keeps its bounds; nothing that a stranger makes is signed. */
#include "core/base/text.h"
#include "core/trust/manifest.h"
#include "core/trust/rules.h"
#include "tests/fuzz/fuzz.h"

static const struct lcm_rules_target target = {
    .type = LCM_FILE_APP,
    .repository = "someone/lamp",
    .file = "main.bin",
    .slot_addr = LCM_SLOT0_ADDR,
    .flash_size = LCM_FLASH_SIZE,
    .updater_version = "1.0.0",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct lcm_manifest manifest;
    static const uint8_t pinned[LCM_FINGERPRINT_SIZE] = {1, 2, 3};
    uint8_t key[LCM_KEY_SIZE] = {4};

    if (lcm_manifest_decode(&manifest, data, size) != LCM_OK)
        return 0;
    FUZZ_REQUIRE(size <= LCM_MANIFEST_SIZE_MAX);
    FUZZ_REQUIRE(manifest.sector_count <= LCM_IMAGE_SECTORS_MAX);
    FUZZ_REQUIRE((uint64_t)manifest.sector_count * LCM_SECTOR_SIZE >= manifest.image_size);
    FUZZ_REQUIRE(strlen(manifest.version) < sizeof(manifest.version));
    FUZZ_REQUIRE(strlen(manifest.repository) < sizeof(manifest.repository));
    if (lcm_rules_check(&manifest, &target) == LCM_OK)
        FUZZ_REQUIRE(manifest.slot_addr == LCM_SLOT0_ADDR);
    FUZZ_REQUIRE(lcm_manifest_signer(data, size, pinned, key) != LCM_OK);
    if (lcm_manifest_signer(data, size, NULL, key) == LCM_OK)
        (void)!lcm_manifest_verify(data, size, key);
    return 0;
}
