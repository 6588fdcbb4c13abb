/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strict little DHCP client (RFC 2131) for tests: builds messages, and fails the test when an
 * answer of the access point is not what every device in the world understands.
 */
#ifndef LCM_TESTS_FIXTURE_DHCP_H
#define LCM_TESTS_FIXTURE_DHCP_H

#include "tests/lib/fixture_station.h"

enum fixture_dhcp_type {
    FIXTURE_DHCP_NOTHING = 0, /* no answer in time */
    FIXTURE_DHCP_DISCOVER = 1,
    FIXTURE_DHCP_OFFER = 2,
    FIXTURE_DHCP_REQUEST = 3,
    FIXTURE_DHCP_DECLINE = 4,
    FIXTURE_DHCP_ACK = 5,
    FIXTURE_DHCP_NAK = 6,
    FIXTURE_DHCP_RELEASE = 7,
    FIXTURE_DHCP_INFORM = 8,
};

struct fixture_dhcp {
    enum fixture_dhcp_type type;
    uint32_t client_addr;    /* ciaddr; also where it is sent from */
    uint32_t requested_addr; /* option 50; 0 = leave out */
    uint32_t server_addr;    /* option 54; 0 = leave out */
    bool has_client_id;
};

struct fixture_dhcp_answer {
    enum fixture_dhcp_type type;
    uint32_t your_addr;
    uint32_t lease_s;
};

/* Write the message; returns its size (300 bytes and more, as devices do). */
size_t fixture_dhcp_write(const struct fixture_station *station, const struct fixture_dhcp *message,
                          uint8_t *bytes);

/* Send it: to the server's address when the client has one, else to everybody. */
void fixture_dhcp_send(const struct fixture_station *station, const struct fixture_dhcp *message);

/* Send it and wait for the answer to it. timeout_ms is how long silence may last. */
struct fixture_dhcp_answer fixture_dhcp_ask(struct fixture_station *station,
                                            const struct fixture_dhcp *message,
                                            uint32_t timeout_ms);

/* DISCOVER, OFFER, REQUEST, ACK. The station has the address then; returns it, or 0 when there is
 * no offer. */
uint32_t fixture_dhcp_lease(struct fixture_station *station);

#endif
