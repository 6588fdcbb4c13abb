// SPDX-License-Identifier: Apache-2.0
/*
 * lcm setup: sets up a device from a machine in its Wi-Fi network, as the phone's page does, but by
 * code that came from somewhere else than the device.
 *
 * Invariants: nothing secret is sent before the device has proved that it knows the set-up code
 * (host/setup_client.c sees to it); neither code nor password is ever printed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/store/setup_code.h"
#include "core/update/keys.h"
#include "host/file.h"
#include "host/settings_input.h"
#include "host/terminal.h"
#include "tools/commands.h"
#include "tools/common.h"
#include "tools/setup_ask.h"
#include "tools/setup_dialog.h"

#define SETUP_URL "http://192.168.4.1"
#define SETUP_PATIENCE_MS 30000u
#define SETUP_CODE_TRIES 3u
#define SETUP_LINE_SIZE 64u
#define SETUP_SECRET_FILE_MAX 4096u /* bytes */

struct setup_job {
    const struct cli_args *args;
    struct setup_client *client;
    struct setup_client_info info;
    struct setup_values values;
    char code[LCM_SETUP_CODE_SIZE]; /* "" = to be asked for */
};

/* ---- input ---- */

/* The first line of a file, "-" is standard input. */
static int setup_read_secret(const char *path, char *line, size_t size)
{
    struct file_content content = {NULL, 0};
    int result = file_read(path, SETUP_SECRET_FILE_MAX, &content);

    if (result != CLI_OK)
        return result;
    size_t length = strcspn((const char *)content.bytes, "\r\n");
    if (length < size) {
        memcpy(line, content.bytes, length);
        line[length] = '\0';
    } else {
        cli_error("%s: its first line is longer than a secret of this kind can be", path);
        result = CLI_USAGE;
    }
    file_free(&content);
    return result;
}

static int setup_parse_code(struct setup_job *job, const char *text)
{
    if (lcm_setup_code_parse(text, job->code) == LCM_OK)
        return CLI_OK;
    cli_error("not a set-up code: it has 12 letters and digits, as on the label: XXXX-XXXX-XXXX");
    return CLI_USAGE;
}

/* --code, --code-file or LCM_SETUP_CODE. */
static int setup_read_code(struct setup_job *job)
{
    const char *path = cli_get(job->args, "code-file");
    const char *text = cli_get(job->args, "code");
    char line[SETUP_LINE_SIZE] = "";
    int result = CLI_OK;

    if (text == NULL && path != NULL) {
        result = setup_read_secret(path, line, sizeof(line));
        text = line;
    }
    if (text == NULL)
        text = getenv("LCM_SETUP_CODE");
    if (result == CLI_OK && text != NULL)
        result = setup_parse_code(job, text);
    lcm_bytes_wipe(line, sizeof(line));
    return result;
}

static int setup_take_value(void *context, const char *key, const char *value)
{
    struct setup_job *job = context;

    return setup_values_put(&job->values, key, value);
}

static bool setup_is_secret(const char *setting)
{
    static const char *const starts[] = {LCM_KEY_WIFI_PASSWORD "=", LCM_KEY_TELEMETRY "="};

    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        size_t length = strlen(starts[i]);
        if (strncmp(setting, starts[i], length) == 0 && setting[length] != '\0')
            return true;
    }
    return false;
}

static bool setup_shows_secret(const struct cli_args *args)
{
    const char *text = NULL;
    bool is_shown = false;

    for (size_t i = 0; (text = cli_get_at(args, "set", i)) != NULL; i++)
        is_shown |= setup_is_secret(text);
    return is_shown;
}

/* The password for a network that was given without one. */
static int setup_ask_password(struct setup_job *job, char *password, size_t size)
{
    const struct setup_value *ssid = setup_values_get(&job->values, LCM_KEY_WIFI_SSID);
    char name[SETUP_VALUE_SIZE + 1];
    char prompt[SETUP_VALUE_SIZE + 64];

    if (!terminal_is_there()) {
        cli_error("the network's password is missing: --password-file FILE, or --set "
                  "wifi_password= for an open network");
        return CLI_AUTH;
    }
    snprintf(prompt, sizeof(prompt), "Password of %s (Enter: it is an open network): ",
             terminal_clean(ssid->bytes, ssid->size, name));
    return terminal_ask_secret(prompt, password, size);
}

/* Name and password belong together: a password must come from somewhere. */
static int setup_read_password(struct setup_job *job)
{
    const char *path = cli_get(job->args, "password-file");
    const struct setup_value *ssid = setup_values_get(&job->values, LCM_KEY_WIFI_SSID);
    bool is_given = setup_values_get(&job->values, LCM_KEY_WIFI_PASSWORD) != NULL;
    char password[SETUP_PASSWORD_SIZE] = "";
    int result = CLI_OK;

    if (setup_shows_secret(job->args))
        cli_note("others on this machine can see passwords and keys of the command line: "
                 "--password-file and --settings keep them");
    if (path == NULL && (ssid == NULL || ssid->size == 0 || is_given))
        return CLI_OK;
    result = path != NULL ? setup_read_secret(path, password, sizeof(password))
                          : setup_ask_password(job, password, sizeof(password));
    const char *hint = settings_input_hint(LCM_KEY_WIFI_PASSWORD, password);
    if (result == CLI_OK && hint != NULL) {
        cli_error("the password is not valid. Give %s", hint);
        result = CLI_USAGE;
    }
    if (result == CLI_OK)
        result = setup_values_put(&job->values, LCM_KEY_WIFI_PASSWORD, password);
    lcm_bytes_wipe(password, sizeof(password));
    return result;
}

static int setup_read_values(struct setup_job *job)
{
    const struct settings_sink sink = {job, false, setup_take_value};
    int result = settings_input_visit(job->args, &sink);

    return result == CLI_OK ? setup_read_password(job) : result;
}

/* ---- reaching the device ---- */

static void setup_tell(void *context, const char *text)
{
    (void)context;
    cli_note("%s", text);
}

static int setup_reach(struct setup_job *job)
{
    const char *url = cli_get(job->args, "url");
    const struct setup_client_config config = {url != NULL ? url : SETUP_URL, SETUP_PATIENCE_MS,
                                               NULL, setup_tell};
    struct lcm_failure failure = {""};
    enum lcm_err err = setup_client_open(&job->client, &config, &failure);

    if (err != LCM_OK)
        return setup_ask_fail(err, &failure);
    err = setup_client_info(job->client, &job->info, &failure);
    if (err == LCM_ERR_CONNECT) {
        cli_error("%s. Is this machine in the device's Wi-Fi network (LCM-XXXXXX)?", failure.text);
        return CLI_NOT_FOUND;
    }
    return err == LCM_OK ? CLI_OK : setup_ask_fail(err, &failure);
}

/* Ask for the code until it has the form of one. */
static int setup_ask_code(struct setup_job *job)
{
    char prompt[SETUP_LINE_SIZE + 64];
    char line[SETUP_LINE_SIZE];
    int result = CLI_USAGE;

    if (!terminal_is_there()) {
        cli_error("the set-up code is missing: --code-file FILE, or LCM_SETUP_CODE");
        return CLI_AUTH;
    }
    snprintf(prompt, sizeof(prompt), "Set-up code of %.32s (on its label): ", job->info.name);
    while (result == CLI_USAGE) {
        result = terminal_ask(prompt, line, sizeof(line));
        if (result == CLI_OK)
            result = setup_parse_code(job, line);
    }
    lcm_bytes_wipe(line, sizeof(line));
    return result;
}

/* Prove the code to the device, and let it prove it. A code that was typed may be typed again. */
static int setup_unlock(struct setup_job *job)
{
    bool is_typed = job->code[0] == '\0';
    unsigned tries = is_typed ? SETUP_CODE_TRIES : 1;
    int result = CLI_AUTH;

    for (unsigned i = 0; i < tries && result == CLI_AUTH; i++) {
        struct lcm_failure failure = {""};

        result = is_typed ? setup_ask_code(job) : CLI_OK;
        if (result != CLI_OK)
            return result;
        enum lcm_err err = setup_client_connect(job->client, job->code, &failure);
        if (err != LCM_OK)
            result = setup_ask_fail(err, &failure);
        if (err == LCM_ERR_SIGNATURE)
            result = CLI_AUTH;
    }
    return result;
}

/* ---- what to do there ---- */

static int setup_do_dialog(struct setup_job *job)
{
    return setup_dialog(job->client);
}

static int setup_do_status(struct setup_job *job)
{
    struct setup_text answer;
    int result = setup_ask(job->client, LCM_SETUP_READ, &answer);

    if (result != CLI_OK)
        return result;
    if (cli_has(job->args, "json"))
        return tool_print_json(setup_json_device(&answer));
    setup_show_device(&answer);
    return CLI_OK;
}

static int setup_do_scan(struct setup_job *job)
{
    struct setup_network list[SETUP_NETWORKS_MAX];
    size_t count = 0;
    int result = setup_ask_scan(job->client, true, list, &count);

    if (result != CLI_OK)
        return result;
    if (cli_has(job->args, "json"))
        return tool_print_json(setup_json_networks(list, count));
    setup_show_networks(list, count);
    return CLI_OK;
}

static int setup_do_identify(struct setup_job *job)
{
    struct setup_text answer;
    int result = setup_ask(job->client, LCM_SETUP_IDENTIFY, &answer);

    if (result == CLI_OK)
        cli_note("the LED of %s blinks now", job->info.name);
    return result;
}

static int setup_do_reset(struct setup_job *job)
{
    struct setup_text answer;
    int result = setup_ask(job->client, LCM_SETUP_FACTORY_RESET, &answer);

    if (result == CLI_OK)
        cli_note("%s erases its settings, its app and the app's data; the set-up code stays",
                 job->info.name);
    return result;
}

static void setup_report(void *context, enum lcm_setup_phase phase)
{
    (void)context;
    if (phase > LCM_SETUP_PHASE_NONE && phase < LCM_SETUP_PHASE_DONE)
        cli_note("%s", setup_phase_text(phase));
}

static cJSON *setup_json_trial(const struct setup_trial *trial)
{
    cJSON *json = cJSON_CreateObject();
    bool is_refused = trial->refused_error != 0;

    cJSON_AddStringToObject(json, "result",
                            setup_trial_is_good(trial) ? "stored"
                            : is_refused               ? "refused"
                                                       : "failed");
    if (is_refused) {
        cJSON_AddStringToObject(json, "setting", setup_values_key(trial->refused_tag));
        cJSON_AddStringToObject(json, "error", lcm_err_name((enum lcm_err)trial->refused_error));
    } else {
        cJSON_AddItemToObject(json, "trial", setup_json_state(&trial->state));
    }
    return json;
}

static int setup_tell_trial(const struct setup_trial *trial)
{
    char text[256];

    if (trial->refused_error != 0) {
        cli_error("the device refuses %s: %s", setup_values_key(trial->refused_tag),
                  lcm_err_text((enum lcm_err)trial->refused_error));
        return CLI_VERIFY;
    }
    if (!setup_trial_is_good(trial)) {
        cli_error("%s. Nothing was stored (--save-anyway stores it as it is)",
                  setup_state_text(&trial->state, text, sizeof(text)));
        return CLI_ERROR;
    }
    if (trial->saves_anyway)
        cli_note("stored, without a trial");
    else
        cli_note("%s; stored", setup_state_text(&trial->state, text, sizeof(text)));
    return CLI_OK;
}

static int setup_do_set(struct setup_job *job)
{
    struct setup_trial trial = {.client = job->client,
                                .values = &job->values,
                                .saves_anyway = cli_has(job->args, "save-anyway"),
                                .report = setup_report};
    struct lcm_failure failure = {""};
    enum lcm_err err = setup_trial_run(&trial, &failure);
    int result;

    if (err != LCM_OK)
        return setup_ask_fail(err, &failure);
    result = setup_tell_trial(&trial);
    if (cli_has(job->args, "json") && tool_print_json(setup_json_trial(&trial)) != CLI_OK)
        return CLI_ERROR;
    if (result == CLI_OK)
        setup_ask_finish(job->client);
    return result;
}

/* ---- the command ---- */

struct setup_action {
    const char *option;
    int (*run)(struct setup_job *job);
};

static const struct setup_action setup_actions[] = {
    {"status", setup_do_status},       {"scan", setup_do_scan}, {"identify", setup_do_identify},
    {"factory-reset", setup_do_reset}, {"set", setup_do_set},   {"settings", setup_do_set},
    {"password-file", setup_do_set},
};

/* What the options ask for; without any it is the dialog. NULL after an error line. */
static const struct setup_action *setup_choose(const struct cli_args *args)
{
    static const struct setup_action dialog = {"", setup_do_dialog};
    const struct setup_action *chosen = &dialog;

    for (size_t i = 0; i < sizeof(setup_actions) / sizeof(setup_actions[0]); i++) {
        if (!cli_has(args, setup_actions[i].option))
            continue;
        if (chosen != &dialog && chosen->run != setup_actions[i].run) {
            cli_error("--%s and --%s: one at a time", chosen->option, setup_actions[i].option);
            return NULL;
        }
        chosen = &setup_actions[i];
    }
    if (chosen == &dialog && !terminal_is_there()) {
        cli_error(
            "nothing to do: give --set, --settings, --status, --scan or --identify, or run it "
            "on a terminal");
        return NULL;
    }
    if (cli_has(args, "save-anyway") && chosen->run != setup_do_set) {
        cli_error("--save-anyway needs settings to save: --set or --settings");
        return NULL;
    }
    if (chosen->run == setup_do_reset && !cli_has(args, "yes")) {
        cli_error(
            "--factory-reset erases settings, app and its data: add --yes when that is meant");
        return NULL;
    }
    return chosen;
}

static int setup_run(const struct cli_args *args)
{
    const struct setup_action *action = setup_choose(args);
    struct setup_job *job = calloc(1, sizeof(*job));
    int result = action != NULL ? CLI_OK : CLI_USAGE;

    if (job == NULL) {
        cli_error("out of memory");
        return CLI_ERROR;
    }
    job->args = args;
    if (result == CLI_OK)
        result = setup_read_code(job);
    if (result == CLI_OK)
        result = setup_read_values(job);
    if (result == CLI_OK)
        result = setup_reach(job);
    if (result == CLI_OK)
        result = setup_unlock(job);
    if (result == CLI_OK)
        result = action->run(job);
    setup_client_close(job->client);
    lcm_bytes_wipe(job, sizeof(*job));
    free(job);
    return result;
}

static const struct cli_option setup_options[] = {
    {"url", "URL", "where the device is (default: " SETUP_URL ")"},
    {"code", "CODE", "set-up code of the label; better: --code-file, LCM_SETUP_CODE or the prompt"},
    {"code-file", "FILE", "read the set-up code from FILE (- is standard input)"},
    {"set", "KEY=VALUE", "a setting (repeatable): " SETTINGS_HELP_KEYS},
    {"settings", "FILE", "settings, one KEY=VALUE per line (- is standard input)"},
    {"password-file", "FILE", "read the Wi-Fi password from FILE (- is standard input)"},
    {"save-anyway", NULL, "store the settings without trying them"},
    {"status", NULL, "show the device, its settings and its last trial"},
    {"scan", NULL, "show the networks the device sees"},
    {"identify", NULL, "let the device's LED blink"},
    {"factory-reset", NULL, "erase settings, app and its data (with --yes)"},
    {"yes", NULL, "it is meant"},
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

const struct cli_command lcm_setup_command = {
    .name = "setup",
    .summary = "Set up a device: Wi-Fi, app, and what it needs to know",
    .usage = "lcm setup [--url URL] [options]",
    .examples =
        "lcm setup                                  # asks everything, on a terminal\n"
        "lcm setup --status\n"
        "lcm setup --code-file code --set wifi_ssid=home --password-file wifi \\\n"
        "    --set ota_repo=me/lamp                 # in a script\n"
        "\n"
        "This machine must be in the device's Wi-Fi network LCM-XXXXXX; its password is the\n"
        "set-up code of the label without dashes.",
    .options = setup_options,
    .run = setup_run,
};
