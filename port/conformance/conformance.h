/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conformance of a port: does it keep the contracts of include/lcm/{flash,net,ports}.h?
 *
 * The same portable code runs in the Linux device's tests, on the emulated chip, and
 * on any third port: link it, fill the config, call lcm_conformance_step until it
 * returns something else than LCM_PENDING. Each check is told with its name and result.
 *
 * It destroys the content of the scratch sectors (0xF5000, 0xF6000) and of RTC memory,
 * and nothing else. For the network it needs a TCP service that echoes what it gets.
 */
#ifndef LCM_PORT_CONFORMANCE_H
#define LCM_PORT_CONFORMANCE_H

#include <stdint.h>

#include "lcm/ports.h"

struct lcm_conformance_config {
    const struct lcm_ports *ports;
    const char *ssid; /* a network that can be joined */
    const char *password;
    const char *wrong_password; /* that this network refuses; NULL = skip that check */
    const char *echo_host;      /* a name that resolves */
    uint16_t echo_port;
    uint16_t closed_port;     /* on the same host: nothing listens there */
    const char *missing_host; /* a name that does not resolve; NULL = skip that check */

    void *context;
    /* One check is over. name is static. */
    void (*tell)(void *context, const char *name, enum lcm_err result);
};

struct lcm_conformance {
    const struct lcm_conformance_config *config;
    uint32_t check; /* number of the running check */
    uint32_t sub_step;
    uint32_t failures;
    uint64_t entered_ms;
    struct lcm_endpoint endpoint;
    uint32_t sent;
    uint32_t received;
};

void lcm_conformance_init(struct lcm_conformance *conformance,
                          const struct lcm_conformance_config *config);

/* LCM_PENDING while checks run, then LCM_OK when all passed, LCM_ERR_CORRUPT when any failed. */
LCM_MUST_CHECK enum lcm_err lcm_conformance_step(struct lcm_conformance *conformance);

#endif
