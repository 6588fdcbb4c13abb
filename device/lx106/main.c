// SPDX-License-Identifier: Apache-2.0
/*
 * Composition root of the updater on the chip: core, its ports, the main loop. The only globals are
 * here. What to do next is decided by core; here it is stepped, waited for and reset.
 */
#include <stdint.h>

#include "core/fetch/crypto.h"
#include "core/fetch/tls.h"
#include "core/update/lifecycle.h"
#include "core/update/slot_check.h"
#include "device/lx106/console.h"
#include "device/lx106/crash.h"
#include "device/lx106/identity.h"
#include "device/lx106/meter.h"
#include "port/emulator/guest/board.h"
#include "port/lx106/rom.h"
#include "port/lx106/system.h"
#include "portal/setup.h"

#define CRASH_WAIT_MS 600000u /* without an app to give the device to */

static struct lcm_lifecycle lifecycle;
static uint8_t tls_buffer[LCM_TLS_BUFFER_SIZE] __attribute__((aligned(8)));
static struct board board;
static struct meter meter;

/* Set-up has no memory of its own: it lives in what a trial lends, its visitors in the TLS buffer.
 */
struct main_setup {
    struct lcm_setup setup;
    struct lcm_setup_config config;
    struct board_setup board;
};
_Static_assert(sizeof(struct main_setup) <= LCM_LENT_SIZE, "set-up fits the memory lent to it");
_Static_assert(LCM_SETUP_ROOM_SIZE <= sizeof(tls_buffer), "visitors fit the TLS buffer");

static void main_wait(uint32_t wait_ms)
{
    uint64_t until_ms = board.ports.clock->now_ms(board.ports.clock->context) + wait_ms;
    uint64_t now_ms;

    while ((now_ms = board.ports.clock->now_ms(board.ports.clock->context)) < until_ms) {
        lwip_stack_poll(&board.stack);
        board_idle(&board, (uint32_t)(until_ms - now_ms));
    }
}

/* Three crashes in a row: the app, or patience. */
static void main_break_loop(void)
{
    if (!crash_is_loop())
        return;
    ets_printf("the updater crashed three times in a row\n");
    if (lcm_firmware_slot == 1 && lcm_slot_has_app(board.ports.flash)) {
        crash_ask_for_slot(0);
        lx106_reset();
    }
    main_wait(CRASH_WAIT_MS);
}

static bool main_is_shaking(void)
{
    return lifecycle.fetch.connection.state == LCM_CONNECTION_SHAKING;
}

static void main_idle(void)
{
    uint64_t until_ms = lcm_lifecycle_waits_until_ms(&lifecycle);
    uint64_t now_ms = board.ports.clock->now_ms(board.ports.clock->context);

    if (until_ms > now_ms)
        lwip_stack_poll(&board.stack);
    board_idle(&board, until_ms > now_ms ? (uint32_t)(until_ms - now_ms) : 1);
}

static void main_run(void)
{
    enum lcm_err err = LCM_PENDING;

    while (err == LCM_PENDING) {
        bool is_shaking = main_is_shaking();
        meter_begin_step(&meter);
        err = lcm_lifecycle_step(&lifecycle);
        meter_end_step(&meter, is_shaking);
        main_idle();
    }
}

static void main_configure_setup(struct main_setup *memory)
{
    memory->config = (struct lcm_setup_config){
        .ports = &board.ports,
        .access_point = &memory->board.access_point.port,
        .console = &memory->board.serial.port,
        .lifecycle = &lifecycle,
        .run = lifecycle.config,
        .room = tls_buffer,
        .has_app = lcm_firmware_slot == 1 && lcm_slot_has_app(board.ports.flash),
    };
}

/* A person has to enter or mend something. Without a code nobody could be let in: later, perhaps.
 */
static void main_set_up(void)
{
    struct main_setup *memory = (struct main_setup *)(void *)lifecycle.lent;
    enum lcm_err err = LCM_PENDING;

    board_setup_open(&board, &memory->board);
    main_configure_setup(memory);
    if (lcm_setup_begin(&memory->setup, &memory->config) != LCM_OK) {
        ets_printf("set-up cannot begin\n");
        main_wait(CRASH_WAIT_MS);
        return;
    }
    while (err == LCM_PENDING) {
        lwip_stack_poll(&board.stack);
        err = lcm_setup_step(&memory->setup);
        board_idle(&board, 1);
    }
    board_setup_close(&memory->board);
}

int main(void)
{
    const struct lcm_lifecycle_config config = {
        .ports = &board.ports,
        .observer = &lx106_console,
        .crypto = &lcm_crypto_small,
        .tls_buffer = tls_buffer,
        .version = lcm_firmware_version,
        .running_slot = lcm_firmware_slot,
        .has_setup = true,
    };

    lx106_cpu_set_fast(true);
    lx106_watchdog_start();
    ets_printf("\nLifeCycle Manager %s in slot %u\n", lcm_firmware_version,
               (unsigned)lcm_firmware_slot);
    board_init(&board);
    main_break_loop();
    lcm_lifecycle_init(&lifecycle, &config);
    main_run();
    lcm_fetch_close(&lifecycle.fetch);
    crash_forget();
    ets_printf("outcome %u: %s\n", (unsigned)lifecycle.outcome, lcm_err_text(lifecycle.result));
    if (lifecycle.outcome == LCM_OUTCOME_SETUP)
        main_set_up();
    meter_tell_end(&meter);
    lx106_reset();
}
