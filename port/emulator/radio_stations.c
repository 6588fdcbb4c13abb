// SPDX-License-Identifier: Apache-2.0
/*
 * Stations of the chip's access point. Their messages are as untrusted as the chip's: malformed
 * ones are ignored, and a station speaks only with the address it joined with.
 */
#include "port/emulator/radio_stations.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/cli.h"
#include "port/emulator/radio_text.h"

#define ETHERNET_SIZE_MIN 14u
#define SOURCE_OFFSET 6u
#define MAC_LOCAL_BIT 2u
#define MAC_GROUP_BIT 1u
#define MESSAGES_PER_POLL 16u /* of one station, then the others get their turn */

void radio_stations_init(struct radio_stations *stations, const uint8_t mac[RADIO_MAC_SIZE])
{
    memset(stations, 0, sizeof(*stations));
    stations->listen_fd = -1;
    memcpy(stations->chip_mac, mac, RADIO_MAC_SIZE);
    stations->chip_mac[0] |= MAC_LOCAL_BIT;
    for (size_t i = 0; i < RADIO_STATION_LINKS_MAX; i++)
        stations->list[i].fd = -1;
}

/* Only a socket is removed: a mistyped path must not cost somebody a file. */
static void stations_remove(const char *path)
{
    struct stat status;

    if (lstat(path, &status) == 0 && S_ISSOCK(status.st_mode))
        (void)unlink(path);
}

static bool stations_listen(int fd, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    stations_remove(path);
    return bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
           listen(fd, (int)RADIO_STATION_LINKS_MAX) == 0;
}

bool radio_stations_open(struct radio_stations *stations, const char *path)
{
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 || !stations_listen(fd, path)) {
        cli_error("the socket for stations '%s' cannot be made: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    stations->listen_fd = fd;
    stations->path = path;
    return true;
}

static void station_close(struct radio_station *station)
{
    if (station->fd >= 0)
        close(station->fd);
    *station = (struct radio_station){.fd = -1};
}

void radio_stations_close(struct radio_stations *stations)
{
    for (size_t i = 0; i < RADIO_STATION_LINKS_MAX; i++)
        station_close(&stations->list[i]);
    if (stations->listen_fd >= 0) {
        close(stations->listen_fd);
        stations_remove(stations->path);
    }
    stations->listen_fd = -1;
    stations->access_point.is_on = false;
}

static void station_send(const struct radio_station *station, enum radio_kind kind,
                         const uint8_t *bytes, size_t size)
{
    uint8_t message[RADIO_MESSAGE_SIZE_MAX];

    message[0] = (uint8_t)kind;
    if (size > 0)
        memcpy(message + 1, bytes, size);
    (void)send(station->fd, message, size + 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void radio_stations_set(struct radio_stations *stations,
                        const struct radio_access_point *access_point)
{
    for (size_t i = 0; i < RADIO_STATION_LINKS_MAX; i++) {
        if (!stations->list[i].is_joined)
            continue;
        stations->list[i].is_joined = false;
        station_send(&stations->list[i], RADIO_LOST, NULL, 0);
    }
    stations->access_point.is_on = false;
    if (access_point != NULL)
        stations->access_point = *access_point;
}

size_t radio_stations_macs(const struct radio_stations *stations, uint8_t *macs)
{
    size_t count = 0;

    for (size_t i = 0; i < RADIO_STATION_LINKS_MAX && count < RADIO_STATIONS_MAX; i++) {
        if (stations->list[i].is_joined)
            memcpy(macs + RADIO_MAC_SIZE * count++, stations->list[i].mac, RADIO_MAC_SIZE);
    }
    return count;
}

static struct radio_station *stations_find(struct radio_stations *stations, const uint8_t *mac)
{
    for (size_t i = 0; i < RADIO_STATION_LINKS_MAX; i++) {
        if (stations->list[i].is_joined && memcmp(stations->list[i].mac, mac, RADIO_MAC_SIZE) == 0)
            return &stations->list[i];
    }
    return NULL;
}

/* To one station, or for a group to all but its sender. */
static void stations_spread(struct radio_stations *stations, const uint8_t *frame, size_t size)
{
    struct radio_station *receiver = stations_find(stations, frame);

    if (receiver != NULL)
        station_send(receiver, RADIO_STATION_ETHERNET, frame, size);
    if ((frame[0] & MAC_GROUP_BIT) == 0)
        return;
    for (size_t i = 0; i < RADIO_STATION_LINKS_MAX; i++) {
        const struct radio_station *station = &stations->list[i];
        if (station->is_joined && memcmp(station->mac, frame + SOURCE_OFFSET, RADIO_MAC_SIZE) != 0)
            station_send(station, RADIO_STATION_ETHERNET, frame, size);
    }
}

static bool stations_is_frame(size_t size)
{
    return size >= ETHERNET_SIZE_MIN && size <= RADIO_ETHERNET_SIZE_MAX;
}

void radio_stations_take(struct radio_stations *stations, const uint8_t *frame, size_t size)
{
    if (stations->access_point.is_on && stations_is_frame(size))
        stations_spread(stations, frame, size);
}

static void station_take_frame(struct radio_stations *stations, const struct radio_station *station,
                               const uint8_t *frame, size_t size)
{
    if (!station->is_joined || !stations_is_frame(size) ||
        memcmp(frame + SOURCE_OFFSET, station->mac, RADIO_MAC_SIZE) != 0)
        return;
    if ((frame[0] & MAC_GROUP_BIT) != 0 || memcmp(frame, stations->chip_mac, RADIO_MAC_SIZE) == 0)
        stations->to_chip(stations->context, frame, size);
    stations_spread(stations, frame, size);
}

static enum radio_join station_judge(struct radio_stations *stations, const uint8_t *mac,
                                     const struct radio_login *login)
{
    const struct radio_access_point *access_point = &stations->access_point;
    uint8_t macs[RADIO_STATIONS_MAX * RADIO_MAC_SIZE];

    if (!access_point->is_on || strcmp(login->ssid, access_point->ssid) != 0)
        return RADIO_NOT_FOUND;
    if (strcmp(login->password, access_point->password) != 0)
        return RADIO_WRONG_PASSWORD;
    if ((mac[0] & MAC_GROUP_BIT) != 0 || memcmp(mac, stations->chip_mac, RADIO_MAC_SIZE) == 0 ||
        stations_find(stations, mac) != NULL ||
        radio_stations_macs(stations, macs) == RADIO_STATIONS_MAX)
        return RADIO_FAILED;
    return RADIO_JOINED;
}

static void station_join(struct radio_stations *stations, struct radio_station *station,
                         const uint8_t *bytes, size_t size)
{
    struct radio_login login;

    if (size < RADIO_MAC_SIZE ||
        !radio_login_take(bytes + RADIO_MAC_SIZE, size - RADIO_MAC_SIZE, &login))
        return;
    station->is_joined = false;
    enum radio_join result = station_judge(stations, bytes, &login);
    uint8_t answer = (uint8_t)result;
    station->is_joined = result == RADIO_JOINED;
    memcpy(station->mac, bytes, RADIO_MAC_SIZE);
    station_send(station, RADIO_JOIN_RESULT, &answer, 1);
}

/* One message; false when there is none. A closed connection is gone. */
static bool station_take(struct radio_stations *stations, struct radio_station *station)
{
    uint8_t message[RADIO_MESSAGE_SIZE_MAX];
    ssize_t size = recv(station->fd, message, sizeof(message), MSG_DONTWAIT | MSG_TRUNC);

    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (size <= 0) {
        station_close(station);
        return false;
    }
    if ((size_t)size > sizeof(message))
        return true;
    if (message[0] == RADIO_STATION_ETHERNET)
        station_take_frame(stations, station, message + 1, (size_t)size - 1);
    if (message[0] == RADIO_STATION_JOIN)
        station_join(stations, station, message + 1, (size_t)size - 1);
    if (message[0] == RADIO_LEAVE)
        station->is_joined = false;
    return true;
}

/* A connection for which there is no room waits in the queue of the socket. */
static void stations_accept(struct radio_stations *stations)
{
    for (size_t i = 0; i < RADIO_STATION_LINKS_MAX; i++) {
        if (stations->list[i].fd >= 0)
            continue;
        int fd = accept4(stations->listen_fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            return;
        stations->list[i].fd = fd;
    }
}

size_t radio_stations_prepare(const struct radio_stations *stations, struct pollfd *fds,
                              size_t size)
{
    size_t count = 0;

    for (size_t i = 0; i < RADIO_STATION_LINKS_MAX && count + 1 < size; i++) {
        if (stations->list[i].fd >= 0)
            fds[count++] = (struct pollfd){.fd = stations->list[i].fd, .events = POLLIN};
    }
    if (stations->listen_fd >= 0 && count < RADIO_STATION_LINKS_MAX && count < size)
        fds[count++] = (struct pollfd){.fd = stations->listen_fd, .events = POLLIN};
    return count;
}

void radio_stations_poll(struct radio_stations *stations)
{
    if (stations->listen_fd >= 0)
        stations_accept(stations);
    for (size_t i = 0; i < RADIO_STATION_LINKS_MAX; i++) {
        struct radio_station *station = &stations->list[i];
        for (uint32_t n = 0; n < MESSAGES_PER_POLL && station->fd >= 0; n++) {
            if (!station_take(stations, station))
                break;
        }
    }
}
