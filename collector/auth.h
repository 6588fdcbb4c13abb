/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who really sent a message: HMAC-SHA-256 with the device's telemetry key, cut to 64 bits
 * (docs/SPEC.md section 10.4). Keys come from a file that only its owner can read; they stay in
 * memory and never reach store, page or logs.
 */
#ifndef LCM_COLLECTOR_AUTH_H
#define LCM_COLLECTOR_AUTH_H

#include "collector/message.h"

#define COLLECT_KEY_SIZE 32u

struct collect_keys; /* read-only once loaded */

/* Read "ID KEY" lines (12 and 64 hex digits, # begins a comment). An exit code after an error
 * line; *keys = NULL then. path NULL gives an empty set. */
LCM_MUST_CHECK int collect_keys_load(const char *path, struct collect_keys **keys);
/* Wipe and release; NULL is fine. */
void collect_keys_free(struct collect_keys *keys);
size_t collect_keys_count(const struct collect_keys *keys);
/* The key of this device is known. */
bool collect_keys_has(const struct collect_keys *keys, const char *id);

/* The code of a message. */
void collect_auth_mac(const uint8_t key[COLLECT_KEY_SIZE], const struct collect_message *message,
                      uint8_t mac[COLLECT_MAC_SIZE]);

/* The newest message of a device that was verified. */
struct collect_newest {
    uint64_t time_s;
    uint32_t sequence;
};

/* What the code says. A message that is not newer than *newest is a repetition: unverified. So is
 * one from more than a day after now_s (Unix seconds): whoever lied to a device about the time
 * would else silence it until then. And one from more than two days before: a store that knows
 * nothing of the device yet would else believe what was recorded long ago. */
enum collect_verdict collect_auth_check(const struct collect_keys *keys,
                                        const struct collect_message *message,
                                        const struct collect_newest *newest, uint64_t now_s);

#endif
