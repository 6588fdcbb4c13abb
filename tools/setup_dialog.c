// SPDX-License-Identifier: Apache-2.0
/*
 * The dialog of `lcm setup`: network, password, app, then the trial, and what to do when it failed.
 *
 * Every question shows what is stored and keeps it when only Enter is pressed. Passwords are typed
 * without echo and kept in the values alone.
 */
#include "tools/setup_dialog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/update/keys.h"
#include "host/cli.h"
#include "host/settings_input.h"
#include "host/terminal.h"
#include "tools/setup_ask.h"

#define LINE_SIZE 260u
#define PROMPT_SIZE 400u

struct dialog {
    struct setup_client *client;
    struct setup_text device; /* the answer to `read` */
    struct setup_values values;
    struct setup_network networks[SETUP_NETWORKS_MAX];
    size_t network_count;
};

/* A question about one setting. */
struct dialog_question {
    const char *key;
    const char *text;
};

static const struct dialog_question app_questions[] = {
    {LCM_KEY_OTA_REPO, "Repository of the app (OWNER/NAME)"},
    {LCM_KEY_OTA_FILE, "Its release file"},
    {LCM_KEY_APP_KEY,
     "Fingerprint of the app's key (64 hex digits; none: the first key met counts)"},
};

static const struct dialog_question more_questions[] = {
    {LCM_KEY_OTA_BETA, "Take pre-releases of the app (y/n)"},
    {LCM_KEY_UNSIGNED,
     "Allow unsigned apps: whoever controls the repository controls the device (y/n)"},
    {LCM_KEY_OTA_STRING, "Text for the app"},
    {LCM_KEY_LED_PIN, "GPIO of the LED (-15..15; negative: lit by 1)"},
    {LCM_KEY_SYSLOG, "Server for reports (HOST[:PORT])"},
};

static const struct dialog_question emergency_question = {LCM_KEY_OTA_SERVER, "Emergency server"};

/* "y" or "Y"; the end of input counts as no. */
static bool dialog_agrees(const char *prompt)
{
    char line[8];

    return terminal_ask(prompt, line, sizeof(line)) == CLI_OK && (line[0] == 'y' || line[0] == 'Y');
}

/* Ask until the answer has a right form. Enter keeps, "-" deletes. */
static int dialog_ask(struct dialog *dialog, const struct dialog_question *question)
{
    char stored[SETUP_VALUE_SIZE];
    char shown[SETUP_VALUE_SIZE + 1];
    char prompt[PROMPT_SIZE];
    char line[LINE_SIZE];

    setup_values_text(&dialog->device, question->key, stored);
    terminal_clean((const uint8_t *)stored, strlen(stored), shown);
    snprintf(prompt, sizeof(prompt),
             stored[0] != '\0' ? "%s [%s; - deletes]: " : "%s%s: ", question->text, shown);
    for (;;) {
        int result = terminal_ask(prompt, line, sizeof(line));
        const char *value = strcmp(line, "-") == 0 ? "" : line;

        if (result != CLI_OK || line[0] == '\0')
            return result;
        if (settings_input_hint(question->key, value) == NULL && strlen(value) < SETUP_VALUE_SIZE)
            return setup_values_put(&dialog->values, question->key, value);
        printf("give %s\n", settings_input_hint(question->key, value) != NULL
                                ? settings_input_hint(question->key, value)
                                : "a shorter text");
    }
}

/* ---- the network ---- */

/* Password of a network: typed twice over when its form is wrong, "" for an open one. */
static int dialog_ask_password(struct dialog *dialog, const char *name, bool is_stored)
{
    char prompt[PROMPT_SIZE];
    char password[SETUP_PASSWORD_SIZE] = "";
    const char *hint = "";
    int result = CLI_OK;

    snprintf(prompt, sizeof(prompt), "Password of %s (%s): ", name,
             is_stored ? "Enter keeps the stored one" : "Enter: it is an open network");
    while (hint != NULL && result == CLI_OK) {
        result = terminal_ask_secret(prompt, password, sizeof(password));
        hint = settings_input_hint(LCM_KEY_WIFI_PASSWORD, password);
        if (hint != NULL && result == CLI_OK)
            printf("a password has %s\n", hint);
    }
    if (result == CLI_OK && (password[0] != '\0' || !is_stored))
        result = setup_values_put(&dialog->values, LCM_KEY_WIFI_PASSWORD, password);
    lcm_bytes_wipe(password, sizeof(password));
    return result;
}

/* Take a network of the list. */
static int dialog_take_network(struct dialog *dialog, const struct setup_network *network)
{
    char name[SETUP_SSID_SIZE + 1];
    static const char open_password[] = "";

    setup_values_put_ssid(&dialog->values, network->name, network->size);
    if (!network->is_secured)
        return setup_values_put(&dialog->values, LCM_KEY_WIFI_PASSWORD, open_password);
    return dialog_ask_password(dialog, terminal_clean(network->name, network->size, name), false);
}

/* A name that was typed: a hidden network, or one out of reach. */
static int dialog_take_name(struct dialog *dialog, const char *name)
{
    int result = setup_values_put(&dialog->values, LCM_KEY_WIFI_SSID, name);

    return result == CLI_OK ? dialog_ask_password(dialog, name, false) : result;
}

/* The number of a network in the list, or 0. */
static size_t dialog_number(const struct dialog *dialog, const char *line)
{
    char *end = NULL;
    long number = strtol(line, &end, 10);

    return end != line && *end == '\0' && number >= 1 && (size_t)number <= dialog->network_count
               ? (size_t)number
               : 0;
}

static int dialog_keep_network(struct dialog *dialog, const char *stored)
{
    char shown[SETUP_VALUE_SIZE + 1];
    bool has_password = setup_text_number(&dialog->device, LCM_ITEM_HAS_PASSWORD, 0) == 1;

    if (stored[0] == '\0') {
        printf("choose a network\n");
        return CLI_OK;
    }
    if (!has_password)
        return CLI_OK;
    return dialog_ask_password(
        dialog, terminal_clean((const uint8_t *)stored, strlen(stored), shown), true);
}

static int dialog_ask_network(struct dialog *dialog)
{
    char stored[SETUP_VALUE_SIZE];
    char shown[SETUP_VALUE_SIZE + 1];
    char prompt[PROMPT_SIZE];
    char line[LINE_SIZE];

    setup_values_text(&dialog->device, LCM_KEY_WIFI_SSID, stored);
    terminal_clean((const uint8_t *)stored, strlen(stored), shown);
    snprintf(prompt, sizeof(prompt),
             "Network: number, its name, or r to scan again%s%s%s: ", stored[0] != '\0' ? " [" : "",
             shown, stored[0] != '\0' ? "]" : "");
    for (;;) {
        int result = terminal_ask(prompt, line, sizeof(line));
        size_t number = dialog_number(dialog, line);

        if (result == CLI_OK && strcmp(line, "r") == 0) {
            result = setup_ask_scan(dialog->client, true, dialog->networks, &dialog->network_count);
            if (result == CLI_OK)
                setup_show_networks(dialog->networks, dialog->network_count);
        } else if (result == CLI_OK && line[0] == '\0') {
            result = dialog_keep_network(dialog, stored);
            if (stored[0] != '\0')
                return result;
        } else if (result == CLI_OK && number > 0) {
            return dialog_take_network(dialog, &dialog->networks[number - 1]);
        } else if (result == CLI_OK && settings_input_hint(LCM_KEY_WIFI_SSID, line) == NULL) {
            return dialog_take_name(dialog, line);
        }
        if (result != CLI_OK)
            return result;
    }
}

/* ---- all of it ---- */

static int dialog_ask_list(struct dialog *dialog, const struct dialog_question *list, size_t count)
{
    int result = CLI_OK;

    for (size_t i = 0; i < count && result == CLI_OK; i++)
        result = dialog_ask(dialog, &list[i]);
    return result;
}

static int dialog_ask_all(struct dialog *dialog)
{
    int result = dialog_ask_network(dialog);

    if (result == CLI_OK)
        result = dialog_ask_list(dialog, app_questions,
                                 sizeof(app_questions) / sizeof(app_questions[0]));
    if (result == CLI_OK && dialog_agrees("More settings? (y/N): ")) {
        result = dialog_ask_list(dialog, more_questions,
                                 sizeof(more_questions) / sizeof(more_questions[0]));
        if (result == CLI_OK && setup_text_number(&dialog->device, LCM_ITEM_LCM_BETA, 0) == 1)
            result = dialog_ask(dialog, &emergency_question);
    }
    return result;
}

static void dialog_report(void *context, enum lcm_setup_phase phase)
{
    (void)context;
    if (phase > LCM_SETUP_PHASE_NONE && phase < LCM_SETUP_PHASE_DONE)
        printf("  %s ...\n", setup_phase_text(phase));
    fflush(stdout);
}

/* Try it. *is_stored: the device keeps it. */
static int dialog_try(struct dialog *dialog, bool saves_anyway, bool *is_stored)
{
    struct setup_trial trial = {.client = dialog->client,
                                .values = &dialog->values,
                                .saves_anyway = saves_anyway,
                                .report = dialog_report};
    struct lcm_failure failure = {""};
    char text[256];
    enum lcm_err err = setup_trial_run(&trial, &failure);

    *is_stored = false;
    if (err != LCM_OK)
        return setup_ask_fail(err, &failure);
    *is_stored = setup_trial_is_good(&trial);
    if (trial.refused_error != 0)
        printf("the device refuses %s: %s\n", setup_values_key(trial.refused_tag),
               lcm_err_text((enum lcm_err)trial.refused_error));
    else if (*is_stored && saves_anyway)
        printf("stored, without a trial\n");
    else
        printf("%s\n", setup_state_text(&trial.state, text, sizeof(text)));
    return CLI_OK;
}

/* After a trial that failed. *saves: store it as it is; false: it was asked again, or is tried
 * again. */
static int dialog_ask_what_now(struct dialog *dialog, bool *saves)
{
    char line[LINE_SIZE];

    for (;;) {
        int result = terminal_ask("(t)ry again, (c)hange something, (s)ave anyway, (q)uit: ", line,
                                  sizeof(line));

        if (result != CLI_OK)
            return result;
        *saves = line[0] == 's';
        if (line[0] == 't' || line[0] == 's')
            return CLI_OK;
        if (line[0] == 'c')
            return dialog_ask_all(dialog);
        if (line[0] == 'q')
            return CLI_INTERRUPTED;
    }
}

static int dialog_run(struct dialog *dialog)
{
    bool is_stored = false, saves = false;
    int result = setup_ask(dialog->client, LCM_SETUP_READ, &dialog->device);

    if (result == CLI_OK) {
        setup_show_device(&dialog->device);
        result = setup_ask_scan(dialog->client, false, dialog->networks, &dialog->network_count);
    }
    if (result == CLI_OK) {
        printf("networks\n");
        setup_show_networks(dialog->networks, dialog->network_count);
        result = dialog_ask_all(dialog);
    }
    while (result == CLI_OK && !is_stored) {
        printf("%s\n", saves ? "storing ..." : "trying it; nothing is stored before it works");
        result = dialog_try(dialog, saves, &is_stored);
        if (result == CLI_OK && !is_stored)
            result = dialog_ask_what_now(dialog, &saves);
    }
    if (result == CLI_OK) {
        printf("stored. The device leaves set-up and starts its work\n");
        setup_ask_finish(dialog->client);
    }
    return result;
}

int setup_dialog(struct setup_client *client)
{
    struct dialog *dialog = calloc(1, sizeof(*dialog));

    if (dialog == NULL) {
        cli_error("out of memory");
        return CLI_ERROR;
    }
    dialog->client = client;
    int result = dialog_run(dialog);
    lcm_bytes_wipe(dialog, sizeof(*dialog));
    free(dialog);
    return result;
}
