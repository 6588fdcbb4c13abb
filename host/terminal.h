/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions to a person at a terminal, and text from outside that is fit to be shown there.
 */
#ifndef LCM_HOST_TERMINAL_H
#define LCM_HOST_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"

/* true when standard input and output are a terminal. */
bool terminal_is_there(void);

/* true when the locale's characters are UTF-8. */
bool terminal_has_utf8(void);

/* Print the prompt, read a line without its end. CLI_OK; CLI_INTERRUPTED at the end of input. A
 * line that does not fit is asked for again. */
LCM_MUST_CHECK int terminal_ask(const char *prompt, char *line, size_t size);

/* The same without echo, from the controlling terminal. CLI_AUTH: there is none. Wipe it after use.
 */
LCM_MUST_CHECK int terminal_ask_secret(const char *prompt, char *line, size_t size);

/* Bytes as they may be shown: whole, printable UTF-8 stays (where the terminal has UTF-8),
 * everything else becomes '?'. text has room for size + 1 bytes; returns text. */
const char *terminal_clean(const uint8_t *bytes, size_t size, char *text);

#endif
