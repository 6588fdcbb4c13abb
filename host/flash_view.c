// SPDX-License-Identifier: Apache-2.0
/*
 * Reads a whole flash into a struct flash_view with core code. It works on a copy:
 * opening settings or trust may finish what a power cut interrupted, as on a device.
 */
#include "host/flash_view.h"

#include <string.h>

#include "core/base/bytes.h"
#include "core/store/power.h"
#include "core/trust/trust_store.h"
#include "host/memory_flash.h"

static uint32_t flash_view_used(const uint8_t *bytes, uint32_t size)
{
    uint32_t used = 0;

    for (uint32_t i = 0; i < size; i++)
        used += bytes[i] != 0xFF;
    return used;
}

/* Flash content is untrusted text: it must not reach a terminal as it is. */
static void flash_view_clean(char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7E)
            *text = '?';
}

static void flash_view_read_image(struct flash_view_slot *slot, const uint8_t *bytes, uint32_t addr,
                                  uint32_t room)
{
    slot->addr = addr;
    slot->room = room;
    slot->is_blank = lcm_bytes_all(bytes + addr, LCM_SECTOR_SIZE, 0xFF);
    slot->is_image = image_view_parse(&slot->image, bytes + addr, room) == LCM_OK;
}

static void flash_view_read_images(struct flash_view *view, const uint8_t *bytes)
{
    const char *version = (const char *)bytes + LCM_BOOT_VERSION_OFFSET;

    flash_view_read_image(&view->boot, bytes, LCM_BOOT_ADDR, LCM_BOOT_IMAGE_SIZE_MAX);
    flash_view_read_image(&view->slot[0], bytes, LCM_SLOT0_ADDR, LCM_SLOT0_IMAGE_SIZE_MAX);
    flash_view_read_image(&view->slot[1], bytes, LCM_SLOT1_ADDR, LCM_SLOT1_IMAGE_SIZE_MAX);
    for (int i = 0; i < (int)LCM_SLOT_COUNT; i++)
        view->slot[i].is_foreign = view->slot[i].is_image && (int)view->slot[i].image.slot == 1 - i;
    for (size_t i = 0; i < LCM_BOOT_VERSION_SIZE; i++) {
        if (version[i] <= 0x20 || version[i] > 0x7E)
            break;
        view->boot_version[i] = version[i];
    }
}

static void flash_view_read_boot(struct flash_view *view, const struct lcm_flash *flash)
{
    if (lcm_power_pending(flash, &view->power_cycles) != LCM_OK)
        view->power_cycles = 0;
    view->bootconf_err = lcm_bootconf_load(flash, &view->bootconf);
}

static void flash_view_read_code(struct flash_view *view, const struct lcm_flash *flash)
{
    view->has_setup_code = lcm_setup_code_load(flash, view->setup_code) == LCM_OK;
}

static void flash_view_read_settings(struct flash_view *view, const struct lcm_flash *flash)
{
    struct lcm_settings settings;
    uint32_t cursor = 0;

    view->settings_err = lcm_settings_open(&settings, flash);
    if (view->settings_err != LCM_OK)
        return;
    while (view->setting_count < FLASH_VIEW_SETTINGS_MAX &&
           lcm_settings_next(&settings, &cursor, &view->settings[view->setting_count]) == LCM_OK)
        view->setting_count++;
}

static bool flash_view_is_reference(const uint8_t *file)
{
    static const uint8_t start[] = {0x76, 0x30, 0x10};

    return memcmp(file + 1, start, sizeof(start)) == 0;
}

static void flash_view_read_sector(struct flash_view_trust *view, const uint8_t *bytes,
                                   uint32_t addr)
{
    const uint8_t *file = bytes + addr;

    view->addr = addr;
    view->state = file[0];
    view->is_blank = lcm_bytes_all(file, LCM_TRUST_SIZE, 0xFF);
    view->is_reference = flash_view_is_reference(file);
    view->verdict = lcm_trust_decode(&view->trust, file);
    if (view->verdict == LCM_OK)
        view->verdict = lcm_trust_verify(&view->trust, file);
}

static void flash_view_read_trust(struct flash_view *view, const uint8_t *bytes,
                                  const struct lcm_flash *flash)
{
    struct lcm_trust_store store;
    struct lcm_trust trust;
    uint8_t work[LCM_TRUST_SIZE];

    flash_view_read_sector(&view->trust[0], bytes, LCM_TRUST_A_ADDR);
    flash_view_read_sector(&view->trust[1], bytes, LCM_TRUST_B_ADDR);
    if (lcm_trust_store_open(&store, flash, work, &trust) != LCM_OK)
        return;
    for (int i = 0; i < 2; i++)
        view->trust[i].is_in_force = view->trust[i].addr == store.addr;
}

/* Places of a processed-tag record (docs/SPEC.md section 5.2). */
#define FLASH_VIEW_TAG_TRUST_OFFSET 4u
#define FLASH_VIEW_TAG_TEXT_OFFSET 8u

static void flash_view_read_record(struct flash_view_record *record, struct lcm_state_log *log,
                                   unsigned kind)
{
    uint32_t repository = lcm_get_u32(record->payload);

    if (kind <= LCM_STATE_BOOT &&
        lcm_record_installed_load(log, (enum lcm_state_kind)kind, repository, &record->installed,
                                  &record->image_size) != LCM_OK)
        record->image_size = 0;
    if (kind == LCM_STATE_TIME_FLOOR)
        record->time_floor = lcm_record_time_floor(log);
    if (kind != LCM_STATE_TAG_LCM && kind != LCM_STATE_TAG_APP)
        return;
    record->trust_sequence = lcm_get_u32(record->payload + FLASH_VIEW_TAG_TRUST_OFFSET);
    memcpy(record->tag, record->payload + FLASH_VIEW_TAG_TEXT_OFFSET, LCM_TAG_SIZE);
    record->tag[LCM_TAG_SIZE - 1] = '\0';
    flash_view_clean(record->tag);
}

static void flash_view_read_state(struct flash_view *view, const uint8_t *bytes,
                                  const struct lcm_flash *flash)
{
    struct lcm_state_log log;

    view->has_state = !lcm_bytes_all(bytes + LCM_STATE_ADDR, LCM_STATE_SIZE, 0xFF);
    if (!view->has_state || lcm_state_open(&log, flash) != LCM_OK)
        return;
    for (unsigned kind = 1; kind <= LCM_STATE_KIND_MAX; kind++) {
        struct flash_view_record *record = &view->record[kind];

        record->is_present =
            lcm_state_load(&log, (enum lcm_state_kind)kind, record->payload) == LCM_OK;
        if (record->is_present)
            flash_view_read_record(record, &log, kind);
    }
}

enum lcm_err flash_view_read(struct flash_view *view, const uint8_t *bytes)
{
    struct memory_flash flash;

    memset(view, 0, sizeof(*view));
    if (!memory_flash_open(&flash))
        return LCM_ERR_NO_SPACE;
    memcpy(flash.bytes, bytes, LCM_FLASH_SIZE);
    flash_view_read_images(view, bytes);
    flash_view_read_boot(view, &flash.port);
    flash_view_read_code(view, &flash.port);
    flash_view_read_settings(view, &flash.port);
    flash_view_read_trust(view, bytes, &flash.port);
    flash_view_read_state(view, bytes, &flash.port);
    view->app_data_used =
        flash_view_used(bytes + LCM_SLOT0_ADDR + LCM_SLOT0_IMAGE_SIZE_MAX, LCM_SECTOR_SIZE);
    view->radio_used = flash_view_used(bytes + LCM_RADIO_ADDR, LCM_RADIO_SIZE);
    for (uint32_t i = 0; i < FLASH_VIEW_CELLS; i++)
        view->fill[i] =
            (uint8_t)(100 *
                      flash_view_used(bytes + i * FLASH_VIEW_CELL_SIZE, FLASH_VIEW_CELL_SIZE) /
                      FLASH_VIEW_CELL_SIZE);
    lcm_bytes_wipe(flash.bytes, LCM_FLASH_SIZE);
    memory_flash_close(&flash);
    return LCM_OK;
}

bool flash_setting_is_secret(const char *key)
{
    static const char *const words[] = {"password", "passwd", "secret",   "token",
                                        "code",     "psk",    "telemetry"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strstr(key, words[i]) != NULL)
            return true;
    return false;
}

void flash_setting_key(const struct lcm_setting *setting, char key[LCM_SETTING_KEY_SIZE])
{
    memcpy(key, setting->key, LCM_SETTING_KEY_SIZE);
    key[LCM_SETTING_KEY_SIZE - 1] = '\0';
    flash_view_clean(key);
}

void flash_setting_text(const struct lcm_setting *setting, char text[FLASH_VIEW_TEXT_SIZE])
{
    const uint8_t *value = setting->value;

    if (flash_setting_is_secret(setting->key)) {
        snprintf(text, FLASH_VIEW_TEXT_SIZE, "set (%u characters)", setting->size);
        return;
    }
    if (!setting->is_binary)
        snprintf(text, FLASH_VIEW_TEXT_SIZE, "%.*s", (int)FLASH_VIEW_TEXT_SIZE - 1,
                 (const char *)value);
    else if (setting->size == 1)
        snprintf(text, FLASH_VIEW_TEXT_SIZE, "%d", (int)(int8_t)value[0]);
    else if (setting->size == 4)
        snprintf(text, FLASH_VIEW_TEXT_SIZE, "%d", (int)(int32_t)lcm_get_u32(value));
    else
        snprintf(text, FLASH_VIEW_TEXT_SIZE, "(%u bytes)", setting->size);
    flash_view_clean(text);
}

const char *flash_record_name(unsigned kind)
{
    static const char *const names[] = {
        [LCM_STATE_APP] = "app",         [LCM_STATE_UPDATER] = "updater",
        [LCM_STATE_BOOT] = "boot",       [LCM_STATE_TAG_LCM] = "tag_lcm",
        [LCM_STATE_TAG_APP] = "tag_app", [LCM_STATE_TIME_FLOOR] = "time_floor",
    };

    return kind < sizeof(names) / sizeof(names[0]) ? names[kind] : NULL;
}
