// SPDX-License-Identifier: Apache-2.0
/* Sockets and datagrams of the host port; name resolution is in host_resolve.c. */
#include "port/host/host_net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "port/host/host_resolve.h"

static struct sockaddr_in host_net_address(const struct lcm_endpoint *endpoint)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(endpoint->port)};

    memcpy(&address.sin_addr, endpoint->ip, sizeof(endpoint->ip));
    return address;
}

static void host_net_shut(void *context)
{
    struct host_net *net = context;

    if (net->fd >= 0)
        close(net->fd);
    net->fd = -1;
}

static enum lcm_err host_net_begin_connect(struct host_net *net,
                                           const struct lcm_endpoint *endpoint)
{
    struct sockaddr_in address = host_net_address(endpoint);
    int on = 1;

    net->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (net->fd < 0)
        return LCM_ERR_CONNECT;
    (void)setsockopt(net->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(net->fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return LCM_OK;
    return errno == EINPROGRESS ? LCM_PENDING : LCM_ERR_CONNECT;
}

static enum lcm_err host_net_poll_connect(struct host_net *net)
{
    struct pollfd ready = {.fd = net->fd, .events = POLLOUT};
    int error = 0;
    socklen_t size = sizeof(error);

    if (poll(&ready, 1, 0) <= 0) {
        net->is_idle = true;
        return LCM_PENDING;
    }
    if (getsockopt(net->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0)
        return LCM_ERR_CONNECT;
    return LCM_OK;
}

static enum lcm_err host_net_connect(void *context, const struct lcm_endpoint *endpoint)
{
    struct host_net *net = context;
    enum lcm_err err =
        net->fd < 0 ? host_net_begin_connect(net, endpoint) : host_net_poll_connect(net);

    if (err != LCM_OK && err != LCM_PENDING)
        host_net_shut(net);
    return err;
}

static enum lcm_err host_net_send(void *context, const uint8_t *data, size_t size, size_t *sent)
{
    struct host_net *net = context;
    ssize_t count = send(net->fd, data, size, MSG_NOSIGNAL);

    *sent = count > 0 ? (size_t)count : 0;
    if (count > 0)
        return LCM_OK;
    net->is_idle = true;
    return errno == EAGAIN || errno == EINTR ? LCM_PENDING : LCM_ERR_CLOSED;
}

static enum lcm_err host_net_receive(void *context, uint8_t *data, size_t size, size_t *received)
{
    struct host_net *net = context;
    ssize_t count = recv(net->fd, data, size, 0);

    *received = count > 0 ? (size_t)count : 0;
    if (count > 0)
        return LCM_OK;
    net->is_idle = true;
    return count < 0 && (errno == EAGAIN || errno == EINTR) ? LCM_PENDING : LCM_ERR_CLOSED;
}

static void host_net_send_datagram(void *context, const struct lcm_endpoint *endpoint,
                                   const uint8_t *data, size_t size)
{
    static const uint8_t everyone[4] = {255, 255, 255, 255};
    struct host_net *net = context;
    bool is_broadcast = memcmp(endpoint->ip, everyone, sizeof(everyone)) == 0;
    struct sockaddr_in address = host_net_address(is_broadcast ? &net->broadcast : endpoint);

    if (net->udp < 0 || address.sin_port == 0)
        return;
    (void)sendto(net->udp, data, size, MSG_DONTWAIT | MSG_NOSIGNAL,
                 (const struct sockaddr *)&address, sizeof(address));
}

void host_net_open(struct host_net *net)
{
    int on = 1;

    memset(net, 0, sizeof(*net));
    net->fd = -1;
    net->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (net->udp >= 0)
        (void)setsockopt(net->udp, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on));
    net->port = (struct lcm_net){
        .context = net,
        .resolve = host_resolve,
        .connect = host_net_connect,
        .send = host_net_send,
        .receive = host_net_receive,
        .close = host_net_shut,
        .send_datagram = host_net_send_datagram,
    };
}

void host_net_close(struct host_net *net)
{
    host_resolve_cancel(net);
    host_net_shut(net);
    if (net->udp >= 0)
        close(net->udp);
    net->udp = -1;
}

void host_net_wait(struct host_net *net, int timeout_ms)
{
    struct pollfd ready = {.fd = net->fd, .events = POLLIN};

    net->is_idle = false;
    (void)poll(&ready, net->fd >= 0 ? 1 : 0, timeout_ms);
}
