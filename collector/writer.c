// SPDX-License-Identifier: Apache-2.0
/*
 * The writer's thread; see the header. Between batches it does what is due: forgetting, alerts,
 * MQTT, the look at the clock.
 *
 * Invariant: a record leaves the queue only after the commit of the transaction that holds it.
 */
#include "collector/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/batch.h"
#include "collector/clock.h"
#include "collector/forward.h"
#include "collector/mqtt.h"
#include "collector/notify.h"

#define BATCH_WAIT_MS 100u /* a message waits so long for company */
#define BUSY_WAIT_MS 500u  /* after a large batch: fewer commits, each page written less often */
#define BUSY_MESSAGES 1000u
#define IDLE_MS 200u
#define RETRY_MS 500u
#define GIVE_UP_MS 5000u /* of a stopping collector whose store cannot be written */
#define EVALUATE_MS 2000u
#define RETAIN_MS 10000u
#define FORGET_MS 3600000u /* it looks at every device */

struct writer {
    struct collect *collect;
    struct store store;
    bool is_open;
    int64_t device_count;
    struct forwarder *forwarder;
    struct notifier *notifier;
    struct alert_quota quota;
    struct mqtt *mqtt;
    struct clock_watch clock;
    uint64_t evaluate_at_ms, retain_at_ms, forget_at_ms;
    uint64_t failing_since_ms; /* 0 = the store works */
    bool is_busy;              /* the last batch was large */
    struct batch batch;
};

/* ---- the store ---- */

static void writer_fail(struct writer *writer, enum lcm_err err, const char *text)
{
    struct collect *collect = writer->collect;
    char line[COLLECT_TEXT_LINE_SIZE];

    if (writer->failing_since_ms == 0)
        writer->failing_since_ms = collect_uptime_ms();
    collect->counters.store_failures++;
    snprintf(line, sizeof(line), "nothing can be stored: %.200s%s", text,
             err == LCM_ERR_NO_SPACE
                 ? ". Free disk space; TCP senders wait meanwhile, UDP messages are lost once the "
                   "queue is full"
                 : "");
    if (collect_status_set(&collect->status, collect->status.store, line))
        cli_error("%s", line);
}

static void writer_works(struct writer *writer)
{
    struct collect *collect = writer->collect;

    if (writer->failing_since_ms == 0)
        return;
    writer->failing_since_ms = 0;
    (void)collect_status_set(&collect->status, collect->status.store, NULL);
    cli_note("the store works again");
}

/* A damaged file is kept for people and a new one begun: the fleet goes on. */
static void writer_set_aside(struct writer *writer)
{
    struct collect *collect = writer->collect;
    char place[ENGINE_ERROR_SIZE], line[COLLECT_TEXT_LINE_SIZE];

    if (writer->is_open)
        store_close(&writer->store);
    writer->is_open = false;
    if (engine_is_postgres(collect->options.store) ||
        store_set_aside(collect->options.store, (int64_t)(collect_now_ms() / 1000), place) !=
            LCM_OK)
        return;
    collect->generation++;
    snprintf(line, sizeof(line),
             "the store was damaged: it was moved to %.200s and a new one begun. To get back what "
             "can be read: sqlite3 FILE .recover",
             place);
    if (collect_status_set(&collect->status, collect->status.notice, line))
        cli_error("%s", line);
}

static enum lcm_err writer_open_store(struct writer *writer)
{
    char text[ENGINE_ERROR_SIZE] = "";

    if (writer->is_open)
        return LCM_OK;
    enum lcm_err err = store_open(&writer->store, writer->collect->options.store, false, text);
    if (err == LCM_OK) {
        writer->is_open = true;
        err = store_device_count(&writer->store, &writer->device_count);
    }
    if (err == LCM_ERR_CORRUPT) {
        writer_set_aside(writer);
        err = store_open(&writer->store, writer->collect->options.store, false, text);
        writer->is_open = err == LCM_OK;
        writer->device_count = 0;
    }
    if (err != LCM_OK)
        writer_fail(writer, err, text);
    return err;
}

/* ---- one batch ---- */

static enum lcm_err batch_fill(struct writer *writer)
{
    struct collect_queue *queue = &writer->collect->queue;
    uint64_t end_ms = collect_uptime_ms() + (writer->is_busy ? BUSY_WAIT_MS : BATCH_WAIT_MS);
    struct collect_record record;
    enum lcm_err err = LCM_OK;

    while (err == LCM_OK && !batch_is_full(&writer->batch)) {
        uint64_t now_ms = collect_uptime_ms();

        if (now_ms >= end_ms || !collect_queue_take(queue, (uint32_t)(end_ms - now_ms), &record))
            break;
        err = batch_add(&writer->batch, &record);
    }
    return err;
}

/* The records of the batch once more, for the other collector. */
static void batch_forward(struct writer *writer)
{
    struct collect_queue *queue = &writer->collect->queue;
    struct collect_record record;

    if (writer->forwarder == NULL)
        return;
    collect_queue_rewind(queue);
    for (size_t i = 0; i < writer->batch.messages && collect_queue_take(queue, 0, &record); i++)
        forwarder_give(writer->forwarder, &record);
}

static void batch_tell(struct writer *writer)
{
    const struct batch *batch = &writer->batch;

    if (writer->mqtt == NULL)
        return;
    for (size_t i = 0; i < batch->used; i++) {
        if (batch->devices[i].is_changed)
            mqtt_device(writer->mqtt, &writer->store, &batch->devices[i].device);
    }
    if (batch->has_release)
        mqtt_all_again(writer->mqtt);
}

static enum lcm_err writer_store_batch(struct writer *writer)
{
    struct batch *batch = &writer->batch;
    enum lcm_err err = writer_open_store(writer);

    if (err != LCM_OK)
        return err;
    batch->store = &writer->store;
    err = store_begin(&writer->store);
    if (err == LCM_OK)
        err = batch_begin(batch, writer->device_count);
    if (err == LCM_OK)
        err = batch_fill(writer);
    if (err == LCM_OK)
        err = batch_save(batch);
    if (err == LCM_OK)
        err = store_commit(&writer->store);
    if (err == LCM_OK)
        return LCM_OK;
    writer_fail(writer, err, store_error(&writer->store));
    store_rollback(&writer->store);
    if (err == LCM_ERR_CORRUPT)
        writer_set_aside(writer);
    return err;
}

/* false when nothing could be stored. */
static bool writer_batch(struct writer *writer)
{
    struct collect *collect = writer->collect;

    if (writer_store_batch(writer) != LCM_OK) {
        collect_queue_rewind(&collect->queue);
        return false;
    }
    writer_works(writer);
    batch_count(&writer->batch);
    batch_forward(writer);
    collect_queue_release(&collect->queue);
    writer->device_count += (int64_t)writer->batch.new_devices;
    batch_tell(writer);
    writer->is_busy = writer->batch.messages >= BUSY_MESSAGES;
    if (writer->batch.messages > 0)
        collect->revision++;
    return true;
}

/* ---- what is due between batches ---- */

/* A clock that jumped must not make the collector forget, nor take every device for silent: nothing
 * is old while it is off, until it stayed where it went. */
static void writer_check_clock(struct writer *writer)
{
    struct collect *collect = writer->collect;
    int64_t jump_ms =
        clock_watch_look(&writer->clock, (int64_t)collect_now_ms(), (int64_t)collect_boot_ms());
    char line[COLLECT_TEXT_LINE_SIZE];

    snprintf(line, sizeof(line),
             "the clock of this machine jumped by %lld hours: nothing is forgotten by age and no "
             "device is silent until it is right again, or has stayed so for an hour",
             (long long)(jump_ms / 3600000));
    if (collect_status_set(&collect->status, collect->status.clock,
                           writer->clock.has_jumped ? line : NULL) &&
        writer->clock.has_jumped)
        cli_error("%s", line);
}

static struct store_retention writer_retention(const struct writer *writer)
{
    const struct collect_options *options = &writer->collect->options;

    return (struct store_retention){
        .days = options->retention_days,
        .size_max = (int64_t)options->size_max_mb * 1000000,
        .now_ms = writer->clock.has_jumped ? 0 : (int64_t)collect_now_ms(), /* 0: nothing is old */
    };
}

/* Devices with a key came in beyond --devices-max: others make room. */
static enum lcm_err writer_evict(struct writer *writer, uint64_t now_ms)
{
    int64_t excess = writer->device_count - writer->collect->options.devices_max, forgotten = 0;

    if (excess <= 0 || now_ms < writer->retain_at_ms)
        return LCM_OK;
    enum lcm_err err =
        store_evict_devices(&writer->store, excess, (int64_t)collect_now_ms(), &forgotten);
    if (err == LCM_OK && forgotten > 0)
        err = store_device_count(&writer->store, &writer->device_count);
    return err;
}

static enum lcm_err writer_forget(struct writer *writer, uint64_t now_ms)
{
    const struct store_retention retention = writer_retention(writer);
    int64_t forgotten = 0;

    if (now_ms < writer->forget_at_ms || writer->clock.has_jumped)
        return LCM_OK;
    enum lcm_err err = store_forget_devices(&writer->store, &retention, &forgotten);
    if (err == LCM_OK && forgotten == 0)
        writer->forget_at_ms = now_ms + FORGET_MS;
    if (err == LCM_OK && forgotten > 0)
        err = store_device_count(&writer->store, &writer->device_count);
    return err;
}

static enum lcm_err writer_retain(struct writer *writer, uint64_t now_ms)
{
    const struct store_retention retention = writer_retention(writer);
    int64_t forgotten = 0;

    if (now_ms < writer->retain_at_ms)
        return LCM_OK;
    enum lcm_err err = store_retain(&writer->store, &retention, &forgotten);
    if (forgotten == 0)
        writer->retain_at_ms = now_ms + RETAIN_MS;
    return err;
}

static enum lcm_err writer_alerts(struct writer *writer, uint64_t now_ms)
{
    const struct collect_options *options = &writer->collect->options;
    const struct alert_limits limits = {
        .silent_days = options->silent_days,
        .failure_percent = options->failure_percent,
        .now_ms = (int64_t)collect_now_ms(),
    };
    struct alert alerts[NOTIFY_MAX];
    size_t count = 0;
    enum lcm_err err = LCM_OK;

    if (now_ms < writer->evaluate_at_ms)
        return LCM_OK;
    writer->evaluate_at_ms = now_ms + EVALUATE_MS;
    if (!writer->clock.has_jumped)
        err = alert_evaluate(&writer->store, &limits);
    if (err == LCM_OK && !writer->clock.has_jumped)
        writer->collect->counters.dropped[COLLECT_DROP_NAMES] += writer->store.refused;
    if (writer->notifier == NULL || err != LCM_OK)
        return err;
    size_t done = notifier_take_done(writer->notifier, alerts);
    for (size_t i = 0; i < done && err == LCM_OK; i++)
        err = alert_notified(&writer->store, &writer->quota, &alerts[i], limits.now_ms);
    if (err == LCM_OK && notifier_is_idle(writer->notifier))
        err = alert_pending(&writer->store, &writer->quota, limits.now_ms, alerts, NOTIFY_MAX,
                            &count);
    if (err == LCM_OK && count > 0)
        notifier_give(writer->notifier, alerts, count);
    return err;
}

static void writer_chores(struct writer *writer)
{
    uint64_t now_ms = collect_uptime_ms();

    writer_check_clock(writer);
    if (!writer->is_open)
        return;
    enum lcm_err err = writer_evict(writer, now_ms);
    if (err == LCM_OK)
        err = writer_forget(writer, now_ms);
    if (err == LCM_OK)
        err = writer_retain(writer, now_ms);
    if (err == LCM_OK)
        err = writer_alerts(writer, now_ms);
    if (err == LCM_OK)
        mqtt_step(writer->mqtt, &writer->store);
    if (err != LCM_OK) {
        writer_fail(writer, err, store_error(&writer->store));
        if (err == LCM_ERR_CORRUPT)
            writer_set_aside(writer);
    }
}

bool writer_run(struct writer *writer)
{
    struct collect *collect = writer->collect;
    struct collect_record first;

    while (!collect_queue_is_done(&collect->queue)) {
        bool is_good = true;

        if (writer->failing_since_ms != 0 || collect_queue_take(&collect->queue, IDLE_MS, &first)) {
            collect_queue_rewind(&collect->queue);
            is_good = writer_batch(writer);
        }
        if (is_good)
            writer_chores(writer);
        else if (collect->is_stopping &&
                 collect_uptime_ms() - writer->failing_since_ms > GIVE_UP_MS)
            return false;
        else
            usleep(RETRY_MS * 1000);
    }
    return true;
}

/* ---- opening and closing ---- */

int writer_open(struct collect *collect, struct writer **writer)
{
    struct writer *made = calloc(1, sizeof(*made));
    int code = CLI_OK;

    if (made == NULL) {
        cli_error("out of memory");
        return CLI_ERROR;
    }
    made->collect = collect;
    made->batch.collect = collect;
    clock_watch_init(&made->clock, (int64_t)collect_now_ms(), (int64_t)collect_boot_ms());
    if (writer_open_store(made) != LCM_OK)
        code = CLI_ERROR;
    if (code == CLI_OK)
        made->mqtt = mqtt_start(collect, &code);
    if (code != CLI_OK) {
        writer_close(made);
        return code;
    }
    made->forwarder = forwarder_start(collect);
    made->notifier = notifier_start(collect);
    *writer = made;
    return CLI_OK;
}

void writer_close(struct writer *writer)
{
    forwarder_stop(writer->forwarder);
    notifier_stop(writer->notifier);
    mqtt_stop(writer->mqtt);
    if (writer->is_open)
        store_close(&writer->store);
    free(writer);
}
