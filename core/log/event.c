// SPDX-License-Identifier: Apache-2.0
/* Names of events, generated from LCM_EVENT_TABLE. */
#include "core/log/event.h"

const char *lcm_event_name(enum lcm_event_id id)
{
    switch (id) {
#define EVENT_NAME(name) \
    case LCM_EVENT_##name: \
        return #name;
        LCM_EVENT_TABLE(EVENT_NAME)
#undef EVENT_NAME
    default:
        return "UNKNOWN";
    }
}
