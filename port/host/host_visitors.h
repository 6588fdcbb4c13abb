/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TCP half of the Linux device's access point: visitors on sockets, non-blocking throughout.
 * The functions behind accept, receive, send, close and refuse of struct lcm_access_point.
 */
#ifndef LCM_PORT_HOST_HOST_VISITORS_H
#define LCM_PORT_HOST_HOST_VISITORS_H

#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/access_point.h"

#define HOST_LINGERING_MAX 8u
#define HOST_VISITORS_FDS_MAX (1u + LCM_VISITORS_MAX + HOST_LINGERING_MAX)

struct host_visitor {
    int fd; /* -1 = free */
    bool waits_for_bytes;
    bool waits_for_room;
};

/* A connection that was closed in order: what its peer still sends is thrown away, so that a reset
 * does not overtake our last bytes. */
struct host_lingering {
    int fd; /* -1 = free */
    uint64_t until_ms;
};

struct host_visitors {
    struct sockaddr_in address;
    const char *interface; /* connections of this one only; NULL = any */
    int listen_fd;         /* -1 = closed, or refusing */
    bool is_open;
    bool is_refusing;
    struct host_visitor list[LCM_VISITORS_MAX];
    struct host_lingering lingering[HOST_LINGERING_MAX];
};

/* Nothing is open. address and interface may be set then. */
void host_visitors_init(struct host_visitors *visitors);

/* LCM_ERR_CONNECT: the address is taken, or not ours to take. */
enum lcm_err host_visitors_start(struct host_visitors *visitors);
void host_visitors_stop(struct host_visitors *visitors);

void host_visitors_refuse(struct host_visitors *visitors, bool is_refusing);
enum lcm_err host_visitors_accept(struct host_visitors *visitors, uint32_t *visitor);
enum lcm_err host_visitors_receive(struct host_visitors *visitors, uint32_t visitor, uint8_t *dst,
                                   size_t size, size_t *received);
enum lcm_err host_visitors_send(struct host_visitors *visitors, uint32_t visitor,
                                const uint8_t *data, size_t size, size_t *sent);
void host_visitors_close(struct host_visitors *visitors, uint32_t visitor, bool is_orderly);

/* Descriptors to wait for: at most HOST_VISITORS_FDS_MAX; returns how many. */
size_t host_visitors_prepare(const struct host_visitors *visitors, struct pollfd *fds);

#endif
