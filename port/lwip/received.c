// SPDX-License-Identifier: Apache-2.0
/* A chain of buffers that is added to at the end and eaten from the front. */
#include "port/lwip/received.h"

#include <string.h>

void lwip_received_add(struct lwip_received *received, struct pbuf *bytes)
{
    if (received->first == NULL)
        received->first = bytes;
    else
        pbuf_cat(received->first, bytes);
}

static size_t received_take_piece(struct lwip_received *received, uint8_t *dst, size_t size)
{
    struct pbuf *first = received->first;
    size_t left = (size_t)first->len - received->used;

    if (size > left)
        size = left;
    memcpy(dst, (const uint8_t *)first->payload + received->used, size);
    received->used = (uint16_t)(received->used + size);
    if (received->used == first->len) {
        received->first = first->next;
        if (first->next != NULL)
            pbuf_ref(first->next);
        (void)pbuf_free(first);
        received->used = 0;
    }
    return size;
}

size_t lwip_received_take(struct lwip_received *received, uint8_t *dst, size_t size)
{
    size_t taken = 0;

    while (received->first != NULL && taken < size)
        taken += received_take_piece(received, dst + taken, size - taken);
    return taken;
}

size_t lwip_received_drop(struct lwip_received *received)
{
    size_t size = 0;

    if (received->first != NULL) {
        size = (size_t)received->first->tot_len - received->used;
        (void)pbuf_free(received->first);
    }
    *received = (struct lwip_received){.first = NULL};
    return size;
}
