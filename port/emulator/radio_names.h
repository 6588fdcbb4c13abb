/* SPDX-License-Identifier: Apache-2.0 */
/* What the world answers by itself: names (DNS, RFC 1035) and the time (SNTP, RFC 4330). */
#ifndef LCM_PORT_EMULATOR_RADIO_NAMES_H
#define LCM_PORT_EMULATOR_RADIO_NAMES_H

#include "port/emulator/radio_packet.h"
#include "host/radio_world.h"

#define RADIO_ANSWER_SIZE_MAX 512u

/*
 * Answer a packet of the chip when it is a question for the world: answer gets the payload, at
 * most RADIO_ANSWER_SIZE_MAX bytes. Returns its size, or 0: not ours, send it on.
 */
size_t radio_names_answer(const struct radio_world *world, const struct radio_packet *packet,
                          uint8_t *answer);

#endif
