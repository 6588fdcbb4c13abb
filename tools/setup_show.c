// SPDX-License-Identifier: Apache-2.0
/*
 * Answers of a device in set-up, shown. It asks nothing. Texts of the device and names of networks
 * are cleaned before they reach a terminal.
 */
#include "tools/setup_show.h"

#include <stdio.h>
#include <string.h>

#include "core/update/keys.h"
#include "host/terminal.h"
#include "tools/setup_values.h"

#define SHOWN_SIZE (SETUP_VALUE_SIZE + 1u)
#define BARS 4

static const char *const show_keys[] = {
    LCM_KEY_WIFI_SSID, LCM_KEY_OTA_REPO,   LCM_KEY_OTA_FILE, LCM_KEY_APP_KEY, LCM_KEY_OTA_BETA,
    LCM_KEY_UNSIGNED,  LCM_KEY_OTA_STRING, LCM_KEY_LED_PIN,  LCM_KEY_SYSLOG,  LCM_KEY_OTA_SERVER,
};
#define SHOW_KEYS_COUNT (sizeof(show_keys) / sizeof(show_keys[0]))

/* ---- reading ---- */

/* A phase there is; others count as none. */
static enum lcm_setup_phase state_phase(const struct setup_text *answer, enum lcm_item tag)
{
    unsigned phase = setup_text_number(answer, tag, LCM_SETUP_PHASE_NONE);

    return phase <= LCM_SETUP_PHASE_FAILED ? (enum lcm_setup_phase)phase : LCM_SETUP_PHASE_NONE;
}

void setup_state_read(const struct setup_text *answer, struct setup_state *state)
{
    struct setup_item item;
    char release[sizeof(state->release)];

    memset(state, 0, sizeof(*state));
    state->phase = state_phase(answer, LCM_ITEM_PHASE);
    state->failed_phase = state_phase(answer, LCM_ITEM_FAILED_PHASE);
    state->error = setup_text_number(answer, LCM_ITEM_ERROR, 0);
    state->is_stored = setup_text_number(answer, LCM_ITEM_STORED, 0) == 1;
    state->leaves_in_s = setup_text_number(answer, LCM_ITEM_LEAVES_IN, 0);
    if (setup_text_find(answer, LCM_ITEM_ADDRESS, 0, &item) && item.size == 4)
        snprintf(state->address, sizeof(state->address), "%u.%u.%u.%u", item.value[0],
                 item.value[1], item.value[2], item.value[3]);
    setup_text_string(answer, LCM_ITEM_RELEASE, release, sizeof(release));
    terminal_clean((const uint8_t *)release, strlen(release), state->release);
}

size_t setup_networks_read(const struct setup_text *answer,
                           struct setup_network list[SETUP_NETWORKS_MAX])
{
    struct setup_item item;
    size_t count = 0;

    for (size_t i = 0;
         count < SETUP_NETWORKS_MAX && setup_text_find(answer, LCM_ITEM_NETWORK, i, &item); i++) {
        if (item.size < 4 || item.size > 3 + SETUP_SSID_SIZE)
            continue;
        list[count].signal_dbm = item.value[0] < 128 ? item.value[0] : item.value[0] - 256;
        list[count].channel = item.value[1];
        list[count].is_secured = item.value[2] != 0;
        list[count].size = item.size - 3;
        memcpy(list[count].name, item.value + 3, item.size - 3);
        count++;
    }
    return count;
}

/* ---- text ---- */

const char *setup_phase_text(enum lcm_setup_phase phase)
{
    switch (phase) {
    case LCM_SETUP_PHASE_JOIN:
        return "joining the network";
    case LCM_SETUP_PHASE_CLOCK:
        return "asking for the time";
    case LCM_SETUP_PHASE_HOST:
        return "reaching the release host";
    case LCM_SETUP_PHASE_REPOSITORY:
        return "looking for the repository";
    case LCM_SETUP_PHASE_FILE:
        return "looking for the release file";
    case LCM_SETUP_PHASE_DONE:
        return "everything works";
    case LCM_SETUP_PHASE_FAILED:
        return "it failed";
    case LCM_SETUP_PHASE_NONE:
    default:
        return "nothing was tried yet";
    }
}

const char *setup_state_text(const struct setup_state *state, char *text, size_t size)
{
    if (state->phase == LCM_SETUP_PHASE_FAILED)
        snprintf(text, size, "failed while %s: %s", setup_phase_text(state->failed_phase),
                 lcm_err_text((enum lcm_err)state->error));
    else if (state->phase == LCM_SETUP_PHASE_DONE && !state->is_stored)
        snprintf(text, size, "everything works, but the device did not store the settings");
    else if (state->phase == LCM_SETUP_PHASE_DONE)
        snprintf(text, size, "%s%s%s%s%s", setup_phase_text(state->phase),
                 state->address[0] != '\0' ? "; the device got address " : "", state->address,
                 state->release[0] != '\0' ? "; the app's latest release is " : "", state->release);
    else
        snprintf(text, size, "%s", setup_phase_text(state->phase));
    return text;
}

static void show_line(const char *name, const char *text)
{
    printf("  %-14s %s\n", name, text);
}

static void show_value(const struct setup_text *answer, const char *key)
{
    char text[SETUP_VALUE_SIZE];
    char shown[SHOWN_SIZE];

    setup_values_text(answer, key, text);
    if (text[0] != '\0')
        show_line(key, terminal_clean((const uint8_t *)text, strlen(text), shown));
    if (strcmp(key, LCM_KEY_WIFI_SSID) == 0 &&
        setup_text_number(answer, LCM_ITEM_HAS_PASSWORD, 0) == 1)
        show_line(LCM_KEY_WIFI_PASSWORD, "(stored)");
}

static void show_version(const struct setup_text *answer, const char *name, enum lcm_item tag)
{
    char text[SETUP_VALUE_SIZE];
    char shown[SHOWN_SIZE];

    setup_text_string(answer, tag, text, sizeof(text));
    if (text[0] != '\0')
        show_line(name, terminal_clean((const uint8_t *)text, strlen(text), shown));
}

void setup_show_device(const struct setup_text *answer)
{
    struct setup_state state;
    char text[256];

    printf("device\n");
    show_version(answer, "id", LCM_ITEM_DEVICE_ID);
    show_version(answer, "version", LCM_ITEM_LCM_VERSION);
    show_version(answer, "app version", LCM_ITEM_APP_VERSION);
    show_line("app", setup_text_number(answer, LCM_ITEM_HAS_APP, 0) == 1 ? "installed"
                                                                         : "none that starts");
    printf("settings\n");
    for (size_t i = 0; i < SHOW_KEYS_COUNT; i++)
        show_value(answer, show_keys[i]);
    setup_state_read(answer, &state);
    printf("last trial\n  %s\n", setup_state_text(&state, text, sizeof(text)));
}

static int network_bars(int signal_dbm)
{
    return signal_dbm >= -55 ? 4 : signal_dbm >= -67 ? 3 : signal_dbm >= -75 ? 2 : 1;
}

void setup_show_networks(const struct setup_network *list, size_t count)
{
    static const char *const rich[BARS] = {"▂", "▄", "▆", "█"};
    bool has_utf8 = terminal_has_utf8();
    char name[SETUP_SSID_SIZE + 1];

    for (size_t i = 0; i < count; i++) {
        printf("%3zu  ", i + 1);
        for (int bar = 0; bar < BARS; bar++)
            printf("%s", bar >= network_bars(list[i].signal_dbm) ? "_"
                         : has_utf8                              ? rich[bar]
                                                                 : "#");
        printf("  %4d dBm  channel %2u  %-6s  %s\n", list[i].signal_dbm, list[i].channel,
               list[i].is_secured ? "locked" : "open",
               terminal_clean(list[i].name, list[i].size, name));
    }
    if (count == 0)
        printf("no network in reach\n");
}

/* ---- JSON ---- */

static void json_text(cJSON *json, const char *name, const char *text)
{
    char shown[SHOWN_SIZE];

    if (text[0] != '\0')
        cJSON_AddStringToObject(json, name,
                                terminal_clean((const uint8_t *)text, strlen(text), shown));
}

cJSON *setup_json_device(const struct setup_text *answer)
{
    static const struct {
        const char *name;
        enum lcm_item tag;
    } texts[] = {
        {"id", LCM_ITEM_DEVICE_ID},
        {"version", LCM_ITEM_LCM_VERSION},
        {"app_version", LCM_ITEM_APP_VERSION},
    };
    cJSON *json = cJSON_CreateObject();
    cJSON *settings = cJSON_CreateObject();
    struct setup_state state;
    char text[SETUP_VALUE_SIZE];

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        setup_text_string(answer, texts[i].tag, text, sizeof(text));
        json_text(json, texts[i].name, text);
    }
    cJSON_AddBoolToObject(json, "has_app", setup_text_number(answer, LCM_ITEM_HAS_APP, 0) == 1);
    cJSON_AddBoolToObject(json, "lcm_beta", setup_text_number(answer, LCM_ITEM_LCM_BETA, 0) == 1);
    for (size_t i = 0; i < SHOW_KEYS_COUNT; i++)
        json_text(settings, show_keys[i], setup_values_text(answer, show_keys[i], text));
    cJSON_AddBoolToObject(settings, "has_wifi_password",
                          setup_text_number(answer, LCM_ITEM_HAS_PASSWORD, 0) == 1);
    cJSON_AddItemToObject(json, "settings", settings);
    setup_state_read(answer, &state);
    cJSON_AddItemToObject(json, "trial", setup_json_state(&state));
    return json;
}

cJSON *setup_json_networks(const struct setup_network *list, size_t count)
{
    cJSON *array = cJSON_CreateArray();
    char name[SETUP_SSID_SIZE + 1];
    char hex[2 * SETUP_SSID_SIZE + 1];

    for (size_t i = 0; i < count; i++) {
        cJSON *json = cJSON_CreateObject();

        for (size_t k = 0; k < list[i].size; k++)
            snprintf(hex + 2 * k, 3, "%02x", list[i].name[k]);
        cJSON_AddStringToObject(json, "ssid", terminal_clean(list[i].name, list[i].size, name));
        cJSON_AddStringToObject(json, "ssid_hex", hex);
        cJSON_AddNumberToObject(json, "signal_dbm", list[i].signal_dbm);
        cJSON_AddNumberToObject(json, "channel", list[i].channel);
        cJSON_AddBoolToObject(json, "secured", list[i].is_secured);
        cJSON_AddItemToArray(array, json);
    }
    return array;
}

cJSON *setup_json_state(const struct setup_state *state)
{
    static const char *const names[] = {"none",       "join", "clock", "host",
                                        "repository", "file", "done",  "failed"};
    cJSON *json = cJSON_CreateObject();

    cJSON_AddStringToObject(json, "phase", names[state->phase]);
    if (state->phase == LCM_SETUP_PHASE_FAILED) {
        cJSON_AddStringToObject(json, "failed_phase", names[state->failed_phase]);
        cJSON_AddStringToObject(json, "error", lcm_err_name((enum lcm_err)state->error));
        cJSON_AddStringToObject(json, "reason", lcm_err_text((enum lcm_err)state->error));
    }
    json_text(json, "address", state->address);
    json_text(json, "release", state->release);
    cJSON_AddBoolToObject(json, "stored", state->is_stored);
    return json;
}
