// SPDX-License-Identifier: Apache-2.0
/*
 * Whole files, read with a limit and written all or not at all.
 *
 * Invariant: an output path never holds a part of the new content. Signals wait
 * until the temporary file is renamed or removed.
 */
#include "host/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "host/text.h"

#define FILE_CHUNK 65536u

/* Exit code that belongs to an errno. */
static int file_exit(int error)
{
    if (error == ENOENT || error == ENOTDIR)
        return CLI_NOT_FOUND;
    return error == EACCES || error == EPERM || error == EROFS ? CLI_AUTH : CLI_ERROR;
}

static int file_fail(const char *verb, const char *path, int error)
{
    cli_error("cannot %s %s: %s", verb, path, strerror(error));
    return file_exit(error);
}

static int file_fail_write(const char *path, int error)
{
    if (error != ENOENT)
        return file_fail("write", path, error);
    cli_error("cannot write %s: there is no such folder: make it first, or choose another name",
              path);
    return CLI_NOT_FOUND;
}

/* Read up to the end or size_max + 1 bytes; grows *content as it goes. */
static int file_drain(int descriptor, const char *path, size_t size_max,
                      struct file_content *content)
{
    char limit[TEXT_NUMBER_SIZE];
    size_t room = 0;

    for (;;) {
        ssize_t count = 0;

        if (room - content->size < FILE_CHUNK) {
            uint8_t *grown = realloc(content->bytes, room + 2 * FILE_CHUNK + 1);

            if (grown == NULL)
                return file_fail("read", path, ENOMEM);
            content->bytes = grown;
            room += 2 * FILE_CHUNK;
        }
        count = read(descriptor, content->bytes + content->size, FILE_CHUNK);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return file_fail("read", path, errno);
        if (count == 0)
            break;
        content->size += (size_t)count;
        if (content->size > size_max) {
            cli_error("%s: larger than a file of this kind can be (%s bytes)", path,
                      text_thousands(limit, size_max));
            return CLI_ERROR;
        }
    }
    content->bytes[content->size] = '\0';
    return CLI_OK;
}

int file_read(const char *path, size_t size_max, struct file_content *content)
{
    struct file_content read_so_far = {NULL, 0};
    bool is_stdin = strcmp(path, "-") == 0;
    int descriptor = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    int result = CLI_OK;

    if (descriptor < 0)
        return file_fail("read", path, errno);
    result = file_drain(descriptor, path, size_max, &read_so_far);
    if (!is_stdin)
        close(descriptor);
    if (result != CLI_OK) {
        file_free(&read_so_far);
        return result;
    }
    *content = read_so_far;
    return CLI_OK;
}

void file_free(struct file_content *content)
{
    if (content->bytes != NULL)
        lcm_bytes_wipe(content->bytes, content->size);
    free(content->bytes);
    *content = (struct file_content){NULL, 0};
}

static int file_write_all(int descriptor, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t count = write(descriptor, bytes, size);

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return count < 0 ? errno : EIO;
        bytes += count;
        size -= (size_t)count;
    }
    return 0;
}

/* Sync the folder of path, so that the rename itself survives a power cut. Best effort:
 * some file systems do not support it. */
static void file_sync_folder(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int descriptor = -1;

    if (slash == NULL)
        snprintf(folder, sizeof(folder), ".");
    else
        snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path) + 1, path);
    descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
        (void)fsync(descriptor);
        close(descriptor);
    }
}

/* Put the finished temporary file in its place. Returns an errno. */
static int file_publish(const char *temporary, const char *path, bool may_replace)
{
    int error = 0;

    if (may_replace) {
        error = rename(temporary, path) == 0 ? 0 : errno;
    } else {
        /* link refuses an existing name atomically; rename would replace it. */
        error = link(temporary, path) == 0 ? 0 : errno;
        unlink(temporary);
    }
    if (error == 0)
        file_sync_folder(path);
    return error;
}

/* Write and sync a temporary file next to path; its name is *temporary. Returns an
 * errno; no file is left when it is not 0. */
static int file_stage(const struct file_item *item, char temporary[PATH_MAX])
{
    int descriptor = -1;
    int error = 0;

    if (snprintf(temporary, PATH_MAX, "%s.XXXXXX", item->path) >= PATH_MAX)
        return ENAMETOOLONG;
    descriptor = mkostemp(temporary, O_CLOEXEC);
    if (descriptor < 0)
        return errno;
    error = file_write_all(descriptor, item->bytes, item->size);
    if (error == 0 && fchmod(descriptor, item->mode) != 0)
        error = errno;
    if (error == 0 && fsync(descriptor) != 0)
        error = errno;
    if (close(descriptor) != 0 && error == 0)
        error = errno;
    if (error != 0)
        unlink(temporary);
    return error;
}

/* Stage all, then publish all. Returns an errno; *failed is the item it belongs to. */
static int file_store(const struct file_item *items, size_t count, bool may_replace, size_t *failed)
{
    char temporary[FILE_SET_MAX][PATH_MAX];
    size_t staged = 0;
    size_t published = 0;
    int error = 0;

    while (error == 0 && staged < count) {
        *failed = staged;
        error = file_stage(&items[staged], temporary[staged]);
        staged += error == 0;
    }
    while (error == 0 && published < count) {
        *failed = published;
        error = file_publish(temporary[published], items[published].path, may_replace);
        published += error == 0;
    }
    for (size_t i = published; i < staged; i++)
        unlink(temporary[i]);
    return error;
}

/* file_store with signals held back: a Ctrl-C must not leave temporary files. */
static int file_store_uninterrupted(const struct file_item *items, size_t count, bool may_replace,
                                    size_t *failed)
{
    sigset_t all;
    sigset_t before;
    int error = 0;

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    error = file_store(items, count, may_replace, failed);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return error;
}

int file_write_set(const struct file_item *items, size_t count)
{
    size_t failed = 0;
    int error =
        count <= FILE_SET_MAX ? file_store_uninterrupted(items, count, true, &failed) : E2BIG;

    return error == 0 ? CLI_OK : file_fail_write(items[failed].path, error);
}

int file_write(const char *path, const void *bytes, size_t size, mode_t mode)
{
    const struct file_item item = {path, bytes, size, mode};

    return file_write_set(&item, 1);
}

int file_replace(const char *path, const void *bytes, size_t size, mode_t mode)
{
    const struct file_item item = {path, bytes, size, mode};
    size_t failed = 0;

    return file_store_uninterrupted(&item, 1, true, &failed);
}

int file_create(const char *path, const void *bytes, size_t size, mode_t mode)
{
    const struct file_item item = {path, bytes, size, mode};
    size_t failed = 0;
    int error = file_store_uninterrupted(&item, 1, false, &failed);

    if (error == EEXIST) {
        cli_error("%s exists and is not overwritten: move it away or choose another name", path);
        return CLI_ERROR;
    }
    return error == 0 ? CLI_OK : file_fail_write(path, error);
}

/* One folder; one that is there already is fine. Returns an errno. */
static int file_make_level(const char *path)
{
    struct stat status;

    if (mkdir(path, 0777) == 0)
        return 0;
    return errno == EEXIST && stat(path, &status) == 0 && S_ISDIR(status.st_mode) ? 0 : errno;
}

int file_make_folder(const char *path)
{
    char level[PATH_MAX];
    size_t length = strlen(path);
    int error = 0;

    if (length >= sizeof(level))
        return file_fail("create the folder", path, ENAMETOOLONG);
    for (size_t i = 1; i <= length && error == 0; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(level, path, i);
        level[i] = '\0';
        error = file_make_level(level);
    }
    return error == 0 ? CLI_OK : file_fail("create the folder", path, error);
}

int file_join(char *path, size_t path_size, const char *folder, const char *name)
{
    size_t length = strlen(folder);
    bool has_slash = length > 0 && folder[length - 1] == '/';

    if (snprintf(path, path_size, "%s%s%s", folder, has_slash ? "" : "/", name) < (int)path_size)
        return CLI_OK;
    cli_error("%s/%s: the path is too long", folder, name);
    return CLI_ERROR;
}

const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}
