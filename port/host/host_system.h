/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smaller ports of the Linux device: Wi-Fi (a switch, or what a world file says),
 * clock (can skip pure waiting), entropy (the kernel's), system (RTC memory that soft
 * resets keep).
 */
#ifndef LCM_PORT_HOST_SYSTEM_H
#define LCM_PORT_HOST_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

#include "host/radio_world.h"
#include "lcm/ports.h"

enum host_wifi_state { HOST_WIFI_OFF, HOST_WIFI_JOINING, HOST_WIFI_JOINED };

struct host_wifi {
    enum lcm_err result; /* of every join without a world: LCM_OK, LCM_ERR_WIFI_PASSWORD, ... */
    struct radio_world *world; /* NULL = none */
    enum host_wifi_state state;
    struct radio_network *network; /* of the world, joined; NULL = any */
    struct lcm_wifi port;
};

struct host_clock {
    uint64_t started_ms; /* of the machine's monotonic clock */
    uint64_t skipped_ms; /* waiting that was not waited */
    uint32_t speed;      /* pure waits are this many times shorter, >= 1 */
    bool has_utc;
    int64_t utc_offset_s; /* hint minus the machine's time */
    struct lcm_clock port;
};

struct host_system {
    uint8_t rtc[LCM_RTC_SIZE];
    uint8_t id[6];
    struct lcm_system port;
};

/* Without a world every join ends with wifi->result, set by the caller. With one (it must outlive
 * wifi) it is joined as its networks say; the address then is 127.0.0.1: this machine's. */
void host_wifi_open(struct host_wifi *wifi, struct radio_world *world);
void host_clock_open(struct host_clock *clock, uint32_t speed);
void host_system_open(struct host_system *system, const uint8_t id[6]);

/* The device believes it is this time now; has_utc = false: no time is known. */
void host_clock_set_utc(struct host_clock *clock, uint64_t unix_seconds);

/* The time that the world's time servers tell. */
void host_clock_set_world(struct host_clock *clock, const struct radio_world *world);

/* Let wait_ms pass for the device, in wait_ms / speed. */
void host_clock_sleep(struct host_clock *clock, uint64_t wait_ms);

/* real_ms have passed in which the device only waited: for it they were speed times as long. */
void host_clock_skip(struct host_clock *clock, uint64_t real_ms);

/* Power was off: RTC memory holds garbage. */
void host_system_power_on(struct host_system *system);

extern const struct lcm_entropy host_entropy;

#endif
