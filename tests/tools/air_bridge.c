// SPDX-License-Identifier: Apache-2.0
/*
 * air_bridge SOCKET INTERFACE MAC SSID PASSWORD
 *
 * Makes a network interface a station of the emulated chip's access point: joins over the socket of
 * `lcm emu --station`, then carries Ethernet frames between it and the interface (AF_PACKET: root,
 * or a user namespace of one's own). With the other end of a veth pair in a network namespace, a
 * phone made of Debian's programs speaks with the chip. MAC is the station's address, that of the
 * other end: 12 hex digits.
 *
 * The other end must not leave checksums or segments to its driver (fixture_phone.c switches that
 * off). Prints "joined", "wrong password", "not found" or "refused", and "lost" when the access
 * point goes away; ends then.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/text.h"
#include "port/emulator/radio_frame.h"

enum { EXIT_JOINED_AND_LOST = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_NOT_JOINED = 3 };

static int fail(const char *what)
{
    fprintf(stderr, "air_bridge: %s: %s\n", what, strerror(errno));
    return -1;
}

static int open_air(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

    if (fd < 0 || strlen(path) >= sizeof(address.sun_path))
        return fail(path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
        return fail(path);
    return fd;
}

static int open_interface(const char *name)
{
    struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                  .sll_protocol = htons(ETH_P_ALL),
                                  .sll_ifindex = (int)if_nametoindex(name)};
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));

    if (fd < 0 || address.sll_ifindex == 0 ||
        bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
        return fail(name);
    return fd;
}

static size_t put_text(uint8_t *at, const char *text, size_t length_max)
{
    size_t length = strnlen(text, length_max);

    at[0] = (uint8_t)length;
    memcpy(at + 1, text, length);
    return 1 + length;
}

/* The radio's answer to the join; -1 = none. */
static int join(int air, const uint8_t mac[6], const char *ssid, const char *password)
{
    uint8_t message[RADIO_MESSAGE_SIZE_MAX] = {RADIO_STATION_JOIN};
    size_t size = 1;

    memcpy(message + size, mac, RADIO_MAC_SIZE);
    size += RADIO_MAC_SIZE;
    size += put_text(message + size, ssid, RADIO_SSID_LENGTH_MAX);
    size += put_text(message + size, password, RADIO_PASSWORD_LENGTH_MAX);
    if (send(air, message, size, MSG_NOSIGNAL) < 0)
        return -1;
    while (recv(air, message, sizeof(message), 0) > 0) {
        if (message[0] == RADIO_JOIN_RESULT)
            return message[1];
    }
    return -1;
}

static void tell(const char *text)
{
    puts(text);
    fflush(stdout);
}

/* What this interface itself sent comes back here as well: it must not go into the air again. */
static void carry_to_air(int interface, int air)
{
    uint8_t message[RADIO_MESSAGE_SIZE_MAX];
    struct sockaddr_ll from;
    socklen_t from_size = sizeof(from);
    ssize_t size = recvfrom(interface, message + 1, sizeof(message) - 1, MSG_DONTWAIT | MSG_TRUNC,
                            (struct sockaddr *)&from, &from_size);

    if (size <= 0 || (size_t)size > sizeof(message) - 1 || from.sll_pkttype == PACKET_OUTGOING)
        return;
    message[0] = RADIO_STATION_ETHERNET;
    (void)send(air, message, (size_t)size + 1, MSG_NOSIGNAL);
}

/* false when the access point is gone. */
static bool carry_from_air(int air, int interface)
{
    uint8_t message[RADIO_MESSAGE_SIZE_MAX];
    ssize_t size = recv(air, message, sizeof(message), 0);

    if (size <= 0 || message[0] == RADIO_LOST)
        return false;
    if (message[0] == RADIO_STATION_ETHERNET)
        (void)send(interface, message + 1, (size_t)size - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    return true;
}

static void carry(int air, int interface)
{
    struct pollfd fds[] = {{.fd = air, .events = POLLIN}, {.fd = interface, .events = POLLIN}};

    for (;;) {
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[1].revents != 0)
            carry_to_air(interface, air);
        if (fds[0].revents != 0 && !carry_from_air(air, interface))
            return;
    }
}

int main(int count, char **arguments)
{
    static const char *const words[] = {
        [RADIO_JOINED] = "joined",
        [RADIO_WRONG_PASSWORD] = "wrong password",
        [RADIO_NOT_FOUND] = "not found",
        [RADIO_FAILED] = "refused",
    };
    uint8_t mac[RADIO_MAC_SIZE];

    if (count != 6 || lcm_text_parse_hex(arguments[3], mac, sizeof(mac)) != LCM_OK) {
        fprintf(stderr, "usage: air_bridge SOCKET INTERFACE MAC SSID PASSWORD\n");
        return EXIT_USAGE;
    }
    int interface = open_interface(arguments[2]);
    int air = interface < 0 ? -1 : open_air(arguments[1]);
    if (air < 0)
        return EXIT_FAILED;
    int result = join(air, mac, arguments[4], arguments[5]);
    if (result < RADIO_JOINED || result > RADIO_FAILED)
        return EXIT_FAILED;
    tell(words[result]);
    if (result != RADIO_JOINED)
        return EXIT_NOT_JOINED;
    carry(air, interface);
    tell("lost");
    return EXIT_JOINED_AND_LOST;
}
