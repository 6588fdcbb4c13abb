// SPDX-License-Identifier: Apache-2.0
/* Sockets; see the header. Knows nothing of what is said on them. */
#include "collector/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collector/limit.h"

#define BACKLOG 64
#define RECEIVE_BUFFER_SIZE (16 * 1024 * 1024)
#define PLACE_SIZE 300

union place {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_storage storage;
};

static bool place_parse(const char *address, uint16_t port, union place *place, socklen_t *size)
{
    memset(place, 0, sizeof(*place));
    if (inet_pton(AF_INET, address, &place->v4.sin_addr) == 1) {
        place->v4.sin_family = AF_INET;
        place->v4.sin_port = htons(port);
        *size = sizeof(place->v4);
        return true;
    }
    if (inet_pton(AF_INET6, address, &place->v6.sin6_addr) != 1)
        return false;
    place->v6.sin6_family = AF_INET6;
    place->v6.sin6_port = htons(port);
    *size = sizeof(place->v6);
    return true;
}

/* As much room as we may have: bursts wait there while the receiver is not running. */
static void socket_configure(int fd, int type, int family)
{
    int on = 1, off = 0, size = RECEIVE_BUFFER_SIZE;

    if (family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    if (type == SOCK_STREAM) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        return;
    }
    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on));
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

static int listen_at(const union place *place, socklen_t size, int type, uint16_t *port)
{
    union place bound;
    socklen_t bound_size = sizeof(bound);
    int fd = socket(place->any.sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -1;
    socket_configure(fd, type, place->any.sa_family);
    if (bind(fd, &place->any, size) != 0 || (type == SOCK_STREAM && listen(fd, BACKLOG) != 0) ||
        getsockname(fd, &bound.any, &bound_size) != 0) {
        int error = errno;

        close(fd);
        errno = error;
        return -1;
    }
    *port = ntohs(bound.any.sa_family == AF_INET ? bound.v4.sin_port : bound.v6.sin6_port);
    return fd;
}

int sockets_listen(const char *address, int type, uint16_t *port)
{
    union place place;
    socklen_t size = 0;

    if (!place_parse(address, *port, &place, &size)) {
        errno = EINVAL;
        return -1;
    }
    int fd = listen_at(&place, size, type, port);
    /* A machine without IPv6 has no "::". */
    if (fd < 0 && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL) && strcmp(address, "::") == 0 &&
        place_parse("0.0.0.0", *port, &place, &size))
        fd = listen_at(&place, size, type, port);
    return fd;
}

void sockets_source(const struct sockaddr_storage *from, char text[COLLECT_SOURCE_SIZE])
{
    union place place;

    memcpy(&place.storage, from, sizeof(place.storage));
    text[0] = '\0';
    if (place.any.sa_family == AF_INET)
        inet_ntop(AF_INET, &place.v4.sin_addr, text, COLLECT_SOURCE_SIZE);
    else if (IN6_IS_ADDR_V4MAPPED(&place.v6.sin6_addr))
        inet_ntop(AF_INET, &place.v6.sin6_addr.s6_addr[12], text, COLLECT_SOURCE_SIZE);
    else
        inet_ntop(AF_INET6, &place.v6.sin6_addr, text, COLLECT_SOURCE_SIZE);
}

uint64_t sockets_network(const char *source)
{
    struct in6_addr address;
    char half[INET6_ADDRSTRLEN];

    if (inet_pton(AF_INET6, source, &address) != 1)
        return limit_hash(source);
    memset(&address.s6_addr[8], 0, 8);
    return limit_hash(inet_ntop(AF_INET6, &address, half, sizeof(half)) != NULL ? half : source);
}

static bool wait_connected(int fd, uint32_t timeout_ms)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
    int error = 0;
    socklen_t size = sizeof(error);

    return poll(&poll_fd, 1, (int)timeout_ms) == 1 &&
           getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

int sockets_connect(const char *place, int type, uint32_t timeout_ms)
{
    struct addrinfo hints = {.ai_socktype = type}, *list = NULL;
    char host[PLACE_SIZE];
    const char *colon = strrchr(place, ':');
    int fd = -1;

    if (colon == NULL || (size_t)(colon - place) >= sizeof(host))
        return -1;
    bool has_brackets = place[0] == '[' && colon[-1] == ']';
    snprintf(host, sizeof(host), "%.*s", (int)(colon - place) - (has_brackets ? 2 : 0),
             place + (has_brackets ? 1 : 0));
    if (getaddrinfo(host, colon + 1, &hints, &list) != 0)
        return -1;
    for (const struct addrinfo *at = list; at != NULL && fd < 0; at = at->ai_next) {
        fd = socket(at->ai_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
            continue;
        if (connect(fd, at->ai_addr, at->ai_addrlen) == 0 ||
            (errno == EINPROGRESS && wait_connected(fd, timeout_ms)))
            break;
        close(fd);
        fd = -1;
    }
    freeaddrinfo(list);
    return fd;
}
