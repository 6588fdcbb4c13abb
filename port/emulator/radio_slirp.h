/* SPDX-License-Identifier: Apache-2.0 */
/* One libslirp network inside the emulator's poll loop. */
#ifndef LCM_PORT_EMULATOR_RADIO_SLIRP_H
#define LCM_PORT_EMULATOR_RADIO_SLIRP_H

#include <poll.h>
#include <slirp/libslirp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/radio_world.h"

struct radio_slirp {
    Slirp *slirp;                /* NULL = closed */
    const struct pollfd *polled; /* during a poll */
    size_t polled_count;

    /* A frame for the chip; lives for the call. */
    void (*deliver)(void *context, const uint8_t *frame, size_t size);
    void *context;
};

/* 255.255.255.0 around the addresses; all in host order. */
struct radio_slirp_config {
    uint32_t network;
    uint32_t host;        /* this machine */
    uint32_t name_server; /* libslirp's own */
    uint32_t first;       /* of its DHCP */
    bool is_restricted;   /* the chip reaches nothing behind it */
};

/* deliver and context are set. false after one error line. */
bool radio_slirp_open(struct radio_slirp *slirp, const struct radio_slirp_config *config);
void radio_slirp_close(struct radio_slirp *slirp);

/* Connections to a port of this machine reach a port of the chip at chip (host order). false after
 * one error line: the port is in use. */
bool radio_slirp_forward(struct radio_slirp *slirp, const struct radio_forward *forward,
                         uint32_t chip);

/* As radio.h: what libslirp wants to wait for, and what came of it. Nothing when closed. */
size_t radio_slirp_prepare(struct radio_slirp *slirp, struct pollfd *fds, size_t size,
                           int *timeout_ms);
void radio_slirp_poll(struct radio_slirp *slirp, const struct pollfd *fds, size_t count);

#endif
