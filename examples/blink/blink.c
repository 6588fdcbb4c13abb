// SPDX-License-Identifier: Apache-2.0
/*
 * Example app: plays a light show on the LED of GPIO 2, has a web page, and shows the app hook.
 *
 * It joins the Wi-Fi network the user entered at set-up. The button on its page, or the flash
 * button (GPIO 0) held for one second, asks LifeCycle Manager for an update. Once it can be
 * reached it confirms that it works, and tells the server of the setting lcm_syslog every ten
 * minutes that it lives. The show is a table made by show.awk: one brightness per 10
 * ms, read from flash word by word.
 */
#include <stdbool.h>
#include <stdint.h>

#include "examples/blink/heartbeat.h"
#include "examples/blink/page.h"
#include "lcm/lcm_app.h"
#include "port/emulator/guest/board.h"
#include "port/lx106/rom.h"
#include "port/lx106/system.h"
#include "port/lx106/trap.h"

#define LED_MASK (1u << BOARD_LED_PIN) /* lit by 0, as on most ESP8266 modules */
#define BUTTON_MASK (1u << 0)
#define FRAME_MS 10u
#define BRIGHTNESS_LIT 500u /* of 1000 */
#define HOLD_FRAMES 100u
#define CONFIRM_FRAMES 100u /* an app without Wi-Fi settings is fine after one second */
#define JOIN_FRAMES 10u     /* between two looks at the button and the Wi-Fi */
#define SSID_SIZE 33u
#define PASSWORD_SIZE 65u

LCM_APP_IDENTITY(BLINK_REPOSITORY, "main.bin", BLINK_VERSION);

extern const uint32_t show_frames[];
extern const uint32_t show_frame_count;

struct blink {
    struct board board;
    char ssid[SSID_SIZE];
    char password[PASSWORD_SIZE];
    bool has_wifi;
    bool is_joined;
    bool is_confirmed;
    uint32_t held_frames;
};

static struct blink blink;

/* A crash restarts the app; nobody else wants to know. */
void lx106_last_words(uint32_t cause, uint32_t address)
{
    (void)cause;
    (void)address;
}

static void blink_greet(void)
{
    ets_printf("\nblink %s: %u frames\n", BLINK_VERSION, (unsigned)show_frame_count);
    blink.has_wifi = lcm_app_setting("wifi_ssid", blink.ssid, sizeof(blink.ssid)) > 0;
    if (lcm_app_setting("wifi_password", blink.password, sizeof(blink.password)) <= 0)
        blink.password[0] = '\0';
    if (blink.has_wifi)
        ets_printf("blink: set up for Wi-Fi \"%s\"\n", blink.ssid);
    else
        ets_printf("blink: Wi-Fi is not set up\n");
}

static void blink_confirm(void)
{
    if (blink.is_confirmed)
        return;
    lcm_app_confirm();
    blink.is_confirmed = true;
    ets_printf("blink: works\n");
}

static void blink_join(void)
{
    const struct lcm_wifi *wifi = blink.board.ports.wifi;

    if (!blink.has_wifi || blink.is_joined ||
        wifi->join(wifi->context, blink.ssid, blink.password) != LCM_OK)
        return;
    const uint8_t *ip = (const uint8_t *)&netif_ip4_addr(&blink.board.stack.netif)->addr;
    ets_printf("blink: http://%u.%u.%u.%u/\n", (unsigned)ip[0], (unsigned)ip[1], (unsigned)ip[2],
               (unsigned)ip[3]);
    blink.is_joined = true;
    page_open(BLINK_VERSION);
    heartbeat_open(&blink.board.ports, BLINK_REPOSITORY, BLINK_VERSION);
    blink_confirm();
}

static void blink_light(uint32_t brightness)
{
    bool is_lit = brightness >= BRIGHTNESS_LIT;

    gpio_output_set(is_lit ? 0 : LED_MASK, is_lit ? LED_MASK : 0, LED_MASK, 0);
}

static void blink_look(void)
{
    bool is_pressed = (gpio_input_get() & BUTTON_MASK) == 0;

    blink.held_frames = is_pressed ? blink.held_frames + JOIN_FRAMES : 0;
    if (blink.held_frames < HOLD_FRAMES && !page_is_update_wanted())
        return;
    ets_printf("blink: asking for an update\n");
    lcm_app_mark_update();
    lx106_reset();
}

static uint64_t blink_now_ms(void)
{
    return blink.board.clock.now_ms(blink.board.clock.context);
}

static void blink_frame(uint32_t frame)
{
    uint64_t end_ms = blink_now_ms() + FRAME_MS;

    blink_light(show_frames[frame]);
    if (frame % JOIN_FRAMES == 0) {
        blink_join();
        blink_look();
        heartbeat_step();
    }
    if (frame == CONFIRM_FRAMES && !blink.has_wifi)
        blink_confirm();
    while (blink_now_ms() < end_ms) {
        lwip_stack_poll(&blink.board.stack);
        board_idle(&blink.board, 1);
    }
}

int main(void)
{
    lx106_watchdog_start();
    gpio_output_set(0, 0, LED_MASK, BUTTON_MASK);
    board_init(&blink.board);
    blink_greet();
    for (;;) {
        for (uint32_t frame = 0; frame < show_frame_count; frame++)
            blink_frame(frame);
    }
}
