/* SPDX-License-Identifier: Apache-2.0 */
/* Scan and access point of the emulated chip (port/lwip/air.h), over the channel of guest_radio.h.
 */
#ifndef LCM_PORT_EMULATOR_GUEST_GUEST_AIR_H
#define LCM_PORT_EMULATOR_GUEST_GUEST_AIR_H

#include "port/emulator/guest/guest_radio.h"
#include "port/lwip/air.h"

/* A question to the host and the answer that is being collected. */
struct guest_question {
    bool is_asked;
    bool is_answered;
    uint8_t count; /* entries collected */
    uint32_t asked_ccount;
};

struct guest_air {
    struct guest_radio *radio;
    const struct lwip_air_sink *sink; /* NULL = no access point */
    struct guest_question scan;
    struct lcm_network *networks; /* the caller's, while asked */
    size_t networks_size;
    struct guest_question stations;
    uint8_t (*macs)[6];   /* the caller's, while asked */
    struct lwip_air port; /* pass &air->port; the struct must not move */
};

/* Once, behind guest_radio_init: from now on the radio's messages pass through here. */
void guest_air_init(struct guest_air *air, struct guest_radio *radio);

/* The radio's messages pass by it again; the access point must be off. */
void guest_air_close(struct guest_air *air);

#endif
