/* SPDX-License-Identifier: Apache-2.0 */
/* SHA256SUMS files, in the format of sha256sum(1). */
#ifndef LCM_TOOLS_RELEASE_SUMS_H
#define LCM_TOOLS_RELEASE_SUMS_H

#include "host/file.h"

/* The text of the SHA256SUMS file at path (need not exist) with the lines of count
 * items added or replaced; other lines stay. CLI_OK with *sums allocated, or an exit
 * code after an error line. Writes nothing. */
LCM_MUST_CHECK int release_sums_merge(const char *path, const struct file_item *items, size_t count,
                                      struct file_content *sums);

#endif
