// SPDX-License-Identifier: Apache-2.0
/*
 * lcm key new, lcm key show: P-256 keys in PEM files. A private key is written once,
 * readable by its owner only, and never printed.
 */
#include <stdio.h>

#include "core/base/bytes.h"
#include "host/password.h"
#include "tools/common.h"
#include "tools/commands.h"

static cJSON *key_to_json(const uint8_t point[LCM_KEY_SIZE])
{
    cJSON *json = cJSON_CreateObject();
    char fingerprint[LCM_FINGERPRINT_TEXT_SIZE];

    lcm_keys_fingerprint(point, fingerprint);
    cJSON_AddStringToObject(json, "fingerprint", fingerprint);
    fingerprint[2 * LCM_KEY_ID_SIZE] = '\0';
    cJSON_AddStringToObject(json, "key_id", fingerprint);
    tool_json_hex(json, "public_key", point, LCM_KEY_SIZE);
    return json;
}

static int key_print(const struct cli_args *args, const uint8_t point[LCM_KEY_SIZE])
{
    char fingerprint[LCM_FINGERPRINT_TEXT_SIZE];
    char text[TOOL_TEXT_SIZE];

    if (cli_has(args, "json"))
        return tool_print_json(key_to_json(point));
    lcm_keys_fingerprint(point, fingerprint);
    printf("fingerprint  %s\n", fingerprint);
    printf("key id       %.*s\n", (int)(2 * LCM_KEY_ID_SIZE), fingerprint);
    printf("public key   %s\n", tool_hex(text, point, LCM_KEY_SIZE));
    return CLI_OK;
}

static int key_save(const struct cli_args *args, const struct lcm_key *key)
{
    char password[LCM_KEYS_PASSWORD_SIZE_MAX] = "";
    struct lcm_failure failure = {""};
    const char *path = cli_positional(args, 0);
    bool is_encrypted = cli_has(args, "encrypt");
    enum lcm_err err = LCM_OK;
    int result = is_encrypted ? password_choose(args, password, sizeof(password)) : CLI_OK;

    if (result != CLI_OK)
        return result;
    err = lcm_keys_save(key, path, is_encrypted ? password : NULL, &failure);
    lcm_bytes_wipe(password, sizeof(password));
    return err == LCM_OK ? CLI_OK : tool_fail(err, &failure);
}

static int key_new(const struct cli_args *args)
{
    struct lcm_key *key = NULL;
    struct lcm_failure failure = {""};
    uint8_t point[LCM_KEY_SIZE];
    enum lcm_err err = lcm_keys_generate(&key, &failure);
    int result = CLI_OK;

    if (err != LCM_OK)
        return tool_fail(err, &failure);
    result = key_save(args, key);
    lcm_keys_public(key, point);
    lcm_keys_close(key);
    if (result != CLI_OK)
        return result;
    cli_note("wrote %s: keep it safe, nobody can make it again", cli_positional(args, 0));
    result = key_print(args, point);
    if (!cli_has(args, "json"))
        cli_note("next: the owner's key signs 'lcm trust build --owner', a release or app key "
                 "'lcm release pack --key'");
    return result;
}

static int key_show(const struct cli_args *args)
{
    const char *public_path = cli_get(args, "public");
    struct lcm_failure failure = {""};
    uint8_t point[LCM_KEY_SIZE];
    enum lcm_err err = LCM_OK;
    int result = tool_load_public(args, cli_positional(args, 0), point);

    if (result != CLI_OK)
        return result;
    if (public_path != NULL)
        err = lcm_keys_save_public(point, public_path, &failure);
    return err == LCM_OK ? key_print(args, point) : tool_fail(err, &failure);
}

static const struct cli_option key_new_options[] = {
    {"encrypt", NULL, "encrypt the file (prompts for a password)"},
    PASSWORD_OPTION,
    {"json", NULL, "print the public part as JSON"},
    {NULL, NULL, NULL},
};

const struct cli_command lcm_key_new_command = {
    .name = "key new",
    .summary = "Make a P-256 key file",
    .usage = "lcm key new FILE [--encrypt]",
    .examples = "lcm key new owner.pem --encrypt     # offline key that signs the trust sector\n"
                "lcm key new app.pem                 # key that signs the releases of an app",
    .options = key_new_options,
    .positional_min = 1,
    .positional_max = 1,
    .run = key_new,
};

static const struct cli_option key_show_options[] = {
    {"public", "FILE", "also write the public key as a PEM file"},
    PASSWORD_OPTION,
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

const struct cli_command lcm_key_show_command = {
    .name = "key show",
    .summary = "Show fingerprint, key id and public key of a key file",
    .usage = "lcm key show FILE [--public FILE] [--json]",
    .examples = "lcm key show app.pem                       # the fingerprint goes on the label\n"
                "lcm key show release.pem --public release.pub.pem",
    .options = key_show_options,
    .positional_min = 1,
    .positional_max = 1,
    .run = key_show,
};
