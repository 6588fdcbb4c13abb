/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings: text, numbers and switches by name, in the sysparam format of
 * esp-open-rtos (docs/SPEC.md section 4), so that apps read and write the same
 * area with the stock API.
 *
 * Two flash sectors, one of them active. A new value is appended and made valid
 * before the old one is marked dead; a full region is copied into the other one,
 * which becomes active last. So a power cut during any call below leaves, once
 * lcm_settings_open ran again, the value before or the value after the call,
 * never neither and never an older one, and leaves every other key as it was.
 *
 * Life cycle: open at start-up (again after the app or anybody else wrote the
 * area); format only when open says that there is no area, or to forget all.
 * One struct at a time; no call is re-entered. Stack: below 200 bytes.
 */
#ifndef LCM_STORE_SETTINGS_H
#define LCM_STORE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"
#include "lcm/flash.h"

#define LCM_SETTING_KEY_SIZE 32u   /* bytes of a key, the NUL included */
#define LCM_SETTING_VALUE_MAX 255u /* bytes of a value */
#define LCM_SETTING_TEXT_SIZE 256u /* bytes of the longest text value with its NUL */

/* All fields belong to the module. */
struct lcm_settings {
    const struct lcm_flash *flash;
    uint32_t region_addr;  /* the active region */
    uint32_t end;          /* address behind its last entry */
    uint16_t id_last;      /* highest id in it */
    bool needs_compaction; /* the region may not be appended to as it is */
};

/* One setting of a listing. */
struct lcm_setting {
    char key[LCM_SETTING_KEY_SIZE];       /* a longer key of an app is cut */
    bool is_binary;                       /* false: text */
    uint16_t size;                        /* bytes stored; value holds the first 255 of them */
    uint8_t value[LCM_SETTING_TEXT_SIZE]; /* NUL behind the value */
};

/*
 * Find the active region and mend what a power cut left behind. flash must
 * outlive s. LCM_ERR_NOT_FOUND: neither sector holds an area (nothing is written;
 * s may only be passed to open and format). LCM_ERR_FLASH: mending failed; values
 * can be read, writing may fail again.
 */
LCM_MUST_CHECK enum lcm_err lcm_settings_open(struct lcm_settings *s,
                                              const struct lcm_flash *flash);

/*
 * Create an empty area and open it. Erases both sectors, also the dead copies of
 * old values. A cut leaves the area as it was (or no area, when there was none),
 * or an empty one. LCM_ERR_FLASH.
 */
LCM_MUST_CHECK enum lcm_err lcm_settings_format(struct lcm_settings *s,
                                                const struct lcm_flash *flash);

/*
 * Text value of key, NUL-terminated, into dst of size bytes (>= 1). After an
 * error dst holds "". LCM_ERR_NOT_FOUND, LCM_ERR_TOO_LONG (dst is too small),
 * LCM_ERR_FORMAT (binary value, or a NUL inside), LCM_ERR_FLASH.
 */
LCM_MUST_CHECK enum lcm_err lcm_settings_get(const struct lcm_settings *s, const char *key,
                                             char *dst, size_t size);

/* Switch: y/yes/t/true/1 and n/no/f/false/0 in any case, or a binary number of 1
 * or 4 bytes. Anything else, and every error, gives fallback. */
bool lcm_settings_get_bool(const struct lcm_settings *s, const char *key, bool fallback);

/* Number stored as one binary byte. LCM_ERR_NOT_FOUND, LCM_ERR_FORMAT, LCM_ERR_FLASH. */
LCM_MUST_CHECK enum lcm_err lcm_settings_get_int8(const struct lcm_settings *s, const char *key,
                                                  int8_t *value);

/*
 * Store a text value; "" deletes it; a value that is stored already costs no write.
 * LCM_ERR_ARGUMENT (key of 0 or more than 31 characters), LCM_ERR_TOO_LONG and
 * LCM_ERR_NO_SPACE change nothing. Enough is kept back that a value can always be
 * replaced by one that is not longer; NO_SPACE is said only to what makes the area
 * grow (or when an app filled it to the brim). LCM_ERR_FLASH: the old or the new
 * value is stored.
 */
LCM_MUST_CHECK enum lcm_err lcm_settings_set(struct lcm_settings *s, const char *key,
                                             const char *text);

/* Store "y" or "n" (unless the stored value means the same already); as lcm_settings_set. */
LCM_MUST_CHECK enum lcm_err lcm_settings_set_bool(struct lcm_settings *s, const char *key,
                                                  bool value);

/* Store one binary byte; as lcm_settings_set. */
LCM_MUST_CHECK enum lcm_err lcm_settings_set_int8(struct lcm_settings *s, const char *key,
                                                  int8_t value);

/* Delete a value; deleting what is not there is LCM_OK. Needs no space. LCM_ERR_FLASH.
 * The bytes stay readable on flash until both regions were compacted. */
LCM_MUST_CHECK enum lcm_err lcm_settings_delete(struct lcm_settings *s, const char *key);

/* Copy the live values into the other region and go on there. Twice in a row wipes
 * every deleted value from flash. Happens by itself when space is needed.
 * Cost: one sector erase. LCM_ERR_FLASH (all values are still there). */
LCM_MUST_CHECK enum lcm_err lcm_settings_compact(struct lcm_settings *s);

/* One value of a change of several. */
struct lcm_setting_change {
    const char *key;      /* 1..31 characters; each key once in a list */
    const uint8_t *value; /* for a text without its NUL */
    uint16_t size;        /* 0..255 bytes; 0 deletes */
    bool is_binary;
};

/*
 * Store or delete several values at once: a power cut leaves all values before or all values after.
 * Cost: one sector erase. LCM_ERR_ARGUMENT, LCM_ERR_TOO_LONG, LCM_ERR_NO_SPACE (the result, with a
 * reserve of 259 bytes, does not fit) change nothing. LCM_ERR_FLASH: the values before, or after,
 * as the next open finds. Values before may be read from the other region until a compaction.
 */
LCM_MUST_CHECK enum lcm_err
lcm_settings_change(struct lcm_settings *s, const struct lcm_setting_change *list, size_t count);

/* List: start with *cursor = 0 and call until LCM_ERR_NOT_FOUND; do not write in
 * between. *cursor is the module's. LCM_ERR_FLASH. */
LCM_MUST_CHECK enum lcm_err lcm_settings_next(const struct lcm_settings *s, uint32_t *cursor,
                                              struct lcm_setting *out);

#endif
