// SPDX-License-Identifier: Apache-2.0
/* A station's frames, built and judged by hand; see the header. Shares no code with the chip. */
#include "tests/lib/fixture_station.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/fixture_process.h"

#define CONNECT_TIMEOUT_MS 10000u
#define ANSWER_TIMEOUT_MS 3000u
#define ETHERNET_SIZE 14u
#define TYPE_IP 0x0800u
#define TYPE_ARP 0x0806u
#define ARP_SIZE 28u
#define IP_SIZE 20u
#define UDP_SIZE 8u
#define PROTOCOL_UDP 17u

const uint8_t fixture_broadcast_mac[6] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
const uint8_t fixture_ap_mac[6] = {0x5E, 0xCF, 0x7F, 0x00, 0x00, 0x01};

static uint16_t get_u16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static uint32_t get_u32(const uint8_t *bytes)
{
    return (uint32_t)get_u16(bytes) << 16 | get_u16(bytes + 2);
}

static void put_u16(uint8_t *bytes, uint32_t value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

static void put_u32(uint8_t *bytes, uint32_t value)
{
    put_u16(bytes, value >> 16);
    put_u16(bytes + 2, value);
}

static uint32_t sum_of(const uint8_t *bytes, size_t size, uint32_t sum)
{
    for (size_t i = 0; i < size; i++)
        sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    return sum;
}

static uint16_t folded(uint32_t sum)
{
    while (sum > 0xFFFF)
        sum = (sum >> 16) + (sum & 0xFFFF);
    return (uint16_t)sum;
}

/* The sum over pseudo header and datagram; right when its checksum makes it 0xFFFF. */
static uint16_t udp_sum(const uint8_t *ip, size_t udp_size)
{
    uint32_t sum = sum_of(ip + 12, 8, PROTOCOL_UDP + (uint32_t)udp_size);

    return folded(sum_of(ip + IP_SIZE, udp_size, sum));
}

static bool station_connect(int fd, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    assert_true(strlen(path) < sizeof(address.sun_path));
    memcpy(address.sun_path, path, strlen(path) + 1);
    return connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
}

void fixture_station_open(struct fixture_station *station, const char *path, uint8_t number)
{
    uint64_t end_ms = fixture_now_ms() + CONNECT_TIMEOUT_MS;

    memset(station, 0, sizeof(*station));
    station->mac[0] = 2;
    station->mac[5] = number;
    station->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    assert_true(station->fd >= 0);
    while (!station_connect(station->fd, path)) {
        assert_true(fixture_now_ms() < end_ms);
        fixture_pause(20);
    }
}

void fixture_station_close(struct fixture_station *station)
{
    if (station->fd >= 0)
        close(station->fd);
    station->fd = -1;
}

static void station_tell(const struct fixture_station *station, const uint8_t *message, size_t size)
{
    assert_int_equal(send(station->fd, message, size, MSG_NOSIGNAL), (ssize_t)size);
}

int fixture_station_message(const struct fixture_station *station, uint8_t *message, size_t *size,
                            uint32_t timeout_ms)
{
    struct pollfd wait = {.fd = station->fd, .events = POLLIN};

    if (poll(&wait, 1, (int)timeout_ms) <= 0)
        return -1;
    ssize_t got = recv(station->fd, message, RADIO_MESSAGE_SIZE_MAX, 0);
    assert_true(got > 0);
    *size = (size_t)got;
    return message[0];
}

enum radio_join fixture_station_join(struct fixture_station *station, const char *ssid,
                                     const char *password)
{
    uint8_t message[RADIO_MESSAGE_SIZE_MAX] = {RADIO_STATION_JOIN};
    size_t ssid_length = strlen(ssid);
    size_t password_length = strlen(password);
    size_t size = 0;
    int kind;

    memcpy(message + 1, station->mac, 6);
    message[7] = (uint8_t)ssid_length;
    memcpy(message + 8, ssid, ssid_length);
    message[8 + ssid_length] = (uint8_t)password_length;
    memcpy(message + 9 + ssid_length, password, password_length);
    station_tell(station, message, 9 + ssid_length + password_length);
    while ((kind = fixture_station_message(station, message, &size, ANSWER_TIMEOUT_MS)) !=
           RADIO_JOIN_RESULT)
        assert_true(kind >= 0);
    assert_int_equal(size, 2);
    return (enum radio_join)message[1];
}

void fixture_station_leave(struct fixture_station *station)
{
    const uint8_t message = RADIO_LEAVE;

    station_tell(station, &message, 1);
    station->addr = 0;
}

void fixture_station_send(const struct fixture_station *station, const uint8_t *frame, size_t size)
{
    uint8_t message[RADIO_MESSAGE_SIZE_MAX] = {RADIO_STATION_ETHERNET};

    assert_true(size < sizeof(message));
    memcpy(message + 1, frame, size);
    station_tell(station, message, size + 1);
}

static void put_ethernet(const struct fixture_station *station, uint8_t *frame, const uint8_t *to,
                         uint32_t type)
{
    memcpy(frame, to, 6);
    memcpy(frame + 6, station->mac, 6);
    put_u16(frame + 12, type);
}

void fixture_station_send_datagram(const struct fixture_station *station,
                                   const struct fixture_datagram *datagram)
{
    uint8_t frame[RADIO_ETHERNET_SIZE_MAX] = {0};
    uint8_t *ip = frame + ETHERNET_SIZE;
    uint8_t *udp = ip + IP_SIZE;
    size_t udp_size = UDP_SIZE + datagram->size;

    assert_true(ETHERNET_SIZE + IP_SIZE + udp_size <= sizeof(frame));
    put_ethernet(station, frame, datagram->to_mac, TYPE_IP);
    ip[0] = 0x45;
    put_u16(ip + 2, (uint32_t)(IP_SIZE + udp_size));
    ip[8] = 64;
    ip[9] = PROTOCOL_UDP;
    put_u32(ip + 12, datagram->from_addr);
    put_u32(ip + 16, datagram->to_addr);
    put_u16(ip + 10, 0xFFFFu ^ folded(sum_of(ip, IP_SIZE, 0)));
    put_u16(udp, datagram->from_port);
    put_u16(udp + 2, datagram->to_port);
    put_u16(udp + 4, (uint32_t)udp_size);
    memcpy(udp + UDP_SIZE, datagram->payload, datagram->size);
    uint16_t checksum = 0xFFFFu ^ udp_sum(ip, udp_size);
    put_u16(udp + 6, checksum == 0 ? 0xFFFF : checksum);
    fixture_station_send(station, frame, ETHERNET_SIZE + IP_SIZE + udp_size);
}

/* operation 1 asks, 2 answers. */
static void station_send_arp(const struct fixture_station *station, uint32_t operation,
                             const uint8_t *to_mac, uint32_t to_addr)
{
    uint8_t frame[ETHERNET_SIZE + ARP_SIZE] = {0};
    uint8_t *arp = frame + ETHERNET_SIZE;

    put_ethernet(station, frame, to_mac, TYPE_ARP);
    put_u16(arp, 1);
    put_u16(arp + 2, TYPE_IP);
    arp[4] = 6;
    arp[5] = 4;
    put_u16(arp + 6, operation);
    memcpy(arp + 8, station->mac, 6);
    put_u32(arp + 14, station->addr);
    if (operation == 2)
        memcpy(arp + 18, to_mac, 6);
    put_u32(arp + 24, to_addr);
    fixture_station_send(station, frame, sizeof(frame));
}

static void station_take_arp(const struct fixture_station *station, const uint8_t *arp)
{
    if (get_u16(arp + 6) == 1 && station->addr != 0 && get_u32(arp + 24) == station->addr)
        station_send_arp(station, 2, arp + 8, get_u32(arp + 14));
}

/* A frame of ours or of the chip, right in every field that can be judged. */
static bool frame_is_datagram(const uint8_t *frame, size_t size, struct fixture_datagram *datagram)
{
    const uint8_t *ip = frame + ETHERNET_SIZE;
    const uint8_t *udp = ip + IP_SIZE;

    if (get_u16(frame + 12) != TYPE_IP || size < ETHERNET_SIZE + IP_SIZE + UDP_SIZE ||
        ip[9] != PROTOCOL_UDP)
        return false;
    size_t ip_size = get_u16(ip + 2);
    assert_int_equal(ip[0], 0x45);
    assert_in_range(ip_size, IP_SIZE + UDP_SIZE, size - ETHERNET_SIZE);
    assert_int_equal(get_u16(ip + 6) & 0x3FFF, 0);
    assert_true(ip[8] > 0);
    assert_int_equal(folded(sum_of(ip, IP_SIZE, 0)), 0xFFFF);
    size_t udp_size = get_u16(udp + 4);
    assert_int_equal(udp_size, ip_size - IP_SIZE);
    assert_int_not_equal(get_u16(udp + 6), 0);
    assert_int_equal(udp_sum(ip, udp_size), 0xFFFF);
    datagram->from_addr = get_u32(ip + 12);
    datagram->to_addr = get_u32(ip + 16);
    datagram->from_port = get_u16(udp);
    datagram->to_port = get_u16(udp + 2);
    memcpy(datagram->to_mac, frame, 6);
    datagram->size = udp_size - UDP_SIZE;
    memcpy(datagram->payload, udp + UDP_SIZE, datagram->size);
    return true;
}

/* The next frame that is not an ARP request for us; its size, 0 after the time. */
static size_t station_frame(struct fixture_station *station, uint8_t *message, uint64_t end_ms)
{
    size_t size = 0;

    for (;;) {
        uint64_t now_ms = fixture_now_ms();
        if (now_ms >= end_ms)
            return 0;
        int kind = fixture_station_message(station, message, &size, (uint32_t)(end_ms - now_ms));
        if (kind != RADIO_STATION_ETHERNET)
            continue;
        assert_true(size > ETHERNET_SIZE);
        const uint8_t *frame = message + 1;
        if (get_u16(frame + 12) == TYPE_ARP)
            station_take_arp(station, frame + ETHERNET_SIZE);
        return size - 1;
    }
}

bool fixture_station_datagram(struct fixture_station *station, uint16_t port,
                              struct fixture_datagram *datagram, uint32_t timeout_ms)
{
    uint8_t message[RADIO_MESSAGE_SIZE_MAX];
    uint64_t end_ms = fixture_now_ms() + timeout_ms;
    size_t size;

    while ((size = station_frame(station, message, end_ms)) != 0) {
        if (frame_is_datagram(message + 1, size, datagram)) {
            if (datagram->to_port == port)
                return true;
        } else if (get_u16(message + 13) != TYPE_ARP) {
            station->strange++;
        }
    }
    return false;
}

bool fixture_station_find(struct fixture_station *station, uint32_t addr, uint8_t mac[6])
{
    uint8_t message[RADIO_MESSAGE_SIZE_MAX];
    uint64_t end_ms = fixture_now_ms() + ANSWER_TIMEOUT_MS;
    size_t size;

    station_send_arp(station, 1, fixture_broadcast_mac, addr);
    while ((size = station_frame(station, message, end_ms)) != 0) {
        const uint8_t *arp = message + 1 + ETHERNET_SIZE;
        if (get_u16(message + 13) != TYPE_ARP || get_u16(arp + 6) != 2 || get_u32(arp + 14) != addr)
            continue;
        assert_memory_equal(message + 7, arp + 8, 6);
        assert_memory_equal(arp + 18, station->mac, 6);
        memcpy(mac, arp + 8, 6);
        return true;
    }
    return false;
}
