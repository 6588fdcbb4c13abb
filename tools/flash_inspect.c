// SPDX-License-Identifier: Apache-2.0
/*
 * lcm flash inspect: draws what is in a flash image, or prints it as JSON. It never
 * changes the file and shows no secret but the set-up code, when it is asked for by name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/bytes.h"
#include "host/flash_view.h"
#include "tools/commands.h"
#include "tools/common.h"

static cJSON *inspect_json_slot(const struct flash_view_slot *slot)
{
    cJSON *json = cJSON_CreateObject();
    const struct image_view *image = &slot->image;

    cJSON_AddNumberToObject(json, "addr", slot->addr);
    cJSON_AddStringToObject(json, "content",
                            slot->is_image   ? "image"
                            : slot->is_blank ? "empty"
                                             : "unknown");
    if (!slot->is_image)
        return json;
    cJSON_AddNumberToObject(json, "format", (double)image->format);
    cJSON_AddNumberToObject(json, "size", image->size);
    cJSON_AddNumberToObject(json, "room", slot->room);
    cJSON_AddBoolToObject(json, "checksum_valid", image->checksum == image->checksum_computed);
    cJSON_AddBoolToObject(json, "bootable", image->verdict == LCM_OK && !slot->is_foreign);
    if (!image->has_identity)
        return json;
    cJSON_AddStringToObject(json, "type", tool_type_name((enum lcm_file_type)image->identity.type));
    cJSON_AddStringToObject(json, "version", image->identity.version);
    cJSON_AddStringToObject(json, "repository", image->identity.repository);
    cJSON_AddStringToObject(json, "file", image->identity.file);
    return json;
}

static cJSON *inspect_json_settings(const struct flash_view *view)
{
    cJSON *json = cJSON_CreateObject();
    char key[LCM_SETTING_KEY_SIZE];
    char text[FLASH_VIEW_TEXT_SIZE];

    for (size_t i = 0; i < view->setting_count; i++) {
        flash_setting_key(&view->settings[i], key);
        flash_setting_text(&view->settings[i], text);
        cJSON_AddStringToObject(json, key, text);
    }
    return json;
}

static cJSON *inspect_json_trust(const struct flash_view_trust *view)
{
    cJSON *json = cJSON_CreateObject();

    cJSON_AddNumberToObject(json, "addr", view->addr);
    cJSON_AddStringToObject(json, "format",
                            view->is_blank       ? "empty"
                            : view->is_reference ? "reference"
                            : view->verdict == LCM_OK || view->verdict == LCM_ERR_SIGNATURE
                                ? "LCT1"
                                : "unknown");
    if (view->verdict != LCM_OK && view->verdict != LCM_ERR_SIGNATURE)
        return json;
    cJSON_AddBoolToObject(json, "in_force", view->is_in_force);
    cJSON_AddNumberToObject(json, "state", view->state);
    cJSON_AddBoolToObject(json, "signature_valid", view->verdict == LCM_OK);
    cJSON_AddNumberToObject(json, "sequence", view->trust.sequence);
    cJSON_AddNumberToObject(json, "release_keys", view->trust.release_key_count);
    cJSON_AddNumberToObject(json, "anchors", view->trust.anchor_count);
    cJSON_AddStringToObject(json, "repository", view->trust.repository);
    cJSON_AddStringToObject(json, "host", view->trust.host);
    return json;
}

static cJSON *inspect_json_records(const struct flash_view *view)
{
    cJSON *list = cJSON_CreateArray();

    for (unsigned kind = 1; kind <= LCM_STATE_KIND_MAX; kind++) {
        cJSON *record = NULL;
        const char *name = flash_record_name(kind);

        if (!view->record[kind].is_present)
            continue;
        record = cJSON_CreateObject();
        cJSON_AddNumberToObject(record, "kind", kind);
        cJSON_AddStringToObject(record, "name", name != NULL ? name : "?");
        if (kind <= LCM_STATE_BOOT) {
            cJSON_AddNumberToObject(record, "sequence", view->record[kind].installed.sequence);
            cJSON_AddNumberToObject(record, "size", view->record[kind].image_size);
        } else if (kind == LCM_STATE_TIME_FLOOR) {
            cJSON_AddNumberToObject(record, "time", (double)view->record[kind].time_floor);
        } else if (kind <= LCM_STATE_TAG_APP) {
            cJSON_AddStringToObject(record, "tag", view->record[kind].tag);
        }
        tool_json_hex(record, "payload", view->record[kind].payload, LCM_STATE_PAYLOAD_SIZE);
        cJSON_AddItemToArray(list, record);
    }
    return list;
}

static cJSON *inspect_json_code(const struct flash_view *view, bool is_shown)
{
    cJSON *json = cJSON_CreateObject();

    cJSON_AddBoolToObject(json, "stored", view->has_setup_code);
    if (is_shown && view->has_setup_code)
        cJSON_AddStringToObject(json, "code", view->setup_code);
    return json;
}

static int inspect_print_json(const struct flash_view *view, bool shows_code)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *boot = inspect_json_slot(&view->boot);
    cJSON *config = cJSON_CreateObject();
    cJSON *slots = cJSON_AddArrayToObject(json, "slots");
    cJSON *trust = cJSON_AddArrayToObject(json, "trust");

    cJSON_AddStringToObject(boot, "boot_version", view->boot_version);
    cJSON_AddItemToObject(json, "boot", boot);
    cJSON_AddBoolToObject(config, "stored", view->bootconf_err == LCM_OK);
    cJSON_AddNumberToObject(config, "current_slot", view->bootconf.current_slot);
    cJSON_AddNumberToObject(config, "power_cycles", view->power_cycles);
    cJSON_AddItemToObject(json, "boot_configuration", config);
    for (size_t i = 0; i < LCM_SLOT_COUNT; i++) {
        cJSON_AddItemToArray(slots, inspect_json_slot(&view->slot[i]));
        cJSON_AddItemToArray(trust, inspect_json_trust(&view->trust[i]));
    }
    cJSON_AddItemToObject(json, "setup_code", inspect_json_code(view, shows_code));
    cJSON_AddItemToObject(json, "settings", inspect_json_settings(view));
    cJSON_AddItemToObject(json, "records", inspect_json_records(view));
    cJSON_AddNumberToObject(json, "app_data_used", view->app_data_used);
    cJSON_AddBoolToObject(json, "radio_data", view->radio_used > 0);
    return tool_print_json(json);
}

/* For a label: the code and nothing else. */
static int inspect_print_code(const struct flash_view *view)
{
    char text[LCM_SETUP_CODE_TEXT_SIZE];

    if (!view->has_setup_code) {
        cli_error("there is no set-up code in this flash: the device makes one at its first start");
        return CLI_NOT_FOUND;
    }
    lcm_setup_code_format(view->setup_code, text);
    printf("%s\n", text);
    lcm_bytes_wipe(text, sizeof(text));
    return CLI_OK;
}

static bool inspect_read_style(const struct cli_args *args, enum flash_style *style)
{
    static const char *const names[] = {"auto", "plain", "box", "color"};
    const char *text = cli_get(args, "style");

    *style = FLASH_STYLE_AUTO;
    if (text == NULL)
        return true;
    for (int i = 0; i <= (int)FLASH_STYLE_COLOR; i++) {
        if (strcmp(text, names[i]) == 0) {
            *style = (enum flash_style)i;
            return true;
        }
    }
    cli_error("--style %s: must be auto, plain, box or color", text);
    return false;
}

static int inspect_show(const struct cli_args *args, const uint8_t *bytes)
{
    struct flash_view *view = malloc(sizeof(*view));
    enum flash_style style = FLASH_STYLE_AUTO;
    int result = CLI_USAGE;

    if (view == NULL || flash_view_read(view, bytes) != LCM_OK) {
        free(view);
        cli_error("out of memory");
        return CLI_ERROR;
    }
    if (cli_has(args, "json")) {
        result = inspect_print_json(view, cli_has(args, "show-code"));
    } else if (cli_has(args, "show-code")) {
        result = inspect_print_code(view);
    } else if (inspect_read_style(args, &style)) {
        flash_picture_print(stdout, view, file_name(cli_positional(args, 0)), style);
        result = CLI_OK;
    }
    lcm_bytes_wipe(view, sizeof(*view));
    free(view);
    return result;
}

static int flash_inspect(const struct cli_args *args)
{
    const char *path = cli_positional(args, 0);
    struct file_content flash = {NULL, 0};
    char have[TEXT_NUMBER_SIZE];
    char size[TEXT_NUMBER_SIZE];
    int result = file_read(path, LCM_FLASH_SIZE, &flash);

    if (result != CLI_OK)
        return result;
    if (flash.size == LCM_FLASH_SIZE) {
        result = inspect_show(args, flash.bytes);
    } else {
        cli_error("%s: has %s bytes, a flash image has %s", path, text_thousands(have, flash.size),
                  text_thousands(size, LCM_FLASH_SIZE));
        result = CLI_VERIFY;
    }
    file_free(&flash);
    return result;
}

static const struct cli_option flash_inspect_options[] = {
    {"style", "STYLE", "auto (default), plain, box or color"},
    {"show-code", NULL, "print the set-up code instead; with --json, add it"},
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

const struct cli_command lcm_flash_inspect_command = {
    .name = "flash inspect",
    .summary = "Draw what is in a flash image: boot, slots, settings, trust, state",
    .usage = "lcm flash inspect FILE [--json]",
    .examples = "lcm flash inspect flash.bin\n"
                "lcm flash inspect flash.bin --json | jq .slots",
    .options = flash_inspect_options,
    .positional_min = 1,
    .positional_max = 1,
    .run = flash_inspect,
};
