/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the IP stack needs from a Wi-Fi radio: join a network, frames in, frames out.
 *
 * A port of a chip provides one. Nothing blocks. A network that goes away is joined again by the
 * radio itself, as long as nobody asks for another one.
 */
#ifndef LCM_PORT_LWIP_RADIO_H
#define LCM_PORT_LWIP_RADIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"

struct lwip_radio {
    void *context;

    /* As lcm_wifi.join (lcm/ports.h), without the address: LCM_OK once frames can pass. */
    enum lcm_err (*join)(void *context, const char *ssid, const char *password);

    /* Leave the network, or give up joining it: the next join is a new one. */
    void (*leave)(void *context);

    /* Frames can pass. */
    bool (*is_joined)(void *context);

    /* The next received Ethernet frame: its size, 0 = none. *frame is valid until the next call. */
    size_t (*receive)(void *context, const uint8_t **frame);

    /* Room for one frame of size bytes, or NULL; fill it, then send. The frame received last is
     * gone. */
    uint8_t *(*send_buffer)(void *context, size_t size);
    void (*send)(void *context, size_t size);
};

#endif
