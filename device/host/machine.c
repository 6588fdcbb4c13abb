// SPDX-License-Identifier: Apache-2.0
/*
 * Boot, run, reset, boot again: what the chip's hardware does around the core. The
 * boot decision is boot/select.c, the updater is core/update; nothing is decided here.
 */
#include "device/host/machine.h"

#include <signal.h>
#include <string.h>

#include "boot/select.h"
#include "core/image/identity.h"
#include "core/store/rtc.h"
#include "device/host/console_json.h"

#define IDLE_WAIT_MS 20
#define REAL_WAIT_MAX_MS 1000u /* then look whether somebody wants us to stop */

static volatile sig_atomic_t machine_stop_requested;

void machine_request_stop(void)
{
    machine_stop_requested = 1;
}

bool machine_is_stop_requested(void)
{
    return machine_stop_requested != 0;
}

/* Pure waiting is skipped at the clock's speed; waiting for the network is real. */
static void machine_idle(struct machine *machine)
{
    uint64_t until_ms = lcm_lifecycle_waits_until_ms(&machine->lifecycle);
    uint64_t now_ms = machine->clock.port.now_ms(&machine->clock);

    if (until_ms > now_ms) {
        uint64_t wait_ms = until_ms - now_ms;
        uint64_t longest_ms = (uint64_t)REAL_WAIT_MAX_MS * machine->clock.speed;
        host_clock_sleep(&machine->clock, wait_ms < longest_ms ? wait_ms : longest_ms);
    } else if (machine->net.is_idle) {
        host_net_wait(&machine->net, IDLE_WAIT_MS);
    }
}

static void machine_count(struct machine *machine)
{
    const struct lcm_fetch_counters *fetch = lcm_fetch_counters(&machine->lifecycle.fetch);

    machine->counters.bytes_received += fetch->bytes_received;
    machine->counters.bytes_sent += fetch->bytes_sent;
    machine->counters.handshakes += fetch->handshakes;
    machine->counters.requests += fetch->requests;
    machine->counters.erases = machine->flash.erase_count;
    machine->counters.programmed_bytes = machine->flash.program_bytes;
}

void machine_tell_counters(struct machine *machine)
{
    if (machine->console.json != NULL)
        console_json_counters(machine->console.json, &machine->counters);
}

/* A power cut is a place in the installation, not in the rehearsal before it. */
static bool machine_is_cut(const struct machine *machine)
{
    return machine->cut_after != 0 && !machine->lifecycle.is_rehearsal &&
           machine->console.last_done >= machine->cut_after;
}

static void machine_cut_power(struct machine *machine)
{
    if (machine->console.json != NULL)
        console_json_number(machine->console.json, "cut", "bytes", machine->console.last_done);
    machine_request_stop();
}

static enum lcm_outcome machine_run_updater(struct machine *machine,
                                            const struct lcm_boot_choice *choice,
                                            const struct lcm_identity *identity)
{
    struct lcm_lifecycle_config config = {
        .ports = &machine->ports,
        .observer = &machine->console.observer,
        .crypto = &lcm_crypto_small,
        .tls_buffer = machine->tls_buffer,
        .version = identity->version,
        .running_slot = choice->slot,
        .has_setup = machine->setup.is_open,
    };

    lcm_lifecycle_init(&machine->lifecycle, &config);
    while (!machine_stop_requested && lcm_lifecycle_step(&machine->lifecycle) == LCM_PENDING) {
        machine_idle(machine);
        if (machine_is_cut(machine))
            machine_cut_power(machine);
    }
    machine->has_updater_run = true;
    machine->last_result = machine->lifecycle.result;
    lcm_fetch_close(&machine->lifecycle.fetch);
    machine_count(machine);
    return machine->lifecycle.outcome;
}

/* Which updater is in the slot? Slot 1 holds nothing but updaters. */
static bool machine_is_updater(struct machine *machine, const struct lcm_boot_choice *choice,
                               struct lcm_identity *identity)
{
    enum lcm_err err = lcm_identity_load(&machine->flash.port, choice->addr, identity);

    if (err == LCM_OK)
        return identity->type == LCM_FILE_UPDATER;
    memset(identity, 0, sizeof(*identity));
    return choice->slot == 1;
}

/* What an updater's run led to: true when a soft reset follows. */
static bool machine_follow_updater(struct machine *machine, enum lcm_outcome outcome,
                                   enum machine_end *end)
{
    machine->has_person = outcome == LCM_OUTCOME_SETUP && machine->setup.is_open;
    if (outcome != LCM_OUTCOME_SETUP)
        return true;
    if (machine->setup.is_open && machine_setup_run(machine))
        return true;
    *end = machine_stop_requested ? MACHINE_STOPPED : MACHINE_SETUP;
    return false;
}

/* One boot: true when the run goes on after a soft reset. */
static bool machine_boot(struct machine *machine, bool is_power_on, enum machine_end *end)
{
    struct lcm_boot_choice choice;
    struct lcm_identity identity;

    if (lcm_boot_select(&machine->flash.port, &machine->system.port, is_power_on, &choice) !=
        LCM_OK) {
        *end = MACHINE_NO_IMAGE;
        return false;
    }
    if (lcm_boot_survived(&machine->flash.port) != LCM_OK)
        console_note(&machine->console, "power-cycle marks could not be written");
    if (!machine_is_updater(machine, &choice, &identity)) {
        *end = MACHINE_APP;
        return false;
    }
    console_boot(&machine->console, choice.slot, identity.version, choice.is_fallback);
    return machine_follow_updater(machine, machine_run_updater(machine, &choice, &identity), end);
}

static enum machine_end machine_run(struct machine *machine, bool is_power_on)
{
    enum machine_end end = MACHINE_RESET_LOOP;

    for (uint32_t resets = 0; resets < MACHINE_RESETS_MAX; resets++) {
        if (machine_stop_requested)
            return MACHINE_STOPPED;
        if (!machine_boot(machine, is_power_on, &end))
            return end;
        is_power_on = false;
        if (machine->has_person)
            resets = 0; /* who waits for a person does not loop */
    }
    return MACHINE_RESET_LOOP;
}

enum machine_end machine_power_on(struct machine *machine, uint32_t cycles)
{
    struct lcm_boot_choice choice;

    /* Power goes away inside the boot program's window: the run never survives it. */
    for (uint32_t i = 1; i < cycles; i++) {
        host_system_power_on(&machine->system);
        (void)!lcm_boot_select(&machine->flash.port, &machine->system.port, true, &choice);
    }
    host_system_power_on(&machine->system);
    return machine_run(machine, true);
}

enum machine_end machine_check(struct machine *machine)
{
    struct lcm_rtc_boot request;

    if (lcm_rtc_boot_load(&machine->system.port, &request) != LCM_OK)
        memset(&request, 0, sizeof(request));
    request.next_mode = LCM_RTC_MODE_TEMPORARY;
    request.temp_rom = 1;
    lcm_rtc_boot_store(&machine->system.port, &request);
    return machine_run(machine, false);
}
