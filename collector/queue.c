// SPDX-License-Identifier: Apache-2.0
/*
 * The ring; see the header. A record lies in one piece: where it would cross the end, a mark says
 * "go on at the start". Invariant: tail <= cursor <= head <= tail + capacity.
 */
#include "collector/queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SKIP UINT32_MAX

struct header {
    uint32_t size;
    uint32_t transport;
    uint64_t at_ms;
    char source[COLLECT_SOURCE_SIZE];
};

#define HEADER_SIZE ((sizeof(struct header) + 7) & ~(size_t)7)

static size_t record_space(size_t size)
{
    return HEADER_SIZE + ((size + 7) & ~(size_t)7);
}

/* Waits go by a clock that nobody sets. */
static void queue_init_changed(struct collect_queue *queue)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&queue->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

enum lcm_err collect_queue_init(struct collect_queue *queue, size_t capacity)
{
    memset(queue, 0, sizeof(*queue));
    queue->capacity = capacity & ~(size_t)7;
    queue->ring = malloc(queue->capacity);
    if (queue->ring == NULL)
        return LCM_ERR_NO_SPACE;
    pthread_mutex_init(&queue->lock, NULL);
    queue_init_changed(queue);
    return LCM_OK;
}

void collect_queue_free(struct collect_queue *queue)
{
    if (queue->ring == NULL)
        return;
    free(queue->ring);
    queue->ring = NULL;
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->lock);
}

static void ring_write(struct collect_queue *queue, const struct collect_record *record)
{
    struct header header = {
        (uint32_t)record->size, (uint32_t)record->transport, record->at_ms, {0}};
    uint8_t *at = queue->ring + queue->head % queue->capacity;

    memcpy(header.source, record->source, sizeof(header.source));
    memcpy(at, &header, sizeof(header));
    memcpy(at + HEADER_SIZE, record->bytes, record->size);
    queue->head += record_space(record->size);
}

bool collect_queue_push(struct collect_queue *queue, const struct collect_record *record)
{
    const uint32_t skip = SKIP;
    size_t space = record_space(record->size);
    bool fits;

    pthread_mutex_lock(&queue->lock);
    size_t to_end = queue->capacity - queue->head % queue->capacity;
    size_t gap = to_end < space ? to_end : 0;
    fits = !queue->is_closed && queue->head - queue->tail + gap + space <= queue->capacity;
    if (fits) {
        bool was_empty = queue->cursor == queue->head;

        if (gap > 0)
            memcpy(queue->ring + queue->head % queue->capacity, &skip, sizeof(skip));
        queue->head += gap;
        ring_write(queue, record);
        if (was_empty)
            pthread_cond_signal(&queue->changed);
    }
    pthread_mutex_unlock(&queue->lock);
    return fits;
}

void collect_queue_close(struct collect_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->is_closed = true;
    pthread_cond_signal(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

static void ring_read(struct collect_queue *queue, struct collect_record *record)
{
    struct header header;
    const uint8_t *at = queue->ring + queue->cursor % queue->capacity;

    memcpy(&header.size, at, sizeof(header.size));
    if (header.size == SKIP) {
        queue->cursor += queue->capacity - queue->cursor % queue->capacity;
        at = queue->ring;
    }
    memcpy(&header, at, sizeof(header));
    record->bytes = (const char *)at + HEADER_SIZE;
    record->size = header.size;
    record->transport = (enum collect_transport)header.transport;
    record->at_ms = header.at_ms;
    memcpy(record->source, header.source, sizeof(record->source));
    queue->cursor += record_space(header.size);
}

static struct timespec deadline(uint32_t timeout_ms)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += timeout_ms / 1000;
    at.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    at.tv_sec += at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    return at;
}

bool collect_queue_take(struct collect_queue *queue, uint32_t timeout_ms,
                        struct collect_record *record)
{
    struct timespec end = deadline(timeout_ms);
    bool found;

    pthread_mutex_lock(&queue->lock);
    while (queue->cursor == queue->head && !queue->is_closed && timeout_ms > 0) {
        if (pthread_cond_timedwait(&queue->changed, &queue->lock, &end) == ETIMEDOUT)
            break;
    }
    found = queue->cursor != queue->head;
    if (found)
        ring_read(queue, record);
    pthread_mutex_unlock(&queue->lock);
    return found;
}

void collect_queue_release(struct collect_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->tail = queue->cursor;
    pthread_mutex_unlock(&queue->lock);
}

void collect_queue_rewind(struct collect_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->cursor = queue->tail;
    pthread_mutex_unlock(&queue->lock);
}

bool collect_queue_is_done(struct collect_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    bool is_done = queue->is_closed && queue->cursor == queue->head;
    pthread_mutex_unlock(&queue->lock);
    return is_done;
}

size_t collect_queue_fill(struct collect_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    size_t fill = (size_t)(queue->head - queue->tail);
    pthread_mutex_unlock(&queue->lock);
    return fill;
}
