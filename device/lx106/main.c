// SPDX-License-Identifier: Apache-2.0
/*
 * Composition root of the updater on the bare chip, as far as it goes: the updater core linked for
 * lx106, waiting for the chip's port.
 *
 * It holds references to the entry points of the core, so that the linker keeps all of it and the
 * build measures what the core needs. The ports refuse everything (ports_none.c).
 */
#include <stddef.h>
#include <stdint.h>

#include <bearssl.h>

#include "core/base/region.h"
#include "device/lx106/identity.h"
#include "device/lx106/ports_none.h"
#include "port/lx106/rom.h"

typedef void entry_point(void);

static entry_point *volatile const core_entries[] = {
    (entry_point *)lcm_region_program,
    (entry_point *)br_ssl_client_init_full,
    (entry_point *)br_ecdsa_i15_vrfy_asn1,
};

int main(void)
{
    uint32_t linked = 0;

    for (size_t i = 0; i < sizeof(core_entries) / sizeof(core_entries[0]); i++)
        linked += core_entries[i] != NULL;
    ets_printf("updater %s, slot %u: %u entry points, no port\n", lcm_firmware_version,
               (unsigned)lcm_firmware_slot, (unsigned)linked);
    for (;;) {
    }
}
