/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The code that shows who sent a message: HMAC-SHA-256 (RFC 2104) with the device's telemetry key,
 * cut to 64 bits (docs/SPEC.md section 10.4).
 */
#ifndef LCM_LOG_AUTH_CODE_H
#define LCM_LOG_AUTH_CODE_H

#include <stddef.h>
#include <stdint.h>

#define LCM_TELEMETRY_KEY_SIZE 32u
#define LCM_AUTH_CODE_SIZE 8u

/* What a code covers: what relays leave alone. */
struct lcm_auth_message {
    uint32_t priority;
    const char *msgid;
    uint64_t utc_seconds;
    const char *data; /* structured data before the code's element */
    size_t data_size;
    const char *text;
    size_t text_size;
};

/* Cost: SHA-256 over the message and four blocks more; about 600 bytes of stack, wiped. */
void lcm_auth_code(const uint8_t key[LCM_TELEMETRY_KEY_SIZE],
                   const struct lcm_auth_message *message, uint8_t code[LCM_AUTH_CODE_SIZE]);

#endif
