/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key exchanges between the device's code and the client's, with a relay between them, for tests.
 * One exchange at a time: run_exchange.
 */
#ifndef LCM_TESTS_SPAKE2_RUN_H
#define LCM_TESTS_SPAKE2_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/spake2_client.h"
#include "portal/spake2.h"

#define RUN_CODE "7K3MQ9XTA2HB"
#define RUN_DEVICE_ID "5ccf7f000001"

extern const uint8_t run_session[LCM_SETUP_SESSION_SIZE];
extern const uint8_t run_order[32]; /* n, big-endian */
extern struct lcm_spake2 run_exchange;

/* An entropy port: repeatable numbers, and bad ones on demand. */
struct run_entropy {
    uint64_t random;         /* seed, then state */
    unsigned fills_left;     /* it fails after so many */
    unsigned fills_unusable; /* so many give fill_with first */
    const uint8_t *fill_with;
};

extern struct run_entropy run_entropy;
extern const struct lcm_entropy run_entropy_port;

/* Good numbers again, from a seed. */
void run_reset(uint64_t seed);

/* Begin on the device with a share of the client. */
enum lcm_err run_begin(const char *code, const uint8_t client_share[LCM_SETUP_POINT_SIZE]);

/* All steps of the device; checks that the share is there when it should be. */
enum lcm_err run_steps(void);

/* Nothing is left in run_exchange. */
bool run_is_wiped(void);

/* What happens on the way. */
struct run_relay {
    size_t flip_session, flip_client_share; /* bit + 1; 0 = none */
    size_t flip_client_confirm, flip_device_confirm;
    const uint8_t *client_share, *device_share; /* of the relay's own; NULL = pass on */
};

struct run_outcome {
    enum lcm_err device_err; /* of the steps */
    enum lcm_err client_err; /* of finish */
    enum lcm_verdict device, client;
    bool got_device_confirm; /* cB left the device */
    struct lcm_message_channel device_channel;
    struct setup_channel client_channel;
};

/* A whole exchange. */
struct run_outcome run_all(const char *client_code, const char *device_code,
                           const struct run_relay *relay);

/* Flip bit number bit - 1; 0 = none. */
void run_flip(uint8_t *bytes, size_t bit);

#endif
