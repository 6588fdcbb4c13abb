// SPDX-License-Identifier: Apache-2.0
/*
 * Sockets around the rules of DHCP and DNS. Invariant: a DNS answer comes from the address the
 * question went to.
 */
#include "port/host/host_services.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/base/text.h"

#define OWN_ADDR 0xC0A80401u
#define OWN_MASK 0xFFFFFF00u
#define DHCP_SERVER_PORT 67
#define DHCP_CLIENT_PORT 68
#define MESSAGE_SIZE 1500u
#define MESSAGES_PER_POLL 32u

static uint64_t services_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void host_services_init(struct host_services *services)
{
    memset(services, 0, sizeof(*services));
    services->dhcp_fd = -1;
    services->dns_fd = -1;
}

/* A UDP socket for one port of one interface; -1 = impossible. option: of kind BOOL, switched on.
 */
static int services_socket(const char *interface, uint16_t port, int level, int option)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;

    if (fd < 0)
        return -1;
    if (setsockopt(fd, level, option, &on, sizeof(on)) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface)) == 0 &&
        bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

enum lcm_err host_services_start(struct host_services *services, const char *interface,
                                 const char *network_name)
{
    const struct dhcp_network network = {.server_addr = OWN_ADDR, .mask = OWN_MASK};

    dhcp_leases_init(&services->leases, &network);
    if (lcm_text_copy(services->network_name, sizeof(services->network_name), network_name) !=
        LCM_OK)
        return LCM_ERR_ARGUMENT;
    services->dhcp_fd = services_socket(interface, DHCP_SERVER_PORT, SOL_SOCKET, SO_BROADCAST);
    services->dns_fd = services_socket(interface, DNS_PORT, IPPROTO_IP, IP_PKTINFO);
    if (services->dhcp_fd >= 0 && services->dns_fd >= 0)
        return LCM_OK;
    host_services_stop(services);
    return LCM_ERR_CONNECT;
}

void host_services_stop(struct host_services *services)
{
    if (services->dhcp_fd >= 0)
        close(services->dhcp_fd);
    if (services->dns_fd >= 0)
        close(services->dns_fd);
    services->dhcp_fd = -1;
    services->dns_fd = -1;
}

/* A device without an address hears only what everybody hears. */
static void services_send_lease(const struct host_services *services, const uint8_t *bytes,
                                size_t size, uint32_t client_addr)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET,
        .sin_port = htons(DHCP_CLIENT_PORT),
        .sin_addr.s_addr = client_addr != 0 ? htonl(client_addr) : INADDR_BROADCAST,
    };

    (void)sendto(services->dhcp_fd, bytes, size, MSG_NOSIGNAL, (const struct sockaddr *)&to,
                 sizeof(to));
}

static bool services_answer_dhcp(struct host_services *services)
{
    uint8_t message[MESSAGE_SIZE];
    uint8_t answer[DHCP_REPLY_SIZE_MAX];
    struct dhcp_reply reply = {.type = DHCP_NONE};
    struct dhcp_request request;
    ssize_t size = recv(services->dhcp_fd, message, sizeof(message), 0);

    if (size < 0)
        return false;
    if (dhcp_packet_decode(message, (size_t)size, &request) != LCM_OK)
        return true;
    dhcp_leases_answer(&services->leases, &request, services_now_ms(), &reply);
    if (reply.type == DHCP_NONE)
        return true;
    size_t answer_size = dhcp_packet_encode(answer, &request, &reply, &services->leases.network);
    services_send_lease(services, answer, answer_size, reply.client_addr);
    return true;
}

/* The kernel tells where a question went; told the same, it answers from there. */
static void services_answer_from(struct msghdr *message)
{
    struct cmsghdr *control = CMSG_FIRSTHDR(message);
    struct in_pktinfo info;

    if (control == NULL || control->cmsg_level != IPPROTO_IP || control->cmsg_type != IP_PKTINFO)
        return;
    memcpy(&info, CMSG_DATA(control), sizeof(info));
    info.ipi_ifindex = 0;
    info.ipi_spec_dst = info.ipi_addr;
    memcpy(CMSG_DATA(control), &info, sizeof(info));
}

static bool services_answer_dns(struct host_services *services)
{
    const struct dns_zone zone = {.network_name = services->network_name, .own_addr = OWN_ADDR};
    _Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(struct in_pktinfo))];
    uint8_t bytes[MESSAGE_SIZE];
    uint8_t answer[DNS_REPLY_SIZE_MAX];
    struct iovec piece = {.iov_base = bytes, .iov_len = sizeof(bytes)};
    struct sockaddr_in from;
    struct dns_question question;
    struct msghdr message = {.msg_name = &from,
                             .msg_namelen = sizeof(from),
                             .msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof(control)};
    ssize_t size = recvmsg(services->dns_fd, &message, 0);

    if (size < 0)
        return false;
    if (dns_packet_decode(bytes, (size_t)size, &question) != LCM_OK)
        return true;
    piece.iov_len = dns_packet_encode(answer, &question, dns_packet_find(&question, &zone));
    piece.iov_base = answer;
    services_answer_from(&message);
    (void)sendmsg(services->dns_fd, &message, MSG_NOSIGNAL);
    return true;
}

void host_services_poll(struct host_services *services)
{
    if (services->dhcp_fd < 0)
        return;
    for (uint32_t i = 0; i < MESSAGES_PER_POLL && services_answer_dhcp(services); i++) {
    }
    for (uint32_t i = 0; i < MESSAGES_PER_POLL && services_answer_dns(services); i++) {
    }
}

size_t host_services_prepare(const struct host_services *services, struct pollfd *fds)
{
    if (services->dhcp_fd < 0)
        return 0;
    fds[0] = (struct pollfd){.fd = services->dhcp_fd, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = services->dns_fd, .events = POLLIN};
    return HOST_SERVICES_FDS_MAX;
}
