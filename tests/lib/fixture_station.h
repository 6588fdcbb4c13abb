/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Wi-Fi station in a test: joins the emulated chip's access point over the socket of `lcm emu
 * --station` and speaks ARP, IPv4 and UDP by itself, frame by frame. Strict: a frame of the chip
 * that is not right to the last checksum fails the test.
 *
 * IPv4 addresses are numbers in host order.
 */
#ifndef LCM_TESTS_FIXTURE_STATION_H
#define LCM_TESTS_FIXTURE_STATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port/emulator/radio_frame.h"

#define FIXTURE_BROADCAST_ADDR 0xFFFFFFFFu
#define FIXTURE_AP_ADDR 0xC0A80401u

struct fixture_station {
    int fd;
    uint8_t mac[6];
    uint32_t addr;    /* 0 = none; ARP requests for it are answered */
    uint32_t strange; /* frames seen that were neither ARP nor UDP */
};

struct fixture_datagram {
    uint32_t from_addr;
    uint32_t to_addr;
    uint16_t from_port;
    uint16_t to_port;
    uint8_t to_mac[6];
    uint8_t payload[RADIO_ETHERNET_SIZE_MAX];
    size_t size; /* of payload */
};

extern const uint8_t fixture_broadcast_mac[6];
extern const uint8_t fixture_ap_mac[6]; /* of the access point of a chip with the default id */

/* Connect, as the station with address 02:00:00:00:00:number; waits for the socket to appear. */
void fixture_station_open(struct fixture_station *station, const char *path, uint8_t number);
void fixture_station_close(struct fixture_station *station);

/* Join and return the answer; leave. */
enum radio_join fixture_station_join(struct fixture_station *station, const char *ssid,
                                     const char *password);
void fixture_station_leave(struct fixture_station *station);

/* Send a frame as it is. */
void fixture_station_send(const struct fixture_station *station, const uint8_t *frame, size_t size);

/* The next message of the radio: its kind, or -1 after timeout_ms. message has
 * RADIO_MESSAGE_SIZE_MAX bytes. */
int fixture_station_message(const struct fixture_station *station, uint8_t *message, size_t *size,
                            uint32_t timeout_ms);

void fixture_station_send_datagram(const struct fixture_station *station,
                                   const struct fixture_datagram *datagram);

/* The next datagram for a port, whoever it is for; ARP requests are answered meanwhile, others
 * dropped. false after timeout_ms. */
bool fixture_station_datagram(struct fixture_station *station, uint16_t port,
                              struct fixture_datagram *datagram, uint32_t timeout_ms);

/* Ask by ARP who has addr. false when nobody answers. */
bool fixture_station_find(struct fixture_station *station, uint32_t addr, uint8_t mac[6]);

#endif
