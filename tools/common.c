// SPDX-License-Identifier: Apache-2.0
/*
 * Helpers shared by the commands, see the header. No command logic.
 */
#include "tools/common.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/password.h"

struct tool_exit_rule {
    enum lcm_err err;
    enum cli_exit code;
};

/* Every result that is not a verdict; the others say that something is not valid. */
static const struct tool_exit_rule tool_exits[] = {
    {LCM_OK, CLI_OK},
    {LCM_ERR_NOT_FOUND, CLI_NOT_FOUND},
    {LCM_ERR_HTTP_NOT_FOUND, CLI_NOT_FOUND},
    {LCM_ERR_ABORTED, CLI_AUTH},
    {LCM_ERR_TIMEOUT, CLI_TIMEOUT},
    {LCM_ERR_ARGUMENT, CLI_ERROR},
    {LCM_ERR_NO_SPACE, CLI_ERROR},
    {LCM_ERR_TOO_LONG, CLI_ERROR},
    {LCM_ERR_FLASH, CLI_ERROR},
    {LCM_ERR_ENTROPY, CLI_ERROR},
    {LCM_ERR_SETTING, CLI_ERROR},
};

int tool_exit(enum lcm_err err)
{
    for (size_t i = 0; i < sizeof(tool_exits) / sizeof(tool_exits[0]); i++)
        if (tool_exits[i].err == err)
            return (int)tool_exits[i].code;
    return CLI_VERIFY;
}

int tool_fail(enum lcm_err err, const struct lcm_failure *failure)
{
    if (failure != NULL && failure->text[0] != '\0')
        cli_error("%s", failure->text);
    else
        cli_error("%s", lcm_err_text(err));
    return tool_exit(err);
}

/* As tool_fail for key files, where a wrong password is a matter of permission and
 * a broken file is an error. The password's own failure has been told already. */
static int tool_fail_key(enum lcm_err err, const struct lcm_failure *failure)
{
    int code = password_failure();

    if (code != CLI_OK)
        return code;
    code = tool_fail(err, failure);
    if (err == LCM_ERR_CORRUPT)
        return CLI_AUTH;
    return err == LCM_ERR_FORMAT ? CLI_ERROR : code;
}

int tool_load_key(const struct cli_args *args, const char *path, struct lcm_key **key)
{
    struct lcm_keys_password password = password_source(args);
    struct lcm_failure failure = {""};
    enum lcm_err err = lcm_keys_load(key, path, &password, &failure);

    return err == LCM_OK ? CLI_OK : tool_fail_key(err, &failure);
}

int tool_load_public(const struct cli_args *args, const char *path, uint8_t point[LCM_KEY_SIZE])
{
    struct lcm_keys_password password = password_source(args);
    struct lcm_failure failure = {""};
    enum lcm_err err = lcm_keys_load_public(point, path, &password, &failure);

    return err == LCM_OK ? CLI_OK : tool_fail_key(err, &failure);
}

bool tool_u32(const struct cli_args *args, const char *name, uint32_t low, uint32_t *value)
{
    long number = (long)*value;

    if (!cli_number(args, name, (long)low, (long)UINT32_MAX, &number))
        return false;
    *value = (uint32_t)number;
    return true;
}

bool tool_time(const struct cli_args *args, const char *name, uint64_t *value)
{
    long number = (long)time(NULL);

    if (!cli_number(args, name, 1, (long)UINT32_MAX * 4, &number))
        return false;
    *value = (uint64_t)number;
    return true;
}

int tool_load_trust(const char *path, uint8_t file[LCM_TRUST_SIZE], struct lcm_trust *trust)
{
    struct file_content content = {NULL, 0};
    int result = file_read(path, LCM_TRUST_SIZE, &content);
    enum lcm_err err = LCM_ERR_FORMAT;

    if (result != CLI_OK)
        return result;
    if (content.size == LCM_TRUST_SIZE) {
        memcpy(file, content.bytes, LCM_TRUST_SIZE);
        err = lcm_trust_decode(trust, file);
    }
    file_free(&content);
    if (err == LCM_OK)
        err = lcm_trust_verify(trust, file);
    if (err == LCM_OK)
        return CLI_OK;
    cli_error("%s: no valid trust sector: %s", path, lcm_err_text(err));
    return CLI_VERIFY;
}

int tool_load_manifest(const char *path, struct file_content *content,
                       struct lcm_manifest *manifest)
{
    int result = file_read(path, LCM_MANIFEST_SIZE_MAX, content);
    enum lcm_err err = LCM_OK;

    if (result != CLI_OK)
        return result;
    err = lcm_manifest_decode(manifest, content->bytes, content->size);
    if (err == LCM_OK)
        return CLI_OK;
    file_free(content);
    cli_error("%s: no valid manifest: %s", path, lcm_err_text(err));
    return CLI_VERIFY;
}

const char *tool_date(char *text, uint64_t seconds)
{
    time_t moment = (time_t)seconds;
    struct tm utc;

    if (gmtime_r(&moment, &utc) == NULL ||
        strftime(text, TOOL_TEXT_SIZE, "%Y-%m-%d %H:%M UTC", &utc) == 0)
        snprintf(text, TOOL_TEXT_SIZE, "%llu s", (unsigned long long)seconds);
    return text;
}

const char *tool_hex(char *text, const uint8_t *bytes, size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; i < size && 2 * i + 2 < TOOL_TEXT_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    return text;
}

const char *tool_type_name(enum lcm_file_type type)
{
    switch (type) {
    case LCM_FILE_APP:
        return "app";
    case LCM_FILE_UPDATER:
        return "updater";
    case LCM_FILE_BOOT:
        return "boot";
    default:
        return "?";
    }
}

enum lcm_file_type tool_type_parse(const char *name)
{
    for (enum lcm_file_type type = LCM_FILE_APP; type <= LCM_FILE_BOOT; type++)
        if (strcmp(name, tool_type_name(type)) == 0)
            return type;
    return (enum lcm_file_type)0;
}

int tool_print_json(cJSON *json)
{
    char *text = cJSON_Print(json);

    cJSON_Delete(json);
    if (text == NULL) {
        cli_error("out of memory");
        return CLI_ERROR;
    }
    printf("%s\n", text);
    cJSON_free(text);
    return CLI_OK;
}

void tool_json_hex(cJSON *object, const char *name, const uint8_t *bytes, size_t size)
{
    char text[TOOL_TEXT_SIZE];

    cJSON_AddStringToObject(object, name, tool_hex(text, bytes, size));
}
