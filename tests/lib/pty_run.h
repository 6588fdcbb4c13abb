/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the lcm binary on a terminal of its own, for tests of its dialogs: a person that reads and
 * types. One at a time. A test fails when what it waits for does not come in time.
 */
#ifndef LCM_TESTS_PTY_RUN_H
#define LCM_TESTS_PTY_RUN_H

#include <stdbool.h>

/* Start lcm (after workshop_open) with a line of arguments, split at spaces; environment: locale
 * C.UTF-8. */
void pty_start(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Wait for a text, from where the last wait ended. */
void pty_expect(const char *text);

/* Type a line. */
void pty_type(const char *line);

/* pty_expect, then pty_type. */
void pty_answer(const char *prompt, const char *line);

/* Press a key such as 3 (Ctrl-C) or 4 (Ctrl-D). */
void pty_press(char key);

/* Wait for the end; the exit code, or 1000 + signal. */
int pty_end(void);

/* Did this ever appear on the screen? */
bool pty_showed(const char *text);

#endif
