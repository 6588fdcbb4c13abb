// SPDX-License-Identifier: Apache-2.0
/*
 * The channel and the thread that serves it. It knows kinds of messages; what they mean is in
 * radio_air.c (Wi-Fi) and radio_way.c (network). The thread ends when the channel is shut.
 */
#include "port/emulator/radio.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "host/cli.h"
#include "port/emulator/radio_parts.h"

#define MESSAGES_PER_WAIT 32u /* then the outside gets its turn */

uint64_t radio_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void radio_send(struct radio *radio, enum radio_kind kind, const uint8_t *bytes, size_t size)
{
    uint8_t message[RADIO_MESSAGE_SIZE_MAX];

    if (size >= sizeof(message))
        return;
    message[0] = (uint8_t)kind;
    if (size > 0)
        memcpy(message + 1, bytes, size);
    (void)send(radio->fd, message, size + 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void radio_tell(struct radio *radio, enum radio_event event, const char *text)
{
    if (radio->observer != NULL)
        radio->observer->event(radio->observer->context, event, text);
}

/* One message. false when the channel is empty (*is_open) or shut. */
static bool radio_take(struct radio *radio, bool *is_open)
{
    uint8_t message[RADIO_MESSAGE_SIZE_MAX];
    ssize_t size = recv(radio->fd, message, sizeof(message), MSG_DONTWAIT);

    if (size <= 0) {
        *is_open = size < 0 && (errno == EAGAIN || errno == EINTR);
        return false;
    }
    if (message[0] == RADIO_ETHERNET)
        radio_way_take(radio, message + 1, (size_t)size - 1);
    else
        radio_air_take(radio, message[0], message + 1, (size_t)size - 1);
    return true;
}

static void *radio_run(void *context)
{
    struct radio *radio = context;
    bool is_open = true;

    while (is_open) {
        if (!radio_way_wait(radio))
            continue;
        for (uint32_t i = 0; i < MESSAGES_PER_WAIT && radio_take(radio, &is_open); i++) {
        }
    }
    return NULL;
}

static bool radio_start(struct radio *radio)
{
    if (!radio_way_open(radio))
        return false;
    if (pthread_create(&radio->thread, NULL, radio_run, radio) == 0)
        return true;
    cli_error("the radio's thread could not be started");
    return false;
}

struct radio *radio_open(const struct radio_world *world, const struct radio_observer *observer,
                         int *chip_fd)
{
    struct radio *radio = calloc(1, sizeof(*radio));
    int pair[2];

    if (radio == NULL || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        cli_error("the radio's channel could not be opened: %s", strerror(errno));
        free(radio);
        return NULL;
    }
    radio->fd = pair[0];
    radio->world = *world;
    radio->observer = observer;
    if (!radio_start(radio)) {
        radio_way_close(radio);
        close(pair[0]);
        close(pair[1]);
        free(radio);
        return NULL;
    }
    *chip_fd = pair[1];
    return radio;
}

void radio_close(struct radio *radio)
{
    if (radio == NULL)
        return;
    shutdown(radio->fd, SHUT_RDWR);
    pthread_join(radio->thread, NULL);
    radio_way_close(radio);
    close(radio->fd);
    free(radio);
}
