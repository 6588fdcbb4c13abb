// SPDX-License-Identifier: Apache-2.0
/*
 * Load for the collector: a stream of reports at a steady rate, and a store filled with a large
 * fleet. Run by bench/collector.sh.
 *
 *   load send PORT RATE SECONDS DEVICES     messages a second to 127.0.0.1, from 64 addresses
 *   load fill STORE DEVICES EVENTS          through the collector's own store
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "collector/collect.h"
#include "collector/store.h"

#define SOURCES 64u
#define MESSAGE_SIZE 480u
#define BURST 32u /* messages of one call */
#define REPO_COUNT 20u

static uint64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int source_open(unsigned number, uint16_t port)
{
    struct sockaddr_in from = {.sin_family = AF_INET};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    from.sin_addr.s_addr = htonl(0x7F000100u + number + 1);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof(from)) != 0 ||
        connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
        perror("load: socket");
        exit(1);
    }
    return fd;
}

/* What a device says on a quiet day, with its own names and numbers. */
static size_t message_format(char *text, unsigned device, unsigned sequence)
{
    return (size_t)snprintf(
        text, MESSAGE_SIZE,
        "<134>1 2026-11-22T10:20:30Z lcm-5ccf%08x lcm - CHECK [lcm@32473 dev=\"5ccf%08x\" "
        "lcm=\"1.0.3\" app=\"1.%u.0\" repo=\"maker/lamp-%u\" file=\"main.bin\" chan=\"stable\" "
        "ph=\"done\" rc=\"0\" to=\"1.%u.0\"][meta sequenceId=\"%u\" sysUpTime=\"%u\"] everything "
        "is up to date",
        device, device, device % 5, device % REPO_COUNT, device % 5, sequence, sequence * 100);
}

static int load_send(uint16_t port, unsigned rate, unsigned seconds, unsigned devices)
{
    static char text[BURST][MESSAGE_SIZE];
    struct mmsghdr headers[BURST];
    struct iovec parts[BURST];
    int sources[SOURCES];
    uint64_t total = (uint64_t)rate * seconds, sent = 0;
    uint64_t begin_us = now_us();

    for (unsigned i = 0; i < SOURCES; i++)
        sources[i] = source_open(i, port);
    while (sent < total) {
        memset(headers, 0, sizeof(headers));
        for (unsigned i = 0; i < BURST; i++) {
            unsigned device = (unsigned)((sent + i) % devices);

            parts[i] = (struct iovec){
                text[i], message_format(text[i], device, (unsigned)((sent + i) / devices) + 1)};
            headers[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
        }
        int count = sendmmsg(sources[sent / BURST % SOURCES], headers, BURST, 0);
        sent += count > 0 ? (uint64_t)count : 0;
        uint64_t due_us = begin_us + sent * 1000000 / rate;
        uint64_t at_us = now_us();
        if (due_us > at_us + 500)
            usleep((useconds_t)(due_us - at_us));
    }
    double took_s = (double)(now_us() - begin_us) / 1e6;
    printf("{\"sent\":%llu,\"seconds\":%.3f,\"rate\":%.0f}\n", (unsigned long long)sent, took_s,
           (double)sent / took_s);
    return 0;
}

/* ---- filling ---- */

static void die(struct store *store, const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, store_error(store));
    exit(1);
}

static void device_make(struct device *device, unsigned number, unsigned fleet, unsigned events,
                        int64_t now_ms)
{
    memset(device, 0, sizeof(*device));
    snprintf(device->id, sizeof(device->id), "5ccf%08x", number);
    snprintf(device->app, sizeof(device->app), "1.%u.0", number % 7 < 5 ? 4 : number % 5);
    version_key(device->app, device->app_key);
    snprintf(device->lcm, sizeof(device->lcm), "1.0.%u", number % 3);
    snprintf(device->repo, sizeof(device->repo), "maker/lamp-%u", number % REPO_COUNT);
    snprintf(device->file, sizeof(device->file), "main.bin");
    snprintf(device->channel, sizeof(device->channel), number % 9 == 0 ? "beta" : "stable");
    snprintf(device->source, sizeof(device->source), "10.%u.%u.%u", number >> 16 & 255,
             number >> 8 & 255, number & 255);
    snprintf(device->last_msgid, sizeof(device->last_msgid), "CHECK");
    snprintf(device->last_text, sizeof(device->last_text), "everything is up to date");
    device->first_seen_ms = now_ms - 90 * (int64_t)STORE_DAY_MS;
    device->last_seen_ms = now_ms - (int64_t)(number * 2654435761u % 172800000u);
    device->state = number % 50 == 0 ? DEVICE_FAILING : DEVICE_OK;
    if (number % 200 == 7) {
        device->state = DEVICE_CERT_INVALID;
        device->cert_since_ms = now_ms - 3600000;
        snprintf(device->cert_host, sizeof(device->cert_host), "github.com");
    }
    if (device->state != DEVICE_OK)
        snprintf(device->error_text, sizeof(device->error_text), "refused: checksum");
    device->messages = events / fleet;
    device->last_event = (int64_t)((events - number - 1) / fleet * fleet + number) + 1;
}

static void fill_devices(struct store *store, unsigned devices, unsigned events, int64_t now_ms)
{
    for (unsigned i = 0; i < devices; i++) {
        struct device device;
        int64_t at_ms = now_ms - (int64_t)(i * 2654435761u % 2592000u) * 1000;

        device_make(&device, i, devices, events, now_ms);
        if (i % 5000 == 0 && store_begin(store) != LCM_OK)
            die(store, "begin");
        struct store_tally tally;

        store_tally_of(&device, &tally);
        if (store_device_save(store, &device, true) != LCM_OK ||
            store_tally_change(store, NULL, &tally) != LCM_OK ||
            store_release(store, at_ms, &device) != LCM_OK ||
            store_adoption(store, at_ms, device.repo, device.app, 1) != LCM_OK ||
            store_count(store, at_ms, device.repo, device.app, i % 50 ? "installed" : "failed",
                        i % 50 ? 0 : 7) != LCM_OK)
            die(store, "device");
        if ((i % 5000 == 4999 || i + 1 == devices) && store_commit(store) != LCM_OK)
            die(store, "commit");
    }
}

static void fill_events(struct store *store, unsigned devices, unsigned events, int64_t now_ms)
{
    for (unsigned i = 0; i < events; i++) {
        char id[COLLECT_ID_SIZE];
        unsigned device = i % devices;
        const struct store_event event = {
            .id = (int64_t)i + 1,
            .previous = i >= devices ? (int64_t)(i - devices) + 1 : 0,
            .at_ms = now_ms - (int64_t)(events - i) * 1500,
            .device = id,
            .msgid = "CHECK",
            .phase = i % 50 ? "done" : "failed",
            .file = "main.bin",
            .from = "",
            .to = "1.4.0",
            .text = i % 50 ? "everything is up to date" : "refused: checksum does not match",
            .source = "10.0.0.1",
            .severity = i % 50 ? 6 : 3,
            .result = i % 50 ? 0 : 7,
            .time_s = now_ms / 1000,
            .sequence = i,
        };

        snprintf(id, sizeof(id), "5ccf%08x", device);
        if (i % 20000 == 0 && store_begin(store) != LCM_OK)
            die(store, "begin");
        if (store_event_add(store, &event) != LCM_OK)
            die(store, "event");
        if ((i % 20000 == 19999 || i + 1 == events) && store_commit(store) != LCM_OK)
            die(store, "commit");
    }
}

static int load_fill(const char *place, unsigned devices, unsigned events)
{
    static struct store store;
    char text[ENGINE_ERROR_SIZE];
    int64_t now_ms = (int64_t)collect_now_ms();

    if (store_open(&store, place, false, text) != LCM_OK) {
        fprintf(stderr, "load: %s\n", text);
        return 1;
    }
    fill_devices(&store, devices, events, now_ms);
    fill_events(&store, devices, events, now_ms);
    store_close(&store);
    return 0;
}

static unsigned number_of(const char *text)
{
    return (unsigned)strtoul(text, NULL, 10);
}

int main(int argc, char **argv)
{
    if (argc == 6 && strcmp(argv[1], "send") == 0)
        return load_send((uint16_t)number_of(argv[2]), number_of(argv[3]), number_of(argv[4]),
                         number_of(argv[5]));
    if (argc == 5 && strcmp(argv[1], "fill") == 0)
        return load_fill(argv[2], number_of(argv[3]), number_of(argv[4]));
    fprintf(stderr,
            "usage: load send PORT RATE SECONDS DEVICES | load fill STORE DEVICES EVENTS\n");
    return 2;
}
