/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device in one struct for tests of the life cycle: flash in memory, a clock that the
 * test moves, a network that refuses or never answers, and the names of the states that
 * were entered.
 */
#ifndef LCM_TESTS_FAKE_DEVICE_H
#define LCM_TESTS_FAKE_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/update/lifecycle.h"
#include "tests/lib/ram_flash.h"

#define FAKE_DEVICE_STATES_MAX 512u

struct fake_device {
    struct ram_flash flash;
    struct lcm_net net;
    struct lcm_wifi wifi;
    struct lcm_clock clock;
    struct lcm_entropy entropy;
    struct lcm_system system;
    struct lcm_ports ports;
    struct lcm_observer observer;
    struct lcm_lifecycle_config config;
    struct lcm_lifecycle lifecycle;
    uint8_t tls_buffer[LCM_TLS_BUFFER_SIZE];
    uint8_t rtc[LCM_RTC_SIZE];
    uint64_t now_ms;
    uint64_t utc_s;           /* 0: the clock never answers */
    enum lcm_err join_result; /* LCM_PENDING: never answers */
    bool has_link;            /* frames pass although join has not ended */
    uint32_t leave_count;
    enum lcm_err resolve_result; /* of every name; LCM_PENDING: never answers */
    uint32_t join_count;         /* calls of the ports since the last begin */
    uint32_t alive_count;
    uint32_t datagram_count;
    const char *states[FAKE_DEVICE_STATES_MAX]; /* entered since the last begin */
    uint32_t state_count;
    uint32_t waits[FAKE_DEVICE_STATES_MAX]; /* hold-offs announced, ms */
    uint32_t wait_count;
};

/* Blank flash, power just on (RTC memory holds garbage), Wi-Fi joins, names do not resolve. */
void fake_device_init(struct fake_device *device);

/* Store a setting on its flash, or look for one, as somebody else than the updater. */
void fake_device_put_setting(struct fake_device *device, const char *key, const char *value);
bool fake_device_has_setting(struct fake_device *device, const char *key);

/* The boot program counted this many power cycles. */
void fake_device_put_count(struct fake_device *device, uint8_t count);

/* Start the updater of a slot, as after a reset. */
void fake_device_begin(struct fake_device *device, uint32_t running_slot);

/*
 * Step until the life cycle is over or until_ms is reached; waiting is skipped, anything
 * else takes 10 ms a step. true when it is over. Fails the test when it spins.
 */
bool fake_device_run(struct fake_device *device, uint64_t until_ms);

/* Was a state of this name entered? */
bool fake_device_was_in(const struct fake_device *device, const char *name);

#endif
