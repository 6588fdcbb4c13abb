/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two-region area below lcm_settings_*: entries and ids. Used by the files
 * settings_*.c only; everybody else uses core/store/settings.h.
 */
#ifndef LCM_STORE_SETTINGS_AREA_H
#define LCM_STORE_SETTINGS_AREA_H

#include <stdbool.h>
#include <stdint.h>

#include "core/store/settings.h"

#define LCM_SETTINGS_ENTRY_HEADER_SIZE 4u
/* Bytes kept back so that any single value can still be replaced. */
#define LCM_SETTINGS_RESERVE (LCM_SETTINGS_ENTRY_HEADER_SIZE + LCM_SETTING_VALUE_MAX)

/* Bits of an entry's first word; the low 12 bits are the id that pairs key and value. */
#define LCM_SETTINGS_ALIVE 0x8000u
#define LCM_SETTINGS_INVALID 0x4000u
#define LCM_SETTINGS_VALUE 0x2000u
#define LCM_SETTINGS_BINARY 0x1000u
#define LCM_SETTINGS_ID_MASK 0x0FFFu
#define LCM_SETTINGS_ID_MAX 0x0FFEu

struct lcm_settings_entry {
    uint32_t addr; /* of its header; the payload follows */
    uint16_t idflags;
    uint16_t size; /* bytes of payload */
};

/* true for a complete entry that nobody deleted, of the wanted kind. */
bool lcm_settings_area_is_key(const struct lcm_settings_entry *entry);
bool lcm_settings_area_is_value(const struct lcm_settings_entry *entry);

/* Entry at *cursor (0 = the first one), any state; moves the cursor behind it.
 * LCM_ERR_NOT_FOUND behind the last one, LCM_ERR_FLASH. */
LCM_MUST_CHECK enum lcm_err lcm_settings_area_next(const struct lcm_settings *s, uint32_t *cursor,
                                                   struct lcm_settings_entry *entry);

/* The newest live value of a key entry. LCM_ERR_NOT_FOUND, LCM_ERR_FLASH. */
LCM_MUST_CHECK enum lcm_err lcm_settings_area_value_of(const struct lcm_settings *s,
                                                       const struct lcm_settings_entry *key,
                                                       struct lcm_settings_entry *value);

/* Bytes that a compaction would keep. LCM_ERR_FLASH. */
LCM_MUST_CHECK enum lcm_err lcm_settings_area_live_size(const struct lcm_settings *s,
                                                        uint32_t *size);

/* Bytes a region offers for entries, and bytes left behind the last one. */
uint32_t lcm_settings_area_capacity(void);
uint32_t lcm_settings_area_free_size(const struct lcm_settings *s);

/* Append a complete entry; there must be space. After LCM_ERR_FLASH it is not
 * valid and the region wants a compaction. */
LCM_MUST_CHECK enum lcm_err lcm_settings_area_append(struct lcm_settings *s, uint16_t idflags,
                                                     const uint8_t *payload, uint16_t size);

/* Mark an entry as deleted. LCM_ERR_FLASH. */
LCM_MUST_CHECK enum lcm_err lcm_settings_area_kill(const struct lcm_settings *s,
                                                   const struct lcm_settings_entry *entry);

/* Write the last change once more, when a cut may have left it half written: see
 * settings_settle.c. Cost: two walks and two programs of one byte, or a compaction. LCM_ERR_FLASH.
 */
LCM_MUST_CHECK enum lcm_err lcm_settings_area_settle(struct lcm_settings *s);

#endif
