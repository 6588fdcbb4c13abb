/* SPDX-License-Identifier: Apache-2.0 */
/* Text from settings and servers, on its way into a line that people and programs read. */
#ifndef LCM_LOG_LOG_TEXT_H
#define LCM_LOG_LOG_TEXT_H

#include "core/base/text.h"

/* Append a string; whatever is not printable ASCII becomes '?', so that it cannot end
 * the line or move a terminal's cursor. */
void lcm_log_text(struct lcm_text *text, const char *string);

#endif
