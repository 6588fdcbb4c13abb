// SPDX-License-Identifier: Apache-2.0
/*
 * Commands of an opened message (docs/SPEC.md 11.3). A request is read to its end before its answer
 * is written in its place; a malformed one changes nothing.
 *
 * Invariant: no answer holds a password or the set-up code.
 */
#include <string.h>

#include "core/base/bytes.h"
#include "core/store/settings.h"
#include "core/update/keys.h"
#include "portal/items.h"
#include "portal/setup_parts.h"

#define FIELDS_MAX (LCM_ITEM_TELEMETRY - LCM_ITEM_SSID + 1u) /* fields of a form */
#define FACTORY_RESET_COUNT "14" /* power cycles that mean it, whatever ota_count_step is */
#define NETWORK_HEAD_SIZE 3u

/* What a request says beside its command. */
struct command_request {
    bool is_forced; /* store without trying */
    bool is_confirmed;
    bool wants_rescan;
    uint32_t error_count;
    struct {
        uint16_t field;
        uint16_t err;
    } errors[FIELDS_MAX];
};

/* ---- set ---- */

static void command_take_field(struct lcm_setup *setup, struct command_request *request,
                               const struct lcm_tlv_item *item)
{
    bool is_beta = lcm_settings_get_bool(&setup->settings, LCM_KEY_LCM_BETA, false);
    enum lcm_err err =
        lcm_values_take(&setup->values, (enum lcm_item)item->tag, item->value, item->size, is_beta);

    if (err == LCM_OK || request->error_count == FIELDS_MAX)
        return;
    request->errors[request->error_count].field = item->tag;
    request->errors[request->error_count].err = (uint16_t)err;
    request->error_count++;
}

/* One byte that must be 0 or 1. */
static enum lcm_err command_flag(const struct lcm_tlv_item *item, bool *flag)
{
    uint8_t byte = 0;
    enum lcm_err err = lcm_tlv_u8(item, &byte);

    *flag = byte == 1;
    return err == LCM_OK && byte > 1 ? LCM_ERR_FORMAT : err;
}

static enum lcm_err command_take(struct lcm_setup *setup, struct command_request *request,
                                 const struct lcm_tlv_item *item)
{
    switch (item->tag) {
    case LCM_ITEM_NO_TRIAL:
        return command_flag(item, &request->is_forced);
    case LCM_ITEM_RESCAN:
        return command_flag(item, &request->wants_rescan);
    case LCM_ITEM_CONFIRMATION:
        request->is_confirmed = item->size == strlen(LCM_SETUP_CONFIRMATION) &&
                                memcmp(item->value, LCM_SETUP_CONFIRMATION, item->size) == 0;
        return LCM_OK;
    default:
        command_take_field(setup, request, item);
        return LCM_OK;
    }
}

/* Without a network there is nothing to try, and nothing to store but by force. */
static void command_complete(struct lcm_setup *setup, struct command_request *request)
{
    enum lcm_err err = lcm_values_complete(&setup->values, &setup->settings, true);

    if (err == LCM_OK || request->error_count > 0 || request->is_forced)
        return;
    request->errors[0].field = LCM_ITEM_SSID;
    request->errors[0].err = (uint16_t)err;
    request->error_count = 1;
}

static void command_put_errors(struct lcm_items_writer *writer,
                               const struct command_request *request)
{
    uint8_t value[4];

    for (uint32_t i = 0; i < request->error_count; i++) {
        lcm_put_u16(value, request->errors[i].field);
        lcm_put_u16(value + 2, request->errors[i].err);
        (void)lcm_items_put(writer, LCM_ITEM_FIELD_ERROR, value, sizeof(value));
    }
}

/* The serial line's answers were in the same place. */
static void command_forget_values(struct lcm_setup *setup)
{
    lcm_bytes_wipe(&setup->values, sizeof(setup->values));
    setup_menu_begin_again(setup);
}

static enum lcm_setup_result command_set(struct lcm_setup *setup, struct command_request *request)
{
    if (request->error_count > 0) {
        command_forget_values(setup);
        return LCM_SETUP_REFUSED;
    }
    setup_want_trial(setup, request->is_forced);
    return LCM_SETUP_DONE;
}

/* ---- read ---- */

static void command_put_field(struct lcm_items_writer *writer, enum lcm_item tag, const char *text)
{
    if (text[0] != '\0')
        (void)lcm_items_put_text(writer, tag, text);
}

static void command_put_values(struct lcm_items_writer *writer, const struct lcm_values *values)
{
    command_put_field(writer, LCM_ITEM_SSID, values->ssid);
    command_put_field(writer, LCM_ITEM_REPOSITORY, values->repository);
    command_put_field(writer, LCM_ITEM_FILE, values->file);
    if (values->has_app_key)
        (void)lcm_items_put(writer, LCM_ITEM_APP_KEY, values->app_key, sizeof(values->app_key));
    (void)lcm_items_put_u8(writer, LCM_ITEM_CHANNEL, values->is_app_beta);
    (void)lcm_items_put_u8(writer, LCM_ITEM_UNSIGNED, values->is_unsigned_allowed);
    command_put_field(writer, LCM_ITEM_OTA_STRING, values->ota_string);
    if (values->has_led_pin)
        (void)lcm_items_put_u8(writer, LCM_ITEM_LED_PIN, (uint8_t)values->led_pin);
    command_put_field(writer, LCM_ITEM_SYSLOG, values->syslog);
    command_put_field(writer, LCM_ITEM_EMERGENCY, values->emergency);
}

static bool command_has_password(const struct lcm_setup *setup)
{
    char password[LCM_VALUES_PASSWORD_SIZE];
    enum lcm_err err =
        lcm_settings_get(&setup->settings, LCM_KEY_WIFI_PASSWORD, password, sizeof(password));

    lcm_bytes_wipe(password, sizeof(password));
    return err == LCM_OK;
}

static void command_put_device(struct lcm_setup *setup, struct lcm_items_writer *writer)
{
    char version[LCM_VERSION_SIZE];

    (void)lcm_items_put_text(writer, LCM_ITEM_DEVICE_ID, setup->device_id);
    (void)lcm_items_put_text(writer, LCM_ITEM_LCM_VERSION, setup->config->run.version);
    if (lcm_settings_get(&setup->settings, LCM_KEY_OTA_VERSION, version, sizeof(version)) == LCM_OK)
        (void)lcm_items_put_text(writer, LCM_ITEM_APP_VERSION, version);
    (void)lcm_items_put_u8(writer, LCM_ITEM_HAS_APP, setup->config->has_app);
    (void)lcm_items_put_u8(writer, LCM_ITEM_LCM_BETA,
                           lcm_settings_get_bool(&setup->settings, LCM_KEY_LCM_BETA, false));
    (void)lcm_items_put_u8(writer, LCM_ITEM_HAS_PASSWORD, command_has_password(setup));
}

static void command_put_attempt(struct lcm_setup *setup, struct lcm_items_writer *writer)
{
    const struct lcm_setup_attempt *attempt = &setup->attempt;

    (void)lcm_items_put_u8(writer, LCM_ITEM_PHASE, (uint8_t)attempt->phase);
    if (attempt->phase == LCM_SETUP_PHASE_FAILED) {
        (void)lcm_items_put_u16(writer, LCM_ITEM_ERROR, (uint16_t)attempt->err);
        (void)lcm_items_put_u8(writer, LCM_ITEM_FAILED_PHASE, (uint8_t)attempt->failed_phase);
    }
    if (!lcm_bytes_all(attempt->address, sizeof(attempt->address), 0))
        (void)lcm_items_put(writer, LCM_ITEM_ADDRESS, attempt->address, sizeof(attempt->address));
    command_put_field(writer, LCM_ITEM_RELEASE, attempt->release);
    (void)lcm_items_put_u8(writer, LCM_ITEM_STORED, attempt->is_stored);
    if (setup_leaves_in_s(setup) > 0)
        (void)lcm_items_put_u16(writer, LCM_ITEM_LEAVES_IN, (uint16_t)setup_leaves_in_s(setup));
}

/* The values on their way are in setup->values; what is shown is read into room of its own. */
static void command_read(struct lcm_setup *setup, struct lcm_items_writer *writer)
{
    struct lcm_values shown;

    lcm_values_init(&shown);
    (void)!lcm_values_complete(&shown, &setup->settings, false);
    command_put_device(setup, writer);
    command_put_values(writer, &shown);
    command_put_attempt(setup, writer);
}

/* ---- scan ---- */

/* The strongest that is not stronger than the last one put; an insertion sort without memory. */
static void command_put_networks(const struct lcm_setup_room *room, struct lcm_items_writer *writer)
{
    uint8_t value[NETWORK_HEAD_SIZE + LCM_SSID_SIZE_MAX];

    for (int signal = 0; signal >= INT8_MIN; signal--) {
        for (size_t i = 0; i < room->network_count; i++) {
            const struct lcm_network *network = &room->networks[i];
            if ((network->signal_dbm > 0 ? 0 : network->signal_dbm) != signal)
                continue;
            value[0] = (uint8_t)network->signal_dbm;
            value[1] = network->channel;
            value[2] = network->is_secured;
            memcpy(value + NETWORK_HEAD_SIZE, network->ssid, network->ssid_size);
            (void)lcm_items_put(writer, LCM_ITEM_NETWORK, value,
                                NETWORK_HEAD_SIZE + (size_t)network->ssid_size);
        }
    }
}

static void command_scan(struct lcm_setup *setup, struct lcm_items_writer *writer,
                         bool wants_rescan)
{
    if (wants_rescan || !setup->room->is_scanned)
        setup_want_scan(setup);
    (void)lcm_items_put_u8(writer, LCM_ITEM_SCANNING, setup->is_scanning);
    command_put_networks(setup->room, writer);
}

/* ---- the rest ---- */

/* The gesture's way: the updater counts down, erases, and comes back to set-up. */
static enum lcm_setup_result command_factory_reset(struct lcm_setup *setup, bool is_confirmed)
{
    if (!is_confirmed ||
        lcm_settings_set(&setup->settings, LCM_KEY_OTA_COUNT, FACTORY_RESET_COUNT) != LCM_OK)
        return LCM_SETUP_REFUSED;
    setup_want_close(setup);
    return LCM_SETUP_DONE;
}

static enum lcm_setup_result command_act(struct lcm_setup *setup, enum lcm_setup_command command,
                                         struct command_request *request)
{
    switch (command) {
    case LCM_SETUP_SET:
        return command_set(setup, request);
    case LCM_SETUP_IDENTIFY:
        setup->identify_until_ms = setup_now_ms(setup) + LCM_SETUP_IDENTIFY_MS;
        return LCM_SETUP_DONE;
    case LCM_SETUP_FACTORY_RESET:
        return command_factory_reset(setup, request->is_confirmed);
    case LCM_SETUP_FINISH:
        setup_want_close(setup);
        return LCM_SETUP_DONE;
    case LCM_SETUP_READ:
    case LCM_SETUP_SCAN:
    case LCM_SETUP_STATUS:
    default:
        return LCM_SETUP_DONE;
    }
}

static bool command_changes_something(enum lcm_setup_command command)
{
    return command == LCM_SETUP_SET || command == LCM_SETUP_FACTORY_RESET ||
           command == LCM_SETUP_FINISH;
}

/* While values are tried nothing else may change; after they are stored, finishing may. */
static bool command_is_busy(const struct lcm_setup *setup, enum lcm_setup_command command)
{
    if (!command_changes_something(command) || !setup_is_trying(setup))
        return false;
    return command != LCM_SETUP_FINISH || setup_leaves_in_s(setup) == 0;
}

static enum lcm_setup_result command_read_request(struct lcm_setup *setup,
                                                  struct lcm_items_reader *reader,
                                                  struct command_request *request)
{
    struct lcm_tlv_item item;
    enum lcm_err err;

    if (reader->command == LCM_SETUP_SET)
        lcm_values_init(&setup->values);
    while ((err = lcm_items_next(reader, &item)) == LCM_OK) {
        err = command_take(setup, request, &item);
        if (err != LCM_OK)
            break;
    }
    if (err != LCM_ERR_NOT_FOUND) {
        if (reader->command == LCM_SETUP_SET)
            command_forget_values(setup);
        return LCM_SETUP_MALFORMED;
    }
    if (reader->command == LCM_SETUP_SET)
        command_complete(setup, request);
    return command_act(setup, reader->command, request);
}

void setup_command(struct lcm_setup *setup, uint8_t text[LCM_MESSAGE_TEXT_SIZE])
{
    struct command_request request = {.error_count = 0};
    enum lcm_setup_result result = LCM_SETUP_MALFORMED;
    struct lcm_items_reader reader;
    struct lcm_items_writer writer;

    bool is_request = lcm_items_open(&reader, text, LCM_MESSAGE_TEXT_SIZE) == LCM_OK;
    if (is_request && command_is_busy(setup, reader.command))
        result = LCM_SETUP_BUSY;
    else if (is_request)
        result = command_read_request(setup, &reader, &request);
    lcm_bytes_wipe(text, LCM_MESSAGE_TEXT_SIZE);
    lcm_items_begin(&writer, text, LCM_MESSAGE_TEXT_SIZE, result);
    command_put_errors(&writer, &request);
    if (result == LCM_SETUP_DONE && reader.command == LCM_SETUP_READ)
        command_read(setup, &writer);
    if (result == LCM_SETUP_DONE && reader.command == LCM_SETUP_SCAN)
        command_scan(setup, &writer, request.wants_rescan);
    if (result == LCM_SETUP_DONE && reader.command == LCM_SETUP_STATUS)
        command_put_attempt(setup, &writer);
}
