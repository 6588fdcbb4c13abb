/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The radio as `lcm emu` sees it: something that has the other end of the chip's frame channel.
 *
 * A radio is a const struct of functions. The emulator opens it before each power-on, gives the
 * descriptor to the guest as LCM_WIRE_RADIO_FD (3), lets the radio add its own descriptors to each
 * poll, and closes it when the power goes. Without a radio the pointer is NULL and the guest has no
 * descriptor 3: its radio driver finds nothing.
 */
#ifndef LCM_PORT_EMULATOR_RADIO_H
#define LCM_PORT_EMULATOR_RADIO_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct radio_config {
    const char *world_path;   /* --world FILE, or NULL */
    const char *station_path; /* --station PATH, or NULL */
    const char *portal;       /* --portal [ADDRESS:]PORT, or NULL */
    const char *capture_path; /* --capture FILE, or NULL */
    uint8_t mac[6];
};

struct radio {
    void *context;

    /* Power-on. Returns the guest's end of a SOCK_SEQPACKET pair, which the emulator closes once
     * the guest has it; -1 after one error line. */
    int (*open)(void *context, const struct radio_config *config);

    /* Add descriptors to wait for: at most size entries to fds, returns how many. *timeout_ms (-1 =
     * for ever) may be made shorter. */
    size_t (*prepare)(void *context, struct pollfd *fds, size_t size, int *timeout_ms);

    /* After the poll: fds are those of prepare with their revents. false ends the emulation after
     * one error line. */
    bool (*poll)(void *context, const struct pollfd *fds, size_t count);

    /* Power is gone: forget everything. Also after a failed open. */
    void (*close)(void *context);
};

#endif
