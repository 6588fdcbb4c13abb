/* SPDX-License-Identifier: Apache-2.0 */
/* The radio's parts, private to it: the air (radio_air.c) and the network behind it (radio_way.c).
 */
#ifndef LCM_PORT_EMULATOR_RADIO_PARTS_H
#define LCM_PORT_EMULATOR_RADIO_PARTS_H

#include "port/emulator/radio_capture.h"
#include "port/emulator/radio_host.h"
#include "port/emulator/radio_portal.h"
#include "port/emulator/radio_redirect.h"
#include "port/emulator/radio_slirp.h"
#include "port/emulator/radio_stations.h"

/* Wi-Fi as the chip sees it. */
struct radio_air {
    struct radio_network *network; /* joined; NULL = none */
    struct radio_network any;      /* the network joined when the world has no file */
    struct radio_network *lost;    /* gone for now */
    uint64_t lost_until_ms;
    uint32_t bytes_to_chip; /* since the join */
};

/* Where frames go when they leave the air. */
struct radio_way {
    struct radio_slirp slirp;
    struct radio_redirect redirect;
};

struct radio_host {
    int fd; /* our end of the channel */
    struct radio_world world;
    const struct radio_observer *observer;
    size_t way_first; /* of the descriptors polled: where those of the way begin */
    size_t portal_first;
    bool is_broken; /* one error line was printed */
    struct radio_air air;
    struct radio_way way;
    struct radio_stations stations; /* of the chip's access point */
    struct radio_portal portal;     /* one more, on this machine */
    struct radio_capture capture;
};

uint64_t radio_now_ms(void);

/* Send one message to the chip; dropped when the chip does not keep up. */
void radio_send(struct radio_host *radio, enum radio_kind kind, const uint8_t *bytes, size_t size);

void radio_tell(struct radio_host *radio, enum radio_event event, const char *text);

/* A control message of the chip. */
void radio_air_take(struct radio_host *radio, uint8_t kind, const uint8_t *bytes, size_t size);

/* true when frames reach the chip; counts size bytes and lets the network vanish in time. */
bool radio_air_carries(struct radio_host *radio, size_t size);

/* false after one error line. */
bool radio_way_open(struct radio_host *radio);
void radio_way_close(struct radio_host *radio);

/* A frame of the chip. */
void radio_way_take(struct radio_host *radio, uint8_t *frame, size_t size);

#endif
