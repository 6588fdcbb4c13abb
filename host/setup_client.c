// SPDX-License-Identifier: Apache-2.0
/*
 * A set-up session from the client's side: what to send in which order, and when to try again. What
 * requests mean is up to the caller.
 *
 * Invariant: channel keys exist only after the device's confirmation was right; a failed exchange
 * leaves none.
 */
#include "host/setup_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "core/base/bytes.h"
#include "host/setup_link.h"
#include "host/spake2_client.h"

#define RETRY_PAUSE_MS 1000u
#define SESSIONS_MAX 3u /* for one request */
#define HTTP_OK 200
#define HTTP_BAD_REQUEST 400
#define HTTP_FORBIDDEN 403
#define HTTP_NOT_FOUND 404
#define HTTP_TOO_MANY 429
#define HTTP_UNAVAILABLE 503
#define SHOWN_SIZE 100u /* bytes of a device's own words */

struct setup_client {
    struct setup_client_config config;
    struct setup_link *link;
    struct setup_client_info info;
    char code[LCM_SETUP_CODE_LENGTH + 1];
    bool has_channel;
    struct setup_channel channel;
    struct setup_reply reply; /* of the last exchange */
};

/* ---- waiting ---- */

static uint64_t client_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

static void client_sleep_ms(unsigned ms)
{
    const struct timespec pause = {(time_t)(ms / 1000u), (long)(ms % 1000u) * 1000000};

    nanosleep(&pause, NULL);
}

static void client_tell(const struct setup_client *client, const char *text)
{
    if (client->config.tell != NULL)
        client->config.tell(client->config.context, text);
}

/* No whole answer came, or one that asks to come again. */
static bool client_is_passing(const struct setup_client *client, enum lcm_err err)
{
    if (err == LCM_OK)
        return client->reply.status == HTTP_UNAVAILABLE;
    return err == LCM_ERR_CONNECT || err == LCM_ERR_TIMEOUT || err == LCM_ERR_CLOSED;
}

/* Pause before another try; false: that would be after the deadline. */
static bool client_pause(const struct setup_client *client, uint64_t deadline_ms)
{
    unsigned ms =
        client->reply.retry_after_s > 0 ? client->reply.retry_after_s * 1000u : RETRY_PAUSE_MS;

    if (client_now_ms() + ms > deadline_ms)
        return false;
    client_sleep_ms(ms);
    return true;
}

/* What the device said, fit for a terminal. */
static const char *client_words(const struct setup_client *client, char shown[SHOWN_SIZE])
{
    size_t size = 0;

    for (size_t i = 0; i < client->reply.size && size < SHOWN_SIZE - 1; i++) {
        uint8_t c = client->reply.body[i];
        if (c == '\n' || c == '\r')
            break;
        shown[size++] = c >= ' ' && c <= '~' ? (char)c : '?';
    }
    shown[size] = '\0';
    return shown;
}

/* An HTTP status that ends the matter. */
static enum lcm_err client_fail_status(const struct setup_client *client,
                                       struct lcm_failure *failure)
{
    char shown[SHOWN_SIZE];
    long status = client->reply.status;

    return lcm_failure_set(failure,
                           status == HTTP_UNAVAILABLE ? LCM_ERR_TIMEOUT : LCM_ERR_HTTP_STATUS,
                           "%s: the device answers with status %ld: %s", client->config.url, status,
                           client_words(client, shown));
}

/* ---- one HTTP request, tried for as long as there is patience ---- */

struct client_call {
    const char *path;
    const void *body; /* NULL: GET */
    size_t size;
};

static enum lcm_err client_call(struct setup_client *client, const struct client_call *call,
                                uint64_t deadline_ms, struct lcm_failure *failure)
{
    bool has_told = false;

    for (;;) {
        enum lcm_err err = setup_link_exchange(client->link, call->path, call->body, call->size,
                                               &client->reply, failure);
        if (!client_is_passing(client, err))
            return err;
        if (!client_pause(client, deadline_ms))
            return err == LCM_OK ? client_fail_status(client, failure) : err;
        if (!has_told)
            client_tell(client, "the device does not answer; trying again");
        has_told = true;
    }
}

static uint64_t client_deadline(const struct setup_client *client)
{
    return client_now_ms() + client->config.patience_ms;
}

/* ---- who is there ---- */

/* A member that is a text of 1 .. size-1 printable characters. */
static bool client_take_text(const cJSON *json, const char *name, char *text, size_t size)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));

    if (value == NULL || value[0] == '\0' || strlen(value) >= size)
        return false;
    for (size_t i = 0; value[i] != '\0'; i++) {
        if (value[i] < ' ' || value[i] > '~')
            return false;
        text[i] = value[i];
    }
    text[strlen(value)] = '\0';
    return true;
}

static bool client_is_id(const char *id)
{
    return strlen(id) == LCM_SETUP_DEVICE_ID_SIZE &&
           strspn(id, "0123456789abcdef") == LCM_SETUP_DEVICE_ID_SIZE;
}

static bool client_parse_info(const cJSON *json, struct setup_client_info *info)
{
    const cJSON *wait = cJSON_GetObjectItemCaseSensitive(json, "wait");

    if (!client_take_text(json, "id", info->id, sizeof(info->id)) || !client_is_id(info->id) ||
        !client_take_text(json, "name", info->name, sizeof(info->name)) ||
        !client_take_text(json, "version", info->version, sizeof(info->version)))
        return false;
    info->wait_s = cJSON_IsNumber(wait) && wait->valuedouble > 0 && wait->valuedouble <= 3600
                       ? (unsigned)wait->valueint
                       : 0;
    return true;
}

static enum lcm_err client_read_info(struct setup_client *client, struct setup_client_info *info,
                                     struct lcm_failure *failure)
{
    cJSON *json = cJSON_ParseWithLength((const char *)client->reply.body, client->reply.size);
    const cJSON *protocol = cJSON_GetObjectItemCaseSensitive(json, "protocol");
    enum lcm_err err = LCM_OK;

    if (client->reply.status != HTTP_OK || !cJSON_IsNumber(protocol))
        err = lcm_failure_set(failure, LCM_ERR_FORMAT, "%s: no device in set-up is there",
                              client->config.url);
    else if (protocol->valueint != LCM_SETUP_PROTOCOL)
        err =
            lcm_failure_set(failure, LCM_ERR_FORMAT,
                            "%s: the device speaks set-up protocol %d, this lcm %d: use the lcm of "
                            "its version",
                            client->config.url, protocol->valueint, LCM_SETUP_PROTOCOL);
    else if (!client_parse_info(json, info))
        err = lcm_failure_set(failure, LCM_ERR_FORMAT, "%s: the device's answer is malformed",
                              client->config.url);
    cJSON_Delete(json);
    return err;
}

enum lcm_err setup_client_info(struct setup_client *client, struct setup_client_info *info,
                               struct lcm_failure *failure)
{
    const struct client_call call = {"/i", NULL, 0};
    struct setup_client_info fresh = {.wait_s = 0};
    enum lcm_err err = client_call(client, &call, client_deadline(client), failure);

    if (err == LCM_OK)
        err = client_read_info(client, &fresh, failure);
    if (err != LCM_OK)
        return err;
    client->info = fresh;
    *info = fresh;
    return LCM_OK;
}

/* ---- key exchange ---- */

static enum lcm_err client_fail_code(struct lcm_failure *failure)
{
    return lcm_failure_set(failure, LCM_ERR_SIGNATURE,
                           "this is not your device, or the code is wrong: no settings were sent. "
                           "Compare name and code with the label");
}

/* pA out, session id and pB back. Waits while the device takes no codes. */
static enum lcm_err client_send_share(struct setup_client *client,
                                      const uint8_t share[LCM_SETUP_POINT_SIZE],
                                      struct lcm_failure *failure)
{
    const struct client_call call = {"/p1", share, LCM_SETUP_POINT_SIZE};
    uint64_t deadline_ms = client_deadline(client);
    char text[SETUP_CLIENT_TEXT_SIZE];
    enum lcm_err err;

    while ((err = client_call(client, &call, deadline_ms, failure)) == LCM_OK &&
           client->reply.status == HTTP_TOO_MANY) {
        snprintf(text, sizeof(text), "the device takes no code for %u s; waiting",
                 client->reply.retry_after_s);
        if (client_now_ms() + client->reply.retry_after_s * 1000ull > deadline_ms)
            return lcm_failure_set(failure, LCM_ERR_HTTP_BUSY,
                                   "the device takes no code for %u s, after too many wrong ones: "
                                   "try again then",
                                   client->reply.retry_after_s);
        client_tell(client, text);
        if (!client_pause(client, deadline_ms))
            return lcm_failure_set(failure, LCM_ERR_HTTP_BUSY, "the device takes no code");
    }
    if (err != LCM_OK)
        return err;
    if (client->reply.status != HTTP_OK)
        return client_fail_status(client, failure);
    if (client->reply.size == LCM_SETUP_SESSION_SIZE + LCM_SETUP_POINT_SIZE)
        return LCM_OK;
    return lcm_failure_set(failure, LCM_ERR_FORMAT, "%s: the device's answer is malformed",
                           client->config.url);
}

/* cA out, cB back and judged. It is sent once: a second copy could count as a wrong code.
 * LCM_PENDING: no answer; LCM_ERR_NOT_FOUND: the session is gone. Both need another session. */
static enum lcm_err client_send_confirm(struct setup_client *client, struct spake2_client *exchange,
                                        const uint8_t *body, struct lcm_failure *failure)
{
    enum lcm_err err = setup_link_exchange(client->link, "/p2", body,
                                           LCM_SETUP_SESSION_SIZE + LCM_SETUP_CONFIRM_SIZE,
                                           &client->reply, failure);

    if (client_is_passing(client, err))
        return LCM_PENDING;
    if (err != LCM_OK)
        return err;
    if (client->reply.status == HTTP_NOT_FOUND)
        return LCM_ERR_NOT_FOUND;
    if (client->reply.status == HTTP_FORBIDDEN)
        return client_fail_code(failure);
    if (client->reply.status != HTTP_OK)
        return client_fail_status(client, failure);
    if (client->reply.size != LCM_SETUP_CONFIRM_SIZE ||
        spake2_client_verify(exchange, client->reply.body, &client->channel) != LCM_VERDICT_VALID)
        return client_fail_code(failure);
    client->has_channel = true;
    return LCM_OK;
}

static enum lcm_err client_exchange(struct setup_client *client, struct spake2_client *exchange,
                                    const uint8_t share[LCM_SETUP_POINT_SIZE],
                                    struct lcm_failure *failure)
{
    uint8_t body[LCM_SETUP_SESSION_SIZE + LCM_SETUP_CONFIRM_SIZE];
    enum lcm_err err = client_send_share(client, share, failure);

    if (err != LCM_OK)
        return err;
    memcpy(body, client->reply.body, LCM_SETUP_SESSION_SIZE);
    err = spake2_client_finish(exchange, body, client->reply.body + LCM_SETUP_SESSION_SIZE,
                               body + LCM_SETUP_SESSION_SIZE);
    if (err == LCM_ERR_FORMAT)
        return client_fail_code(failure); /* no device of ours sends such a share */
    if (err != LCM_OK)
        return lcm_failure_set(failure, err, "out of memory");
    return client_send_confirm(client, exchange, body, failure);
}

/* One attempt; as client_send_confirm. */
static enum lcm_err client_make_session(struct setup_client *client, struct lcm_failure *failure)
{
    uint8_t share[LCM_SETUP_POINT_SIZE];
    struct spake2_client *exchange = NULL;
    enum lcm_err err = spake2_client_begin(&exchange, client->code, client->info.id, share);

    client->has_channel = false;
    lcm_bytes_wipe(&client->channel, sizeof(client->channel));
    if (err != LCM_OK)
        return lcm_failure_set(failure, err, "the key exchange cannot begin: %s",
                               lcm_err_text(err));
    err = client_exchange(client, exchange, share, failure);
    spake2_client_free(exchange);
    return err;
}

static enum lcm_err client_connect(struct setup_client *client, struct lcm_failure *failure)
{
    uint64_t deadline_ms = client_deadline(client);
    unsigned ended = 0;

    for (;;) {
        enum lcm_err err = client_make_session(client, failure);
        if (err == LCM_ERR_NOT_FOUND && ++ended == SESSIONS_MAX)
            return lcm_failure_set(failure, LCM_ERR_TIMEOUT,
                                   "the device ends each session at once: is somebody else setting "
                                   "it up too?");
        if (err == LCM_PENDING && !client_pause(client, deadline_ms))
            return lcm_failure_set(failure, LCM_ERR_TIMEOUT,
                                   "%s: the device stopped answering in the key exchange",
                                   client->config.url);
        if (err != LCM_ERR_NOT_FOUND && err != LCM_PENDING)
            return err;
    }
}

enum lcm_err setup_client_connect(struct setup_client *client, const char *code,
                                  struct lcm_failure *failure)
{
    if (strlen(code) != LCM_SETUP_CODE_LENGTH)
        return lcm_failure_set(failure, LCM_ERR_ARGUMENT, "a set-up code has %u characters",
                               LCM_SETUP_CODE_LENGTH);
    memcpy(client->code, code, sizeof(client->code));
    return client_connect(client, failure);
}

/* ---- requests ---- */

static enum lcm_err client_fail_changed(struct lcm_failure *failure)
{
    return lcm_failure_set(failure, LCM_ERR_SIGNATURE,
                           "messages are changed on the way: somebody else may be between you and "
                           "the device. Nothing of them was used");
}

/* One copy of a request, one HTTP exchange. *is_lost: it may have arrived, but no answer came.
 * LCM_PENDING: to be sent again. LCM_ERR_NOT_FOUND: in a new session. */
static enum lcm_err client_send_once(struct setup_client *client, const struct setup_text *request,
                                     struct setup_text *answer, bool *is_lost,
                                     struct lcm_failure *failure)
{
    uint8_t message[LCM_MESSAGE_SIZE];
    enum lcm_err err = setup_message_seal(&client->channel, request, message);

    if (err != LCM_OK)
        return lcm_failure_set(failure, err, "out of memory");
    err =
        setup_link_exchange(client->link, "/x", message, sizeof(message), &client->reply, failure);
    if (client_is_passing(client, err)) {
        *is_lost |= err == LCM_ERR_TIMEOUT || err == LCM_ERR_CLOSED;
        return LCM_PENDING;
    }
    if (err != LCM_OK)
        return err;
    if (client->reply.status == HTTP_NOT_FOUND)
        return LCM_ERR_NOT_FOUND;
    if (client->reply.status == HTTP_FORBIDDEN)
        return client_fail_changed(failure);
    if (client->reply.status != HTTP_OK)
        return client_fail_status(client, failure);
    if (client->reply.size != LCM_MESSAGE_SIZE ||
        setup_message_open(&client->channel, client->reply.body, answer) != LCM_OK)
        return client_fail_changed(failure);
    return LCM_OK;
}

/* The last try got no answer: say it once, pause. Returns LCM_PENDING to go on. */
static enum lcm_err client_wait(struct setup_client *client, uint64_t deadline_ms, bool *has_told,
                                struct lcm_failure *failure)
{
    if (!client_pause(client, deadline_ms))
        return lcm_failure_set(
            failure, LCM_ERR_TIMEOUT,
            "%s: the device does not answer any more: is this machine still in its "
            "Wi-Fi network?",
            client->config.url);
    if (!*has_told)
        client_tell(client, "the device does not answer; trying again");
    *has_told = true;
    return LCM_PENDING;
}

enum lcm_err setup_client_request(struct setup_client *client, const struct setup_text *request,
                                  struct setup_text *answer, bool *was_repeated,
                                  struct lcm_failure *failure)
{
    uint64_t deadline_ms = client_deadline(client);
    unsigned sessions = 0;
    bool is_lost = false, has_told = false;
    enum lcm_err err = LCM_PENDING;

    if (was_repeated != NULL)
        *was_repeated = false;
    while (err == LCM_PENDING) {
        bool was_lost = is_lost;
        err = client->has_channel ? client_send_once(client, request, answer, &is_lost, failure)
                                  : LCM_ERR_NOT_FOUND;
        if (err == LCM_OK && was_repeated != NULL)
            *was_repeated = was_lost;
        if (err == LCM_PENDING) {
            err = client_wait(client, deadline_ms, &has_told, failure);
        } else if (err == LCM_ERR_NOT_FOUND && sessions++ < SESSIONS_MAX) {
            err = client_connect(client, failure);
            if (err == LCM_OK)
                err = LCM_PENDING;
        }
    }
    if (err == LCM_ERR_NOT_FOUND)
        return lcm_failure_set(failure, LCM_ERR_TIMEOUT, "the device ends each session at once");
    return err;
}

/* ---- life cycle ---- */

enum lcm_err setup_client_open(struct setup_client **client,
                               const struct setup_client_config *config,
                               struct lcm_failure *failure)
{
    struct setup_client *fresh = calloc(1, sizeof(*fresh));

    if (fresh == NULL)
        return lcm_failure_set(failure, LCM_ERR_NO_SPACE, "out of memory");
    fresh->config = *config;
    enum lcm_err err = setup_link_open(&fresh->link, config->url, failure);
    if (err != LCM_OK) {
        free(fresh);
        return err;
    }
    *client = fresh;
    return LCM_OK;
}

void setup_client_close(struct setup_client *client)
{
    if (client == NULL)
        return;
    setup_link_close(client->link);
    lcm_bytes_wipe(client, sizeof(*client));
    free(client);
}

void setup_client_set_patience(struct setup_client *client, unsigned patience_ms)
{
    client->config.patience_ms = patience_ms;
}
