/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network port on Linux sockets, non-blocking throughout.
 *
 * Names are looked up in the table of overrides first ("name:address[:port]", as
 * given by --resolve), so that a device talks to a server on this machine while it
 * believes to talk to github.com; then in the world file, if there is one; then, unless
 * the world has no internet, by the system's resolver.
 */
#ifndef LCM_PORT_HOST_NET_H
#define LCM_PORT_HOST_NET_H

#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>

#include "host/radio_world.h"
#include "lcm/net.h"

#define HOST_NET_OVERRIDES_MAX 16u
#define HOST_NET_NAME_SIZE 256u

struct host_net_override {
    char name[HOST_NET_NAME_SIZE];
    uint8_t ip[4];
    uint16_t port; /* 0 = keep the port asked for */
};

struct host_net {
    int fd;       /* TCP connection, -1 = none */
    int udp;      /* for datagrams, -1 = none */
    bool is_idle; /* the last call found nothing to do: waiting makes sense */
    struct host_net_override overrides[HOST_NET_OVERRIDES_MAX];
    uint32_t override_count;
    struct lcm_endpoint broadcast;   /* where 255.255.255.255 goes; port 0 = nowhere */
    const struct radio_world *world; /* what names mean; NULL = none */
    /* one asynchronous look-up at a time */
    struct gaicb lookup;
    struct addrinfo hints;
    char lookup_name[HOST_NET_NAME_SIZE];
    bool is_looking_up;
    struct lcm_net port; /* pass &net->port; the struct must not move */
};

void host_net_open(struct host_net *net);
void host_net_close(struct host_net *net);

/* Add "name:address[:port]". false with an error line when it is malformed or the table is full. */
bool host_net_add_override(struct host_net *net, const char *text);

/* Parse "address:port" into an endpoint. false when malformed. */
bool host_net_parse_endpoint(const char *text, struct lcm_endpoint *endpoint);

/* Sleep until the socket is ready or the time is over. */
void host_net_wait(struct host_net *net, int timeout_ms);

#endif
