/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way from the sockets to the store: a ring of whole messages with a fixed size in memory.
 *
 * One thread pushes, one takes. A record that was taken stays in the ring until release: when
 * the store cannot keep it, rewind and it comes again. So nothing is lost between "received"
 * and "stored" but by the end of the process, and a full ring tells the sender's side at once.
 */
#ifndef LCM_COLLECTOR_QUEUE_H
#define LCM_COLLECTOR_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"

#define COLLECT_SOURCE_SIZE 46u /* an IPv6 address as text */

enum collect_transport { COLLECT_UDP, COLLECT_TCP, COLLECT_TLS, COLLECT_TRANSPORT_COUNT };

struct collect_record {
    const char *bytes;
    size_t size;
    uint64_t at_ms; /* time of receipt, Unix milliseconds */
    enum collect_transport transport;
    char source[COLLECT_SOURCE_SIZE];
};

struct collect_queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint8_t *ring;
    size_t capacity;
    uint64_t head, cursor, tail; /* bytes since the start: written, taken, released */
    bool is_closed;
};

/* LCM_ERR_NO_SPACE without memory. */
LCM_MUST_CHECK enum lcm_err collect_queue_init(struct collect_queue *queue, size_t capacity);
void collect_queue_free(struct collect_queue *queue);

/* Copy a record in; false when it does not fit now. */
bool collect_queue_push(struct collect_queue *queue, const struct collect_record *record);
/* No more will be pushed: take returns false once all is taken. */
void collect_queue_close(struct collect_queue *queue);

/* The next record, waiting at most timeout_ms for one. record->bytes points into the ring and
 * is good until release. */
bool collect_queue_take(struct collect_queue *queue, uint32_t timeout_ms,
                        struct collect_record *record);
/* All taken records are done with. */
void collect_queue_release(struct collect_queue *queue);
/* All taken and not released records come again. */
void collect_queue_rewind(struct collect_queue *queue);
/* Closed, and everything taken. */
bool collect_queue_is_done(struct collect_queue *queue);
/* Bytes in the ring. */
size_t collect_queue_fill(struct collect_queue *queue);

#endif
