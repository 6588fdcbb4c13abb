/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much one source may ask for: token buckets by address, in a table of fixed size. When the
 * table is full the source that was quiet longest among its neighbours is forgotten.
 * Not safe for several threads.
 */
#ifndef LCM_COLLECTOR_LIMIT_H
#define LCM_COLLECTOR_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#define LIMIT_SOURCES 4096u

struct limit_bucket {
    uint64_t key; /* hash of the address; 0 = free */
    uint64_t at_ms;
    uint64_t milli_tokens;
};

struct limit {
    uint32_t rate;  /* per second; 0 = no limit */
    uint32_t burst; /* at once */
    struct limit_bucket buckets[LIMIT_SOURCES];
};

void limit_init(struct limit *limit, uint32_t rate, uint32_t burst);

/* One more from source at now_ms (a clock that only goes forward): is it within the limit? */
bool limit_allows(struct limit *limit, const char *source, uint64_t now_ms);

/* FNV-1a of a text; never 0. */
uint64_t limit_hash(const char *text);

#endif
