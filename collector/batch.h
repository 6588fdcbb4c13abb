/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One batch: the devices it touches are loaded once, folded in memory, saved once. What it counts
 * becomes true at commit.
 */
#ifndef LCM_COLLECTOR_BATCH_H
#define LCM_COLLECTOR_BATCH_H

#include "collector/alert.h"
#include "collector/collect.h"
#include "collector/store.h"

#define BATCH_MESSAGES_MAX 16384u
#define BATCH_DEVICES_MAX 8192u
#define BATCH_SLOTS 16384u /* of the hash table: a power of two, twice the devices */

struct batch_device {
    struct device device;
    struct store_tally before; /* unless is_new */
    bool is_new, is_changed;   /* is_changed: version or state, for those who are told */
};

struct batch {
    struct collect *collect;
    struct store *store;
    int64_t device_count; /* devices in the store, this batch included */
    int64_t next_event;   /* id of the next one */
    size_t messages;
    size_t new_devices;
    size_t used;
    uint64_t accepted[COLLECT_TRANSPORT_COUNT];
    uint64_t dropped[COLLECT_DROP_COUNT];
    uint64_t repeated, verdicts[4];
    bool has_release;            /* a version nobody had before */
    uint16_t slots[BATCH_SLOTS]; /* index + 1 into devices */
    struct batch_device devices[BATCH_DEVICES_MAX];
};

/* In a transaction of batch->store. */
LCM_MUST_CHECK enum lcm_err batch_begin(struct batch *batch, int64_t device_count);
/* Take one message into the batch and its transaction. */
LCM_MUST_CHECK enum lcm_err batch_add(struct batch *batch, const struct collect_record *record);
/* Save the devices: the last writes before commit. */
LCM_MUST_CHECK enum lcm_err batch_save(struct batch *batch);
/* It is committed: count it. */
void batch_count(const struct batch *batch);
/* No more fits. */
bool batch_is_full(const struct batch *batch);

#endif
