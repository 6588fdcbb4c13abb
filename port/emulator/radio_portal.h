/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A way for people to the chip's own network: connections to a port of this machine reach port 80
 * of the chip (192.168.4.1), whenever its access point is open.
 *
 * It is a station of its own, made of a libslirp network. It needs no password, being the
 * emulator's own hand; it hears and reaches the chip and no other station, and nothing of this
 * machine or behind it.
 */
#ifndef LCM_PORT_EMULATOR_RADIO_PORTAL_H
#define LCM_PORT_EMULATOR_RADIO_PORTAL_H

#include "port/emulator/radio_slirp.h"

#define RADIO_PORTAL_TEXT_SIZE 40u

struct radio_portal {
    struct radio_slirp slirp;

    /* A frame for the chip. */
    void (*to_chip)(void *context, const uint8_t *frame, size_t size);
    void *context;
};

/* The access point is open: listen where forward says. false after one error line. */
bool radio_portal_open(struct radio_portal *portal, const struct radio_forward *forward);

/* Safe when it is not open. */
void radio_portal_close(struct radio_portal *portal);

/* A frame of the chip for its stations. */
void radio_portal_take(struct radio_portal *portal, const uint8_t *frame, size_t size);

/* Where a person finds it: "http://127.0.0.1:8080/". */
void radio_portal_text(const struct radio_forward *forward, char text[RADIO_PORTAL_TEXT_SIZE]);

#endif
