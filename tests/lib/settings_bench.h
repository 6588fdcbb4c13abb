/* SPDX-License-Identifier: Apache-2.0 */
/* Settings on a flash in memory, for tests of the settings store. */
#ifndef LCM_TESTS_SETTINGS_BENCH_H
#define LCM_TESTS_SETTINGS_BENCH_H

#include "core/store/settings.h"
#include "tests/lib/ram_flash.h"

#define REGION0 LCM_SETTINGS_ADDR
#define REGION1 (LCM_SETTINGS_ADDR + LCM_SECTOR_SIZE)

extern struct ram_flash ram;
extern struct lcm_settings settings;

/* Set-up of a test: a formatted area on a blank flash. */
int settings_bench_open(void **state);

/* As after a restart; set a text that must be accepted; expect a text. */
void bench_reopen(void);
void bench_set(const char *key, const char *text);
void bench_expect(const char *key, const char *text);

#endif
