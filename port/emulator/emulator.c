// SPDX-License-Identifier: Apache-2.0
/*
 * The loop of an emulated chip: power on, wait, answer, power off. What the frames mean is
 * requests.c.
 *
 * Invariant: when the power goes, the process of the chip is gone before anything else happens, so
 * no later flash operation of it can reach the file.
 */
#include "port/emulator/emulator.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/cli.h"
#include "port/emulator/requests.h"

#define FDS_MAX 128u
#define KEY_EXIT 'x'
#define KEY_POWER 'p'
#define KEY_BUTTON 'f'
#define IDLE_MS 1000
#define WATCH_MS 50 /* while an app runs: the end may be near */

static volatile sig_atomic_t emulator_stop_requested;

void emulator_request_stop(void)
{
    emulator_stop_requested = 1;
}

static uint64_t emulator_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool emulator_power_on(struct emulator *emulator)
{
    int radio_fd = -1;

    if (emulator->radio != NULL) {
        radio_fd = emulator->radio->open(emulator->radio->context, &emulator->radio_config);
        if (radio_fd < 0)
            return false;
    }
    bool is_on = qemu_start(&emulator->qemu, emulator->rom_path, emulator->is_counted, radio_fd);
    if (radio_fd >= 0)
        close(radio_fd);
    emulator->is_power_lost = false;
    emulator->power_count++;
    if (is_on)
        view_power(&emulator->view, "on", emulator->power_count);
    return is_on;
}

static void emulator_power_off(struct emulator *emulator)
{
    qemu_stop(&emulator->qemu);
    if (emulator->radio != NULL)
        emulator->radio->close(emulator->radio->context);
    requests_power_off(emulator);
    view_power(&emulator->view, emulator->flash.is_cut ? "cut" : "off", emulator->power_count);
}

static void emulator_obey_key(struct emulator *emulator, int key)
{
    switch (key) {
    case KEY_EXIT:
        emulator->end = EMULATOR_EXIT;
        break;
    case KEY_POWER:
        emulator->is_power_lost = true;
        break;
    case KEY_BUTTON:
        emulator->is_button_held = !emulator->is_button_held;
        view_note(&emulator->view, "flash button (GPIO 0) %s",
                  emulator->is_button_held ? "held" : "released");
        break;
    case 0:
        break;
    default:
        view_note(&emulator->view, "Ctrl-A p power off and on, f hold or release the flash button, "
                                   "x end");
        break;
    }
}

/* How long poll may wait: up to the deadline, or until the LED has settled. */
static int emulator_wait_ms(const struct emulator *emulator, uint64_t now_ms)
{
    uint64_t until_ms = now_ms + (emulator->watch.app_since_ms != 0 ? WATCH_MS : IDLE_MS);

    if (emulator->deadline_ms != 0 && emulator->deadline_ms < until_ms)
        until_ms = emulator->deadline_ms;
    if (emulator->led_settled_ms != 0 && emulator->led_settled_ms < until_ms)
        until_ms = emulator->led_settled_ms;
    return until_ms <= now_ms ? 0 : (int)(until_ms - now_ms);
}

static void emulator_judge(struct emulator *emulator)
{
    uint64_t now_ms = emulator_now_ms();

    requests_show_led(emulator, now_ms);
    if (emulator->end != EMULATOR_RUNS)
        return;
    if (emulator->flash.is_cut)
        emulator->end = EMULATOR_CUT;
    else if (emulator->view.is_until_seen || app_watch_is_end(&emulator->watch, now_ms))
        emulator->end = EMULATOR_UNTIL;
    else if (emulator->deadline_ms != 0 && now_ms >= emulator->deadline_ms)
        emulator->end = EMULATOR_TIMEOUT;
    else if (emulator_stop_requested)
        emulator->end = EMULATOR_EXIT;
}

static void emulator_wait(struct emulator *emulator)
{
    struct pollfd fds[FDS_MAX] = {{.fd = emulator->qemu.wire_fd, .events = POLLIN}};
    int wait_ms = emulator_wait_ms(emulator, emulator_now_ms());
    size_t uart_count = uart_prepare(&emulator->uart, fds + 1);
    size_t radio_first = 1 + uart_count;
    size_t radio_count = 0;

    if (emulator->radio != NULL)
        radio_count = emulator->radio->prepare(emulator->radio->context, fds + radio_first,
                                               FDS_MAX - radio_first, &wait_ms);
    if (poll(fds, radio_first + radio_count, wait_ms) < 0)
        return;
    if (fds[0].revents != 0 && !requests_answer(emulator, emulator_now_ms()))
        emulator->end = EMULATOR_FAILED;
    emulator_obey_key(emulator, uart_poll(&emulator->uart, fds + 1, uart_count));
    if (emulator->radio != NULL &&
        !emulator->radio->poll(emulator->radio->context, fds + radio_first, radio_count))
        emulator->end = EMULATOR_FAILED;
}

static void emulator_run_power_on(struct emulator *emulator)
{
    while (emulator->end == EMULATOR_RUNS && !emulator->is_power_lost) {
        emulator_wait(emulator);
        emulator_judge(emulator);
    }
}

enum emulator_end emulator_run(struct emulator *emulator)
{
    emulator->end = EMULATOR_RUNS;
    emulator->qemu = (struct qemu){.wire_fd = -1};
    if (emulator->timeout_ms > 0)
        emulator->deadline_ms = emulator_now_ms() + emulator->timeout_ms;
    while (emulator->end == EMULATOR_RUNS) {
        if (emulator_power_on(emulator))
            emulator_run_power_on(emulator);
        else
            emulator->end = EMULATOR_FAILED;
        emulator_power_off(emulator);
    }
    return emulator->end;
}
