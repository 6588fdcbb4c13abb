// SPDX-License-Identifier: Apache-2.0
/* A device in set-up for tests of its clients; see the header. */
#include "tests/lib/setup_double.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/bytes.h"

#define REQUEST_SIZE 8192u
#define RESPONSE_SIZE 8192u

/* One HTTP exchange. */
struct visit {
    int socket;
    char request[REQUEST_SIZE];
    size_t request_size;
    char path[32];
    const uint8_t *body;
    size_t body_size;
    bool is_dropped; /* reset instead of an answer */
    int status;
    unsigned retry_after_s;
    uint8_t answer[RESPONSE_SIZE];
    size_t answer_size;
};

static enum lcm_err entropy_fill(void *context, uint8_t *dst, size_t size)
{
    (void)context;
    return getrandom(dst, size, 0) == (ssize_t)size ? LCM_OK : LCM_ERR_ENTROPY;
}

static const struct lcm_entropy entropy = {NULL, entropy_fill};

static void device_log(struct setup_double *device, const void *bytes, size_t size)
{
    if (size > DOUBLE_LOG_SIZE - device->log_size)
        size = DOUBLE_LOG_SIZE - device->log_size;
    memcpy(device->log + device->log_size, bytes, size);
    device->log_size += size;
}

static void visit_refuse(struct visit *visit, int status, const char *text)
{
    visit->status = status;
    visit->answer_size = (size_t)snprintf((char *)visit->answer, RESPONSE_SIZE, "%s\n", text);
}

static void visit_answer(struct visit *visit, const void *bytes, size_t size)
{
    visit->status = 200;
    memcpy(visit->answer, bytes, size);
    visit->answer_size = size;
}

/* ---- the requests ---- */

static void serve_info(struct setup_double *device, struct visit *visit)
{
    visit->status = 200;
    visit->answer_size = (size_t)snprintf((char *)visit->answer, RESPONSE_SIZE,
                                          "{\"protocol\":%d,\"id\":\"" DOUBLE_ID
                                          "\",\"name\":\"LCM-000001\",\"version\":\"1.0.0\","
                                          "\"wait\":0}",
                                          device->protocol);
}

static void serve_share(struct setup_double *device, struct visit *visit)
{
    uint8_t answer[LCM_SETUP_SESSION_SIZE + LCM_SETUP_POINT_SIZE];
    struct lcm_spake2_request request = {DOUBLE_CODE, DOUBLE_ID, answer, visit->body};
    enum lcm_err err;

    device->exchanges++;
    if (device->blocked > 0) {
        device->blocked--;
        visit->retry_after_s = device->blocked_s;
        visit_refuse(visit, 429, "too many wrong codes");
        return;
    }
    if (visit->body_size != LCM_SETUP_POINT_SIZE ||
        entropy_fill(NULL, answer, LCM_SETUP_SESSION_SIZE) != LCM_OK ||
        lcm_spake2_begin(&device->exchange, &lcm_crypto_small, &entropy, &request) != LCM_OK) {
        visit_refuse(visit, 400, "malformed");
        return;
    }
    while ((err = lcm_spake2_step(&device->exchange)) == LCM_PENDING)
        continue;
    if (err != LCM_OK) {
        visit_refuse(visit, 400, "not a point");
        return;
    }
    memcpy(answer + LCM_SETUP_SESSION_SIZE, lcm_spake2_share(&device->exchange),
           LCM_SETUP_POINT_SIZE);
    if (device->tamper == DOUBLE_FLIPS_SHARE)
        answer[LCM_SETUP_SESSION_SIZE + 40] ^= 1;
    visit_answer(visit, answer, sizeof(answer));
}

static void serve_confirm(struct setup_double *device, struct visit *visit)
{
    uint8_t confirm[LCM_SETUP_CONFIRM_SIZE];

    if (device->forgets > 0) {
        device->forgets--;
        lcm_spake2_abort(&device->exchange);
    }
    if (lcm_spake2_share(&device->exchange) == NULL) {
        visit_refuse(visit, 404, "no such session");
        return;
    }
    if (visit->body_size != LCM_SETUP_SESSION_SIZE + LCM_SETUP_CONFIRM_SIZE ||
        lcm_spake2_confirm(&device->exchange, visit->body + LCM_SETUP_SESSION_SIZE, confirm,
                           &device->channel) != LCM_VERDICT_VALID) {
        device->wrong_codes++;
        visit_refuse(visit, 403, "wrong code");
        return;
    }
    device->has_channel = true;
    device->messages = 0;
    if (device->tamper == DOUBLE_FLIPS_CONFIRM)
        confirm[31] ^= 0x80;
    visit_answer(visit, confirm, sizeof(confirm));
    if (device->drop_confirms > 0) {
        device->drop_confirms--;
        visit->is_dropped = true;
    }
}

/* ---- the commands in a message ---- */

static void answer_state(const struct setup_double *device, struct lcm_items_writer *writer)
{
    const struct double_state *state = &device->states[device->state];

    (void)lcm_items_put_u8(writer, LCM_ITEM_PHASE, (uint8_t)state->phase);
    if (state->phase == LCM_SETUP_PHASE_FAILED) {
        (void)lcm_items_put_u16(writer, LCM_ITEM_ERROR, (uint16_t)state->error);
        (void)lcm_items_put_u8(writer, LCM_ITEM_FAILED_PHASE, (uint8_t)state->failed_phase);
    }
    if (state->phase == LCM_SETUP_PHASE_DONE) {
        (void)lcm_items_put(writer, LCM_ITEM_ADDRESS, "\xC0\xA8\x01\x17", 4);
        (void)lcm_items_put_text(writer, LCM_ITEM_RELEASE, "1.2.0");
    }
    (void)lcm_items_put_u8(writer, LCM_ITEM_STORED, state->is_stored);
    if (state->is_stored)
        (void)lcm_items_put_u16(writer, LCM_ITEM_LEAVES_IN, 20);
}

static void answer_read(const struct setup_double *device, struct lcm_items_writer *writer)
{
    (void)lcm_items_put_text(writer, LCM_ITEM_DEVICE_ID, DOUBLE_ID);
    (void)lcm_items_put_text(writer, LCM_ITEM_LCM_VERSION, "1.0.0");
    (void)lcm_items_put_u8(writer, LCM_ITEM_HAS_APP, 0);
    (void)lcm_items_put_u8(writer, LCM_ITEM_LCM_BETA, device->has_beta);
    (void)lcm_items_put_u8(writer, LCM_ITEM_HAS_PASSWORD, device->has_password);
    if (device->ssid != NULL)
        (void)lcm_items_put_text(writer, LCM_ITEM_SSID, device->ssid);
    if (device->repository != NULL)
        (void)lcm_items_put_text(writer, LCM_ITEM_REPOSITORY, device->repository);
    if (device->file != NULL)
        (void)lcm_items_put_text(writer, LCM_ITEM_FILE, device->file);
    answer_state(device, writer);
}

static void answer_scan(struct setup_double *device, struct lcm_items_writer *writer)
{
    uint8_t item[3 + 32];

    if (device->scans > 0) {
        device->scans--;
        (void)lcm_items_put_u8(writer, LCM_ITEM_SCANNING, 1);
        return;
    }
    for (size_t i = 0; i < device->network_count; i++) {
        const struct double_network *network = &device->networks[i];
        size_t length = strlen(network->name);

        item[0] = (uint8_t)network->signal;
        item[1] = network->channel;
        item[2] = network->is_secured;
        memcpy(item + 3, network->name, length);
        (void)lcm_items_put(writer, LCM_ITEM_NETWORK, item, 3 + length);
    }
}

static void answer_set(struct setup_double *device, struct lcm_items_writer *writer, uint8_t *text,
                       const uint8_t request[LCM_MESSAGE_TEXT_SIZE])
{
    uint8_t item[4];

    memcpy(device->set_text, request, LCM_MESSAGE_TEXT_SIZE);
    if (device->refused_field != 0) {
        lcm_items_begin(writer, text, LCM_MESSAGE_TEXT_SIZE, LCM_SETUP_REFUSED);
        lcm_put_u16(item, device->refused_field);
        lcm_put_u16(item + 2, (uint16_t)device->refused_error);
        (void)lcm_items_put(writer, LCM_ITEM_FIELD_ERROR, item, sizeof(item));
        return;
    }
    if (device->was_set && device->states[device->state].phase < LCM_SETUP_PHASE_DONE)
        lcm_items_begin(writer, text, LCM_MESSAGE_TEXT_SIZE, LCM_SETUP_BUSY);
    device->was_set = true;
}

/* Everything that is well-formed is done. */
static void serve_command(struct setup_double *device, uint8_t *text)
{
    uint8_t request[LCM_MESSAGE_TEXT_SIZE];
    struct lcm_items_reader reader;
    struct lcm_items_writer writer;
    struct lcm_tlv_item item;
    enum lcm_err err;

    memcpy(request, text, sizeof(request));
    err = lcm_items_open(&reader, request, sizeof(request));
    while (err == LCM_OK)
        err = lcm_items_next(&reader, &item);
    lcm_items_begin(&writer, text, LCM_MESSAGE_TEXT_SIZE,
                    err == LCM_ERR_NOT_FOUND ? LCM_SETUP_DONE : LCM_SETUP_MALFORMED);
    if (err != LCM_ERR_NOT_FOUND)
        return;
    device->commands[reader.command]++;
    if (reader.command == LCM_SETUP_READ)
        answer_read(device, &writer);
    if (reader.command == LCM_SETUP_SCAN)
        answer_scan(device, &writer);
    if (reader.command == LCM_SETUP_SET)
        answer_set(device, &writer, text, request);
    if (reader.command != LCM_SETUP_STATUS)
        return;
    if (device->was_set && device->state + 1 < device->state_count)
        device->state++;
    answer_state(device, &writer);
}

static void serve_message(struct setup_double *device, struct visit *visit)
{
    uint8_t message[LCM_MESSAGE_SIZE];
    bool is_over = device->session_ends_after > 0 && device->messages >= device->session_ends_after;

    if (!device->has_channel || is_over) {
        device->has_channel = false;
        visit_refuse(visit, 404, "no such session");
        return;
    }
    if (visit->body_size == sizeof(message))
        memcpy(message, visit->body, sizeof(message));
    if (visit->body_size != sizeof(message) ||
        lcm_message_open(&device->channel, &lcm_crypto_small, message) != LCM_VERDICT_VALID) {
        visit_refuse(visit, 403, "not opened");
        return;
    }
    device->messages++;
    unsigned sets = device->commands[LCM_SETUP_SET];
    serve_command(device, message + LCM_MESSAGE_TEXT_OFFSET);
    bool was_set = device->commands[LCM_SETUP_SET] > sets;
    if (lcm_message_seal(&device->channel, &lcm_crypto_small, message) != LCM_OK)
        abort();
    if (device->tamper == DOUBLE_FLIPS_ANSWER)
        message[500] ^= 4;
    visit_answer(visit, message, sizeof(message));
    if (device->tamper == DOUBLE_REPLAYS && device->messages > 1)
        visit_answer(visit, device->old_answer, sizeof(message));
    visit->answer_size += device->tamper == DOUBLE_ADDS_A_BYTE;
    memcpy(device->old_answer, message, sizeof(message));
    if (was_set && device->drop_set_answers > 0) {
        device->drop_set_answers--;
        visit->is_dropped = true;
    }
}

/* ---- HTTP ---- */

static void serve(struct setup_double *device, struct visit *visit)
{
    device->requests++;
    if (device->drops > 0) {
        device->drops--;
        visit->is_dropped = true;
    } else if (device->unavailable > 0) {
        device->unavailable--;
        visit->retry_after_s = 1;
        visit_refuse(visit, 503, "busy");
    } else if (device->tamper == DOUBLE_SENDS_RUBBISH) {
        visit_answer(visit, "<html>\x1B[2Jhello", 14);
    } else if (device->tamper == DOUBLE_SENDS_TOO_MUCH) {
        memset(visit->answer, 'x', RESPONSE_SIZE);
        visit->status = 200;
        visit->answer_size = RESPONSE_SIZE;
    } else if (strcmp(visit->path, "/i") == 0) {
        serve_info(device, visit);
    } else if (strcmp(visit->path, "/p1") == 0) {
        serve_share(device, visit);
    } else if (strcmp(visit->path, "/p2") == 0) {
        serve_confirm(device, visit);
    } else if (strcmp(visit->path, "/x") == 0) {
        serve_message(device, visit);
    } else {
        visit_refuse(visit, 404, "not found");
    }
}

/* Where the body begins, and how long it is to be; 0 while the header is not whole. */
static size_t visit_header(const struct visit *visit, size_t *body_size)
{
    const char *end = memmem(visit->request, visit->request_size, "\r\n\r\n", 4);
    const char *length = strcasestr(visit->request, "\r\ncontent-length:");

    if (end == NULL)
        return 0;
    *body_size = length != NULL && length < end ? strtoul(length + 17, NULL, 10) : 0;
    return (size_t)(end + 4 - visit->request);
}

static bool visit_read(struct visit *visit)
{
    size_t header = 0, body = 0;

    do {
        ssize_t count = recv(visit->socket, visit->request + visit->request_size,
                             REQUEST_SIZE - 1 - visit->request_size, 0);
        if (count <= 0)
            return false;
        visit->request_size += (size_t)count;
        visit->request[visit->request_size] = '\0';
        header = visit_header(visit, &body);
    } while (header == 0 || visit->request_size < header + body);
    visit->body = (const uint8_t *)visit->request + header;
    visit->body_size = body;
    return sscanf(visit->request, "%*s %31s", visit->path) == 1;
}

static void visit_write(struct setup_double *device, struct visit *visit)
{
    char header[256];
    int size = snprintf(header, sizeof(header), "HTTP/1.1 %d -\r\nContent-Length: %zu\r\n",
                        visit->status, visit->answer_size);

    if (visit->retry_after_s > 0)
        size += snprintf(header + size, sizeof(header) - (size_t)size, "Retry-After: %u\r\n",
                         visit->retry_after_s);
    size += snprintf(header + size, sizeof(header) - (size_t)size, "Connection: close\r\n\r\n");
    (void)!send(visit->socket, header, (size_t)size, MSG_NOSIGNAL | MSG_MORE);
    (void)!send(visit->socket, visit->answer, visit->answer_size, MSG_NOSIGNAL);
    device_log(device, visit->answer, visit->answer_size);
}

static void *device_run(void *argument)
{
    struct setup_double *device = argument;
    const struct linger reset = {1, 0};

    for (;;) {
        struct visit *visit = calloc(1, sizeof(*visit));
        int socket = accept(device->listener, NULL, NULL);

        if (visit == NULL || socket < 0) {
            free(visit);
            return NULL;
        }
        visit->socket = socket;
        if (visit_read(visit)) {
            device_log(device, visit->request, visit->request_size);
            serve(device, visit);
            if (visit->is_dropped)
                (void)setsockopt(socket, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
            else
                visit_write(device, visit);
        }
        close(socket);
        free(visit);
    }
}

void setup_double_init(struct setup_double *device)
{
    memset(device, 0, sizeof(*device));
    device->protocol = 1;
    device->state_count = 1;
}

void setup_double_start(struct setup_double *device)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    device->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (device->listener < 0 ||
        bind(device->listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(device->listener, 8) != 0 ||
        getsockname(device->listener, (struct sockaddr *)&address, &size) != 0 ||
        pthread_create(&device->thread, NULL, device_run, device) != 0)
        abort();
    snprintf(device->url, sizeof(device->url), "http://127.0.0.1:%u", ntohs(address.sin_port));
}

void setup_double_stop(struct setup_double *device)
{
    shutdown(device->listener, SHUT_RDWR);
    pthread_join(device->thread, NULL);
    close(device->listener);
}

void setup_double_play(struct setup_double *device, const struct double_state *states, size_t count)
{
    memcpy(device->states, states, count * sizeof(states[0]));
    device->state_count = count;
    device->state = 0;
    device->was_set = false;
}

void setup_double_play_success(struct setup_double *device)
{
    static const struct double_state states[] = {
        {.phase = LCM_SETUP_PHASE_NONE},
        {.phase = LCM_SETUP_PHASE_JOIN},
        {.phase = LCM_SETUP_PHASE_FILE},
        {.phase = LCM_SETUP_PHASE_DONE, .is_stored = true},
    };

    setup_double_play(device, states, sizeof(states) / sizeof(states[0]));
}

void setup_double_play_wrong_password(struct setup_double *device)
{
    static const struct double_state states[] = {
        {.phase = LCM_SETUP_PHASE_NONE},
        {.phase = LCM_SETUP_PHASE_JOIN},
        {.phase = LCM_SETUP_PHASE_FAILED,
         .failed_phase = LCM_SETUP_PHASE_JOIN,
         .error = LCM_ERR_WIFI_PASSWORD},
    };

    setup_double_play(device, states, sizeof(states) / sizeof(states[0]));
}

void setup_double_put_networks(struct setup_double *device)
{
    static const struct double_network air[] = {
        {-48, 6, true, "home"},
        {-60, 1, false, "caf\xC3\xA9"},
        {-70, 11, true, DOUBLE_NASTY_NAME},
        {-80, 3, true, "\xFF\xFE"},
    };

    memcpy(device->networks, air, sizeof(air));
    device->network_count = sizeof(air) / sizeof(air[0]);
}

void setup_double_expect(const struct setup_double *device, enum lcm_item tag, const char *text)
{
    const uint8_t *value = NULL;
    int size = setup_double_field(device, tag, &value);
    int expected = text != NULL ? (int)strlen(text) : -1;

    if (size != expected || (text != NULL && memcmp(value, text, (size_t)size) != 0))
        fail_msg("field 0x%02x is not \"%s\"", (unsigned)tag, text != NULL ? text : "absent");
}

int setup_double_field(const struct setup_double *device, enum lcm_item tag, const uint8_t **value)
{
    const uint8_t *item = device->set_text;
    const uint8_t *end = item + sizeof(device->set_text);

    while (end - item >= 4 && lcm_get_u16(item) != 0) {
        int size = lcm_get_u16(item + 2);
        if (lcm_get_u16(item) == (uint16_t)tag) {
            *value = item + 4;
            return size;
        }
        item += 4 + size;
    }
    return -1;
}

bool setup_double_saw(const struct setup_double *device, const void *bytes, size_t size)
{
    return memmem(device->log, device->log_size, bytes, size) != NULL;
}
