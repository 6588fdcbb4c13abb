// SPDX-License-Identifier: Apache-2.0
/* Wi-Fi, clock, entropy and RTC memory of the Linux device; see the header. */
#include "port/host/host_system.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

/* The first call asks, the next one has the answer. */
static enum lcm_err host_wifi_begin(struct host_wifi *wifi, const char *ssid, const char *password)
{
    struct radio_network *network = radio_world_find(wifi->world, ssid);
    enum lcm_err err = LCM_OK;

    if (network != NULL || !wifi->world->is_any_network)
        err = radio_network_join(network, password);
    if (err != LCM_OK)
        return err;
    wifi->network = network;
    wifi->state = HOST_WIFI_JOINING;
    return LCM_PENDING;
}

static enum lcm_err host_wifi_join(void *context, const char *ssid, const char *password)
{
    struct host_wifi *wifi = context;

    if (wifi->world == NULL) {
        wifi->state = wifi->result == LCM_OK ? HOST_WIFI_JOINED : HOST_WIFI_OFF;
        return wifi->result;
    }
    if (wifi->state == HOST_WIFI_OFF)
        return host_wifi_begin(wifi, ssid, password);
    wifi->state = HOST_WIFI_JOINED;
    return wifi->network != NULL && wifi->network->has_no_address ? LCM_PENDING : LCM_OK;
}

static bool host_wifi_has_link(void *context)
{
    return ((const struct host_wifi *)context)->state == HOST_WIFI_JOINED;
}

static void host_wifi_address(void *context, uint8_t ip[4])
{
    static const uint8_t own[4] = {127, 0, 0, 1};
    const struct host_wifi *wifi = context;

    memset(ip, 0, sizeof(own));
    if (wifi->state == HOST_WIFI_JOINED &&
        (wifi->network == NULL || !wifi->network->has_no_address))
        memcpy(ip, own, sizeof(own));
}

static void host_wifi_leave(void *context)
{
    struct host_wifi *wifi = context;

    wifi->state = HOST_WIFI_OFF;
    wifi->network = NULL;
}

void host_wifi_open(struct host_wifi *wifi, struct radio_world *world)
{
    *wifi = (struct host_wifi){.result = LCM_OK, .world = world};
    wifi->port = (struct lcm_wifi){
        .context = wifi,
        .join = host_wifi_join,
        .has_link = host_wifi_has_link,
        .address = host_wifi_address,
        .leave = host_wifi_leave,
    };
}

static uint64_t host_clock_monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t host_clock_now_ms(void *context)
{
    const struct host_clock *clock = context;

    return host_clock_monotonic_ms() - clock->started_ms + clock->skipped_ms;
}

static enum lcm_err host_clock_utc(void *context, uint64_t *seconds)
{
    const struct host_clock *clock = context;

    if (!clock->has_utc)
        return LCM_ERR_TIMEOUT;
    *seconds = (uint64_t)((int64_t)time(NULL) + clock->utc_offset_s);
    return LCM_OK;
}

void host_clock_open(struct host_clock *clock, uint32_t speed)
{
    memset(clock, 0, sizeof(*clock));
    clock->started_ms = host_clock_monotonic_ms();
    clock->speed = speed;
    clock->has_utc = true;
    clock->port =
        (struct lcm_clock){.context = clock, .now_ms = host_clock_now_ms, .utc = host_clock_utc};
}

void host_clock_set_utc(struct host_clock *clock, uint64_t unix_seconds)
{
    clock->has_utc = true;
    clock->utc_offset_s = (int64_t)unix_seconds - (int64_t)time(NULL);
}

void host_clock_set_world(struct host_clock *clock, const struct radio_world *world)
{
    clock->has_utc = world->time != RADIO_TIME_NONE;
    clock->utc_offset_s = world->time_offset_s; /* 0 = now */
}

void host_clock_sleep(struct host_clock *clock, uint64_t wait_ms)
{
    uint64_t real_ms = wait_ms / clock->speed;
    struct timespec pause = {.tv_sec = (time_t)(real_ms / 1000),
                             .tv_nsec = (long)(real_ms % 1000) * 1000000};

    (void)nanosleep(&pause, NULL);
    clock->skipped_ms += wait_ms - real_ms;
}

void host_clock_skip(struct host_clock *clock, uint64_t real_ms)
{
    clock->skipped_ms += real_ms * (clock->speed - 1);
}

static enum lcm_err host_entropy_fill(void *context, uint8_t *dst, size_t size)
{
    (void)context;
    return getrandom(dst, size, 0) == (ssize_t)size ? LCM_OK : LCM_ERR_ENTROPY;
}

const struct lcm_entropy host_entropy = {.context = NULL, .fill = host_entropy_fill};

static void host_system_rtc_read(void *context, uint32_t offset, void *dst, uint32_t size)
{
    const struct host_system *system = context;

    memcpy(dst, system->rtc + offset, size);
}

static void host_system_rtc_write(void *context, uint32_t offset, const void *src, uint32_t size)
{
    struct host_system *system = context;

    memcpy(system->rtc + offset, src, size);
}

static void host_system_device_id(void *context, uint8_t id[6])
{
    const struct host_system *system = context;

    memcpy(id, system->id, sizeof(system->id));
}

static void host_system_alive(void *context)
{
    (void)context; /* a process that hangs is stopped by the person who started it */
}

void host_system_open(struct host_system *system, const uint8_t id[6])
{
    memcpy(system->id, id, sizeof(system->id));
    host_system_power_on(system);
    system->port = (struct lcm_system){
        .context = system,
        .rtc_read = host_system_rtc_read,
        .rtc_write = host_system_rtc_write,
        .device_id = host_system_device_id,
        .alive = host_system_alive,
    };
}

void host_system_power_on(struct host_system *system)
{
    (void)!getrandom(system->rtc, sizeof(system->rtc), 0);
}
