// SPDX-License-Identifier: Apache-2.0
/* The world of the store's tests; see the header. */
#include "tests/lib/collect_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct collect collect;
struct store store;
static struct batch *batch;
char place[64];
int64_t clock_ms;
unsigned sequence;

int open_world(void **state)
{
    char text[ENGINE_ERROR_SIZE];

    (void)state;
    memset(&collect, 0, sizeof(collect));
    snprintf(place, sizeof(place), "/tmp/lcm-store-%d.db", (int)getpid());
    unlink(place);
    collect.options.devices_max = 1000;
    assert_int_equal(collect_keys_load(NULL, &collect.keys), CLI_OK);
    assert_int_equal(store_open(&store, place, false, text), LCM_OK);
    batch = calloc(1, sizeof(*batch));
    batch->collect = &collect;
    batch->store = &store;
    clock_ms = NOW_MS;
    sequence = 0;
    return 0;
}

int close_world(void **state)
{
    char path[80];

    (void)state;
    if (store.engine != NULL)
        store_close(&store);
    collect_keys_free(collect.keys);
    free(batch);
    unlink(place);
    snprintf(path, sizeof(path), "%s-wal", place);
    unlink(path);
    snprintf(path, sizeof(path), "%s-shm", place);
    unlink(path);
    return 0;
}

void begin(void)
{
    int64_t count = 0;

    assert_int_equal(store_device_count(&store, &count), LCM_OK);
    assert_int_equal(store_begin(&store), LCM_OK);
    assert_int_equal(batch_begin(batch, count), LCM_OK);
}

void commit(void)
{
    assert_int_equal(batch_save(batch), LCM_OK);
    assert_int_equal(store_commit(&store), LCM_OK);
    batch_count(batch);
}

void add(const char *text)
{
    struct collect_record record = {.bytes = text,
                                    .size = strlen(text),
                                    .at_ms = (uint64_t)clock_ms,
                                    .transport = COLLECT_UDP,
                                    .source = "192.0.2.7"};

    assert_int_equal(batch_add(batch, &record), LCM_OK);
}

/* One message of a device in a batch of its own. */
void say_of(const char *id, const char *app, const char *msgid, const char *rest)
{
    char text[1024];

    sequence++;
    snprintf(text, sizeof(text),
             "<134>1 - lcm-%s lcm - %s [lcm@32473 dev=\"%s\" app=\"%s\" repo=\"me/lamp\" "
             "chan=\"stable\" %s][meta sequenceId=\"%u\" sysUpTime=\"%u\"] text of %s",
             id, msgid, id, app, rest, sequence, sequence * 100, msgid);
    begin();
    add(text);
    commit();
    clock_ms += 1000;
}

void say(const char *msgid, const char *rest)
{
    say_of(ID, "1.0.0", msgid, rest);
}

struct device load(const char *id)
{
    struct device device;

    assert_int_equal(store_device_load(&store, id, &device), LCM_OK);
    return device;
}

const char *state_now(void)
{
    return device_state_name(load(ID).state);
}

int64_t number(const char *sql)
{
    int64_t value = 0;

    assert_int_equal(store_number(&store, sql, NULL, 0, &value), LCM_OK);
    return value;
}
