// SPDX-License-Identifier: Apache-2.0
/*
 * Composition root of the updater on the bare chip, as far as it goes: the updater core linked for
 * lx106, waiting for the chip's port.
 *
 * It runs the life cycle on ports that refuse everything (ports_none.c), so that the image holds
 * all of core and the BearSSL it needs, and the build measures their size. The only globals are
 * here.
 */
#include <stdint.h>

#include "core/fetch/crypto.h"
#include "core/fetch/tls.h"
#include "core/update/lifecycle.h"
#include "device/lx106/identity.h"
#include "device/lx106/ports_none.h"
#include "port/lx106/rom.h"

static struct lcm_lifecycle lifecycle;
static uint8_t tls_buffer[LCM_TLS_BUFFER_SIZE];

int main(void)
{
    const struct lcm_lifecycle_config config = {
        .ports = &lcm_ports_none,
        .crypto = &lcm_crypto_small,
        .tls_buffer = tls_buffer,
        .version = lcm_firmware_version,
        .running_slot = lcm_firmware_slot,
    };

    ets_printf("LifeCycle Manager %s in slot %u: this build has no port for the chip\n",
               lcm_firmware_version, (unsigned)lcm_firmware_slot);
    lcm_lifecycle_init(&lifecycle, &config);
    while (lcm_lifecycle_step(&lifecycle) == LCM_PENDING) {
    }
    ets_printf("outcome %u: %s\n", (unsigned)lifecycle.outcome, lcm_err_text(lifecycle.result));
    for (;;) {
    }
}
