// SPDX-License-Identifier: Apache-2.0
/*
 * The channel. It knows kinds of messages; what they mean is in radio_air.c (Wi-Fi) and radio_way.c
 * (network).
 */
#include "port/emulator/radio_host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "host/cli.h"
#include "port/emulator/radio_parts.h"

#define MESSAGES_PER_POLL 32u /* then the outside gets its turn */

uint64_t radio_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

const char *radio_event_name(enum radio_event event)
{
    static const char *const names[] = {
        [RADIO_EVENT_JOINED] = "joined",       [RADIO_EVENT_WRONG_PASSWORD] = "wrong-password",
        [RADIO_EVENT_NOT_FOUND] = "not-found", [RADIO_EVENT_FAILED] = "failed",
        [RADIO_EVENT_LOST] = "lost",           [RADIO_EVENT_ACCESS_POINT] = "access-point",
        [RADIO_EVENT_PORTAL] = "portal",
    };

    return names[event];
}

static void host_capture(struct radio_host *radio, uint8_t kind, const uint8_t *bytes, size_t size)
{
    if (kind == RADIO_ETHERNET || kind == RADIO_STATION_ETHERNET)
        radio_capture_frame(&radio->capture, bytes, size);
}

void radio_send(struct radio_host *radio, enum radio_kind kind, const uint8_t *bytes, size_t size)
{
    uint8_t message[RADIO_MESSAGE_SIZE_MAX];

    if (size >= sizeof(message))
        return;
    message[0] = (uint8_t)kind;
    if (size > 0)
        memcpy(message + 1, bytes, size);
    host_capture(radio, message[0], message + 1, size);
    (void)send(radio->fd, message, size + 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void radio_tell(struct radio_host *radio, enum radio_event event, const char *text)
{
    if (radio->observer != NULL)
        radio->observer->event(radio->observer->context, event, text);
}

/* One message; false when there is none. A chip without power sends nothing any more. */
static bool host_take(struct radio_host *radio)
{
    uint8_t message[RADIO_MESSAGE_SIZE_MAX];
    ssize_t size = recv(radio->fd, message, sizeof(message), MSG_DONTWAIT);

    if (size <= 0)
        return false;
    host_capture(radio, message[0], message + 1, (size_t)size - 1);
    if (message[0] == RADIO_ETHERNET)
        radio_way_take(radio, message + 1, (size_t)size - 1);
    else
        radio_air_take(radio, message[0], message + 1, (size_t)size - 1);
    return true;
}

static void host_close(void *context)
{
    struct radio_host *radio = context;

    radio_way_close(radio);
    radio_portal_close(&radio->portal);
    radio_stations_close(&radio->stations);
    if (radio->fd >= 0)
        close(radio->fd);
    radio->fd = -1;
    memset(&radio->air, 0, sizeof(radio->air));
}

static void host_take_from_station(void *context, const uint8_t *frame, size_t size)
{
    radio_send(context, RADIO_STATION_ETHERNET, frame, size);
}

static bool host_open_stations(struct radio_host *radio, const struct radio_config *config)
{
    radio_stations_init(&radio->stations, config->mac);
    radio->stations.to_chip = host_take_from_station;
    radio->stations.context = radio;
    radio->portal.to_chip = host_take_from_station;
    radio->portal.context = radio;
    return config->station_path == NULL ||
           radio_stations_open(&radio->stations, config->station_path);
}

static bool host_load_world(struct radio_host *radio, const struct radio_config *config)
{
    radio_world_init(&radio->world);
    if (config->world_path != NULL && radio_world_load(&radio->world, config->world_path) != CLI_OK)
        return false;
    return config->portal == NULL || radio_world_set_portal(&radio->world, config->portal);
}

/* One file for the whole run, over all power-ons. */
static bool host_open_capture(struct radio_host *radio, const struct radio_config *config)
{
    return config->capture_path == NULL || radio->capture.file != NULL ||
           radio_capture_open(&radio->capture, config->capture_path);
}

static int host_open(void *context, const struct radio_config *config)
{
    struct radio_host *radio = context;
    int pair[2];

    radio->is_broken = false;
    if (!host_load_world(radio, config) || !host_open_capture(radio, config))
        return -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        cli_error("the radio's channel could not be opened: %s", strerror(errno));
        return -1;
    }
    radio->fd = pair[0];
    if (!host_open_stations(radio, config) || !radio_way_open(radio)) {
        close(pair[1]);
        host_close(radio);
        return -1;
    }
    return pair[1];
}

static size_t host_prepare(void *context, struct pollfd *fds, size_t size, int *timeout_ms)
{
    struct radio_host *radio = context;

    if (size == 0)
        return 0;
    fds[0] = (struct pollfd){.fd = radio->fd, .events = POLLIN};
    radio->way_first = 1 + radio_stations_prepare(&radio->stations, fds + 1, size - 1);
    radio->portal_first =
        radio->way_first + radio_slirp_prepare(&radio->way.slirp, fds + radio->way_first,
                                               size - radio->way_first, timeout_ms);
    return radio->portal_first + radio_slirp_prepare(&radio->portal.slirp,
                                                     fds + radio->portal_first,
                                                     size - radio->portal_first, timeout_ms);
}

static bool host_poll(void *context, const struct pollfd *fds, size_t count)
{
    struct radio_host *radio = context;

    if (count == 0)
        return true;
    radio_slirp_poll(&radio->way.slirp, fds + radio->way_first,
                     radio->portal_first - radio->way_first);
    radio_slirp_poll(&radio->portal.slirp, fds + radio->portal_first, count - radio->portal_first);
    radio_stations_poll(&radio->stations);
    for (uint32_t i = 0; i < MESSAGES_PER_POLL && host_take(radio); i++) {
    }
    return !radio->is_broken;
}

bool radio_host_new(struct radio *radio, const struct radio_observer *observer)
{
    struct radio_host *host = calloc(1, sizeof(*host));

    if (host == NULL) {
        cli_error("no memory for the radio");
        return false;
    }
    host->fd = -1;
    host->observer = observer;
    radio_stations_init(&host->stations, (const uint8_t[RADIO_MAC_SIZE]){0});
    *radio = (struct radio){.context = host,
                            .open = host_open,
                            .prepare = host_prepare,
                            .poll = host_poll,
                            .close = host_close};
    return true;
}

void radio_host_free(struct radio *radio)
{
    if (radio->context != NULL) {
        host_close(radio->context);
        radio_capture_close(&((struct radio_host *)radio->context)->capture);
    }
    free(radio->context);
    radio->context = NULL;
}
