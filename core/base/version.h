/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Release tags and versions: [v]MAJOR.MINOR.PATCH[-prerelease].
 * They are for people and for choosing what to look at; sequence numbers
 * decide what is newer (docs/SPEC.md).
 */
#ifndef LCM_BASE_VERSION_H
#define LCM_BASE_VERSION_H

#include <stdbool.h>
#include <stdint.h>

#include "lcm/err.h"

#define LCM_VERSION_SIZE 24u /* bytes of a version text, the NUL included */

struct lcm_version {
    uint32_t part[3];   /* major, minor, patch: 0..999,999 */
    bool is_prerelease; /* something follows behind '-' */
};

/* Parse; LCM_ERR_FORMAT for anything else than the form above. A leading v or V is allowed. */
LCM_MUST_CHECK enum lcm_err lcm_version_parse(const char *text, struct lcm_version *version);

/* <0, 0, >0 as a is older than, same as, newer than b. A pre-release is older
 * than its release; two pre-releases of one version compare equal. */
int lcm_version_compare(const struct lcm_version *a, const struct lcm_version *b);

#endif
