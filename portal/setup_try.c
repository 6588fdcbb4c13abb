// SPDX-License-Identifier: Apache-2.0
/*
 * The trial: a run of the life cycle with the values of the form (core/update/trial.h). When it
 * needs the TLS buffer, visitors are sent away and their room is handed over; afterwards it is made
 * anew.
 *
 * Invariant: the room is either the visitors' or the trial's, never both.
 */
#include <string.h>

#include "core/base/bytes.h"
#include "core/base/text.h"
#include "portal/setup_parts.h"

static void try_leave(const struct lcm_setup *setup)
{
    const struct lcm_wifi *wifi = setup->config->ports->wifi;

    wifi->leave(wifi->context);
}

void setup_try_begin(struct lcm_setup *setup)
{
    struct lcm_lifecycle_config run = setup->config->run;

    lcm_values_trial(&setup->values, &setup->trial);
    run.trial = &setup->trial;
    try_leave(setup);
    lcm_lifecycle_init(setup->config->lifecycle, &run);
}

/* The TLS handshake needs every byte; the network itself stays up. */
static void try_lend_room(struct lcm_setup *setup)
{
    const struct lcm_access_point *port = setup->config->access_point;

    if (setup->room == NULL)
        return;
    setup_serve_end(setup);
    port->refuse(port->context, true);
    lcm_bytes_wipe(setup->room, sizeof(*setup->room));
    setup->room = NULL;
}

static void try_take_room(struct lcm_setup *setup)
{
    const struct lcm_access_point *port = setup->config->access_point;

    if (setup->room != NULL)
        return;
    setup->room = (struct lcm_setup_room *)(void *)setup->config->room;
    memset(setup->room, 0, sizeof(*setup->room));
    setup_serve_begin(setup);
    port->refuse(port->context, false);
}

/* Phases of a trial and of the protocol are the same numbers; the end is told once it is stored. */
static void try_note_phase(struct lcm_setup *setup)
{
    enum lcm_setup_phase phase = lcm_lifecycle_trial_phase(setup->config->lifecycle);

    if (phase < LCM_SETUP_PHASE_DONE)
        setup->attempt.phase = phase;
}

static void try_note_network(struct lcm_setup *setup)
{
    const struct lcm_lifecycle *lifecycle = setup->config->lifecycle;
    const struct lcm_wifi *wifi = setup->config->ports->wifi;

    wifi->address(wifi->context, setup->attempt.address);
    if (lcm_text_copy(setup->attempt.release, sizeof(setup->attempt.release), lifecycle->app_tag) !=
        LCM_OK)
        setup->attempt.release[0] = '\0';
}

static void try_note_failure(struct lcm_setup *setup, enum lcm_err err)
{
    setup->attempt.failed_phase = lcm_lifecycle_trial_phase(setup->config->lifecycle);
    setup->attempt.phase = LCM_SETUP_PHASE_FAILED;
    setup->attempt.err = err;
    try_leave(setup); /* or the radio keeps looking for it, and the access point with it */
    lcm_bytes_wipe(&setup->values, sizeof(setup->values)); /* the page has them still */
    setup_menu_tell_end(setup);
}

/* Every state of a run is bounded, but a slow host could make many of them long: visitors are kept
 * out meanwhile. */
static enum lcm_err try_run(struct lcm_setup *setup)
{
    struct lcm_lifecycle *lifecycle = setup->config->lifecycle;
    enum lcm_err err = lcm_lifecycle_step(lifecycle);

    if (err == LCM_PENDING)
        return setup_is_in_for(setup, LCM_SETUP_TRY_MS) ? LCM_ERR_TIMEOUT : LCM_PENDING;
    return lifecycle->result;
}

enum lcm_err setup_try_step(struct lcm_setup *setup)
{
    struct lcm_lifecycle *lifecycle = setup->config->lifecycle;
    enum lcm_err err;

    if (lcm_lifecycle_uses_tls_buffer(lifecycle))
        try_lend_room(setup);
    err = try_run(setup);
    try_note_phase(setup);
    if (err == LCM_PENDING)
        return LCM_PENDING;
    lcm_fetch_close(&lifecycle->fetch);
    try_take_room(setup);
    try_note_network(setup);
    setup_mark_person(setup); /* who waits for the end may be on the way back */
    if (err != LCM_OK)
        try_note_failure(setup, err);
    return err;
}
