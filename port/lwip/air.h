/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a Wi-Fi radio can do beside being a station (radio.h): see which networks there are, and be
 * an access point. A port of a chip provides one.
 *
 * Nothing blocks. Answers and frames arrive while the stack is polled (lwip_stack_poll). Station
 * and access point work at the same time; a chip with one radio has both on the station's channel.
 */
#ifndef LCM_PORT_LWIP_AIR_H
#define LCM_PORT_LWIP_AIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"

#define LWIP_AIR_SSID_SIZE_MAX 32u
#define LWIP_AIR_PASSWORD_LENGTH_MIN 8u
#define LWIP_AIR_PASSWORD_LENGTH_MAX 63u
#define LWIP_AIR_CHANNEL_MAX 13u
#define LWIP_AIR_STATIONS_MAX 8u

/* A network in the neighbourhood. All of it is what a stranger says. */
struct lwip_air_network {
    uint8_t ssid[LWIP_AIR_SSID_SIZE_MAX]; /* any bytes */
    uint8_t ssid_size;
    uint8_t channel;
    int8_t signal_dbm;
    bool is_secured;
};

/* Who takes the frames that stations send to the access point. frame lives for the call. */
struct lwip_air_sink {
    void *context;
    void (*take)(void *context, const uint8_t *frame, size_t size);
};

struct lwip_air_access_point {
    const char *ssid;     /* 1..32 bytes */
    const char *password; /* 8..63 characters, "" = open */
    uint8_t channel;      /* 1..13 */
};

struct lwip_air {
    void *context;

    /*
     * Look for networks; poll with the same arguments until not LCM_PENDING. LCM_OK with the
     * strongest *count <= size networks, in no order; LCM_ERR_TIMEOUT when the radio is silent.
     * networks may change while pending.
     */
    enum lcm_err (*scan)(void *context, struct lwip_air_network *networks, size_t size,
                         size_t *count);

    /* Start the access point, or change it: its stations lose it then. LCM_ERR_ARGUMENT outside
     * the limits above, and nothing changed. sink must live until stop. */
    enum lcm_err (*start)(void *context, const struct lwip_air_access_point *config,
                          const struct lwip_air_sink *sink);
    void (*stop)(void *context);

    /* Who is connected; polled as scan is. At most LWIP_AIR_STATIONS_MAX. */
    enum lcm_err (*stations)(void *context, uint8_t macs[LWIP_AIR_STATIONS_MAX][6], size_t *count);

    /* As in radio.h, for frames to the stations. */
    uint8_t *(*send_buffer)(void *context, size_t size);
    void (*send)(void *context, size_t size);
};

#endif
