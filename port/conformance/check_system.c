// SPDX-License-Identifier: Apache-2.0
/* Contracts of clock, entropy, system and Wi-Fi. */
#include <string.h>

#include "core/base/bytes.h"
#include "port/conformance/checks.h"

#define CLOCK_READS 1000u
#define ENTROPY_SIZE 32u
#define UTC_MAX UINT32_MAX /* the year 2106 */
#define UTC_PAUSE_MAX_S 5u

static uint64_t check_now_ms(const struct lcm_conformance *conformance)
{
    const struct lcm_clock *clock = conformance->config->ports->clock;

    return clock->now_ms(clock->context);
}

/* It must have moved after a while; the deadline of every check catches one that stands. */
enum lcm_err check_clock(struct lcm_conformance *conformance)
{
    uint64_t last_ms = check_now_ms(conformance);

    for (uint32_t i = 0; i < CLOCK_READS; i++) {
        uint64_t now_ms = check_now_ms(conformance);
        if (now_ms < last_ms)
            return LCM_ERR_CORRUPT;
        last_ms = now_ms;
    }
    if (conformance->sub_step++ > 1000000)
        return LCM_ERR_TIMEOUT;
    return last_ms >= conformance->entered_ms + 20 ? LCM_OK : LCM_PENDING;
}

/* Known or not, the question must end; a time that is known is one, and runs on. */
enum lcm_err check_clock_utc(struct lcm_conformance *conformance)
{
    const struct lcm_clock *clock = conformance->config->ports->clock;
    uint64_t first = 0;
    uint64_t second = 0;
    enum lcm_err err = clock->utc(clock->context, &first);

    if (err != LCM_OK)
        return err == LCM_ERR_TIMEOUT ? LCM_OK : err;
    if (clock->utc(clock->context, &second) != LCM_OK)
        return LCM_ERR_TIMEOUT;
    return first <= UTC_MAX && second >= first && second - first <= UTC_PAUSE_MAX_S
               ? LCM_OK
               : LCM_ERR_CORRUPT;
}

enum lcm_err check_entropy(struct lcm_conformance *conformance)
{
    const struct lcm_entropy *entropy = conformance->config->ports->entropy;
    uint8_t first[ENTROPY_SIZE] = {0};
    uint8_t second[ENTROPY_SIZE] = {0};
    enum lcm_err err = entropy->fill(entropy->context, first, sizeof(first));

    if (err == LCM_OK)
        err = entropy->fill(entropy->context, second, sizeof(second));
    if (err != LCM_OK)
        return err;
    if (lcm_bytes_all(first, sizeof(first), 0) || memcmp(first, second, sizeof(first)) == 0)
        return LCM_ERR_CORRUPT;
    return LCM_OK;
}

enum lcm_err check_system_rtc(struct lcm_conformance *conformance)
{
    const struct lcm_system *system = conformance->config->ports->system;
    uint8_t written[LCM_RTC_SIZE];
    uint8_t found[LCM_RTC_SIZE];

    for (uint32_t i = 0; i < sizeof(written); i++)
        written[i] = (uint8_t)(0xC0 + i);
    system->rtc_write(system->context, 0, written, sizeof(written));
    written[21] = 0x5A;
    system->rtc_write(system->context, 20, written + 20, 4);
    system->rtc_read(system->context, 0, found, sizeof(found));
    system->alive(system->context);
    return memcmp(written, found, sizeof(found)) == 0 ? LCM_OK : LCM_ERR_CORRUPT;
}

enum lcm_err check_system_id(struct lcm_conformance *conformance)
{
    const struct lcm_system *system = conformance->config->ports->system;
    uint8_t first[6] = {0};
    uint8_t second[6] = {1};

    system->device_id(system->context, first);
    system->device_id(system->context, second);
    if (memcmp(first, second, sizeof(first)) != 0 || lcm_bytes_all(first, sizeof(first), 0))
        return LCM_ERR_CORRUPT;
    return LCM_OK;
}

enum lcm_err check_wifi_join(struct lcm_conformance *conformance)
{
    const struct lcm_wifi *wifi = conformance->config->ports->wifi;

    return wifi->join(wifi->context, conformance->config->ssid, conformance->config->password);
}

/* true when link and address are both there, or, wanted = false, neither. */
static bool check_wifi_is_up(struct lcm_conformance *conformance, bool wanted)
{
    const struct lcm_wifi *wifi = conformance->config->ports->wifi;
    uint8_t ip[4] = {1, 2, 3, 4};

    wifi->address(wifi->context, ip);
    return wifi->has_link(wifi->context) == wanted && lcm_bytes_all(ip, sizeof(ip), 0) == !wanted;
}

enum lcm_err check_wifi_leave(struct lcm_conformance *conformance)
{
    const struct lcm_wifi *wifi = conformance->config->ports->wifi;

    if (!check_wifi_is_up(conformance, true))
        return LCM_ERR_CORRUPT;
    wifi->leave(wifi->context);
    return check_wifi_is_up(conformance, false) ? LCM_OK : LCM_ERR_CORRUPT;
}

/* Other credentials are a new join: what the last one found is forgotten. */
enum lcm_err check_wifi_wrong(struct lcm_conformance *conformance)
{
    const struct lcm_wifi *wifi = conformance->config->ports->wifi;

    if (conformance->config->wrong_password == NULL)
        return LCM_OK;
    enum lcm_err err =
        wifi->join(wifi->context, conformance->config->ssid, conformance->config->wrong_password);
    if (err == LCM_PENDING)
        return LCM_PENDING;
    return err == LCM_ERR_WIFI_PASSWORD && check_wifi_is_up(conformance, false) ? LCM_OK
                                                                                : LCM_ERR_CORRUPT;
}

enum lcm_err check_wifi_again(struct lcm_conformance *conformance)
{
    enum lcm_err err = check_wifi_join(conformance);

    if (err != LCM_OK)
        return err;
    return check_wifi_is_up(conformance, true) ? LCM_OK : LCM_ERR_CORRUPT;
}
