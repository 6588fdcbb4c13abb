/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access point port: what set-up needs from the machine to be found and visited by a phone.
 *
 * The port brings a network of its own: 192.168.4.1/24 with a DHCP server (itself as router and
 * name server), a DNS server that answers strictly (docs/SPEC.md, 11.4), and TCP. It takes every
 * destination address on its network for its own: port 80 reaches set-up, any other TCP port is
 * reset at once, so that a phone's probes of ports 443 and 853 fail fast.
 *
 * Life cycle: scan (as often as wanted), start, [accept, receive, send, close] for each visitor,
 * stop. Nothing blocks; everything is polled. A station connection (net.h) may exist at the same
 * time; nothing is routed between the two.
 *
 * A visitor is one TCP connection to port 80, named by a number below LCM_VISITORS_MAX from accept
 * to close.
 */
#ifndef LCM_ACCESS_POINT_H
#define LCM_ACCESS_POINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"

#define LCM_SSID_SIZE_MAX 32u /* bytes */
#define LCM_VISITORS_MAX 6u
#define LCM_AP_PASSWORD_LENGTH_MIN 8u
#define LCM_AP_PASSWORD_LENGTH_MAX 63u
#define LCM_AP_CHANNEL_MAX 13u

/* A network in the neighbourhood. All of it is what a stranger says. */
struct lcm_network {
    uint8_t ssid[LCM_SSID_SIZE_MAX]; /* any bytes */
    uint8_t ssid_size;               /* 0: it hides its name */
    uint8_t channel;
    int8_t signal_dbm;
    bool is_secured;
};

struct lcm_access_point_config {
    const char *ssid;     /* 1..32 bytes */
    const char *password; /* 8..63 characters, "" = open */
    uint8_t channel;      /* 1..13; a radio that is a station at the same time uses that one's */
};

struct lcm_access_point {
    void *context;

    /*
     * Look for networks; poll with the same arguments until not LCM_PENDING. LCM_OK with the
     * strongest *count <= size networks, in no order; LCM_ERR_TIMEOUT when the radio is silent,
     * after 5 s at most. networks may change while pending, and is left alone after that.
     */
    enum lcm_err (*scan)(void *context, struct lcm_network *networks, size_t size, size_t *count);

    /* Open the network and its servers. LCM_ERR_ARGUMENT (outside the limits above),
     * LCM_ERR_NO_SPACE, LCM_ERR_CONNECT (an address is taken); nothing runs then. */
    enum lcm_err (*start)(void *context, const struct lcm_access_point_config *config);

    /* End every visit and close the network. Does nothing when it is not open. */
    void (*stop)(void *context);

    /* While is_refusing, end every visit and reset new connections at once, so that their memory
     * serves a TLS connection; the network itself stays. */
    void (*refuse)(void *context, bool is_refusing);

    /* The next new visitor: LCM_OK, or LCM_PENDING when there is none. While all
     * LCM_VISITORS_MAX are taken, others wait or are reset. */
    enum lcm_err (*accept)(void *context, uint32_t *visitor);

    /* As net.h's receive and send. receive: LCM_ERR_CLOSED once the visitor sent its last byte or
     * is gone. send: copies; LCM_PENDING with *sent = 0 while there is no room. */
    enum lcm_err (*receive)(void *context, uint32_t visitor, uint8_t *dst, size_t size,
                            size_t *received);
    enum lcm_err (*send)(void *context, uint32_t visitor, const uint8_t *data, size_t size,
                         size_t *sent);

    /* End the visit; its number is free again. In order: what was sent still arrives. Not in
     * order: reset. */
    void (*close)(void *context, uint32_t visitor, bool is_orderly);
};

#endif
