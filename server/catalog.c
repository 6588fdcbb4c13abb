// SPDX-License-Identifier: Apache-2.0
/*
 * Reads the release tree; see the header.
 *
 * Every step below ROOT is openat with O_NOFOLLOW on one checked name. Keeps nothing
 * open and nothing in memory between calls.
 */
#include "server/catalog.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/text.h"

enum entry_kind { ENTRY_FOLDER, ENTRY_FILE };

/* Open the folder of the first path_count names; -1 when there is none. */
static int folder_open(const char *root, const char *const *path, size_t path_count)
{
    int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    for (size_t i = 0; fd >= 0 && i < path_count; i++) {
        int next = openat(fd, path[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        close(fd);
        fd = next;
    }
    return fd;
}

enum lcm_err serve_catalog_open(const char *root, const char *const *path, size_t path_count,
                                struct serve_file *file)
{
    struct stat status;
    int folder = folder_open(root, path, path_count - 1);

    if (folder < 0)
        return LCM_ERR_NOT_FOUND;
    /* O_NONBLOCK: opening a FIFO someone put there must not hang. */
    int fd = openat(folder, path[path_count - 1], O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    close(folder);
    if (fd < 0)
        return LCM_ERR_NOT_FOUND;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        close(fd);
        return LCM_ERR_NOT_FOUND;
    }
    *file = (struct serve_file){fd, (uint64_t)status.st_size, status.st_mtime};
    return LCM_OK;
}

/* Fill an entry from a name in an open folder; false when it is not of this kind or
 * its name cannot stand in an address. */
static bool entry_fill(int folder, const char *name, enum entry_kind kind,
                       struct serve_entry *entry)
{
    char path[SERVE_SEGMENT_SIZE + 1] = "/", segments[SERVE_SEGMENTS_MAX][SERVE_SEGMENT_SIZE];
    struct stat status;
    size_t count;

    if (strlen(name) >= SERVE_SEGMENT_SIZE)
        return false;
    memcpy(path + 1, name, strlen(name) + 1);
    if (strchr(name, '?') != NULL || serve_path_split(path, segments, &count) != LCM_OK)
        return false;
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        !(kind == ENTRY_FOLDER ? S_ISDIR(status.st_mode) : S_ISREG(status.st_mode)))
        return false;
    memset(entry, 0, sizeof(*entry));
    memcpy(entry->name, name, strlen(name) + 1);
    entry->changed = status.st_mtime;
    entry->size = (uint64_t)status.st_size;
    entry->is_version = lcm_version_parse(name, &entry->version) == LCM_OK;
    return true;
}

static enum lcm_err entries_read(DIR *stream, enum entry_kind kind, struct serve_entry *list,
                                 size_t *count)
{
    struct dirent *item;

    *count = 0;
    while ((item = readdir(stream)) != NULL) {
        struct serve_entry entry;
        if (!entry_fill(dirfd(stream), item->d_name, kind, &entry))
            continue;
        if (*count == SERVE_RELEASES_MAX)
            return LCM_ERR_TOO_LARGE;
        list[(*count)++] = entry;
    }
    return LCM_OK;
}

static enum lcm_err folder_list(int fd, enum entry_kind kind, struct serve_entry **list,
                                size_t *count)
{
    struct serve_entry *entries = malloc(SERVE_RELEASES_MAX * sizeof(*entries));
    DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
    enum lcm_err err = LCM_ERR_NOT_FOUND;

    if (stream != NULL && entries != NULL)
        err = entries_read(stream, kind, entries, count);
    if (stream != NULL)
        closedir(stream);
    else if (fd >= 0)
        close(fd);
    if (err != LCM_OK)
        free(entries);
    else
        *list = entries;
    return err;
}

/* Compare two names with the numbers in them as numbers. */
static int name_compare(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0') {
        if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            a += strspn(a, "0");
            b += strspn(b, "0");
            size_t a_length = strspn(a, "0123456789"), b_length = strspn(b, "0123456789");
            int order =
                a_length != b_length ? (a_length > b_length ? 1 : -1) : strncmp(a, b, a_length);
            if (order != 0)
                return order;
            a += a_length;
            b += b_length;
        } else if (*a != *b) {
            return *a > *b ? 1 : -1;
        } else {
            a++;
            b++;
        }
    }
    return (*a != '\0') - (*b != '\0');
}

int serve_entry_compare(const struct serve_entry *a, const struct serve_entry *b)
{
    if (a->is_version != b->is_version)
        return a->is_version ? 1 : -1;
    int order = a->is_version ? lcm_version_compare(&a->version, &b->version) : 0;
    return order != 0 ? order : name_compare(a->name, b->name);
}

static int newest_first(const void *a, const void *b)
{
    return serve_entry_compare(b, a);
}

enum lcm_err serve_catalog_releases(const char *root, const char *owner, const char *repository,
                                    struct serve_entry **list, size_t *count)
{
    const char *path[] = {owner, repository};
    enum lcm_err err = folder_list(folder_open(root, path, 2), ENTRY_FOLDER, list, count);

    if (err == LCM_OK)
        qsort(*list, *count, sizeof(**list), newest_first);
    return err;
}

enum lcm_err serve_catalog_files(const char *root, const char *const path[3],
                                 struct serve_entry **list, size_t *count)
{
    return folder_list(folder_open(root, path, 3), ENTRY_FILE, list, count);
}

const struct serve_entry *serve_catalog_latest(const struct serve_entry *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].is_version && !list[i].version.is_prerelease)
            return &list[i];
    }
    return NULL;
}
