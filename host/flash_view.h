/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is in a device's flash, read by the device's own code from a copy, so that
 * nothing is mended or changed in the original.
 *
 * Life cycle: flash_view_read, then flash_picture_print or the fields. The struct is
 * large (about 100 KB): keep it off small stacks. It holds secrets in settings[] and setup_code;
 * show settings through flash_setting_text only, and wipe it after use.
 */
#ifndef LCM_HOST_FLASH_VIEW_H
#define LCM_HOST_FLASH_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/store/bootconf.h"
#include "core/store/settings.h"
#include "core/store/setup_code.h"
#include "core/store/state_log.h"
#include "core/trust/sector.h"
#include "core/update/records.h"
#include "host/image_view.h"
#include "lcm/err.h"
#include "lcm/layout.h"

#define FLASH_VIEW_SETTINGS_MAX 128u
#define FLASH_VIEW_TEXT_SIZE 96u /* bytes of a shown setting, the NUL included */
#define FLASH_VIEW_CELLS 64u     /* parts of the overview; 16 KiB each */
#define FLASH_VIEW_CELL_SIZE (LCM_FLASH_SIZE / FLASH_VIEW_CELLS)

/* A place that should hold an image. */
struct flash_view_slot {
    uint32_t addr;
    uint32_t room;   /* bytes an image may have */
    bool is_blank;   /* nothing but 0xFF */
    bool is_image;   /* image is set */
    bool is_foreign; /* linked for the other slot */
    struct image_view image;
};

struct flash_view_trust {
    uint32_t addr;
    bool is_blank;
    bool is_reference; /* in the reference's format; trust is not set then */
    bool is_in_force;
    uint8_t state;          /* byte 0 */
    enum lcm_err verdict;   /* LCM_OK: decoded and its signature is valid */
    struct lcm_trust trust; /* set unless verdict is LCM_ERR_FORMAT or _CRITICAL_FIELD */
};

/* A record of core/update/records.h; only the fields of its kind are set. */
struct flash_view_record {
    bool is_present;
    struct lcm_installed installed; /* kinds app, updater, boot */
    uint32_t image_size;
    char tag[LCM_TAG_SIZE]; /* kinds tag_lcm, tag_app */
    uint32_t trust_sequence;
    uint64_t time_floor; /* Unix seconds */
    uint8_t payload[LCM_STATE_PAYLOAD_SIZE];
};

struct flash_view {
    struct flash_view_slot boot;
    char boot_version[LCM_BOOT_VERSION_SIZE + 1]; /* "" = none */
    enum lcm_err bootconf_err;                    /* LCM_OK: bootconf is what is stored */
    struct lcm_bootconf bootconf;
    uint32_t power_cycles; /* short ones pending */
    struct flash_view_slot slot[LCM_SLOT_COUNT];
    bool has_setup_code;
    char setup_code[LCM_SETUP_CODE_SIZE]; /* a secret: for who asks for it by name */
    enum lcm_err settings_err;            /* LCM_OK, or LCM_ERR_NOT_FOUND: no settings area */
    struct lcm_setting settings[FLASH_VIEW_SETTINGS_MAX];
    size_t setting_count;
    struct flash_view_trust trust[2];
    bool has_state; /* the sector holds a state log */
    struct flash_view_record record[LCM_STATE_KIND_MAX + 1];
    uint32_t app_data_used; /* bytes that are not 0xFF */
    uint32_t radio_used;
    uint8_t fill[FLASH_VIEW_CELLS]; /* percent of each cell that is not 0xFF */
};

/* Read LCM_FLASH_SIZE bytes. LCM_OK whatever they hold; LCM_ERR_NO_SPACE when out of memory. */
LCM_MUST_CHECK enum lcm_err flash_view_read(struct flash_view *view, const uint8_t *bytes);

/* The key of a setting with anything unprintable replaced. */
void flash_setting_key(const struct lcm_setting *setting, char key[LCM_SETTING_KEY_SIZE]);

/* A setting as it may be shown: secrets as "set (8 characters)", numbers in decimal,
 * text with anything unprintable replaced, cut to the size. */
void flash_setting_text(const struct lcm_setting *setting, char text[FLASH_VIEW_TEXT_SIZE]);

/* true for a setting whose value is never shown. */
bool flash_setting_is_secret(const char *key);

/* "app", "updater", ...; NULL for a kind without a name. */
const char *flash_record_name(unsigned kind);

enum flash_style {
    FLASH_STYLE_AUTO, /* boxes on a UTF-8 terminal, else plain; colour unless NO_COLOR */
    FLASH_STYLE_PLAIN,
    FLASH_STYLE_BOX,
    FLASH_STYLE_COLOR, /* boxes and colour, whatever out is */
};

/* Draw the flash. title is shown in the first line ("device.bin"). */
void flash_picture_print(FILE *out, const struct flash_view *view, const char *title,
                         enum flash_style style);

#endif
