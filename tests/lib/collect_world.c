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

#include "collector/parse.h"
#include "host/cli.h"

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

#define KEY_HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

void know_keys(const char *const *ids)
{
    char path[] = "/tmp/lcm-key-XXXXXX";
    int fd = mkstemp(path);

    for (; *ids != NULL; ids++)
        dprintf(fd, "%s " KEY_HEX "\n", *ids);
    close(fd);
    collect_keys_free(collect.keys);
    assert_int_equal(collect_keys_load(path, &collect.keys), CLI_OK);
    unlink(path);
}

void sign_of(char text[SIGNED_SIZE], const char *id, const char *app, const char *msgid,
             const char *rest, int64_t time_s)
{
    uint8_t key[COLLECT_KEY_SIZE], mac[COLLECT_MAC_SIZE];
    struct collect_message message;
    char hex[2 * COLLECT_MAC_SIZE + 1] = "0000000000000000";

    sequence++;
    for (unsigned i = 0; i < sizeof(key); i++)
        key[i] = (uint8_t)i;
    for (unsigned round = 0; round < 2; round++) {
        snprintf(text, SIGNED_SIZE,
                 "<134>1 - - lcm - %s [lcm@32473 dev=\"%s\" app=\"%s\" repo=\"me/lamp\" "
                 "chan=\"stable\" %s][meta sequenceId=\"%u\" sysUpTime=\"%u\"]"
                 "[auth@32473 t=\"%lld\" mac=\"%s\"] signed",
                 msgid, id, app, rest, sequence, sequence * 100, (long long)time_s, hex);
        assert_int_equal(collect_parse(text, strlen(text), "x", &message), LCM_OK);
        collect_auth_mac(key, &message, mac);
        for (unsigned i = 0; i < sizeof(mac); i++)
            snprintf(hex + 2 * i, 3, "%02x", mac[i]);
    }
}

void say_signed_of(const char *id, const char *app, const char *msgid, const char *rest)
{
    char text[SIGNED_SIZE];

    sign_of(text, id, app, msgid, rest, clock_ms / 1000);
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
