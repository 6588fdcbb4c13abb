/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which texts of a signed file are acceptable as names. They end up in URLs, host
 * checks and logs, so each kind allows only what it needs. Lengths are the caller's.
 */
#ifndef LCM_TRUST_NAMES_H
#define LCM_TRUST_NAMES_H

#include <stdbool.h>

/* "owner/name": two parts of [A-Za-z0-9._-], neither "." nor "..". */
bool lcm_name_is_repository(const char *text);

/* File name: [A-Za-z0-9._-], at least one character, no leading dot. */
bool lcm_name_is_file(const char *text);

/* Version text: [A-Za-z0-9._+-], at least one character. */
bool lcm_name_is_version(const char *text);

/* DNS name: labels of 1..63 letters, digits and inner hyphens, no trailing dot. */
bool lcm_name_is_host(const char *text);

#endif
