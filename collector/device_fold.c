// SPDX-License-Identifier: Apache-2.0
/*
 * One message changes one device; see the header. Pure: no store, no clock. The words it reads
 * are those of docs/SPEC.md section 10.1.
 */
#include "collector/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/scan.h"

#define REPEAT_WINDOW_MS 600000 /* a device that speaks syslog is not heard twice */
#define REORDER_S 2
#define LOST_MAX 1000000 /* a larger gap is a lie */

static const char *const state_names[DEVICE_STATE_COUNT] = {
#define DEVICE_STATE_NAME(name, text) [DEVICE_##name] = text,
    DEVICE_STATE_TABLE(DEVICE_STATE_NAME)
#undef DEVICE_STATE_NAME
};

const char *device_state_name(int64_t state)
{
    return state >= 0 && state < DEVICE_STATE_COUNT ? state_names[state] : state_names[0];
}

int64_t device_state_number(const char *name)
{
    for (int64_t i = 0; i < DEVICE_STATE_COUNT; i++) {
        if (strcmp(state_names[i], name) == 0)
            return i;
    }
    return -1;
}

static void fold_text(char *text, size_t size, const char *value)
{
    if (value[0] != '\0')
        scan_copy(text, size, (struct scan_word){value, strlen(value)});
}

static bool is(const char *text, const char *word)
{
    return strcmp(text, word) == 0;
}

/* LifeCycle Manager's own files: what happens to them is no release of the app. */
static bool file_is_own(const char *file)
{
    return is(file, "certs.sector") || is(file, "otaboot.bin") || is(file, "otamain.bin") ||
           is(file, "boot.bin");
}

static void fold_counters(struct device *device, const struct collect_message *message)
{
    /* A datagram that comes late is no restart: either a run begins, or time went back by more. */
    bool begins = is(message->msgid, "BOOT") && message->sequence != 0 && device->sequence != 0;
    bool is_reboot = begins || (message->has_uptime &&
                                (int64_t)message->uptime_s + REORDER_S < device->uptime_s);
    int64_t gap = (int64_t)message->sequence - device->sequence - 1;

    if (message->has_uptime) {
        device->reboots += is_reboot;
        device->uptime_s = message->uptime_s;
    }
    if (message->sequence == 0)
        return;
    if (!is_reboot && device->sequence > 0 && gap > 0 && gap < LOST_MAX)
        device->lost += gap;
    device->sequence = message->sequence;
}

static void fold_names(struct device *device, const struct collect_message *message,
                       struct device_change *change)
{
    char key_before[VERSION_KEY_SIZE];

    memcpy(change->app_before, device->app, sizeof(change->app_before));
    memcpy(change->repo_before, device->repo, sizeof(change->repo_before));
    memcpy(key_before, device->app_key, sizeof(key_before));
    fold_text(device->lcm, sizeof(device->lcm), message->lcm);
    fold_text(device->boot, sizeof(device->boot), message->boot);
    fold_text(device->repo, sizeof(device->repo), message->repo);
    fold_text(device->channel, sizeof(device->channel), message->channel);
    fold_text(device->rssi, sizeof(device->rssi), message->rssi);
    if (message->file[0] != '\0' && !file_is_own(message->file) &&
        (is(message->msgid, "UPDATE") || (is(message->msgid, "CHECK") && message->result == 0)))
        fold_text(device->file, sizeof(device->file), message->file);
    fold_text(device->app, sizeof(device->app), message->app);
    if (change->is_installed)
        fold_text(device->app, sizeof(device->app), message->to);
    version_key(device->app, device->app_key);
    change->has_app_changed =
        !is(device->app, change->app_before) || !is(device->repo, change->repo_before);
    change->has_gone_back = is(device->repo, change->repo_before) && key_before[0] != '\0' &&
                            device->app_key[0] != '\0' && strcmp(device->app_key, key_before) < 0;
}

static void fold_state(struct device *device, enum device_state state, int64_t at_ms,
                       struct device_change *change)
{
    if (device->state == (int64_t)state)
        return;
    device->state = (int64_t)state;
    device->state_since_ms = at_ms;
    change->has_state_changed = true;
}

static void fold_success(struct device *device, const struct collect_message *message,
                         int64_t at_ms, struct device_change *change)
{
    bool is_verified = message->verdict == COLLECT_VERIFIED;

    device->error_text[0] = '\0';
    device->error_result = 0;
    device->cert_since_ms = 0;
    device->cert_host[0] = '\0';
    fold_state(device, is_verified ? DEVICE_HEALTHY : DEVICE_OK, at_ms, change);
}

static void fold_error(struct device *device, const struct collect_message *message, int64_t at_ms)
{
    fold_text(device->error_text, sizeof(device->error_text),
              message->text[0] != '\0' ? message->text : message->msgid);
    device->error_result = message->result;
    device->error_at_ms = at_ms;
}

static void fold_certificate(struct device *device, const struct collect_message *message,
                             int64_t at_ms, struct device_change *change)
{
    if (device->cert_since_ms == 0)
        device->cert_since_ms = at_ms;
    fold_text(device->cert_host, sizeof(device->cert_host), message->file);
    fold_error(device, message, at_ms);
    fold_state(device, DEVICE_CERT_INVALID, at_ms, change);
}

static void fold_failure(struct device *device, const struct collect_message *message,
                         int64_t at_ms, struct device_change *change)
{
    /* The check that fails because of the certificate is the same trouble, told again. */
    if (device->cert_since_ms != 0 && message->result == LCM_ERR_CERTIFICATE)
        return;
    device->failed++;
    fold_error(device, message, at_ms);
    fold_state(device, DEVICE_FAILING, at_ms, change);
}

static void classify(const struct collect_message *message, struct device_change *change)
{
    bool is_failed = is(message->phase, "failed");

    change->is_cert_invalid = is(message->msgid, "CERTINVALID");
    change->is_sig_invalid = is(message->msgid, "SIGINVALID");
    change->is_rollback = is(message->msgid, "ROLLBACK");
    change->is_failure =
        change->is_sig_invalid || change->is_rollback ||
        ((is(message->msgid, "CHECK") || is(message->msgid, "UPDATE")) && is_failed);
    change->is_installed = is(message->msgid, "UPDATE") && is(message->phase, "done") &&
                           message->to[0] != '\0' && !file_is_own(message->file);
}

static void fold_event(struct device *device, const struct collect_message *message, int64_t at_ms,
                       struct device_change *change)
{
    if (change->is_cert_invalid) {
        fold_certificate(device, message, at_ms, change);
    } else if (change->is_rollback) {
        device->rollbacks++;
        fold_error(device, message, at_ms);
        fold_state(device, DEVICE_ROLLED_BACK, at_ms, change);
    } else if (change->is_failure) {
        fold_failure(device, message, at_ms, change);
    } else if (change->is_installed) {
        device->installed++;
        fold_success(device, message, at_ms, change);
    } else if (is(message->msgid, "CHECK") && is(message->phase, "done")) {
        fold_success(device, message, at_ms, change);
    } else if (is(message->msgid, "UPDATE")) {
        fold_state(device, DEVICE_UPDATING, at_ms, change);
    } else if (is(message->msgid, "SETUP")) {
        fold_state(device, DEVICE_SETUP, at_ms, change);
    } else if (is(message->msgid, "PANIC")) {
        fold_error(device, message, at_ms);
    } else if (is(message->msgid, "BOOT")) {
        if (device->cert_since_ms == 0)
            fold_state(device, DEVICE_CHECKING, at_ms, change);
    } else if (is(message->msgid, "HEARTBEAT") && message->result <= 0 &&
               device->state != DEVICE_FAILING && device->state != DEVICE_ROLLED_BACK &&
               device->state != DEVICE_CERT_INVALID) {
        fold_success(device, message, at_ms, change);
    }
}

void device_fold(struct device *device, const struct collect_message *message, const char *source,
                 int64_t at_ms, struct device_change *change)
{
    memset(change, 0, sizeof(*change));
    change->is_new = device->first_seen_ms == 0;
    change->is_ignored =
        message->verdict == COLLECT_UNVERIFIED || message->verdict == COLLECT_FORGED;
    /* A time far ahead is from before the clock was put back. */
    change->is_repeated =
        message->form == COLLECT_LINE && llabs(at_ms - device->syslog_at_ms) < REPEAT_WINDOW_MS;
    if (change->is_new)
        device->first_seen_ms = at_ms;
    device->messages += change->is_repeated ? 0 : 1;
    device->forged += message->verdict == COLLECT_FORGED;
    /* Strangers, and the device's own lines without a code, take nothing from one that proved who
     * it is. */
    if (!change->is_repeated && (!change->is_ignored || device->mac_time_s == 0))
        device->verdict = message->verdict;
    if (change->is_ignored || change->is_repeated)
        return;
    if (message->form == COLLECT_RFC5424 && message->is_lcm)
        device->syslog_at_ms = at_ms;
    if (message->verdict == COLLECT_VERIFIED) {
        change->is_proved = device->mac_time_s == 0;
        device->mac_time_s = (int64_t)message->mac_time_s;
        device->mac_sequence = message->sequence;
    }
    device->last_seen_ms = at_ms;
    fold_text(device->source, sizeof(device->source), source);
    snprintf(device->last_msgid, sizeof(device->last_msgid), "%s", message->msgid);
    scan_copy(device->last_text, sizeof(device->last_text),
              (struct scan_word){message->text, strlen(message->text)});
    if (message->is_lcm)
        classify(message, change);
    fold_counters(device, message);
    fold_names(device, message, change);
    if (message->is_lcm)
        fold_event(device, message, at_ms, change);
}
