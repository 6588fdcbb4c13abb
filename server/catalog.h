/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folder tree ROOT/OWNER/REPOSITORY/TAG/FILE, read at every request: a file that
 * is copied in is served at once.
 *
 * Names come from serve_path_split. Below ROOT no symbolic link is followed and only
 * regular files are opened, so nothing outside ROOT can be reached.
 * A tag is a version (core/base/version.h); what follows a '-' makes it a pre-release.
 * Folders with other names are releases too, older than every version, and never the latest.
 */
#ifndef LCM_SERVER_CATALOG_H
#define LCM_SERVER_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "core/base/version.h"
#include "lcm/err.h"
#include "server/request.h"

#define SERVE_RELEASES_MAX 1024u /* folders of one repository */

struct serve_file {
    int fd; /* the caller closes it */
    uint64_t size;
    time_t changed;
};

struct serve_entry {
    char name[SERVE_SEGMENT_SIZE]; /* tag, or file name */
    time_t changed;
    uint64_t size;
    bool is_version;
    struct lcm_version version;
};

/* Open a file by its path below root. LCM_ERR_NOT_FOUND: missing, a folder, a link,
 * or no permission. */
LCM_MUST_CHECK enum lcm_err serve_catalog_open(const char *root, const char *const *path,
                                               size_t path_count, struct serve_file *file);

/* Releases of a repository, newest first; *list is released with free().
 * LCM_ERR_NOT_FOUND for an unknown repository, LCM_ERR_TOO_LARGE for too many folders. */
LCM_MUST_CHECK enum lcm_err serve_catalog_releases(const char *root, const char *owner,
                                                   const char *repository,
                                                   struct serve_entry **list, size_t *count);

/* Files of a release, in no order; as serve_catalog_releases. */
LCM_MUST_CHECK enum lcm_err serve_catalog_files(const char *root, const char *const path[3],
                                                struct serve_entry **list, size_t *count);

/* The newest stable release in a sorted list, or NULL. */
const struct serve_entry *serve_catalog_latest(const struct serve_entry *list, size_t count);

/* <0, 0, >0 as a is older than, same as, newer than b: versions, then numbers inside
 * the names ("-rc.10" is newer than "-rc.9"). */
int serve_entry_compare(const struct serve_entry *a, const struct serve_entry *b);

#endif
