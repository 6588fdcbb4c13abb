// SPDX-License-Identifier: Apache-2.0
/*
 * The network behind the air: libslirp with redirected names in front of it. Everything runs in the
 * radio's thread; libslirp is never called from another one.
 */
#include <arpa/inet.h>
#include <string.h>
#include <time.h>

#include "host/cli.h"
#include "port/emulator/radio_names.h"
#include "port/emulator/radio_parts.h"

#define NETWORK 0x0A000200u
#define NETMASK 0xFFFFFF00u
#define CHIP 0x0A00020Fu
#define NAME_SERVER 0x0A000203u
#define DHCP_SERVER_PORT 67u
/* libslirp does not always hear the segment size the chip asks for: tell it once for all. */
#define CHIP_MTU 576u

static ssize_t way_deliver(const void *bytes, size_t size, void *opaque)
{
    struct radio_host *radio = opaque;
    uint8_t frame[RADIO_ETHERNET_SIZE_MAX];
    struct radio_packet packet;

    if (size > sizeof(frame) || !radio_air_carries(radio, size))
        return (ssize_t)size;
    memcpy(frame, bytes, size);
    if (radio_packet_view(&packet, frame, size))
        radio_redirect_in(&radio->way.redirect, &packet);
    radio_send(radio, RADIO_ETHERNET, frame, size);
    return (ssize_t)size;
}

static void way_guest_error(const char *text, void *opaque)
{
    (void)text;
    (void)opaque;
}

static int64_t way_clock_ns(void *opaque)
{
    (void)opaque;
    return (int64_t)radio_now_ms() * 1000000;
}

/* Timers are for IPv6 router advertisements only, which are off. */
static void *way_timer_new(SlirpTimerCb callback, void *callback_opaque, void *opaque)
{
    (void)callback;
    (void)callback_opaque;
    return opaque;
}

static void way_timer_free(void *timer, void *opaque)
{
    (void)timer;
    (void)opaque;
}

static void way_timer_mod(void *timer, int64_t expire_ms, void *opaque)
{
    (void)timer;
    (void)expire_ms;
    (void)opaque;
}

static void way_poll_fd(int fd, void *opaque)
{
    (void)fd;
    (void)opaque;
}

static void way_notify(void *opaque)
{
    (void)opaque;
}

static const SlirpCb way_callbacks = {
    .send_packet = way_deliver,
    .guest_error = way_guest_error,
    .clock_get_ns = way_clock_ns,
    .timer_new = way_timer_new,
    .timer_free = way_timer_free,
    .timer_mod = way_timer_mod,
    .register_poll_fd = way_poll_fd,
    .unregister_poll_fd = way_poll_fd,
    .notify = way_notify,
};

static bool way_forward(struct radio_host *radio, const struct radio_forward *forward)
{
    struct in_addr chip = {.s_addr = htonl(CHIP)};

    if (slirp_add_hostfwd(radio->way.slirp, 0, forward->address, forward->host_port, chip,
                          forward->chip_port) == 0)
        return true;
    cli_error("port %u of this machine cannot be forwarded: it is in use",
              (unsigned)forward->host_port);
    return false;
}

bool radio_way_open(struct radio_host *radio)
{
    const SlirpConfig config = {
        .version = 1,
        .in_enabled = true,
        .vnetwork.s_addr = htonl(NETWORK),
        .vnetmask.s_addr = htonl(NETMASK),
        .vhost.s_addr = htonl(RADIO_GATEWAY),
        .vdhcp_start.s_addr = htonl(CHIP),
        .vnameserver.s_addr = htonl(NAME_SERVER),
        .if_mtu = CHIP_MTU,
        .if_mru = CHIP_MTU,
    };

    radio->way.redirect.world = &radio->world;
    radio->way.slirp = slirp_new(&config, &way_callbacks, radio);
    if (radio->way.slirp == NULL) {
        cli_error("the emulated network could not be started");
        return false;
    }
    for (size_t i = 0; i < radio->world.forward_count; i++) {
        if (!way_forward(radio, &radio->world.forwards[i]))
            return false;
    }
    return true;
}

void radio_way_close(struct radio_host *radio)
{
    if (radio->way.slirp != NULL)
        slirp_cleanup(radio->way.slirp);
    radio->way.slirp = NULL;
}

static void way_answer(struct radio_host *radio, const struct radio_packet *packet,
                       const uint8_t *answer, size_t size)
{
    uint8_t frame[RADIO_ETHERNET_SIZE_MAX];
    size_t frame_size = radio_packet_reply(packet, answer, size, frame, sizeof(frame));

    if (frame_size > 0 && radio_air_carries(radio, frame_size))
        radio_send(radio, RADIO_ETHERNET, frame, frame_size);
}

/* Nobody hands out addresses in such a network. */
static bool way_is_unheard(const struct radio_host *radio, const struct radio_packet *packet)
{
    return radio->air.network->has_no_address && packet->is_udp &&
           radio_packet_destination(packet).port == DHCP_SERVER_PORT;
}

void radio_way_take(struct radio_host *radio, uint8_t *frame, size_t size)
{
    uint8_t answer[RADIO_ANSWER_SIZE_MAX];
    struct radio_packet packet;

    if (radio->air.network == NULL)
        return;
    if (radio_packet_view(&packet, frame, size)) {
        if (way_is_unheard(radio, &packet))
            return;
        size_t answer_size = radio_names_answer(&radio->world, &packet, answer);
        if (answer_size > 0) {
            way_answer(radio, &packet, answer, answer_size);
            return;
        }
        radio_redirect_out(&radio->way.redirect, &packet);
    }
    slirp_input(radio->way.slirp, frame, (int)size);
}

/* The descriptors libslirp wants to wait for, being collected. */
struct way_wanted {
    struct pollfd *fds;
    size_t size;
    size_t count;
};

static int way_add_poll(int fd, int events, void *opaque)
{
    struct way_wanted *wanted = opaque;
    int bits = 0;

    if (wanted->count == wanted->size)
        return -1;
    if ((events & SLIRP_POLL_IN) != 0)
        bits |= POLLIN;
    if ((events & SLIRP_POLL_OUT) != 0)
        bits |= POLLOUT;
    if ((events & SLIRP_POLL_PRI) != 0)
        bits |= POLLPRI;
    wanted->fds[wanted->count] = (struct pollfd){.fd = fd, .events = (short)bits};
    return (int)wanted->count++;
}

size_t radio_way_prepare(struct radio_host *radio, struct pollfd *fds, size_t size, int *timeout_ms)
{
    struct way_wanted wanted = {.fds = fds, .size = size};
    uint32_t timeout = *timeout_ms < 0 ? UINT32_MAX : (uint32_t)*timeout_ms;

    slirp_pollfds_fill(radio->way.slirp, &timeout, way_add_poll, &wanted);
    *timeout_ms = timeout > INT32_MAX ? -1 : (int)timeout;
    return wanted.count;
}

static int way_poll_result(int index, void *opaque)
{
    const struct radio_way *way = opaque;
    int seen = index < 0 || (size_t)index >= way->polled_count ? 0 : way->polled[index].revents;
    int result = 0;

    if ((seen & POLLIN) != 0)
        result |= SLIRP_POLL_IN;
    if ((seen & POLLOUT) != 0)
        result |= SLIRP_POLL_OUT;
    if ((seen & POLLPRI) != 0)
        result |= SLIRP_POLL_PRI;
    if ((seen & POLLERR) != 0)
        result |= SLIRP_POLL_ERR;
    if ((seen & POLLHUP) != 0)
        result |= SLIRP_POLL_HUP;
    return result;
}

void radio_way_poll(struct radio_host *radio, const struct pollfd *fds, size_t count)
{
    struct radio_way *way = &radio->way;

    way->polled = fds;
    way->polled_count = count;
    slirp_pollfds_poll(way->slirp, 0, way_poll_result, way);
    way->polled = NULL;
    way->polled_count = 0;
}
