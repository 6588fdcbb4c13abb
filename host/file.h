/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole files: read with a limit, written all or not at all.
 *
 * Each function prints the one line that tells the user what went wrong
 * (cli_error) and returns an exit code, so that a command passes it on as it is.
 */
#ifndef LCM_HOST_FILE_H
#define LCM_HOST_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/cli.h"
#include "lcm/err.h"

/* The content of a file. bytes has one NUL more than size counts, so that text
 * files can be used as strings. The owner calls file_free. */
struct file_content {
    uint8_t *bytes;
    size_t size;
};

#define FILE_MODE_PUBLIC 0644
#define FILE_MODE_SECRET 0600

/* Read all of a file of at most size_max bytes; "-" is standard input. CLI_OK, else
 * *content is unchanged: CLI_NOT_FOUND, CLI_AUTH (no permission), CLI_ERROR (larger
 * than size_max, a folder, or an input error). */
LCM_MUST_CHECK int file_read(const char *path, size_t size_max, struct file_content *content);

/* Wipe and release; safe on a zeroed struct and twice. */
void file_free(struct file_content *content);

/* Replace a file by size bytes: a temporary file next to it is written, synced and
 * renamed, so that path holds all of the old or all of the new content, whatever
 * happens. The permission is mode. CLI_OK, CLI_NOT_FOUND (no such folder), CLI_AUTH
 * or CLI_ERROR; nothing is left behind then. */
LCM_MUST_CHECK int file_write(const char *path, const void *bytes, size_t size, mode_t mode);

/* As file_write, but silent: 0 or an errno. For callers with a message of their own. */
LCM_MUST_CHECK int file_replace(const char *path, const void *bytes, size_t size, mode_t mode);

/* One of several files that belong together. */
struct file_item {
    const char *path;
    const void *bytes;
    size_t size;
    mode_t mode;
};

#define FILE_SET_MAX 8u

/* Replace up to FILE_SET_MAX files as file_write does. All new contents are on disk
 * before the first name changes: a full disk or a missing permission changes no file. */
LCM_MUST_CHECK int file_write_set(const struct file_item *items, size_t count);

/* As file_write, but path must not exist: CLI_ERROR when it does, and it stays as it is. */
LCM_MUST_CHECK int file_create(const char *path, const void *bytes, size_t size, mode_t mode);

/* Create a folder and those above it, unless they exist. CLI_OK or as file_write. */
LCM_MUST_CHECK int file_make_folder(const char *path);

/* Write "folder/name" to path; CLI_OK, or CLI_ERROR when it does not fit. */
LCM_MUST_CHECK int file_join(char *path, size_t path_size, const char *folder, const char *name);

/* The part of path behind the last slash. Points into path. */
const char *file_name(const char *path);

#endif
