// SPDX-License-Identifier: Apache-2.0
/*
 * Answers to the frames of the chip; see wire.h.
 *
 * Invariant: after a power cut no answer is sent: the chip waits, and its process ends waiting.
 */
#include "port/emulator/requests.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "core/base/bytes.h"
#include "core/store/rtc.h"
#include "host/cli.h"
#include "port/emulator/wire.h"

#define LED_SETTLE_MS 15u
#define WINDOW_MIN_US 1000000u
#define GPIO0 1u
#define GPIO_PULLED_UP 0xFFFFu

struct request {
    uint8_t frame[LCM_WIRE_FRAME_SIZE];
    uint32_t a, b, c;
    const uint8_t *bytes;
    uint32_t size; /* of bytes */
};

static bool requests_send(struct emulator *emulator, const void *bytes, size_t size)
{
    if (send(emulator->qemu.wire_fd, bytes, size, MSG_NOSIGNAL) == (ssize_t)size)
        return true;
    cli_error("the emulator does not take an answer: %s", strerror(errno));
    return false;
}

static bool requests_send_word(struct emulator *emulator, uint32_t word)
{
    uint8_t bytes[4];

    lcm_put_u32(bytes, word);
    return requests_send(emulator, bytes, sizeof(bytes));
}

static bool requests_hello(struct emulator *emulator)
{
    const uint8_t *mac = emulator->radio_config.mac;
    uint8_t answer[sizeof(struct lcm_wire_hello)] = {0};

    lcm_put_u32(answer, emulator->is_counted ? 1 : 0);
    memcpy(answer + 4, mac, 6);
    lcm_put_u32(answer + 12, emulator->seed + emulator->power_count);
    return requests_send(emulator, answer, sizeof(answer));
}

static bool requests_read(struct emulator *emulator, const struct request *request)
{
    uint8_t bytes[LCM_WIRE_FRAME_SIZE];

    if (request->b > sizeof(bytes) ||
        !chip_flash_read(&emulator->flash, request->a, bytes, request->b)) {
        cli_error("the flash image cannot be read");
        return false;
    }
    return requests_send(emulator, bytes, request->b);
}

static bool requests_change_flash(struct emulator *emulator, bool is_done)
{
    if (emulator->flash.is_cut)
        return true;
    return requests_send_word(emulator, is_done ? 0 : LCM_WIRE_FAILED);
}

static bool requests_uart_in(struct emulator *emulator)
{
    int byte = uart_take(&emulator->uart);

    return requests_send_word(emulator, byte < 0 ? LCM_WIRE_FAILED : (uint32_t)byte);
}

static bool requests_random(struct emulator *emulator)
{
    uint8_t bytes[LCM_WIRE_RANDOM_SIZE];

    if (!emulator->is_seeded) {
        if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes)) {
            cli_error("the system gives no random numbers: %s", strerror(errno));
            return false;
        }
        return requests_send(emulator, bytes, sizeof(bytes));
    }
    for (size_t i = 0; i < sizeof(bytes); i++) {
        emulator->random_state =
            emulator->random_state * 6364136223846793005u + 1442695040888963407u;
        bytes[i] = (uint8_t)(emulator->random_state >> 56);
    }
    return requests_send(emulator, bytes, sizeof(bytes));
}

static void requests_set_led(struct emulator *emulator, bool is_lit, uint64_t now_ms)
{
    if (is_lit == emulator->is_led_lit)
        return;
    emulator->is_led_lit = is_lit;
    emulator->led_settled_ms = now_ms + LED_SETTLE_MS;
}

static void requests_pins(struct emulator *emulator, const struct request *request, uint64_t now_ms)
{
    uint32_t pin = 1u << emulator->led.gpio;
    bool is_high = (request->a & pin) != 0;
    bool is_driven = (request->b & pin) != 0;

    requests_set_led(emulator, is_driven && is_high == emulator->led.is_active_high, now_ms);
}

void requests_show_led(struct emulator *emulator, uint64_t now_ms)
{
    if (emulator->led_settled_ms == 0 || now_ms < emulator->led_settled_ms)
        return;
    emulator->led_settled_ms = 0;
    if (emulator->is_led_lit == emulator->is_led_shown_lit)
        return;
    emulator->is_led_shown_lit = emulator->is_led_lit;
    view_led(&emulator->view, emulator->led.gpio, emulator->is_led_lit);
}

void requests_power_off(struct emulator *emulator)
{
    emulator->is_led_lit = false;
    emulator->led_settled_ms = 1;
    requests_show_led(emulator, 1);
}

/* A wait of a second or more is the boot program's window, or an app's idling: in a short cycle the
 * power goes here. */
static void requests_delay(struct emulator *emulator, uint32_t microseconds)
{
    if (microseconds < WINDOW_MIN_US)
        return;
    if (emulator->led_settled_ms != 0)
        requests_show_led(emulator, emulator->led_settled_ms);
    view_window(&emulator->view, microseconds);
    if (emulator->power_count <= emulator->power_cycles)
        emulator->is_power_lost = true;
}

/* The record travels as the bytes of RTC memory. */
static void requests_rtc_read(void *context, uint32_t offset, void *dst, uint32_t size)
{
    const struct request *request = context;

    memset(dst, 0, size);
    if (offset <= request->size && size <= request->size - offset)
        memcpy(dst, request->bytes + offset, size);
}

static void requests_cache_on(struct emulator *emulator, struct request *request, uint64_t now_ms)
{
    const struct lcm_system system = {.context = request, .rtc_read = requests_rtc_read};
    struct lcm_rtc_boot boot;

    if (lcm_rtc_boot_load(&system, &boot) != LCM_OK)
        return;
    view_boot(&emulator->view, &boot);
    app_watch_boot(&emulator->watch, &emulator->flash, boot.last_rom, now_ms);
}

static void requests_stop(struct emulator *emulator, const struct request *request)
{
    view_stop(&emulator->view, request->a, request->b, request->c);
    emulator->end = EMULATOR_STOP;
}

static void requests_uart_out(struct emulator *emulator, const struct request *request)
{
    uart_write(&emulator->uart, request->bytes, request->size);
    view_uart(&emulator->view, request->bytes, request->size);
}

/* Requests without an answer. */
static bool requests_take_news(struct emulator *emulator, uint32_t op, struct request *request,
                               uint64_t now_ms)
{
    switch (op) {
    case LCM_WIRE_UART_OUT:
        requests_uart_out(emulator, request);
        return true;
    case LCM_WIRE_GPIO_OUT:
        requests_pins(emulator, request, now_ms);
        return true;
    case LCM_WIRE_DELAY:
        requests_delay(emulator, request->a);
        return true;
    case LCM_WIRE_RESET:
        view_reset(&emulator->view, request->a);
        app_watch_reset(&emulator->watch);
        return true;
    case LCM_WIRE_START:
        view_start(&emulator->view, request->a);
        return true;
    case LCM_WIRE_CACHE_ON:
        requests_cache_on(emulator, request, now_ms);
        return true;
    case LCM_WIRE_STOP:
        requests_stop(emulator, request);
        return true;
    default:
        cli_error("the emulated chip sent an unknown request %u: is rom.elf of this version?",
                  (unsigned)op);
        return false;
    }
}

static uint32_t requests_pin_levels(const struct emulator *emulator)
{
    bool is_held = emulator->is_button_held || app_watch_holds_button(&emulator->watch);

    return GPIO_PULLED_UP & ~(is_held ? GPIO0 : 0);
}

static bool requests_serve(struct emulator *emulator, uint32_t op, struct request *request,
                           uint64_t now_ms)
{
    struct chip_flash *flash = &emulator->flash;

    switch (op) {
    case LCM_WIRE_HELLO:
        return requests_hello(emulator);
    case LCM_WIRE_READ:
        return requests_read(emulator, request);
    case LCM_WIRE_PROGRAM:
        return requests_change_flash(
            emulator, chip_flash_program(flash, request->a, request->bytes, request->size));
    case LCM_WIRE_ERASE:
        return requests_change_flash(emulator, chip_flash_erase(flash, request->a));
    case LCM_WIRE_UART_IN:
        return requests_uart_in(emulator);
    case LCM_WIRE_GPIO_IN:
        return requests_send_word(emulator, requests_pin_levels(emulator));
    case LCM_WIRE_RANDOM:
        return requests_random(emulator);
    default:
        return requests_take_news(emulator, op, request, now_ms);
    }
}

bool requests_answer(struct emulator *emulator, uint64_t now_ms)
{
    struct request request;
    ssize_t got = recv(emulator->qemu.wire_fd, request.frame, sizeof(request.frame), 0);

    if (got < 0 && errno == EINTR)
        return true;
    if (got < (ssize_t)LCM_WIRE_HEADER_SIZE) {
        cli_error("the emulator ended by itself: is '%s' the ROM program?", emulator->rom_path);
        return false;
    }
    request.a = lcm_get_u32(request.frame + 4);
    request.b = lcm_get_u32(request.frame + 8);
    request.c = lcm_get_u32(request.frame + 12);
    request.bytes = request.frame + LCM_WIRE_HEADER_SIZE;
    request.size = (uint32_t)got - LCM_WIRE_HEADER_SIZE;
    return requests_serve(emulator, lcm_get_u32(request.frame), &request, now_ms);
}
