/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device as a Linux process: the same core and the same boot logic as on the
 * chip, wired to the host port. This is the composition root of `lcm device`.
 *
 * A run starts with power-on and follows every soft reset until the app has the
 * device (or set-up is needed, or nothing can boot). The updater that "runs" is the
 * one in the slot: its version comes from the identity block of that image.
 */
#ifndef LCM_DEVICE_HOST_MACHINE_H
#define LCM_DEVICE_HOST_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/update/lifecycle.h"
#include "device/host/console.h"
#include "device/host/machine_setup.h"
#include "port/host/host_flash.h"
#include "port/host/host_net.h"
#include "port/host/host_system.h"

#define MACHINE_RESETS_MAX 16u /* soft resets in one run; more is a reset loop */

enum machine_end {
    MACHINE_APP,      /* the app has the device */
    MACHINE_SETUP,    /* Wi-Fi or repository must be set up first */
    MACHINE_NO_IMAGE, /* neither slot boots */
    MACHINE_RESET_LOOP,
    MACHINE_STOPPED, /* a signal asked to stop, or the power was cut on purpose */
};

/* What a run cost, over all its resets. */
struct machine_counters {
    uint64_t bytes_received; /* on the wire, TLS included */
    uint64_t bytes_sent;
    uint32_t handshakes;
    uint32_t requests;
    uint32_t erases;
    uint32_t programmed_bytes;
};

struct machine {
    struct radio_world world; /* when has_world */
    bool has_world;
    struct host_flash flash;
    struct host_net net;
    struct host_wifi wifi;
    struct host_clock clock;
    struct host_system system;
    struct lcm_ports ports;
    struct console console;
    struct lcm_lifecycle lifecycle;
    uint8_t tls_buffer[LCM_TLS_BUFFER_SIZE];
    struct machine_setup setup;
    bool has_person;          /* the last boot went through set-up */
    enum lcm_err last_result; /* of the last updater run; LCM_OK when none ran */
    bool has_updater_run;
    uint32_t cut_after; /* power fails once this many bytes of a file are in place; 0 = never */
    struct machine_counters counters;
};

/* Stop the run at the next step; safe in a signal handler. */
void machine_request_stop(void);
bool machine_is_stop_requested(void);

/* Print the counters as a JSON line, if JSON is wanted. */
void machine_tell_counters(struct machine *machine);

/* Power-on, `cycles` short power cycles in a row (1 = a normal start), then run. */
enum machine_end machine_power_on(struct machine *machine, uint32_t cycles);

/* The running app asks for an update check: a soft reset into the updater, then run. */
enum machine_end machine_check(struct machine *machine);

#endif
