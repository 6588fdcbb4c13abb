// SPDX-License-Identifier: Apache-2.0
/* The boot decision over any RTC memory, boot config, marks and stage: an intact image in slot 1
 * always gets started, from an address that is one. */
#include "boot/select.h"
#include "core/store/bootconf.h"
#include "core/store/rtc.h"
#include "tests/fuzz/fuzz_flash.h"
#include "tests/lib/sample_image.h"

static uint8_t rtc[LCM_RTC_SIZE];

static void rtc_read(void *context, uint32_t offset, void *dst, uint32_t size)
{
    (void)context;
    FUZZ_REQUIRE(offset <= sizeof(rtc) && size <= sizeof(rtc) - offset);
    memcpy(dst, rtc + offset, size);
}

static void rtc_write(void *context, uint32_t offset, const void *src, uint32_t size)
{
    (void)context;
    FUZZ_REQUIRE(offset <= sizeof(rtc) && size <= sizeof(rtc) - offset);
    memcpy(rtc + offset, src, size);
}

static const struct lcm_system fuzz_system = {.rtc_read = rtc_read, .rtc_write = rtc_write};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct lcm_boot_choice choice;
    struct lcm_rtc_updater updater;
    struct lcm_led led;
    bool is_power_on = fuzz_byte(&input) % 2 == 0;

    for (size_t i = 0; i < sizeof(rtc); i++)
        rtc[i] = fuzz_byte(&input);
    fuzz_flash_fill(&input, LCM_BOOTCONF_ADDR, LCM_BOOTCONF_SIZE);
    fuzz_flash_fill(&input, LCM_SCRATCH_ADDR, LCM_SCRATCH_SIZE);
    (void)sample_image_v2(fuzz_flash_bytes + LCM_SLOT1_ADDR, LCM_SLOT1_ADDR);
    lcm_rtc_updater_load(&fuzz_system, &updater);
    FUZZ_REQUIRE(lcm_boot_select(&fuzz_flash, &fuzz_system, is_power_on, &choice) == LCM_OK);
    FUZZ_REQUIRE(choice.slot < LCM_SLOT_COUNT && choice.addr % LCM_SECTOR_SIZE == 0);
    FUZZ_REQUIRE(fuzz_flash_bytes[choice.addr] == LCM_IMAGE_MAGIC_V2);
    (void)lcm_bootconf_led_decode(choice.led, &led);
    FUZZ_REQUIRE(lcm_boot_survived(&fuzz_flash) == LCM_OK);
    return 0;
}
