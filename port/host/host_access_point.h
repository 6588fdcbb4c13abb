/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access point port (lcm/access_point.h) of the Linux device, on sockets.
 *
 * There is no radio: networks to be seen come from a world file, and the password of the own
 * network is checked for its form only. HTTP is served in one of two ways:
 *
 *   http        at an address and port of this machine, e.g. 127.0.0.1:8080: for people. No root.
 *   interface   on a network interface with the address 192.168.4.1/24: HTTP on port 80 of every
 *               address, DHCP, DNS on port 53 of every address. Needs root. The kernel must take
 *               every address but those of stations for its own; in a network namespace:
 *
 *                   ip address add 192.168.4.1/24 dev INTERFACE
 *                   ip route add 192.168.4.0/24 dev INTERFACE table local
 *                   ip route add local default dev lo table local
 *
 *               It then resets port 443 and all others, as nobody listens there.
 *
 * Life cycle: host_access_point_open, use of port, host_access_point_wait between two turns of the
 * program, host_access_point_close.
 */
#ifndef LCM_PORT_HOST_HOST_ACCESS_POINT_H
#define LCM_PORT_HOST_HOST_ACCESS_POINT_H

#include "host/radio_world.h"
#include "lcm/access_point.h"
#include "port/host/host_services.h"
#include "port/host/host_visitors.h"

struct host_access_point_config {
    const char *http;                /* "ADDRESS:PORT"; NULL with an interface */
    const char *interface;           /* NULL = HTTP alone */
    const struct radio_world *world; /* what a scan finds; NULL = nothing */
};

struct host_access_point {
    struct host_access_point_config config;
    struct host_visitors visitors;
    struct host_services services; /* with an interface */
    bool is_scanning;
    struct lcm_access_point port; /* pass &access_point->port; the struct must not move */
};

/* Nothing runs until port.start. What config points to must outlive it. false after one error
 * line: the address is malformed. */
bool host_access_point_open(struct host_access_point *access_point,
                            const struct host_access_point_config *config);

/* Safe after a failed open. */
void host_access_point_close(struct host_access_point *access_point);

/* Sleep until a visitor comes or has bytes, there is room for what could not be sent, a question
 * to DHCP or DNS comes (accept answers it), other_fd
 * (-1 = none; a connection the program waits for) has bytes, or the time is over. */
void host_access_point_wait(struct host_access_point *access_point, int other_fd, int timeout_ms);

#endif
