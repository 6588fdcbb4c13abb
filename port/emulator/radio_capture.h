/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every Ethernet frame of the radio in a file that Wireshark and tcpdump read (pcap): those of the
 * joined network and those of the chip's own. On the air they would be encrypted by WPA2; here
 * they are what is inside.
 */
#ifndef LCM_PORT_EMULATOR_RADIO_CAPTURE_H
#define LCM_PORT_EMULATOR_RADIO_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct radio_capture {
    FILE *file; /* NULL = no capture */
};

/* Begin a new file. false after one error line. */
bool radio_capture_open(struct radio_capture *capture, const char *path);

/* Add a frame, at the time of now; without a file nothing happens. */
void radio_capture_frame(struct radio_capture *capture, const uint8_t *frame, size_t size);

/* Safe when none was opened. */
void radio_capture_close(struct radio_capture *capture);

#endif
