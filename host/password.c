// SPDX-License-Identifier: Apache-2.0
/*
 * Where passwords of key files come from; see the header. The prompt is OpenSSL's,
 * which turns the echo off and restores it on signals.
 */
#include "host/password.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/ui.h>

#include "core/base/bytes.h"
#include "host/file.h"

#define PASSWORD_DIFFERS (-2)
#define UI_INTERRUPTED (-2) /* of UI_process */

static bool password_has_terminal(void)
{
    int descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC);

    if (descriptor < 0)
        return false;
    close(descriptor);
    return true;
}

/* Told to the user already; see password_failure. */
static int password_told;

/* The first line of a file. -1 when it cannot be read. */
static int password_from_file(const char *path, char *buffer, size_t size)
{
    struct file_content content = {NULL, 0};
    size_t length = 0;

    password_told = file_read(path, size, &content);
    if (password_told != CLI_OK)
        return -1;
    length = strcspn((const char *)content.bytes, "\r\n");
    if (length >= size)
        length = size - 1;
    memcpy(buffer, content.bytes, length);
    buffer[length] = '\0';
    file_free(&content);
    return (int)length;
}

/* File or environment; -1 when neither was given. */
static int password_given(const struct cli_args *args, char *buffer, size_t size)
{
    const char *path = cli_get(args, "password-file");
    const char *environment = getenv("LCM_KEY_PASSWORD");

    if (path != NULL)
        return password_from_file(path, buffer, size);
    if (environment == NULL || strlen(environment) >= size)
        return -1;
    memcpy(buffer, environment, strlen(environment) + 1);
    return (int)strlen(environment);
}

static int password_prompt(const char *prompt, char *buffer, size_t size)
{
    int result = 0;

    if (!password_has_terminal())
        return -1;
    result = UI_UTIL_read_pw_string(buffer, (int)size, prompt, 0);
    if (result == UI_INTERRUPTED)
        password_told = CLI_INTERRUPTED;
    return result == 0 ? (int)strlen(buffer) : -1;
}

static int password_ask(void *context, const char *path, char *buffer, size_t size)
{
    const struct cli_args *args = *(const struct cli_args **)context;
    char text[LCM_KEYS_PASSWORD_SIZE_MAX];
    char prompt[256];
    int length = password_given(args, text, sizeof(text));

    snprintf(prompt, sizeof(prompt), "Password of %.200s: ", path);
    if (length < 0 && cli_get(args, "password-file") == NULL)
        length = password_prompt(prompt, text, sizeof(text));
    if (length > (int)size)
        length = -1;
    if (length > 0)
        memcpy(buffer, text, (size_t)length);
    lcm_bytes_wipe(text, sizeof(text));
    return length;
}

struct lcm_keys_password password_source(const struct cli_args *args)
{
    static const struct cli_args *current;

    current = args;
    password_told = CLI_OK;
    return (struct lcm_keys_password){.context = &current, .ask = password_ask};
}

int password_failure(void)
{
    return password_told;
}

/* The new password, typed twice. Its length; -1: none; PASSWORD_DIFFERS. */
static int password_prompt_new(char *password, size_t size)
{
    char again[LCM_KEYS_PASSWORD_SIZE_MAX] = "";
    int length = password_prompt("New password: ", password, size);

    if (length > 0 && password_prompt("The same again: ", again, sizeof(again)) < 0)
        length = -1;
    if (length > 0 && strcmp(password, again) != 0)
        length = PASSWORD_DIFFERS;
    lcm_bytes_wipe(again, sizeof(again));
    return length;
}

int password_choose(const struct cli_args *args, char *password, size_t size)
{
    int length = -1;

    password_told = CLI_OK;
    length = password_given(args, password, size);
    if (length < 0 && cli_get(args, "password-file") == NULL)
        length = password_prompt_new(password, size);
    if (length > 0)
        return CLI_OK;
    lcm_bytes_wipe(password, size);
    if (password_told != CLI_OK)
        return password_told;
    if (length == PASSWORD_DIFFERS)
        cli_error("the two passwords differ: try again");
    else
        cli_error("no password: type it twice on a terminal, or use --password-file or "
                  "LCM_KEY_PASSWORD");
    return CLI_AUTH;
}
