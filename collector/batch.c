// SPDX-License-Identifier: Apache-2.0
/* A batch of messages; see the header. Invariant: nothing outside the transaction changes here. */
#include "collector/batch.h"

#include <stdio.h>
#include <string.h>

#include "collector/limit.h"

enum lcm_err batch_begin(struct batch *batch, int64_t device_count)
{
    batch->device_count = device_count;
    batch->messages = 0;
    batch->new_devices = 0;
    batch->used = 0;
    batch->repeated = 0;
    batch->has_release = false;
    memset(batch->accepted, 0, sizeof(batch->accepted));
    memset(batch->dropped, 0, sizeof(batch->dropped));
    memset(batch->verdicts, 0, sizeof(batch->verdicts));
    memset(batch->slots, 0, sizeof(batch->slots));
    return store_next_event(batch->store, &batch->next_event);
}

/* The device of this id, loaded when it is met first. NOT_FOUND: there is no room for new ones. */
static enum lcm_err batch_device(struct batch *batch, const char *id, struct batch_device **found)
{
    uint32_t slot = (uint32_t)limit_hash(id) % BATCH_SLOTS;

    while (batch->slots[slot] != 0) {
        *found = &batch->devices[batch->slots[slot] - 1];
        if (strcmp((*found)->device.id, id) == 0)
            return LCM_OK;
        slot = (slot + 1) % BATCH_SLOTS;
    }
    *found = &batch->devices[batch->used];
    (*found)->is_changed = false;
    enum lcm_err err = store_device_load(batch->store, id, &(*found)->device);
    (*found)->is_new = err == LCM_ERR_NOT_FOUND;
    if (err == LCM_ERR_NOT_FOUND) {
        /* A device whose key is known always finds room: others are forgotten for it later. */
        if (batch->device_count + (int64_t)batch->new_devices >=
                batch->collect->options.devices_max &&
            !collect_keys_has(batch->collect->keys, id))
            return LCM_ERR_NOT_FOUND;
        batch->new_devices++;
        err = LCM_OK;
    }
    if (err != LCM_OK)
        return err;
    store_tally_of(&(*found)->device, &(*found)->before);
    batch->used++;
    batch->slots[slot] = (uint16_t)batch->used;
    return LCM_OK;
}

static enum lcm_err batch_event(struct batch *batch, struct device *device,
                                const struct collect_message *message,
                                const struct collect_record *record)
{
    const struct store_event event = {
        .id = batch->next_event++,
        .previous = device->last_event,
        .at_ms = (int64_t)record->at_ms,
        .device = message->id,
        .msgid = message->msgid,
        .phase = message->phase,
        .file = message->file,
        .from = message->from,
        .to = message->to,
        .text = message->text,
        .source = record->source,
        .severity = message->severity,
        .result = message->result,
        .verdict = message->verdict,
        .time_s = (int64_t)message->time_s,
        .sequence = message->sequence,
    };

    device->last_event = event.id;
    return store_event_add(batch->store, &event);
}

static enum lcm_err batch_versions(struct batch *batch, const struct device *device,
                                   const struct device_change *change, int64_t at_ms)
{
    enum lcm_err err = LCM_OK;

    if (!change->has_app_changed && !change->is_proved)
        return LCM_OK;
    batch->has_release = true;
    if (change->has_app_changed)
        err = store_adoption(batch->store, at_ms, change->repo_before, change->app_before, -1);
    if (change->has_app_changed && err == LCM_OK)
        err = store_adoption(batch->store, at_ms, device->repo, device->app, 1);
    return err == LCM_OK ? store_release(batch->store, at_ms, device) : err;
}

/* The version a failure belongs to: the one that was to be installed, else the one that runs. */
static enum lcm_err batch_counts(struct batch *batch, const struct device *device,
                                 const struct collect_message *message,
                                 const struct device_change *change, int64_t at_ms)
{
    const char *kind = change->is_rollback       ? "rollback"
                       : change->is_failure      ? "failed"
                       : change->is_cert_invalid ? "certificate"
                       : change->is_installed    ? "installed"
                                                 : NULL;
    const char *version = message->to[0] != '\0' ? message->to : device->app;

    if (kind == NULL)
        return LCM_OK;
    return store_count(batch->store, at_ms, device->repo, version, kind, message->result);
}

enum lcm_err batch_add(struct batch *batch, const struct collect_record *record)
{
    struct collect_message message;
    struct device_change change;
    struct batch_device *found = NULL;
    int64_t at_ms = (int64_t)record->at_ms;

    batch->messages++;
    if (collect_parse(record->bytes, record->size, record->source, &message) != LCM_OK) {
        batch->dropped[COLLECT_DROP_MALFORMED]++;
        return LCM_OK;
    }
    enum lcm_err err = batch_device(batch, message.id, &found);
    if (err == LCM_ERR_NOT_FOUND) {
        batch->dropped[COLLECT_DROP_DEVICES]++;
        return LCM_OK;
    }
    if (err != LCM_OK)
        return err;
    struct device *device = &found->device;
    const struct collect_newest newest = {(uint64_t)device->mac_time_s,
                                          (uint32_t)device->mac_sequence};
    message.verdict =
        collect_auth_check(batch->collect->keys, &message, &newest, (uint64_t)at_ms / 1000);
    device_fold(device, &message, record->source, at_ms, &change);
    if (change.is_repeated) {
        batch->repeated++;
        return LCM_OK;
    }
    batch->verdicts[message.verdict]++;
    found->is_changed |= change.has_app_changed || change.has_state_changed;
    batch->accepted[record->transport]++;
    err = batch_event(batch, device, &message, record);
    if (err == LCM_OK)
        err = batch_versions(batch, device, &change, at_ms);
    if (err == LCM_OK)
        err = batch_counts(batch, device, &message, &change, at_ms);
    if (err == LCM_OK)
        err = alert_from_change(batch->store, device, &message, &change, at_ms);
    return err;
}

bool batch_is_full(const struct batch *batch)
{
    return batch->messages == BATCH_MESSAGES_MAX || batch->used == BATCH_DEVICES_MAX;
}

enum lcm_err batch_save(struct batch *batch)
{
    enum lcm_err err = LCM_OK;

    for (size_t i = 0; i < batch->used && err == LCM_OK; i++) {
        const struct batch_device *found = &batch->devices[i];
        struct store_tally after;

        store_tally_of(&found->device, &after);
        err = store_device_save(batch->store, &found->device, found->is_new);
        if (err == LCM_OK)
            err = store_tally_change(batch->store, found->is_new ? NULL : &found->before, &after);
    }
    batch->dropped[COLLECT_DROP_NAMES] = batch->store->refused;
    return err;
}

void batch_count(const struct batch *batch)
{
    struct collect_counters *counters = &batch->collect->counters;

    for (size_t i = 0; i < COLLECT_TRANSPORT_COUNT; i++)
        counters->accepted[i] += batch->accepted[i];
    for (size_t i = 0; i < COLLECT_DROP_COUNT; i++)
        counters->dropped[i] += batch->dropped[i];
    counters->repeated += batch->repeated;
    counters->verified += batch->verdicts[COLLECT_VERIFIED];
    counters->unverified += batch->verdicts[COLLECT_UNVERIFIED];
    counters->forged += batch->verdicts[COLLECT_FORGED];
}
