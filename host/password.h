/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords of key files: from a file, from the environment (LCM_KEY_PASSWORD) or,
 * on a terminal, from the user. Never from the command line, where others see it.
 */
#ifndef LCM_HOST_PASSWORD_H
#define LCM_HOST_PASSWORD_H

#include "host/cli.h"
#include "host/keys.h"

/* The option every command with a private key has. */
#define PASSWORD_OPTION \
    { \
        "password-file", "FILE", "read the key's password from FILE (or set LCM_KEY_PASSWORD)" \
    }

/* The source for lcm_keys_load. args stays the caller's and must live as long. */
struct lcm_keys_password password_source(const struct cli_args *args);

/* Why no password came, when the user knows it already: an unreadable --password-file
 * (its exit code, after the error line) or Ctrl-C at the prompt (CLI_INTERRUPTED).
 * CLI_OK otherwise. It stays until the next password_source. */
int password_failure(void);

/* Ask for a new password, twice on a terminal. CLI_OK with a NUL-terminated password;
 * CLI_AUTH after an error line when there is none, the two differ, or it is empty;
 * CLI_INTERRUPTED after Ctrl-C; the code of an unreadable --password-file. Wipe it after
 * use. */
LCM_MUST_CHECK int password_choose(const struct cli_args *args, char *password, size_t size);

#endif
