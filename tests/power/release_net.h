/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A release host behind the network port, in the same process: answers at once, with the
 * redirects and ranges of a GitHub-shaped host. Good in all it says; hosts that lie are
 * tested elsewhere.
 */
#ifndef LCM_TESTS_POWER_RELEASE_NET_H
#define LCM_TESTS_POWER_RELEASE_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/net.h"
#include "tests/power/field.h"

#define RELEASE_NET_REQUEST_SIZE 2048u
#define RELEASE_NET_HEADER_SIZE 1024u

struct release_net {
    struct lcm_net port;
    const struct field *field;
    struct field_offer offer;
    bool is_down; /* names do not resolve */
    bool is_open;
    uint32_t requests;
    char request[RELEASE_NET_REQUEST_SIZE];
    size_t request_size;
    char header[RELEASE_NET_HEADER_SIZE]; /* of the answer on its way */
    size_t header_size;
    size_t header_sent;
    const uint8_t *body;
    size_t body_size;
    size_t body_sent;
};

void release_net_init(struct release_net *net, const struct field *field,
                      const struct field_offer *offer);

/* Tag of the release of LifeCycle Manager in an offer: another one for other content. */
void release_net_lcm_tag(const struct field_offer *offer, char *tag, size_t size);

#endif
