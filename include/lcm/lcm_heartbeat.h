/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sign of life of an app: one syslog message (docs/SPEC.md section 10.1, HEARTBEAT) that tells a
 * collector which app runs where, and since when. Copy this header beside lcm_app.h; it needs no
 * library and no memory of its own.
 *
 *     char message[LCM_HEARTBEAT_SIZE];
 *     uint32_t size = lcm_heartbeat_write(&beat, message);
 *
 * Send it as one UDP datagram to the server in the setting `lcm_syslog` ("host[:port]", port 514),
 * every ten minutes or so (examples/blink/heartbeat.c does). A device that says nothing for a week
 * is reported as silent. The message carries no code of a telemetry key: a collector that has a key
 * of this device keeps it as unverified.
 */
#ifndef LCM_HEARTBEAT_H
#define LCM_HEARTBEAT_H

#include <stdint.h>

#define LCM_HEARTBEAT_SIZE 256u /* bytes, with NUL */

struct lcm_heartbeat {
    uint8_t device_id[6];   /* MAC address of the station */
    const char *repository; /* as in LCM_APP_IDENTITY: at most 63 and 23 characters */
    const char *version;
    uint32_t uptime_s; /* since this start */
    uint32_t count;    /* messages since this start, this one included */
};

/* Both end with a NUL inside LCM_HEARTBEAT_SIZE; what does not fit is left out. */
static inline uint32_t lcm_heartbeat_put(char *buffer, uint32_t at, const char *text)
{
    while (*text != '\0' && at < LCM_HEARTBEAT_SIZE - 1u)
        buffer[at++] = *text++;
    buffer[at] = '\0';
    return at;
}

static inline uint32_t lcm_heartbeat_put_number(char *buffer, uint32_t at, uint32_t number)
{
    char digits[11];
    uint32_t first = sizeof(digits) - 1u;

    digits[first] = '\0';
    do {
        digits[--first] = (char)('0' + number % 10u);
        number /= 10u;
    } while (number > 0);
    return lcm_heartbeat_put(buffer, at, &digits[first]);
}

static inline uint32_t lcm_heartbeat_put_id(char *buffer, uint32_t at, const uint8_t id[6])
{
    char digits[13];

    for (uint32_t i = 0; i < 12u; i++) {
        uint32_t digit = ((uint32_t)id[i / 2u] >> (i % 2u == 0 ? 4u : 0u)) & 0xFu;
        digits[i] = (char)(digit < 10u ? '0' + digit : 'a' + digit - 10u);
    }
    digits[12] = '\0';
    return lcm_heartbeat_put(buffer, at, digits);
}

/* A name inside quotes: RFC 5424, section 6.3.3. At most length_max characters of it. */
static inline uint32_t lcm_heartbeat_put_name(char *buffer, uint32_t at, const char *name,
                                              uint32_t length_max)
{
    for (uint32_t i = 0; i < length_max && name[i] != '\0'; i++) {
        char c[2] = {name[i], '\0'};

        if (c[0] < ' ' || c[0] > '~' || c[0] == '"' || c[0] == '\\' || c[0] == ']')
            c[0] = '?';
        at = lcm_heartbeat_put(buffer, at, c);
    }
    return at;
}

/* Write the message, NUL-terminated, into buffer (LCM_HEARTBEAT_SIZE bytes). Returns its length
 * without the NUL: at most 255. */
static inline uint32_t lcm_heartbeat_write(const struct lcm_heartbeat *beat,
                                           char buffer[LCM_HEARTBEAT_SIZE])
{
    uint32_t at = lcm_heartbeat_put(buffer, 0, "<134>1 - lcm-");

    at = lcm_heartbeat_put_id(buffer, at, beat->device_id);
    at = lcm_heartbeat_put(buffer, at, " lcm - HEARTBEAT [lcm@32473 dev=\"");
    at = lcm_heartbeat_put_id(buffer, at, beat->device_id);
    at = lcm_heartbeat_put(buffer, at, "\" app=\"");
    at = lcm_heartbeat_put_name(buffer, at, beat->version, 23u);
    at = lcm_heartbeat_put(buffer, at, "\" repo=\"");
    at = lcm_heartbeat_put_name(buffer, at, beat->repository, 63u);
    at = lcm_heartbeat_put(buffer, at, "\" ph=\"app\" rc=\"0\"][meta sequenceId=\"");
    at = lcm_heartbeat_put_number(buffer, at, beat->count);
    at = lcm_heartbeat_put(buffer, at, "\" sysUpTime=\"");
    at = lcm_heartbeat_put_number(buffer, at, beat->uptime_s * 100u); /* hundredths, 32 bits */
    return lcm_heartbeat_put(buffer, at, "\"] the app runs");
}

#endif
