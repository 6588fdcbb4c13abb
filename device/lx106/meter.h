/* SPDX-License-Identifier: Apache-2.0 */
/* What a run costs: CPU time of TLS handshakes, depth of the stack. Told on the UART. */
#ifndef LCM_DEVICE_LX106_METER_H
#define LCM_DEVICE_LX106_METER_H

#include <stdbool.h>
#include <stdint.h>

struct meter {
    uint64_t handshake_cycles; /* of the handshake going on */
    uint64_t total_cycles;     /* of all steps, waiting left out */
    uint32_t step_ccount;
};

void meter_begin_step(struct meter *meter);

/* is_shaking: the step belonged to a handshake. A finished one is told. */
void meter_end_step(struct meter *meter, bool is_shaking);

void meter_tell_end(const struct meter *meter);

#endif
