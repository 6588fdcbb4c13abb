/* SPDX-License-Identifier: Apache-2.0 */
/* Unix seconds as RFC 3339 text. */
#ifndef LCM_LOG_TIME_TEXT_H
#define LCM_LOG_TIME_TEXT_H

#include <stdint.h>

#include "core/base/text.h"

/* Append "2026-11-22T10:20:30Z", or "-" for 0 and for years past 9999. */
void lcm_time_text(struct lcm_text *text, uint64_t unix_seconds);

#endif
