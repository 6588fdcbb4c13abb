/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DHCP and DNS of the Linux device's own network, on one network interface with the address
 * 192.168.4.1/24. What is answered is decided where the chip's answers are: dhcp_leases,
 * dns_packet.
 */
#ifndef LCM_PORT_HOST_HOST_SERVICES_H
#define LCM_PORT_HOST_HOST_SERVICES_H

#include <poll.h>
#include <stddef.h>

#include "lcm/access_point.h"
#include "port/lwip/dhcp_leases.h"
#include "port/lwip/dns_packet.h"

#define HOST_SERVICES_FDS_MAX 2u

struct host_services {
    int dhcp_fd; /* -1 = closed */
    int dns_fd;
    char network_name[LCM_SSID_SIZE_MAX + 1];
    struct dhcp_leases leases;
};

/* Nothing is open. */
void host_services_init(struct host_services *services);

/* LCM_ERR_CONNECT: there is no such interface, a port is taken, or the right to it is missing. */
enum lcm_err host_services_start(struct host_services *services, const char *interface,
                                 const char *network_name);

/* Leases are forgotten. Safe when nothing runs. */
void host_services_stop(struct host_services *services);

/* Answer what waits. */
void host_services_poll(struct host_services *services);

/* Descriptors to wait for: at most HOST_SERVICES_FDS_MAX; returns how many. */
size_t host_services_prepare(const struct host_services *services, struct pollfd *fds);

#endif
