/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One emulated chip: power, flash, UART, pins, radio.
 *
 * Life cycle: fill a struct emulator (flash, uart, view open; configuration set), emulator_run,
 * close what was opened. Everything happens in one loop around poll; the chip asks (wire.h), the
 * loop answers.
 */
#ifndef LCM_PORT_EMULATOR_EMULATOR_H
#define LCM_PORT_EMULATOR_EMULATOR_H

#include <stdbool.h>
#include <stdint.h>

#include "core/store/bootconf.h"
#include "port/emulator/app_watch.h"
#include "port/emulator/chip_flash.h"
#include "port/emulator/qemu.h"
#include "port/emulator/radio.h"
#include "port/emulator/uart.h"
#include "port/emulator/view.h"

#define EMULATOR_POWER_CYCLES_MAX 32u

enum emulator_end {
    EMULATOR_RUNS,    /* not ended */
    EMULATOR_UNTIL,   /* the text appeared */
    EMULATOR_TIMEOUT, /* the time is over */
    EMULATOR_CUT,     /* the power cut of --cut happened */
    EMULATOR_EXIT,    /* somebody ended it */
    EMULATOR_STOP,    /* the chip cannot go on: nothing to boot, or an exception nobody took */
    EMULATOR_FAILED,  /* the emulator itself failed; one error line was printed */
};

struct emulator {
    /* configuration */
    const char *rom_path;
    const struct radio *radio; /* NULL = none */
    struct radio_config radio_config;
    bool is_counted;       /* time by instructions: repeatable */
    bool is_seeded;        /* random numbers from seed: repeatable */
    uint32_t seed;         /* of garbage in RTC memory and, when is_seeded, of random numbers */
    uint32_t power_cycles; /* short ones before the run that stays on; 0 = none */
    uint64_t timeout_ms;   /* 0 = for ever */

    struct chip_flash flash;
    struct uart uart;
    struct view view;

    /* state */
    struct qemu qemu;
    enum emulator_end end;
    uint64_t deadline_ms;
    uint32_t power_count;    /* power-ons so far */
    bool is_power_lost;      /* this run ends: a short cycle or a key */
    bool is_button_held;     /* GPIO 0 is low */
    struct lcm_led led;      /* the LED that is shown */
    bool is_led_lit;         /* as the pins say now */
    bool is_led_shown_lit;   /* as told last */
    uint64_t led_settled_ms; /* when a change counts; 0 = no change */
    uint64_t random_state;
    struct app_watch watch;
};

/* Run until something ends it. Everything is told through view. */
enum emulator_end emulator_run(struct emulator *emulator);

/* Ask the run to end; may be called from a signal. */
void emulator_request_stop(void);

#endif
