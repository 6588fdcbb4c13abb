// SPDX-License-Identifier: Apache-2.0
/*
 * Sockets of visitors. The kernel keeps those waiting for whom there is no number. What a visitor
 * says is not looked at here.
 */
#include "port/host/host_visitors.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WAITING_MAX 16
#define LINGER_MS 2000u
#define DRAIN_SIZE 4096u
#define DRAINS_PER_POLL 16u

static uint64_t visitors_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void host_visitors_init(struct host_visitors *visitors)
{
    memset(visitors, 0, sizeof(*visitors));
    visitors->listen_fd = -1;
    for (size_t i = 0; i < LCM_VISITORS_MAX; i++)
        visitors->list[i].fd = -1;
    for (size_t i = 0; i < HOST_LINGERING_MAX; i++)
        visitors->lingering[i].fd = -1;
}

static bool visitors_bind(const struct host_visitors *visitors, int fd)
{
    int on = 1;

    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
        return false;
    if (visitors->interface != NULL &&
        setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, visitors->interface,
                   (socklen_t)strlen(visitors->interface)) != 0)
        return false;
    return bind(fd, (const struct sockaddr *)&visitors->address, sizeof(visitors->address)) == 0;
}

static bool visitors_listen(struct host_visitors *visitors)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return false;
    if (!visitors_bind(visitors, fd) || listen(fd, WAITING_MAX) != 0) {
        close(fd);
        return false;
    }
    visitors->listen_fd = fd;
    return true;
}

static void visitors_close_listener(struct host_visitors *visitors)
{
    if (visitors->listen_fd >= 0)
        close(visitors->listen_fd);
    visitors->listen_fd = -1;
}

static void visitor_reset(int fd)
{
    const struct linger now = {.l_onoff = 1, .l_linger = 0};

    if (fd < 0)
        return;
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(fd);
}

static void visitors_reset_all(struct host_visitors *visitors)
{
    for (size_t i = 0; i < LCM_VISITORS_MAX; i++) {
        visitor_reset(visitors->list[i].fd);
        visitors->list[i].fd = -1;
    }
    for (size_t i = 0; i < HOST_LINGERING_MAX; i++) {
        visitor_reset(visitors->lingering[i].fd);
        visitors->lingering[i].fd = -1;
    }
}

enum lcm_err host_visitors_start(struct host_visitors *visitors)
{
    if (!visitors_listen(visitors))
        return LCM_ERR_CONNECT;
    visitors->is_open = true;
    visitors->is_refusing = false;
    return LCM_OK;
}

void host_visitors_stop(struct host_visitors *visitors)
{
    visitors_close_listener(visitors);
    visitors_reset_all(visitors);
    visitors->is_open = false;
}

void host_visitors_refuse(struct host_visitors *visitors, bool is_refusing)
{
    visitors->is_refusing = is_refusing;
    if (!is_refusing)
        return; /* accept opens again */
    visitors_close_listener(visitors);
    visitors_reset_all(visitors);
}

/* Throw away what a lingering connection still says; end it at its end or when its time is over. */
static void visitors_drain(struct host_visitors *visitors)
{
    for (size_t i = 0; i < HOST_LINGERING_MAX; i++) {
        struct host_lingering *lingering = &visitors->lingering[i];
        uint8_t bytes[DRAIN_SIZE];
        ssize_t count = 1;
        for (uint32_t n = 0; n < DRAINS_PER_POLL && count > 0 && lingering->fd >= 0; n++)
            count = recv(lingering->fd, bytes, sizeof(bytes), 0);
        bool is_over = count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR);
        if (lingering->fd < 0 || (!is_over && visitors_now_ms() < lingering->until_ms))
            continue;
        close(lingering->fd);
        lingering->fd = -1;
    }
}

enum lcm_err host_visitors_accept(struct host_visitors *visitors, uint32_t *visitor)
{
    visitors_drain(visitors);
    if (!visitors->is_open || visitors->is_refusing ||
        (visitors->listen_fd < 0 && !visitors_listen(visitors)))
        return LCM_PENDING;
    for (uint32_t i = 0; i < LCM_VISITORS_MAX; i++) {
        if (visitors->list[i].fd >= 0)
            continue;
        int fd = accept4(visitors->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return LCM_PENDING;
        visitors->list[i] = (struct host_visitor){.fd = fd};
        *visitor = i;
        return LCM_OK;
    }
    return LCM_PENDING;
}

enum lcm_err host_visitors_receive(struct host_visitors *visitors, uint32_t visitor, uint8_t *dst,
                                   size_t size, size_t *received)
{
    struct host_visitor *from = &visitors->list[visitor];

    *received = 0;
    if (from->fd < 0)
        return LCM_ERR_CLOSED;
    ssize_t count = recv(from->fd, dst, size, 0);
    from->waits_for_bytes = count < 0 && (errno == EAGAIN || errno == EINTR);
    if (count <= 0)
        return from->waits_for_bytes ? LCM_PENDING : LCM_ERR_CLOSED;
    *received = (size_t)count;
    return LCM_OK;
}

enum lcm_err host_visitors_send(struct host_visitors *visitors, uint32_t visitor,
                                const uint8_t *data, size_t size, size_t *sent)
{
    struct host_visitor *to = &visitors->list[visitor];

    *sent = 0;
    if (to->fd < 0)
        return LCM_ERR_CLOSED;
    ssize_t count = send(to->fd, data, size, MSG_NOSIGNAL);
    to->waits_for_room = count < 0 && (errno == EAGAIN || errno == EINTR);
    if (count <= 0)
        return to->waits_for_room ? LCM_PENDING : LCM_ERR_CLOSED;
    *sent = (size_t)count;
    return LCM_OK;
}

/* Without a free place the connection closes at once. */
static void visitors_linger(struct host_visitors *visitors, int fd)
{
    (void)shutdown(fd, SHUT_WR);
    for (size_t i = 0; i < HOST_LINGERING_MAX; i++) {
        if (visitors->lingering[i].fd >= 0)
            continue;
        visitors->lingering[i] =
            (struct host_lingering){.fd = fd, .until_ms = visitors_now_ms() + LINGER_MS};
        return;
    }
    close(fd);
}

void host_visitors_close(struct host_visitors *visitors, uint32_t visitor, bool is_orderly)
{
    int fd = visitors->list[visitor].fd;

    visitors->list[visitor].fd = -1;
    if (fd < 0)
        return;
    if (is_orderly)
        visitors_linger(visitors, fd);
    else
        visitor_reset(fd);
}

static bool visitors_has_place(const struct host_visitors *visitors)
{
    for (size_t i = 0; i < LCM_VISITORS_MAX; i++) {
        if (visitors->list[i].fd < 0)
            return true;
    }
    return false;
}

size_t host_visitors_prepare(const struct host_visitors *visitors, struct pollfd *fds)
{
    size_t count = 0;

    if (visitors->listen_fd >= 0 && visitors_has_place(visitors))
        fds[count++] = (struct pollfd){.fd = visitors->listen_fd, .events = POLLIN};
    for (size_t i = 0; i < LCM_VISITORS_MAX; i++) {
        const struct host_visitor *visitor = &visitors->list[i];
        int events =
            (visitor->waits_for_bytes ? POLLIN : 0) | (visitor->waits_for_room ? POLLOUT : 0);
        if (visitor->fd >= 0 && events != 0)
            fds[count++] = (struct pollfd){.fd = visitor->fd, .events = (short)events};
    }
    for (size_t i = 0; i < HOST_LINGERING_MAX; i++) {
        if (visitors->lingering[i].fd >= 0)
            fds[count++] = (struct pollfd){.fd = visitors->lingering[i].fd, .events = POLLIN};
    }
    return count;
}
