/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings on their way to a device in set-up: by the keys people use (docs/SPEC.md section 9), as
 * the items a message carries. Passwords are among them: wipe the struct.
 */
#ifndef LCM_TOOLS_SETUP_VALUES_H
#define LCM_TOOLS_SETUP_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/setup_message.h"

#define SETUP_VALUES_COUNT 12u
#define SETUP_VALUE_SIZE 256u

struct setup_value {
    bool is_set;
    size_t size; /* 0 = delete; the password: an open network */
    uint8_t bytes[SETUP_VALUE_SIZE];
};

struct setup_values {
    struct setup_value value[SETUP_VALUES_COUNT];
};

/* Take a setting; the form of text is right (host/settings_input.h). CLI_OK, or CLI_USAGE after an
 * error line: set-up cannot set this key. */
LCM_MUST_CHECK int setup_values_put(struct setup_values *values, const char *key, const char *text);

/* The bytes of a network name as they are. */
void setup_values_put_ssid(struct setup_values *values, const uint8_t *name, size_t size);

/* NULL when nothing was given for the key. */
const struct setup_value *setup_values_get(const struct setup_values *values, const char *key);

/* Leave it as it is on the device. */
void setup_values_forget(struct setup_values *values, const char *key);

bool setup_values_is_empty(const struct setup_values *values);

/* Append them to a request. */
void setup_values_write(const struct setup_values *values, struct setup_text *request);

/* The key of an item; "?" for one that is none. */
const char *setup_values_key(unsigned tag);

/* A field of an answer as text people can type: "" when it is absent. text: SETUP_VALUE_SIZE bytes.
 */
const char *setup_values_text(const struct setup_text *answer, const char *key, char *text);

#endif
