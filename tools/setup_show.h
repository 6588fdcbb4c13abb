/* SPDX-License-Identifier: Apache-2.0 */
/* What a device in set-up says, as text for people and as JSON. Nothing secret is in it. */
#ifndef LCM_TOOLS_SETUP_SHOW_H
#define LCM_TOOLS_SETUP_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "host/setup_message.h"

#define SETUP_NETWORKS_MAX 32u
#define SETUP_SSID_SIZE 32u

struct setup_network {
    uint8_t name[SETUP_SSID_SIZE];
    size_t size;
    int signal_dbm;
    unsigned channel;
    bool is_secured;
};

/* How a trial stands: the items 0x50 and on of an answer. */
struct setup_state {
    enum lcm_setup_phase phase;
    enum lcm_setup_phase failed_phase;
    unsigned error; /* enum lcm_err */
    bool is_stored;
    unsigned leaves_in_s;
    char address[16]; /* "" = none */
    char release[64];
};

void setup_state_read(const struct setup_text *answer, struct setup_state *state);

/* Networks of an answer to a scan, in its order, at most SETUP_NETWORKS_MAX. Returns how many. */
size_t setup_networks_read(const struct setup_text *answer,
                           struct setup_network list[SETUP_NETWORKS_MAX]);

/* What a device does in a phase: "joining the network". */
const char *setup_phase_text(enum lcm_setup_phase phase);

/* One line: why a trial failed, or how it ended. text: at least 256 bytes. */
const char *setup_state_text(const struct setup_state *state, char *text, size_t size);

/* Print on standard output: the answer to `read`; networks, numbered from 1. */
void setup_show_device(const struct setup_text *answer);
void setup_show_networks(const struct setup_network *list, size_t count);

cJSON *setup_json_device(const struct setup_text *answer);
cJSON *setup_json_networks(const struct setup_network *list, size_t count);
cJSON *setup_json_state(const struct setup_state *state);

#endif
