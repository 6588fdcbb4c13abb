// SPDX-License-Identifier: Apache-2.0
/*
 * libslirp's callbacks and descriptors. Everything runs in the radio's thread; libslirp is never
 * called from another one.
 */
#include "port/emulator/radio_slirp.h"

#include <arpa/inet.h>

#include "host/cli.h"
#include "port/emulator/radio_parts.h"

#define NETMASK 0xFFFFFF00u
/* libslirp does not always hear the segment size the chip asks for: tell it once for all. */
#define CHIP_MTU 576u

static ssize_t slirp_deliver(const void *bytes, size_t size, void *opaque)
{
    struct radio_slirp *slirp = opaque;

    slirp->deliver(slirp->context, bytes, size);
    return (ssize_t)size;
}

static void slirp_guest_error(const char *text, void *opaque)
{
    (void)text;
    (void)opaque;
}

static int64_t slirp_clock_ns(void *opaque)
{
    (void)opaque;
    return (int64_t)radio_now_ms() * 1000000;
}

/* Timers are for IPv6 router advertisements only, which are off. */
static void *slirp_timer_new(SlirpTimerCb callback, void *callback_opaque, void *opaque)
{
    (void)callback;
    (void)callback_opaque;
    return opaque;
}

static void slirp_timer_free(void *timer, void *opaque)
{
    (void)timer;
    (void)opaque;
}

static void slirp_timer_mod(void *timer, int64_t expire_ms, void *opaque)
{
    (void)timer;
    (void)expire_ms;
    (void)opaque;
}

static void slirp_poll_fd(int fd, void *opaque)
{
    (void)fd;
    (void)opaque;
}

static void slirp_notify(void *opaque)
{
    (void)opaque;
}

static const SlirpCb slirp_callbacks = {
    .send_packet = slirp_deliver,
    .guest_error = slirp_guest_error,
    .clock_get_ns = slirp_clock_ns,
    .timer_new = slirp_timer_new,
    .timer_free = slirp_timer_free,
    .timer_mod = slirp_timer_mod,
    .register_poll_fd = slirp_poll_fd,
    .unregister_poll_fd = slirp_poll_fd,
    .notify = slirp_notify,
};

bool radio_slirp_open(struct radio_slirp *slirp, const struct radio_slirp_config *config)
{
    const SlirpConfig full = {
        .version = 1,
        .restricted = config->is_restricted,
        .in_enabled = true,
        .vnetwork.s_addr = htonl(config->network),
        .vnetmask.s_addr = htonl(NETMASK),
        .vhost.s_addr = htonl(config->host),
        .vdhcp_start.s_addr = htonl(config->first),
        .vnameserver.s_addr = htonl(config->name_server),
        .if_mtu = CHIP_MTU,
        .if_mru = CHIP_MTU,
    };

    slirp->slirp = slirp_new(&full, &slirp_callbacks, slirp);
    if (slirp->slirp == NULL)
        cli_error("the emulated network could not be started");
    return slirp->slirp != NULL;
}

void radio_slirp_close(struct radio_slirp *slirp)
{
    if (slirp->slirp != NULL)
        slirp_cleanup(slirp->slirp);
    slirp->slirp = NULL;
}

bool radio_slirp_forward(struct radio_slirp *slirp, const struct radio_forward *forward,
                         uint32_t chip)
{
    struct in_addr to = {.s_addr = htonl(chip)};

    if (slirp_add_hostfwd(slirp->slirp, 0, forward->address, forward->host_port, to,
                          forward->chip_port) == 0)
        return true;
    cli_error("port %u of this machine cannot be forwarded: it is in use",
              (unsigned)forward->host_port);
    return false;
}

/* The descriptors libslirp wants to wait for, being collected. */
struct slirp_wanted {
    struct pollfd *fds;
    size_t size;
    size_t count;
};

static int slirp_add_poll(int fd, int events, void *opaque)
{
    struct slirp_wanted *wanted = opaque;
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

size_t radio_slirp_prepare(struct radio_slirp *slirp, struct pollfd *fds, size_t size,
                           int *timeout_ms)
{
    struct slirp_wanted wanted = {.fds = fds, .size = size};
    uint32_t timeout = *timeout_ms < 0 ? UINT32_MAX : (uint32_t)*timeout_ms;

    if (slirp->slirp == NULL)
        return 0;
    slirp_pollfds_fill(slirp->slirp, &timeout, slirp_add_poll, &wanted);
    *timeout_ms = timeout > INT32_MAX ? -1 : (int)timeout;
    return wanted.count;
}

static int slirp_poll_result(int index, void *opaque)
{
    const struct radio_slirp *slirp = opaque;
    int seen = index < 0 || (size_t)index >= slirp->polled_count ? 0 : slirp->polled[index].revents;
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

void radio_slirp_poll(struct radio_slirp *slirp, const struct pollfd *fds, size_t count)
{
    if (slirp->slirp == NULL)
        return;
    slirp->polled = fds;
    slirp->polled_count = count;
    slirp_pollfds_poll(slirp->slirp, 0, slirp_poll_result, slirp);
    slirp->polled = NULL;
    slirp->polled_count = 0;
}
