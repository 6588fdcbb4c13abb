/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The radio of the emulated chip, host side: Wi-Fi as the world file says, behind it a network with
 * DHCP, names, time and the way out (libslirp: no root, no set-up).
 *
 *   radio_open -> give *chip_fd to the emulator as its descriptor 3 -> ... -> radio_close
 *
 * It runs in a thread of its own. Addresses on the chip's side: the chip is 10.0.2.15, this machine
 * 10.0.2.2, the name server 10.0.2.3, names of the world file 10.0.3.1 and up.
 */
#ifndef LCM_PORT_EMULATOR_RADIO_H
#define LCM_PORT_EMULATOR_RADIO_H

#include "port/emulator/radio_world.h"

struct radio;

enum radio_event {
    RADIO_EVENT_JOINED,         /* ssid */
    RADIO_EVENT_WRONG_PASSWORD, /* ssid */
    RADIO_EVENT_NOT_FOUND,      /* ssid */
    RADIO_EVENT_FAILED,         /* ssid */
    RADIO_EVENT_LOST,           /* ssid */
    RADIO_EVENT_ACCESS_POINT,   /* ssid of the chip's own network */
};

/* Called from the radio's thread; text is untrusted and lives for the call. */
struct radio_observer {
    void (*event)(void *context, enum radio_event event, const char *text);
    void *context;
};

/*
 * Start. world is copied; observer may be NULL, else must outlive the radio. *chip_fd becomes the
 * chip's end of the channel (close-on-exec; the caller dups and closes it). NULL after one error
 * line: no sockets, or a port to forward is in use.
 */
struct radio *radio_open(const struct radio_world *world, const struct radio_observer *observer,
                         int *chip_fd);

/* Stop and release. NULL is allowed. */
void radio_close(struct radio *radio);

#endif
