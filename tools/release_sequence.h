/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sequence numbers out of version texts.
 *
 *     ((major * 1,000 + minor) * 1,000 + patch) * 100 + stage
 *
 * stage is 99 for a release and the last number of the pre-release text otherwise
 * ("1.2.0-beta.3": 3; none: 0), so every pre-release comes before its release and no
 * two of them share a number. A later version always gets a higher number.
 */
#ifndef LCM_TOOLS_RELEASE_SEQUENCE_H
#define LCM_TOOLS_RELEASE_SEQUENCE_H

#include <stdint.h>

#include "lcm/err.h"

/* LCM_OK, LCM_ERR_FORMAT (no version), LCM_ERR_TOO_LONG (minor or patch above 999,
 * major above 41 or stage above 98: give the number by hand). */
LCM_MUST_CHECK enum lcm_err release_sequence(const char *version, uint32_t *sequence);

#endif
