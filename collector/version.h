/* SPDX-License-Identifier: Apache-2.0 */
/* Order of version numbers (semver.org, section 11) as plain texts that a database can sort. */
#ifndef LCM_COLLECTOR_VERSION_H
#define LCM_COLLECTOR_VERSION_H

#include <stddef.h>

#define VERSION_KEY_SIZE 64u /* bytes, NUL included */

/*
 * A text whose byte order is the order of versions: "1.10.0" behind "1.9.0", "1.2.0-beta.1" before
 * "1.2.0". A leading v is passed over, what stands behind + does not count. "" for what is no
 * version, and what is longer than fits.
 */
void version_key(const char *version, char key[VERSION_KEY_SIZE]);

#endif
