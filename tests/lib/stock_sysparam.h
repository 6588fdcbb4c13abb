/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a settings area as the stock API of esp-open-rtos does: the first active
 * region, the first live key, the first live value behind it. It shares no code with
 * core/store.
 */
#ifndef LCM_TESTS_STOCK_SYSPARAM_H
#define LCM_TESTS_STOCK_SYSPARAM_H

#include <stdbool.h>

#include "lcm/flash.h"

/* Value of key as text (256 bytes at least); false and "" when there is none. */
bool stock_sysparam_get(const struct lcm_flash *flash, const char *key, char *text);

#endif
