// SPDX-License-Identifier: Apache-2.0
/* Token buckets; see the header. A collision of two addresses makes them share a bucket. */
#include "collector/limit.h"

#include <string.h>

#define PROBES 8u

void limit_init(struct limit *limit, uint32_t rate, uint32_t burst)
{
    memset(limit, 0, sizeof(*limit));
    limit->rate = rate;
    limit->burst = burst;
}

uint64_t limit_hash(const char *text)
{
    uint64_t hash = 14695981039346656037u;

    for (; *text != '\0'; text++)
        hash = (hash ^ (uint8_t)*text) * 1099511628211u;
    return hash != 0 ? hash : 1;
}

/* The bucket of key; a new one takes a free place or that of the quietest neighbour. */
static struct limit_bucket *limit_find(struct limit *limit, uint64_t key, uint64_t now_ms)
{
    struct limit_bucket *victim = NULL;

    for (uint32_t i = 0; i < PROBES; i++) {
        struct limit_bucket *bucket = &limit->buckets[(key + i) % LIMIT_SOURCES];

        if (bucket->key == key)
            return bucket;
        if (victim == NULL || bucket->key == 0 ||
            (victim->key != 0 && bucket->at_ms < victim->at_ms))
            victim = bucket->key == 0 && victim != NULL && victim->key == 0 ? victim : bucket;
    }
    victim->key = key;
    victim->at_ms = now_ms;
    victim->milli_tokens = (uint64_t)limit->burst * 1000;
    return victim;
}

bool limit_allows(struct limit *limit, const char *source, uint64_t now_ms)
{
    if (limit->rate == 0)
        return true;
    struct limit_bucket *bucket = limit_find(limit, limit_hash(source), now_ms);
    uint64_t full = (uint64_t)limit->burst * 1000;

    bucket->milli_tokens += (now_ms - bucket->at_ms) * limit->rate;
    if (bucket->milli_tokens > full)
        bucket->milli_tokens = full;
    bucket->at_ms = now_ms;
    if (bucket->milli_tokens < 1000)
        return false;
    bucket->milli_tokens -= 1000;
    return true;
}
