/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The radio of the emulated chip, host side: Wi-Fi as the world file says, behind it a network with
 * DHCP, names, time and the way out (libslirp: no root, no set-up).
 *
 * It runs inside the emulator's poll loop (radio.h). Addresses on the chip's side, unless the world
 * has another range: the chip is 10.0.2.15, this machine 10.0.2.2, the name server 10.0.2.3; names
 * of the world file are 10.0.3.1 and up.
 */
#ifndef LCM_PORT_EMULATOR_RADIO_HOST_H
#define LCM_PORT_EMULATOR_RADIO_HOST_H

#include "port/emulator/radio.h"
#include "host/radio_world.h"

enum radio_event {
    RADIO_EVENT_JOINED,         /* ssid */
    RADIO_EVENT_WRONG_PASSWORD, /* ssid */
    RADIO_EVENT_NOT_FOUND,      /* ssid */
    RADIO_EVENT_FAILED,         /* ssid */
    RADIO_EVENT_LOST,           /* ssid */
    RADIO_EVENT_ACCESS_POINT,   /* ssid of the chip's own network */
    RADIO_EVENT_PORTAL,         /* where a browser finds it: "http://127.0.0.1:8080/" */
};

/* text is untrusted and lives for the call. */
struct radio_observer {
    void (*event)(void *context, enum radio_event event, const char *text);
    void *context;
};

/* "joined" and so on. Static storage. */
const char *radio_event_name(enum radio_event event);

struct radio_host; /* one running radio */

/* Fill *radio with the functions of this radio. observer may be NULL, else must outlive it.
 * false after one error line: no memory. Release with radio_host_free. */
bool radio_host_new(struct radio *radio, const struct radio_observer *observer);
void radio_host_free(struct radio *radio);

#endif
