// SPDX-License-Identifier: Apache-2.0
/*
 * The list of checks and the loop over them; see the header. The checks themselves
 * are in check_flash.c, check_system.c and check_net.c.
 */
#include "port/conformance/conformance.h"

#include <stddef.h>
#include <string.h>

#include "port/conformance/checks.h"

#define CHECK_DEADLINE_MS 30000u /* no contract lets a port think for longer */

struct conformance_check {
    const char *name;
    enum lcm_err (*step)(struct lcm_conformance *conformance);
};

static const struct conformance_check conformance_checks[] = {
    {"flash: geometry", check_flash_geometry},
    {"flash: erase sets all bits of one sector only", check_flash_erase},
    {"flash: program clears bits, at any alignment", check_flash_program},
    {"flash: program leaves neighbours alone", check_flash_neighbours},
    {"flash: read at any alignment and length", check_flash_read},
    {"clock: never goes back, and runs", check_clock},
    {"clock: time of day ends", check_clock_utc},
    {"entropy: fills, and never twice the same", check_entropy},
    {"system: RTC memory keeps what is written", check_system_rtc},
    {"system: device id is steady", check_system_id},
    {"wifi: join ends", check_wifi_join},
    {"wifi: leave ends link and address", check_wifi_leave},
    {"wifi: after leave a wrong password is noticed", check_wifi_wrong},
    {"wifi: join again, with link and address", check_wifi_again},
    {"net: resolve a name", check_net_resolve},
    {"net: a name that does not exist", check_net_missing},
    {"net: refused connection", check_net_refused},
    {"net: connect, and every byte comes back in order", check_net_echo},
    {"net: close, and connect again", check_net_again},
    {"net: a datagram never blocks", check_net_datagram},
};
#define CHECK_COUNT (sizeof(conformance_checks) / sizeof(conformance_checks[0]))

static uint64_t conformance_now_ms(const struct lcm_conformance *conformance)
{
    const struct lcm_clock *clock = conformance->config->ports->clock;

    return clock->now_ms(clock->context);
}

static void conformance_enter(struct lcm_conformance *conformance, uint32_t check)
{
    conformance->check = check;
    conformance->sub_step = 0;
    conformance->sent = 0;
    conformance->received = 0;
    conformance->entered_ms = conformance_now_ms(conformance);
}

void lcm_conformance_init(struct lcm_conformance *conformance,
                          const struct lcm_conformance_config *config)
{
    memset(conformance, 0, sizeof(*conformance));
    conformance->config = config;
    conformance_enter(conformance, 0);
}

static enum lcm_err conformance_result(const struct lcm_conformance *conformance)
{
    return conformance->failures == 0 ? LCM_OK : LCM_ERR_CORRUPT;
}

enum lcm_err lcm_conformance_step(struct lcm_conformance *conformance)
{
    const struct lcm_conformance_config *config = conformance->config;

    if (conformance->check >= CHECK_COUNT)
        return conformance_result(conformance);
    const struct conformance_check *check = &conformance_checks[conformance->check];
    enum lcm_err result = check->step(conformance);
    if (result == LCM_PENDING) {
        if (conformance_now_ms(conformance) - conformance->entered_ms < CHECK_DEADLINE_MS)
            return LCM_PENDING;
        result = LCM_ERR_TIMEOUT;
    }
    if (result != LCM_OK)
        conformance->failures++;
    config->tell(config->context, check->name, result);
    conformance_enter(conformance, conformance->check + 1);
    return LCM_PENDING;
}
