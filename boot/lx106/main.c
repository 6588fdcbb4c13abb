// SPDX-License-Identifier: Apache-2.0
/*
 * The boot program on the chip: decide (boot/select.c), wait with the LED lit, load, start.
 *
 * Invariant: it stays here only while neither slot holds an intact image, and says so. Nothing of
 * its constants is read once loading began: the image may lie over them.
 */
#include "boot/lx106/chip.h"
#include "boot/lx106/led.h"
#include "boot/lx106/rom_calls.h"
#include "boot/select.h"
#include "core/store/bootconf.h"
#include "core/store/rtc.h"

#define CAUSE_POWER_ON 1u
#define CPU_MHZ 52u /* the ROM takes the crystal of the modules, 26 MHz, for one of 40 MHz */
#define WINDOW_US 1500000u
#define WINDOW_LIT_FACTOR 3u
#define WINDOW_COUNT_MAX 15u /* above, somebody is after something else than a mode */
#define RETRY_US 10000000u
#define IMAGE_HEADER_SIZE 8u

_Noreturn void boot_enter(uint32_t entry);
_Noreturn void boot_main(void);

/* Power-on loses RTC memory. When a short one did not, the cause tells, unless a program restarted
 * through the reset vector, which keeps the cause: then it left a request. */
static bool boot_is_power_on(void)
{
    struct lcm_rtc_boot boot;

    return lcm_rtc_boot_load(&boot_system, &boot) != LCM_OK ||
           (rtc_get_reset_reason() == CAUSE_POWER_ON && boot.next_mode == LCM_RTC_MODE_STANDARD);
}

/* The time in which switching off counts as a short cycle. */
static void boot_wait(const struct lcm_boot_choice *choice)
{
    struct lcm_led led;

    if (choice->count == 1) {
        ets_delay_us(WINDOW_US);
    } else if (choice->count <= WINDOW_COUNT_MAX) {
        bool is_led = lcm_bootconf_led_decode(choice->led, &led);

        if (is_led)
            boot_led_on(&led);
        ets_delay_us(WINDOW_US * WINDOW_LIT_FACTOR);
        if (is_led)
            boot_led_off(&led);
    }
}

static _Noreturn void boot_load_and_enter(const struct lcm_boot_choice *choice)
{
    uint32_t addr = choice->addr + choice->image.ram_offset + IMAGE_HEADER_SIZE;
    uint32_t entry = choice->image.entry;

    for (uint32_t left = choice->image.segment_count; left > 0; left--) {
        uint32_t segment[2]; /* address, size: checked by lcm_boot_select */

        SPIRead(addr, segment, sizeof(segment));
        SPIRead(addr + sizeof(segment), (void *)segment[0], segment[1]);
        addr += sizeof(segment) + segment[1];
    }
    boot_enter(entry);
}

void boot_main(void)
{
    struct lcm_boot_choice choice;
    bool is_power_on = boot_is_power_on();

    ets_update_cpu_frequency(CPU_MHZ);
    while (lcm_boot_select(&boot_flash, &boot_system, is_power_on, &choice) != LCM_OK) {
        ets_printf("boot: no program in slot 0 or slot 1\n");
        ets_delay_us(RETRY_US);
        is_power_on = false;
    }
    ets_printf("boot: slot %d, power-on %d%s\n", (int)choice.slot, (int)choice.count,
               choice.is_fallback ? ", other slot damaged" : "");
    if (is_power_on) {
        boot_wait(&choice);
        (void)!lcm_boot_survived(&boot_flash);
    }
    boot_load_and_enter(&choice);
}
