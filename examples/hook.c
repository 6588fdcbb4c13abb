// SPDX-License-Identifier: Apache-2.0
/*
 * Every call of the app hook, once: what an app pays when it uses all of them. The build measures
 * this object (scripts/check-hook-size.sh). It is no program.
 */
#include "lcm/lcm_app.h"

void hook_request_update(void);
void hook_confirm(void);
int hook_setting(const char *key, char *buffer, uint32_t size);

void hook_request_update(void)
{
    lcm_app_request_update();
}

void hook_confirm(void)
{
    lcm_app_confirm();
}

int hook_setting(const char *key, char *buffer, uint32_t size)
{
    return lcm_app_setting(key, buffer, size);
}
