/* SPDX-License-Identifier: Apache-2.0 */
/* Received bytes that nobody has taken yet: lwIP's buffers, as they came. */
#ifndef LCM_PORT_LWIP_RECEIVED_H
#define LCM_PORT_LWIP_RECEIVED_H

#include <stdint.h>

#include "lwip/pbuf.h"

/* Nothing is kept: {0}. */
struct lwip_received {
    struct pbuf *first; /* NULL = nothing */
    uint16_t used;      /* bytes of first that were taken */
};

/* Keep bytes behind the others; they are ours now. */
void lwip_received_add(struct lwip_received *received, struct pbuf *bytes);

/* Copy at most size bytes; returns how many. */
size_t lwip_received_take(struct lwip_received *received, uint8_t *dst, size_t size);

/* Throw everything away; returns how many bytes. */
size_t lwip_received_drop(struct lwip_received *received);

#endif
