// SPDX-License-Identifier: Apache-2.0
/*
 * Example app for the bare chip: plays a light show on the LED of GPIO 2 and shows the app hook.
 *
 * Hold the flash button (GPIO 0) for three seconds to ask LifeCycle Manager for an update. The show
 * is a table made by show.awk: one brightness per 10 ms, read from flash word by word. There is no
 * interrupt and no radio; every wait is a counted loop.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lcm/lcm_app.h"
#include "port/lx106/rom.h"
#include "port/lx106/trap.h"

#define LED_MASK (1u << 2) /* lit by 0, as on most ESP8266 modules */
#define BUTTON_MASK (1u << 0)
#define FRAME_US 10000u
#define PULSE_US 1000u /* ten pulses a frame: no flicker */
#define BRIGHTNESS_MAX 1000u
#define HOLD_FRAMES 300u
#define CONFIRM_FRAMES 100u
#define UART_CLOCK 52000000u /* Hz, before any SDK starts the PLL */
#define CPU_MHZ 52u
#define BAUD 115200u
#define SSID_SIZE 33u

LCM_APP_IDENTITY(BLINK_REPOSITORY, "main.bin", BLINK_VERSION);

extern const uint32_t show_frames[];
extern const uint32_t show_frame_count;

static void light_pulse(uint32_t brightness)
{
    if (brightness > 0) {
        gpio_output_set(0, LED_MASK, LED_MASK, 0);
        ets_delay_us(brightness);
    }
    if (brightness < BRIGHTNESS_MAX) {
        gpio_output_set(LED_MASK, 0, LED_MASK, 0);
        ets_delay_us(PULSE_US - brightness);
    }
}

static void light_frame(uint32_t brightness)
{
    for (uint32_t us = 0; us < FRAME_US; us += PULSE_US)
        light_pulse(brightness > BRIGHTNESS_MAX ? BRIGHTNESS_MAX : brightness);
}

static bool button_is_pressed(void)
{
    return (gpio_input_get() & BUTTON_MASK) == 0;
}

static void board_init(void)
{
    ets_wdt_disable();
    ets_update_cpu_frequency(CPU_MHZ);
    uart_div_modify(0, UART_CLOCK / BAUD);
    gpio_output_set(0, 0, LED_MASK, BUTTON_MASK);
}

static void greet(void)
{
    char ssid[SSID_SIZE];

    ets_printf("\nblink %s: %u frames\n", BLINK_VERSION, (unsigned)show_frame_count);
    if (lcm_app_setting("wifi_ssid", ssid, sizeof(ssid)) > 0)
        ets_printf("blink: set up for Wi-Fi \"%s\"\n", ssid);
    else
        ets_printf("blink: Wi-Fi is not set up\n");
}

static void play_show(void)
{
    uint32_t held = 0;

    for (uint32_t frame = 0; frame < show_frame_count; frame++) {
        light_frame(show_frames[frame]);
        held = button_is_pressed() ? held + 1 : 0;
        if (held == HOLD_FRAMES) {
            ets_printf("blink: asking for an update\n");
            lcm_app_request_update();
        }
        if (frame == CONFIRM_FRAMES)
            lcm_app_confirm();
    }
}

int main(void)
{
    board_init();
    greet();
    for (;;)
        play_show();
}

void lx106_last_words(uint32_t cause, uint32_t address)
{
    (void)cause;
    (void)address;
}
