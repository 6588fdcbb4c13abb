// SPDX-License-Identifier: Apache-2.0
/*
 * States that bring the network up. Clock and syslog server are hints: without them
 * the life cycle goes on. The Wi-Fi password is on the stack for one call at a time.
 */
#include <string.h>

#include "core/base/bytes.h"
#include "core/base/text.h"
#include "core/store/rtc.h"
#include "core/trust/time.h"
#include "core/update/keys.h"
#include "core/update/states.h"

#define SSID_SIZE 33u
#define PASSWORD_SIZE 65u
#define CRASH_TEXT_SIZE 64u
#define JOIN_POLL_MS 100u /* joining takes seconds: ask now and then */

static enum lcm_err join_password(struct lcm_lifecycle *lc, char password[PASSWORD_SIZE])
{
    enum lcm_err err =
        lcm_settings_get(&lc->settings, LCM_KEY_WIFI_PASSWORD, password, PASSWORD_SIZE);

    if (err == LCM_ERR_NOT_FOUND) {
        password[0] = '\0'; /* an open network */
        return LCM_OK;
    }
    return err;
}

static enum lcm_err join_stored(struct lcm_lifecycle *lc)
{
    const struct lcm_wifi *wifi = lc->config.ports->wifi;
    char ssid[SSID_SIZE];
    char password[PASSWORD_SIZE];

    if (lcm_settings_get(&lc->settings, LCM_KEY_WIFI_SSID, ssid, sizeof(ssid)) != LCM_OK)
        return LCM_ERR_NO_WIFI_SETTINGS;
    enum lcm_err err = join_password(lc, password);
    if (err == LCM_OK)
        err = wifi->join(wifi->context, ssid, password);
    lcm_bytes_wipe(password, sizeof(password));
    return err;
}

static enum lcm_err join_on_trial(struct lcm_lifecycle *lc)
{
    const struct lcm_wifi *wifi = lc->config.ports->wifi;
    const struct lcm_trial *trial = lc->config.trial;

    return wifi->join(wifi->context, trial->ssid, trial->password);
}

enum lcm_err state_join_step(struct lcm_lifecycle *lc)
{
    if (lifecycle_now_ms(lc) < lc->wait_until_ms)
        return LCM_PENDING;
    enum lcm_err err = lc->config.trial != NULL ? join_on_trial(lc) : join_stored(lc);
    if (err == LCM_OK && lc->config.trial == NULL)
        lcm_report_network_up(&lc->report);
    if (err == LCM_PENDING)
        lc->wait_until_ms = lifecycle_now_ms(lc) + JOIN_POLL_MS;
    return err;
}

/* A network that lets the device in and gives it no address has another cure than one that
 * does not answer. */
enum lcm_state state_join_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    const struct lcm_wifi *wifi = lc->config.ports->wifi;

    if (result == LCM_ERR_TIMEOUT && wifi->has_link(wifi->context))
        lc->failure = LCM_ERR_NO_ADDRESS;
    return result == LCM_OK ? STATE_CLOCK : STATE_FAILED;
}

/* What the network says about the time counts only near what was signed. */
enum lcm_err state_clock_step(struct lcm_lifecycle *lc)
{
    const struct lcm_clock *clock = lc->config.ports->clock;
    uint64_t floor_s = lcm_record_time_floor(&lc->state_log);
    uint64_t hint_s = 0;
    enum lcm_err err = clock->utc(clock->context, &hint_s);

    if (err != LCM_OK)
        return err;
    floor_s = lcm_time_raise_floor(lc->trust.time_floor, floor_s);
    uint64_t trusted_s = lcm_time_trusted(floor_s, hint_s);
    lcm_fetch_set_time(&lc->fetch, trusted_s);
    lcm_report_set_time(&lc->report, trusted_s);
    return LCM_OK;
}

enum lcm_state state_clock_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    (void)result; /* without a time, dates of certificates are not judged */
    if (lc->config.trial == NULL)
        return STATE_SYSLOG;
    return lc->app_repository[0] != '\0' ? STATE_FIND_APP : STATE_TRIAL_END;
}

/* "host" or "host:port"; the port's digits are cut off host. */
static enum lcm_err syslog_split(char *host, uint16_t *port)
{
    size_t colon = lcm_text_find(host, ':');
    uint64_t number = LCM_SYSLOG_PORT;

    if (host[colon] == ':') {
        const char *digits = host + colon + 1;
        enum lcm_err err = lcm_text_parse_u64(digits, strlen(digits), &number);
        if (err != LCM_OK || number == 0 || number > UINT16_MAX)
            return LCM_ERR_SETTING;
        host[colon] = '\0';
    }
    *port = (uint16_t)number;
    return LCM_OK;
}

/* A key that cannot be read is none: reports matter more than their proof. */
static void syslog_load_key(struct lcm_lifecycle *lc)
{
    char hex[2 * LCM_TELEMETRY_KEY_SIZE + 1];
    uint8_t key[LCM_TELEMETRY_KEY_SIZE];

    if (lcm_settings_get(&lc->settings, LCM_KEY_TELEMETRY, hex, sizeof(hex)) == LCM_OK &&
        lcm_text_parse_hex(hex, key, sizeof(key)) == LCM_OK)
        lcm_report_set_key(&lc->report, key);
    lcm_bytes_wipe(hex, sizeof(hex));
    lcm_bytes_wipe(key, sizeof(key));
}

enum lcm_err state_syslog_step(struct lcm_lifecycle *lc)
{
    const struct lcm_net *net = lc->config.ports->net;
    struct lcm_endpoint endpoint;
    char host[LCM_HOST_SIZE + 8];
    uint16_t port = 0;
    enum lcm_err err = lcm_settings_get(&lc->settings, LCM_KEY_SYSLOG, host, sizeof(host));

    if (err == LCM_OK)
        err = syslog_split(host, &port);
    if (err == LCM_OK)
        err = net->resolve(net->context, host, port, &endpoint);
    if (err == LCM_OK) {
        lcm_report_set_syslog(&lc->report, &endpoint);
        syslog_load_key(lc);
    }
    return err;
}

/* Not in the installer: what an emergency server brings goes into the slot it runs from. */
static bool syslog_wants_emergency(struct lcm_lifecycle *lc)
{
    return lc->config.running_slot == 1 && lc->is_lcm_beta &&
           lcm_settings_get(&lc->settings, LCM_KEY_OTA_SERVER, lc->base_text,
                            sizeof(lc->base_text)) == LCM_OK;
}

/* What the last crash left in RTC memory is told once. */
static void syslog_report_crash(struct lcm_lifecycle *lc)
{
    struct lcm_rtc_updater record;
    char words[CRASH_TEXT_SIZE];
    uint8_t address[4];
    struct lcm_text text;

    lcm_rtc_updater_load(lc->config.ports->system, &record);
    if (record.panic_cause == 0)
        return;
    lcm_text_init(&text, words, sizeof(words));
    lcm_text_string(&text, "restarted after a crash: cause ");
    lcm_text_u32(&text, record.panic_cause);
    lcm_text_string(&text, " at 0x");
    for (uint32_t i = 0; i < sizeof(address); i++)
        address[i] = (uint8_t)(record.panic_address >> (24 - 8 * i));
    lcm_text_hex(&text, address, sizeof(address));
    lifecycle_say(lc, &(struct lifecycle_message){
                          .id = LCM_EVENT_PANIC,
                          .severity = LCM_SEVERITY_CRITICAL,
                          .phase = "restarted",
                          .text = words,
                      });
    record.panic_cause = 0;
    record.panic_address = 0;
    lcm_rtc_updater_store(lc->config.ports->system, &record);
}

/* The network is up: say hello, then look for something new. */
enum lcm_state state_syslog_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    (void)result; /* reports are best effort */
    lifecycle_say(lc, &(struct lifecycle_message){
                          .id = LCM_EVENT_BOOT,
                          .severity = LCM_SEVERITY_INFO,
                          .phase = lc->config.running_slot == 0 ? "installer" : "updater",
                          .to = lc->config.version,
                          .text = "LifeCycle Manager started",
                      });
    syslog_report_crash(lc);
    return syslog_wants_emergency(lc) ? STATE_EMERGENCY : STATE_FIND_LCM;
}

/* "http://" + host[:port][/path], unless the setting names a scheme itself. */
static enum lcm_err emergency_base(struct lcm_lifecycle *lc)
{
    char address[LCM_BASE_SIZE];
    struct lcm_text text;

    if (!lcm_text_starts_with(lc->base_text, "http://") &&
        !lcm_text_starts_with(lc->base_text, "https://")) {
        lcm_text_init(&text, address, sizeof(address));
        lcm_text_string(&text, "http://");
        lcm_text_string(&text, lc->base_text);
        if (text.truncated)
            return LCM_ERR_TOO_LONG;
        memcpy(lc->base_text, address, sizeof(address));
    }
    return lcm_url_split(lc->base_text, &lc->base);
}

/* Both settings are cleared before the attempt: one gesture, one try. Signatures decide what
 * is taken, as over plain HTTP, so the certificate of an https server is not judged. */
enum lcm_err state_emergency_step(struct lcm_lifecycle *lc)
{
    enum lcm_err err = lcm_settings_delete(&lc->settings, LCM_KEY_OTA_SERVER);

    if (err == LCM_OK)
        err = lcm_settings_delete(&lc->settings, LCM_KEY_LCM_BETA);
    if (err == LCM_OK)
        err = emergency_base(lc);
    if (err != LCM_OK)
        return err;
    lcm_download_set_base(&lc->download, &lc->base);
    lc->download.mode = LCM_TLS_UNTRUSTED;
    lc->installer_sequence = 0;
    return LCM_OK;
}
