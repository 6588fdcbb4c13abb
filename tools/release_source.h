/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a release is read from: a folder, or a release host by HTTP.
 *
 * Redirects are followed one at a time; with a trust sector each host on the way must
 * be one the sector allows, as on a device.
 */
#ifndef LCM_TOOLS_RELEASE_SOURCE_H
#define LCM_TOOLS_RELEASE_SOURCE_H

#include "core/trust/sector.h"
#include "host/file.h"

#define RELEASE_URL_SIZE 2048u

struct release_source {
    const struct cli_args *args;   /* --cacert, --resolve */
    const char *folder;            /* NULL for a URL */
    char base[RELEASE_URL_SIZE];   /* files are at base/NAME */
    const struct lcm_trust *trust; /* NULL: every host is allowed */
};

/* Open a folder or URL. https://HOST/OWNER/NAME stands for its latest release. CLI_OK
 * or CLI_USAGE after an error line. */
LCM_MUST_CHECK int release_source_open(struct release_source *source, const char *place);

/* true when the source is a folder that is there without this file. */
bool release_source_lacks(const struct release_source *source, const char *name);

/* Read one file of at most size_max bytes. CLI_OK with *content allocated; CLI_NOT_FOUND,
 * CLI_TIMEOUT, CLI_VERIFY (TLS or redirect refused) or CLI_ERROR after an error line. */
LCM_MUST_CHECK int release_source_read(const struct release_source *source, const char *name,
                                       size_t size_max, struct file_content *content);

#endif
