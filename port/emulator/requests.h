/* SPDX-License-Identifier: Apache-2.0 */
/* What the chip asks for (wire.h), and what its pins show. Inside of the emulator. */
#ifndef LCM_PORT_EMULATOR_REQUESTS_H
#define LCM_PORT_EMULATOR_REQUESTS_H

#include "port/emulator/emulator.h"

/* Take one frame and answer it. The run may end or lose its power by it. false after one error
 * line: the process of the chip is gone or sends what is no frame. */
bool requests_answer(struct emulator *emulator, uint64_t now_ms);

/* The pins fall back to inputs. */
void requests_power_off(struct emulator *emulator);

/* Tell the LED's state once it has held for a while: dimming is no news. */
void requests_show_led(struct emulator *emulator, uint64_t now_ms);

#endif
