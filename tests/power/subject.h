/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device under test: the real boot decision, the real life cycle, an app that asks for
 * an update, on a NOR flash that can be cut.
 *
 * A run is what happens from power-on (or from a reset that keeps RTC memory) until the app
 * has the device, or nothing more will happen. Before each program starts, all its memory
 * and the stack below it are filled with garbage. Whatever starts is compared, byte by byte,
 * with the programs that exist: a byte that nobody signed is a failure at once.
 */
#ifndef LCM_TESTS_POWER_SUBJECT_H
#define LCM_TESTS_POWER_SUBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/update/lifecycle.h"
#include "tests/power/field.h"
#include "tests/power/nor.h"
#include "tests/power/release_net.h"

#define SUBJECT_BOOTS_MAX 12u   /* boots of one run */
#define SUBJECT_RUN_MS 3600000u /* virtual time of one updater run with network */
#define SUBJECT_MARK_SIZE \
    1u /* the byte written last: a cut there leaves a program that starts, or not */
#define SUBJECT_OFFLINE_MS 600000u /* the same without: then it may wait */
#define SUBJECT_SETTINGS_MAX 16u
#define SUBJECT_TEXT_SIZE 160u

enum subject_end {
    SUBJECT_APP,     /* the app has the device */
    SUBJECT_WAITING, /* the updater waits for a network */
    SUBJECT_SETUP,   /* settings are asked for */
    SUBJECT_DEAD,    /* nothing starts */
    SUBJECT_WRONG,   /* something happened that may not happen; see wrong */
};

struct subject {
    struct nor_flash flash;
    struct release_net net;
    const struct field *field;
    uint8_t rtc[LCM_RTC_SIZE];
    uint64_t now_ms;
    uint64_t random;       /* of garbage and entropy */
    bool is_dead_expected; /* sector 0 was being replaced: a dead chip is the known weak spot */

    /* what the app does when it starts, once in the life of the subject; may be NULL */
    void (*act)(struct subject *subject);
    bool has_acted;
    /* the user at the set-up page; NULL: nobody comes */
    void (*set_up)(struct subject *subject);
    bool is_set_up;
    /* called whenever the app has started, to look at the settings; may be NULL */
    void (*look)(struct subject *subject);
    uint32_t seen_after; /* bit i: setting i was seen with its new value */
    bool is_weak;        /* a cut left cells that read differently each time */

    /* this run */
    uint32_t boots;
    uint32_t updater_runs;
    bool is_traced;
    bool is_memory_kept; /* a negative control of the harness: no garbage */
    char wrong[SUBJECT_TEXT_SIZE];

    struct lcm_wifi wifi;
    struct lcm_clock clock;
    struct lcm_entropy entropy;
    struct lcm_system system;
    struct lcm_ports ports;
    struct lcm_observer observer;
    struct lcm_lifecycle_config config;
    struct lcm_lifecycle lifecycle;
    uint8_t tls_buffer[LCM_TLS_BUFFER_SIZE];
};

/* Blank flash, RTC memory of a chip that was just soldered. */
void subject_init(struct subject *subject, const struct field *field,
                  const struct field_offer *offer);

/* Power was away (RTC memory is garbage), or the chip was reset with RTC memory kept. */
void subject_lose_power(struct subject *subject);

/* Run. With is_power_lost RTC memory is garbage first. */
enum subject_end subject_run(struct subject *subject, bool is_power_lost);

/* Say once what went wrong; later calls change nothing. */
__attribute__((format(printf, 2, 3))) void subject_fail(struct subject *subject, const char *format,
                                                        ...);

/* Which program is in this slot, complete and unchanged? -1 = none. */
int subject_program_at(const struct subject *subject, uint32_t slot_addr);

#endif
