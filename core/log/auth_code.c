// SPDX-License-Identifier: Apache-2.0
/* Codes of messages; see the header. */
#include "core/log/auth_code.h"

#include <string.h>

#include <bearssl.h>

#include "core/base/bytes.h"
#include "core/base/text.h"

/* "LCM telemetry 1" NUL PRI " " MSGID " " T " ": a MSGID has 32 characters at most, T 20 digits. */
#define PREFIX_SIZE 96u

static size_t auth_prefix(char prefix[PREFIX_SIZE], const struct lcm_auth_message *message)
{
    static const char domain[] = "LCM telemetry 1"; /* its NUL counts */
    struct lcm_text text;

    memcpy(prefix, domain, sizeof(domain));
    lcm_text_init(&text, prefix + sizeof(domain), PREFIX_SIZE - sizeof(domain));
    lcm_text_u32(&text, message->priority);
    lcm_text_char(&text, ' ');
    lcm_text_string(&text, message->msgid);
    lcm_text_char(&text, ' ');
    lcm_text_u64(&text, message->utc_seconds);
    lcm_text_char(&text, ' ');
    return sizeof(domain) + text.length;
}

void lcm_auth_code(const uint8_t key[LCM_TELEMETRY_KEY_SIZE],
                   const struct lcm_auth_message *message, uint8_t code[LCM_AUTH_CODE_SIZE])
{
    char prefix[PREFIX_SIZE];
    br_hmac_key_context prepared;
    br_hmac_context hmac;

    br_hmac_key_init(&prepared, &br_sha256_vtable, key, LCM_TELEMETRY_KEY_SIZE);
    br_hmac_init(&hmac, &prepared, LCM_AUTH_CODE_SIZE);
    br_hmac_update(&hmac, prefix, auth_prefix(prefix, message));
    br_hmac_update(&hmac, message->data, message->data_size);
    br_hmac_update(&hmac, "", 1); /* a NUL: nothing of the data can be passed off as text */
    br_hmac_update(&hmac, message->text, message->text_size);
    (void)br_hmac_out(&hmac, code);
    lcm_bytes_wipe(&hmac, sizeof(hmac));
    lcm_bytes_wipe(&prepared, sizeof(prepared));
}
