// SPDX-License-Identifier: Apache-2.0
/* The emulated chip's ports: flash, RTC and registers as on the chip; radio and chance from the
 * host. */
#include "port/emulator/guest/board.h"

#include "port/lx106/flash.h"
#include "port/lx106/rom.h"
#include "port/lx106/system.h"
#include "port/lx106/trap.h"

#define FILL_SIZE_MAX 64u
#define IDLE_US_MAX 1000u /* frames do not wake the chip: look often */

static uint64_t board_now_ms(void *context)
{
    struct board *board = context;

    return lx106_clock_now_ms(&board->ticks);
}

static enum lcm_err board_utc(void *context, uint64_t *seconds)
{
    struct board *board = context;

    return lwip_stack_utc(&board->stack, seconds);
}

static enum lcm_err board_fill(void *context, uint8_t *dst, size_t size)
{
    (void)context;
    if (size > FILL_SIZE_MAX)
        return LCM_ERR_ENTROPY;
    lcm_emulator_random(dst, (uint32_t)size);
    return LCM_OK;
}

static const struct lcm_entropy board_entropy = {.context = NULL, .fill = board_fill};

uint32_t lwip_port_random(void)
{
    uint32_t word = 0;

    lcm_emulator_random(&word, sizeof(word));
    return word;
}

void lwip_port_assert(void)
{
    lx106_panic(LX106_CAUSE_ASSERT, (uint32_t)(uintptr_t)__builtin_return_address(0));
}

void board_init(struct board *board)
{
    uint8_t mac[6];

    lx106_clock_init(&board->ticks, BOARD_CYCLES_PER_MS);
    board->clock = (struct lcm_clock){.context = board, .now_ms = board_now_ms, .utc = board_utc};
    lx106_system.device_id(lx106_system.context, mac);
    guest_radio_init(&board->radio);
    lwip_stack_init(&board->stack, &board->radio.port, &board->clock, mac);
    board->ports = (struct lcm_ports){
        .flash = &lx106_flash,
        .net = &board->stack.net,
        .wifi = &board->stack.wifi,
        .clock = &board->clock,
        .entropy = &board_entropy,
        .system = &lx106_system,
    };
}

void board_setup_open(struct board *board, struct board_setup *setup)
{
    guest_air_init(&setup->air, &board->radio);
    lwip_access_point_port_init(&setup->access_point, &board->stack, &setup->air.port);
    lx106_serial_init(&setup->serial, board->ports.flash);
}

void board_setup_close(struct board_setup *setup)
{
    setup->access_point.port.stop(setup->access_point.port.context);
    guest_air_close(&setup->air);
}

void board_idle(struct board *board, uint32_t wait_ms)
{
    uint32_t wait_us = wait_ms > IDLE_US_MAX / 1000 ? IDLE_US_MAX : wait_ms * 1000;

    lx106_system.alive(lx106_system.context);
    if (wait_us > 0 && !lwip_stack_had_progress(&board->stack))
        ets_delay_us(wait_us);
}
