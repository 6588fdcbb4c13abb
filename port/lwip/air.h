/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a Wi-Fi radio can do beside being a station (radio.h): see which networks there are, and be
 * an access point. A port of a chip provides one.
 *
 * Nothing blocks. Answers and frames arrive while the stack is polled (lwip_stack_poll). Station
 * and access point work at the same time; a chip with one radio has both on the station's channel.
 */
#ifndef LCM_PORT_LWIP_AIR_H
#define LCM_PORT_LWIP_AIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/access_point.h"

#define LWIP_AIR_STATIONS_MAX 8u

/* Who takes the frames that stations send to the access point. frame lives for the call. */
struct lwip_air_sink {
    void *context;
    void (*take)(void *context, const uint8_t *frame, size_t size);
};

struct lwip_air {
    void *context;

    /* As lcm_access_point.scan. */
    enum lcm_err (*scan)(void *context, struct lcm_network *networks, size_t size, size_t *count);

    /* Start the access point, or change it: its stations lose it then. LCM_ERR_ARGUMENT outside
     * the limits of lcm/access_point.h, and nothing changed. sink must live until stop. */
    enum lcm_err (*start)(void *context, const struct lcm_access_point_config *config,
                          const struct lwip_air_sink *sink);
    void (*stop)(void *context);

    /* Who is connected; polled as scan is. At most LWIP_AIR_STATIONS_MAX. */
    enum lcm_err (*stations)(void *context, uint8_t macs[LWIP_AIR_STATIONS_MAX][6], size_t *count);

    /* As in radio.h, for frames to the stations. */
    uint8_t *(*send_buffer)(void *context, size_t size);
    void (*send)(void *context, size_t size);
};

#endif
