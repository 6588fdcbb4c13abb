// SPDX-License-Identifier: Apache-2.0
/* Makes text harmless for a line of a log; see the header. Quotes are not its business. */
#include "core/log/log_text.h"

void lcm_log_text(struct lcm_text *text, const char *string)
{
    for (; *string != '\0'; string++)
        lcm_text_char(text, *string < ' ' || *string > '~' ? '?' : *string);
}
