/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chip's access point as seen from outside: a Unix socket (SOCK_SEQPACKET) on which each
 * connection is one station. Messages are those of radio_frame.h.
 *
 * An access point carries frames from a station to the chip, to another station, or, when they are
 * for a group, to all of them.
 */
#ifndef LCM_PORT_EMULATOR_RADIO_STATIONS_H
#define LCM_PORT_EMULATOR_RADIO_STATIONS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port/emulator/radio_frame.h"

/* Connections; more than can join, so that refusal can be seen. */
#define RADIO_STATION_LINKS_MAX 16u

struct radio_station {
    int fd; /* -1 = unused */
    bool is_joined;
    uint8_t mac[RADIO_MAC_SIZE];
};

/* The chip's own network. */
struct radio_access_point {
    bool is_on;
    uint8_t channel;
    char ssid[RADIO_SSID_LENGTH_MAX + 1];
    char password[RADIO_PASSWORD_LENGTH_MAX + 1]; /* "" = open */
};

struct radio_stations {
    int listen_fd;                    /* -1 = nobody can come */
    const char *path;                 /* of the socket; removed by close */
    uint8_t chip_mac[RADIO_MAC_SIZE]; /* of the access point */
    struct radio_access_point access_point;
    struct radio_station list[RADIO_STATION_LINKS_MAX];

    /* A frame of a station for the chip. */
    void (*to_chip)(void *context, const uint8_t *frame, size_t size);
    void *context;
};

/* No station, no socket. mac is the chip's as a station. */
void radio_stations_init(struct radio_stations *stations, const uint8_t mac[RADIO_MAC_SIZE]);

/* Make the socket; a socket left at path is replaced. path must stay. false after one error line.
 */
bool radio_stations_open(struct radio_stations *stations, const char *path);

/* End all connections. Safe after a failed open. */
void radio_stations_close(struct radio_stations *stations);

/* Start the access point, change it, or stop it (NULL): who is joined loses it. */
void radio_stations_set(struct radio_stations *stations,
                        const struct radio_access_point *access_point);

/* Write the addresses of the joined stations, at most RADIO_STATIONS_MAX; returns how many. */
size_t radio_stations_macs(const struct radio_stations *stations, uint8_t *macs);

/* A frame of the chip for its stations. */
void radio_stations_take(struct radio_stations *stations, const uint8_t *frame, size_t size);

/* Descriptors to wait for, at most size of them; and everything that came, without waiting. */
size_t radio_stations_prepare(const struct radio_stations *stations, struct pollfd *fds,
                              size_t size);
void radio_stations_poll(struct radio_stations *stations);

#endif
