/* SPDX-License-Identifier: Apache-2.0 */
/* The app's web page on port 80: what runs, and a button that asks for an update. */
#ifndef LCM_EXAMPLES_BLINK_PAGE_H
#define LCM_EXAMPLES_BLINK_PAGE_H

#include <stdbool.h>

/* Once, when the IP stack is up. version is shown; it must live on. */
void page_open(const char *version);

/* true once somebody pressed the button and has got the answer. */
bool page_is_update_wanted(void);

#endif
