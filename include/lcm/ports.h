/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The remaining ports: Wi-Fi, clock, entropy, system (reset and RTC memory).
 * Each is a const struct of function pointers plus a context. Nothing blocks.
 */
#ifndef LCM_PORTS_H
#define LCM_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"
#include "lcm/flash.h"
#include "lcm/net.h"

struct lcm_wifi {
    void *context;

    /* Join a network; poll with the same arguments until not LCM_PENDING.
     * ssid: 1..32 bytes, password: 0..64 characters, both NUL-terminated.
     * LCM_OK once an address is assigned; LCM_ERR_WIFI_PASSWORD,
     * LCM_ERR_WIFI_NOT_FOUND or LCM_ERR_WIFI otherwise. */
    enum lcm_err (*join)(void *context, const char *ssid, const char *password);

    /* Frames can pass, with or without an address: tells "no answer from DHCP" from "not joined".
     */
    bool (*has_link)(void *context);

    /* The address in the joined network; 0.0.0.0 without one. */
    void (*address)(void *context, uint8_t ip[4]);

    /* Leave the network and forget the address: the next join is a new one. */
    void (*leave)(void *context);
};

struct lcm_clock {
    void *context;

    /* Milliseconds since power-on; never goes back, survives soft resets or not. */
    uint64_t (*now_ms)(void *context);

    /* Current time in Unix seconds from the network or the system: a hint that
     * an attacker may forge. LCM_PENDING while asking, LCM_ERR_TIMEOUT when unknown. */
    enum lcm_err (*utc)(void *context, uint64_t *seconds);
};

struct lcm_entropy {
    void *context;

    /* Fill dst with size unpredictable bytes (<= 64). LCM_OK or LCM_ERR_ENTROPY. */
    enum lcm_err (*fill)(void *context, uint8_t *dst, size_t size);
};

#define LCM_RTC_SIZE 64u /* bytes that survive a soft reset, lost at power-off */

struct lcm_system {
    void *context;

    /* Read or write the RTC area: offset 0 is RTC user block 64 (0x60001200).
     * offset + size <= LCM_RTC_SIZE. Content is garbage after power-on. */
    void (*rtc_read)(void *context, uint32_t offset, void *dst, uint32_t size);
    void (*rtc_write)(void *context, uint32_t offset, const void *src, uint32_t size);

    /* Six bytes that name the device for people: the MAC address. */
    void (*device_id)(void *context, uint8_t id[6]);

    /* Feed the watchdog; called at least once per lifecycle step. */
    void (*alive)(void *context);
};

struct lcm_ports {
    const struct lcm_flash *flash;
    const struct lcm_net *net;
    const struct lcm_wifi *wifi;
    const struct lcm_clock *clock;
    const struct lcm_entropy *entropy;
    const struct lcm_system *system;
};

#endif
