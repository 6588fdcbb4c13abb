/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings from the command line: --settings FILE (lines KEY=VALUE, # comments) and
 * any number of --set KEY=VALUE, later ones win. Everything is checked before the
 * first value is stored, so bad input changes nothing.
 */
#ifndef LCM_HOST_SETTINGS_INPUT_H
#define LCM_HOST_SETTINGS_INPUT_H

#include <stdbool.h>

#include "core/store/settings.h"
#include "host/cli.h"

/* Help of --set: the settings that most people need. */
#define SETTINGS_HELP_KEYS "wifi_ssid, ota_repo, ota_beta, led_pin, ...: docs/COMMANDS.md"

/* true when the command line gives any setting. */
bool settings_input_is_given(const struct cli_args *args);

/*
 * Check, then store. Known keys are checked for form (owner/name, y/n, hex
 * fingerprint, lengths), others are stored as text after a note: apps have keys of their
 * own. An empty value deletes. CLI_OK, or an exit code after one error line that says
 * where the bad setting stands and never shows a value.
 */
int settings_input_apply(struct lcm_settings *settings, const struct cli_args *args);

/* Where else settings can go. */
struct settings_sink {
    void *context;
    bool takes_unknown; /* keys of an app; else they are wrong usage */
    /* One setting whose form is right; "" deletes. CLI_OK, or an exit code after an error line. */
    int (*take)(void *context, const char *key, const char *value);
};

/* As settings_input_apply, into a sink. */
int settings_input_visit(const struct cli_args *args, const struct settings_sink *sink);

/* NULL when the key may have this value, else what it should be ("8 to 64 characters"). */
const char *settings_input_hint(const char *key, const char *value);

#endif
