// SPDX-License-Identifier: Apache-2.0
/*
 * Parsing and checking of settings; see the header. Values may be passwords: they are
 * wiped after use and never printed.
 */
#include "host/settings_input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/base/text.h"
#include "core/trust/names.h"
#include "core/update/keys.h"
#include "host/file.h"

#define SETTINGS_FILE_SIZE_MAX (64u * 1024) /* bytes */
#define HEX_BYTES 32u
#define PLACE_SIZE 256u /* bytes of a text that says where a setting stands */

enum setting_form {
    FORM_TEXT,
    FORM_SSID,
    FORM_PASSWORD,
    FORM_REPOSITORY,
    FORM_SWITCH,
    FORM_HEX,
    FORM_NUMBER,
};

struct setting_rule {
    const char *key;
    enum setting_form form;
    const char *hint;
};

static const struct setting_rule setting_rules[] = {
    {LCM_KEY_WIFI_SSID, FORM_SSID, "1 to 32 bytes"},
    {LCM_KEY_WIFI_PASSWORD, FORM_PASSWORD, "8 to 64 characters"},
    {LCM_KEY_OTA_REPO, FORM_REPOSITORY, "OWNER/NAME, for example me/lamp"},
    {LCM_KEY_OTA_BETA, FORM_SWITCH, "y or n"},
    {LCM_KEY_LCM_BETA, FORM_SWITCH, "y or n"},
    {LCM_KEY_UNSIGNED, FORM_SWITCH, "y or n"},
    {LCM_KEY_APP_KEY, FORM_HEX, "64 hex digits ('lcm key show' prints them)"},
    {LCM_KEY_LED_PIN, FORM_NUMBER, "a number from -15 to 15"},
    {LCM_KEY_OTA_FILE, FORM_TEXT, ""},
    {LCM_KEY_OTA_VERSION, FORM_TEXT, ""},
    {LCM_KEY_OTA_SERVER, FORM_TEXT, ""},
    {LCM_KEY_OTA_STRING, FORM_TEXT, ""},
    {LCM_KEY_OTA_COUNT, FORM_TEXT, ""},
    {LCM_KEY_OTA_COUNT_STEP, FORM_TEXT, ""},
    {LCM_KEY_SYSLOG, FORM_TEXT, ""},
    {LCM_KEY_TELEMETRY, FORM_HEX, "64 hex digits ('openssl rand -hex 32' makes them)"},
};
#define SETTING_RULES_COUNT (sizeof(setting_rules) / sizeof(setting_rules[0]))

/* One setting as it was given. */
struct setting_line {
    const char *text;
    const char *source; /* "--set", or the path of a file */
    unsigned line;      /* of the file; 0: no file */
};

/* What --settings names. */
struct settings_file {
    const char *path; /* NULL: not given */
    struct file_content content;
};

/* "--set: " or "lamp.conf line 3: ". */
static const char *setting_place(const struct setting_line *given, char place[PLACE_SIZE])
{
    if (given->line == 0)
        snprintf(place, PLACE_SIZE, "%s: ", given->source);
    else
        snprintf(place, PLACE_SIZE, "%.200s line %u: ", given->source, given->line);
    return place;
}

/* The known key that a word is most likely meant to be, or NULL. */
static const char *setting_near(const char *word)
{
    const char *names[SETTING_RULES_COUNT + 1] = {NULL};

    for (size_t i = 0; i < SETTING_RULES_COUNT; i++)
        names[i] = setting_rules[i].key;
    return cli_suggest(word, names);
}

static bool setting_is_number(const char *value, int8_t *number)
{
    char *end = NULL;
    long parsed = strtol(value, &end, 10);

    if (end == value || *end != '\0' || parsed < -15 || parsed > 15)
        return false;
    *number = (int8_t)parsed;
    return true;
}

static bool setting_has_form(enum setting_form form, const char *value)
{
    uint8_t bytes[HEX_BYTES];
    size_t length = strlen(value);
    int8_t number = 0;

    switch (form) {
    case FORM_SSID:
        return length <= 32;
    case FORM_PASSWORD:
        return length >= 8 && length <= 64;
    case FORM_REPOSITORY:
        return lcm_name_is_repository(value);
    case FORM_SWITCH:
        return strcmp(value, "y") == 0 || strcmp(value, "n") == 0;
    case FORM_HEX:
        return lcm_text_parse_hex(value, bytes, sizeof(bytes)) == LCM_OK;
    case FORM_NUMBER:
        return setting_is_number(value, &number);
    case FORM_TEXT:
    default:
        return true;
    }
}

static const struct setting_rule *setting_rule_of(const char *key)
{
    for (size_t i = 0; i < SETTING_RULES_COUNT; i++) {
        if (strcmp(setting_rules[i].key, key) == 0)
            return &setting_rules[i];
    }
    return NULL;
}

/* The known key that a word without its first part is meant to be ("ssid"), or a near one. */
static const char *setting_meant(const char *key)
{
    size_t length = strlen(key);

    for (size_t i = 0; i < SETTING_RULES_COUNT; i++) {
        const char *known = setting_rules[i].key;
        size_t known_length = strlen(known);
        if (length > 0 && known_length > length + 1 && known[known_length - length - 1] == '_' &&
            strcmp(known + known_length - length, key) == 0)
            return known;
    }
    return setting_near(key);
}

static int setting_check_unknown(const struct setting_line *given, const char *key,
                                 bool takes_unknown)
{
    const char *near = setting_meant(key);
    char place[PLACE_SIZE];

    if (!takes_unknown) {
        cli_error("%sunknown setting %s: %s%s", setting_place(given, place), key,
                  near != NULL ? "did you mean " : "docs/COMMANDS.md lists them",
                  near != NULL ? near : "");
        return CLI_USAGE;
    }
    if (near != NULL)
        cli_note("unknown setting %s: did you mean %s?", key, near);
    else
        cli_note("unknown setting %s: stored for the app; docs/COMMANDS.md lists those of "
                 "LifeCycle Manager",
                 key);
    return CLI_OK;
}

const char *settings_input_hint(const char *key, const char *value)
{
    const struct setting_rule *rule = setting_rule_of(key);

    if (*value == '\0' || rule == NULL || setting_has_form(rule->form, value))
        return NULL;
    return rule->hint;
}

static int setting_check(const struct setting_line *given, const char *key, const char *value,
                         bool takes_unknown)
{
    const char *hint = settings_input_hint(key, value);
    char place[PLACE_SIZE];

    if (strlen(key) >= LCM_SETTING_KEY_SIZE || strlen(value) > LCM_SETTING_VALUE_MAX) {
        cli_error("%ssetting %.31s: a key has at most %u characters, a value %u",
                  setting_place(given, place), key, LCM_SETTING_KEY_SIZE - 1,
                  LCM_SETTING_VALUE_MAX);
        return CLI_USAGE;
    }
    if (hint != NULL) {
        cli_error("%ssetting %s: the value is not valid. Give %s", setting_place(given, place), key,
                  hint);
        return CLI_USAGE;
    }
    return setting_rule_of(key) != NULL ? CLI_OK : setting_check_unknown(given, key, takes_unknown);
}

/* Stored in the type the apps of the reference expect. */
static int setting_store(void *context, const char *key, const char *value)
{
    struct lcm_settings *settings = context;
    int8_t number = 0;
    enum lcm_err err;

    if (*value == '\0')
        err = lcm_settings_delete(settings, key);
    else if (strcmp(key, LCM_KEY_LED_PIN) == 0 && setting_is_number(value, &number))
        err = lcm_settings_set_int8(settings, key, number);
    else
        err = lcm_settings_set(settings, key, value);
    if (err == LCM_OK)
        return CLI_OK;
    cli_error("setting %s: %s", key, lcm_err_text(err));
    return CLI_ERROR;
}

/* A text that is no KEY=VALUE may be a password that lost its key: only a word that is
 * (nearly) a known key is shown. */
static int setting_refuse_form(const struct setting_line *given)
{
    char word[LCM_SETTING_KEY_SIZE] = "";
    char place[PLACE_SIZE];
    size_t size = strcspn(given->text, " :\t=");
    bool is_key = false;

    if (size < sizeof(word)) {
        memcpy(word, given->text, size);
        word[size] = '\0';
        is_key = setting_near(word) != NULL;
    }
    cli_error("%s%s%sa setting must be KEY=VALUE, for example ota_repo=me/lamp",
              setting_place(given, place), is_key ? word : "", is_key ? ": " : "");
    return CLI_USAGE;
}

/* One "key=value": checked, or taken. */
static int setting_take(const struct settings_sink *sink, const struct setting_line *given,
                        bool is_check)
{
    const char *equals = strchr(given->text, '=');
    char *key = NULL;
    int result;

    if (equals == NULL || equals == given->text)
        return setting_refuse_form(given);
    key = strndup(given->text, (size_t)(equals - given->text));
    if (key == NULL)
        return CLI_ERROR;
    result = is_check ? setting_check(given, key, equals + 1, sink->takes_unknown)
                      : sink->take(sink->context, key, equals + 1);
    free(key);
    return result;
}

/* The lines of a file, from a copy that may be cut up. */
static int settings_take_file(const struct settings_sink *sink, const struct settings_file *file,
                              bool is_check)
{
    struct setting_line given = {.source = file->path};
    char *copy = malloc(file->content.size + 1);
    char *rest = copy;
    char *line = NULL;
    int result = copy != NULL ? CLI_OK : CLI_ERROR;

    if (copy != NULL)
        memcpy(copy, file->content.bytes, file->content.size + 1);
    while (result == CLI_OK && (line = strsep(&rest, "\n")) != NULL) {
        line[strcspn(line, "\r")] = '\0';
        given.text = line;
        given.line++;
        if (line[0] != '\0' && line[0] != '#')
            result = setting_take(sink, &given, is_check);
    }
    if (copy != NULL)
        lcm_bytes_wipe(copy, file->content.size);
    free(copy);
    return result;
}

static int settings_take_all(const struct settings_sink *sink, const struct cli_args *args,
                             const struct settings_file *file, bool is_check)
{
    struct setting_line given = {.source = "--set"};
    int result = file->path != NULL ? settings_take_file(sink, file, is_check) : CLI_OK;

    for (size_t i = 0; result == CLI_OK && (given.text = cli_get_at(args, "set", i)) != NULL; i++)
        result = setting_take(sink, &given, is_check);
    return result;
}

bool settings_input_is_given(const struct cli_args *args)
{
    return cli_has(args, "settings") || cli_has(args, "set");
}

int settings_input_visit(const struct cli_args *args, const struct settings_sink *sink)
{
    struct settings_file file = {cli_get(args, "settings"), {NULL, 0}};
    int result = CLI_OK;

    if (file.path != NULL) /* once: it may be standard input */
        result = file_read(file.path, SETTINGS_FILE_SIZE_MAX, &file.content);
    if (result == CLI_OK)
        result = settings_take_all(sink, args, &file, true);
    if (result == CLI_OK)
        result = settings_take_all(sink, args, &file, false);
    file_free(&file.content);
    return result;
}

int settings_input_apply(struct lcm_settings *settings, const struct cli_args *args)
{
    const struct settings_sink sink = {settings, true, setting_store};

    return settings_input_visit(args, &sink);
}
