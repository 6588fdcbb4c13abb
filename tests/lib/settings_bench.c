// SPDX-License-Identifier: Apache-2.0
/* Settings on a flash in memory; see the header. */
#include "tests/lib/settings_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct ram_flash ram;
struct lcm_settings settings;

int settings_bench_open(void **state)
{
    (void)state;
    ram_flash_init(&ram);
    assert_int_equal(lcm_settings_format(&settings, &ram.port), LCM_OK);
    return 0;
}

void bench_reopen(void)
{
    assert_int_equal(lcm_settings_open(&settings, &ram.port), LCM_OK);
}

void bench_set(const char *key, const char *text)
{
    assert_int_equal(lcm_settings_set(&settings, key, text), LCM_OK);
}

void bench_expect(const char *key, const char *text)
{
    char value[LCM_SETTING_TEXT_SIZE];

    assert_int_equal(lcm_settings_get(&settings, key, value, sizeof(value)), LCM_OK);
    assert_string_equal(value, text);
}
