/* SPDX-License-Identifier: Apache-2.0 */
/* The radio of the emulated chip, chip side: the other end of port/emulator/radio.h. */
#ifndef LCM_PORT_EMULATOR_GUEST_GUEST_RADIO_H
#define LCM_PORT_EMULATOR_GUEST_GUEST_RADIO_H

#include "port/emulator/radio_frame.h"
#include "port/lwip/radio.h"

/* Longest Ethernet frame taken: the largest datagram of the net port with its headers. Longer ones
 * are lost. */
#define GUEST_RADIO_FRAME_SIZE_MAX 1100u

enum guest_radio_state {
    GUEST_RADIO_OFF,
    GUEST_RADIO_JOINING, /* asked, no answer yet */
    GUEST_RADIO_JOINED,
    GUEST_RADIO_LOST, /* joins again from time to time */
};

struct guest_radio {
    enum guest_radio_state state;
    enum lcm_err result;   /* of the join that failed */
    uint32_t retry_ccount; /* when it was asked or lost */
    uint8_t join_number;   /* of the join asked for; results of others are late */
    uint8_t join_size;     /* of the join message */
    uint8_t join[4 + RADIO_SSID_LENGTH_MAX + RADIO_PASSWORD_LENGTH_MAX];
    uint8_t *buffer; /* one message */
    struct lwip_radio port;
};

/* Once. Leaves whatever the program before the reset had joined and drops its frames. */
void guest_radio_init(struct guest_radio *radio);

/* The next message into radio->buffer, whatever its kind, for a driver that knows more kinds
 * (guest_air.h). What it says about the chip as a station was followed already, and a lost
 * network is asked for again. Its size; 0 = none. */
size_t guest_radio_read(struct guest_radio *radio);

/* lwip_radio.receive of this radio alone. */
size_t guest_radio_receive(void *context, const uint8_t **frame);

#endif
