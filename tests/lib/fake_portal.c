// SPDX-License-Identifier: Apache-2.0
/* The bench of portal/; see the header. */
#include "tests/lib/fake_portal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/store/setup_code.h"
#include "host/spake2_client.h"

#define STEP_MS 5u
#define ASK_MAX_MS 15000u
#define SEND_MAX 700u /* bytes a send takes: answers come in pieces */

/* ---- access point ---- */

static size_t portal_scan_count(const struct fake_portal *portal, size_t size)
{
    return portal->network_count < size ? portal->network_count : size;
}

/* A radio writes when it has heard something, whether somebody asks just then or not. */
static void portal_hear(struct fake_portal *portal)
{
    if (portal->scan_networks == NULL || portal->device.now_ms < portal->scan_end_ms)
        return;
    assert_false(portal->is_refusing); /* the memory is TLS's now */
    memcpy(portal->scan_networks, portal->networks,
           portal_scan_count(portal, portal->scan_size) * sizeof(*portal->networks));
}

static enum lcm_err portal_scan(void *context, struct lcm_network *networks, size_t size,
                                size_t *count)
{
    struct fake_portal *portal = context;

    if (portal->scan_result != LCM_OK)
        return portal->scan_result;
    if (portal->scan_networks == NULL) {
        portal->scan_networks = networks;
        portal->scan_size = size;
        portal->scan_end_ms = portal->device.now_ms + portal->scan_ms;
    }
    portal_hear(portal);
    if (portal->device.now_ms < portal->scan_end_ms)
        return LCM_PENDING;
    portal->scan_networks = NULL;
    *count = portal_scan_count(portal, size);
    return LCM_OK;
}

static enum lcm_err portal_start(void *context, const struct lcm_access_point_config *config)
{
    struct fake_portal *portal = context;

    portal->start_count++;
    portal->channel = config->channel;
    snprintf(portal->ssid, sizeof(portal->ssid), "%s", config->ssid);
    snprintf(portal->password, sizeof(portal->password), "%s", config->password);
    return portal->start_result;
}

static void portal_stop(void *context)
{
    ((struct fake_portal *)context)->stop_count++;
}

static void portal_refuse(void *context, bool is_refusing)
{
    struct fake_portal *portal = context;

    portal->is_refusing = is_refusing;
    for (uint32_t i = 0; is_refusing && i < LCM_VISITORS_MAX; i++)
        assert_false(portal->visitors[i].is_here); /* nobody may be inside any more */
}

static enum lcm_err portal_accept(void *context, uint32_t *visitor)
{
    struct fake_portal *portal = context;

    for (uint32_t i = 0; i < LCM_VISITORS_MAX; i++) {
        if (!portal->visitors[i].is_waiting)
            continue;
        portal->visitors[i].is_waiting = false;
        portal->visitors[i].is_here = true;
        *visitor = i;
        return LCM_OK;
    }
    return LCM_PENDING;
}

static enum lcm_err portal_receive(void *context, uint32_t visitor, uint8_t *dst, size_t size,
                                   size_t *received)
{
    struct fake_visitor *guest = &((struct fake_portal *)context)->visitors[visitor];
    size_t left = guest->in_allowed - guest->in_taken;

    assert_true(guest->is_here);
    *received = left < size ? left : size;
    if (*received == 0)
        return guest->has_left ? LCM_ERR_CLOSED : LCM_PENDING;
    memcpy(dst, guest->in + guest->in_taken, *received);
    guest->in_taken += *received;
    return LCM_OK;
}

static enum lcm_err portal_send(void *context, uint32_t visitor, const uint8_t *data, size_t size,
                                size_t *sent)
{
    struct fake_visitor *guest = &((struct fake_portal *)context)->visitors[visitor];

    assert_true(guest->is_here);
    assert_true(size > 0);
    *sent = 0;
    if (guest->has_left)
        return LCM_ERR_CLOSED;
    if (guest->reads_not)
        return LCM_PENDING;
    *sent = size < SEND_MAX ? size : SEND_MAX;
    assert_true(guest->out_size + *sent <= sizeof(guest->out));
    memcpy(guest->out + guest->out_size, data, *sent);
    guest->out_size += *sent;
    return LCM_OK;
}

static void portal_close(void *context, uint32_t visitor, bool is_orderly)
{
    struct fake_visitor *guest = &((struct fake_portal *)context)->visitors[visitor];

    assert_true(guest->is_here);
    guest->is_here = false;
    guest->is_closed_by_device = true;
    guest->is_orderly = is_orderly;
}

/* ---- console ---- */

static void portal_write(void *context, const char *text)
{
    struct fake_portal *portal = context;
    size_t size = strlen(text);

    assert_true(portal->printed_size + size < sizeof(portal->printed));
    memcpy(portal->printed + portal->printed_size, text, size + 1);
    portal->printed_size += size;
}

static enum lcm_err portal_read(void *context, char *c)
{
    struct fake_portal *portal = context;

    if (portal->typed_taken == portal->typed_size)
        return LCM_PENDING;
    *c = portal->typed[portal->typed_taken++];
    return LCM_OK;
}

static void portal_light(void *context, bool is_lit)
{
    struct fake_portal *portal = context;

    portal->is_lit = is_lit;
    portal->light_count++;
}

/* Chance that repeats, but not within a run: session ids must differ. */
static enum lcm_err portal_fill(void *context, uint8_t *dst, size_t size)
{
    struct fake_portal *portal = context;

    for (size_t i = 0; i < size; i++)
        dst[i] = (uint8_t)ram_flash_random(&portal->random);
    return LCM_OK;
}

/* ---- life cycle ---- */

static void portal_wire(struct fake_portal *portal)
{
    portal->port = (struct lcm_access_point){.context = portal,
                                             .scan = portal_scan,
                                             .start = portal_start,
                                             .stop = portal_stop,
                                             .refuse = portal_refuse,
                                             .accept = portal_accept,
                                             .receive = portal_receive,
                                             .send = portal_send,
                                             .close = portal_close};
    portal->device.entropy = (struct lcm_entropy){portal, portal_fill};
    portal->random = 20261128;
    portal->console = (struct lcm_console){
        .context = portal, .write = portal_write, .read = portal_read, .light = portal_light};
    portal->config = (struct lcm_setup_config){
        .ports = &portal->device.ports,
        .access_point = &portal->port,
        .console = &portal->console,
        .lifecycle = &portal->device.lifecycle,
        .run = {.ports = &portal->device.ports,
                .observer = &portal->device.observer,
                .crypto = &lcm_crypto_small,
                .tls_buffer = portal->device.tls_buffer,
                .version = "1.0.0",
                .running_slot = 1,
                .has_setup = true},
        .room = portal->room,
    };
}

void fake_portal_begin(struct fake_portal *portal)
{
    assert_int_equal(lcm_setup_begin(&portal->setup, &portal->config), LCM_OK);
}

void fake_portal_open(struct fake_portal *portal, const uint8_t *trust_sector)
{
    memset(portal, 0, sizeof(*portal));
    fake_device_init(&portal->device);
    portal_wire(portal);
    if (trust_sector != NULL)
        memcpy(portal->device.flash.data + LCM_TRUST_A_ADDR, trust_sector, LCM_TRUST_SIZE);
    assert_int_equal(lcm_setup_code_store(&portal->device.flash.port, FAKE_PORTAL_CODE), LCM_OK);
    fake_portal_begin(portal);
}

bool fake_portal_run(struct fake_portal *portal, uint32_t time_ms)
{
    uint64_t until_ms = portal->device.now_ms + time_ms;

    while (portal->device.now_ms < until_ms) {
        if (lcm_setup_step(&portal->setup) == LCM_OK)
            return false;
        portal->device.now_ms += STEP_MS;
        portal_hear(portal);
    }
    return true;
}

/* ---- visitors ---- */

void fake_portal_visit(struct fake_portal *portal, uint32_t which, const void *bytes, size_t size)
{
    struct fake_visitor *guest = &portal->visitors[which];

    assert_false(guest->is_here);
    assert_true(size <= sizeof(guest->in));
    memset(guest, 0, sizeof(*guest));
    memcpy(guest->in, bytes, size);
    guest->in_size = size;
    guest->in_allowed = size;
    guest->is_waiting = true;
}

static const char *portal_head_end(const struct fake_visitor *guest)
{
    return memmem(guest->out, guest->out_size, "\r\n\r\n", 4);
}

const char *fake_portal_field(const struct fake_portal *portal, const char *name)
{
    static char value[512];
    char pattern[64];
    const struct fake_visitor *guest = &portal->visitors[0];
    int size = snprintf(pattern, sizeof(pattern), "\r\n%s: ", name);
    const char *at = memmem(guest->out, guest->out_size, pattern, (size_t)size);

    if (at == NULL || at > portal_head_end(guest))
        return NULL;
    at += size;
    snprintf(value, sizeof(value), "%.*s", (int)strcspn(at, "\r"), at);
    return value;
}

uint16_t fake_portal_ask(struct fake_portal *portal, const void *bytes, size_t size, uint8_t *body,
                         size_t *body_size)
{
    struct fake_visitor *guest = &portal->visitors[0];
    uint64_t until_ms = portal->device.now_ms + ASK_MAX_MS;

    fake_portal_visit(portal, 0, bytes, size);
    while (!guest->is_closed_by_device && portal->device.now_ms < until_ms)
        (void)fake_portal_run(portal, STEP_MS);
    assert_true(guest->is_closed_by_device);
    if (guest->out_size == 0)
        return 0;
    assert_memory_equal(guest->out, "HTTP/1.1 ", 9);
    const char *end = portal_head_end(guest);
    assert_non_null(end);
    const uint8_t *start = (const uint8_t *)end + 4;
    size_t got = guest->out_size - (size_t)(start - guest->out);
    assert_int_equal(strtoul(fake_portal_field(portal, "Content-Length"), NULL, 10), got);
    assert_string_equal(fake_portal_field(portal, "Cache-Control"), "no-store");
    assert_string_equal(fake_portal_field(portal, "Connection"), "close");
    assert_true(guest->is_orderly);
    if (body != NULL)
        memcpy(body, start, got);
    if (body_size != NULL)
        *body_size = got;
    return (uint16_t)strtoul((const char *)guest->out + 9, NULL, 10);
}

uint16_t fake_portal_post(struct fake_portal *portal, const char *path, const uint8_t *bytes,
                          size_t size, uint8_t *body, size_t *body_size)
{
    static uint8_t request[FAKE_VISITOR_IN_MAX];
    int head = snprintf((char *)request, sizeof(request),
                        "POST %s HTTP/1.1\r\nHost: 192.168.4.1\r\nContent-Length: %zu\r\n\r\n",
                        path, size);

    memcpy(request + head, bytes, size);
    return fake_portal_ask(portal, request, (size_t)head + size, body, body_size);
}

/* ---- the real client ---- */

uint16_t fake_portal_join(struct fake_portal *portal, const char *code,
                          struct setup_channel *channel)
{
    uint8_t share[LCM_SETUP_POINT_SIZE];
    uint8_t body[FAKE_VISITOR_OUT_MAX];
    uint8_t proof[LCM_SETUP_SESSION_SIZE + LCM_SETUP_CONFIRM_SIZE];
    struct spake2_client *client = NULL;
    size_t size = 0;

    assert_int_equal(spake2_client_begin(&client, code, FAKE_PORTAL_ID, share), LCM_OK);
    uint16_t status = fake_portal_post(portal, "/p1", share, sizeof(share), body, &size);
    if (status == 200) {
        assert_int_equal(size, LCM_SETUP_SESSION_SIZE + LCM_SETUP_POINT_SIZE);
        memcpy(proof, body, LCM_SETUP_SESSION_SIZE);
        assert_int_equal(spake2_client_finish(client, body, body + LCM_SETUP_SESSION_SIZE,
                                              proof + LCM_SETUP_SESSION_SIZE),
                         LCM_OK);
        status = fake_portal_post(portal, "/p2", proof, sizeof(proof), body, &size);
    }
    if (status == 200) {
        assert_int_equal(size, LCM_SETUP_CONFIRM_SIZE);
        assert_int_equal(spake2_client_verify(client, body, channel), LCM_VERDICT_VALID);
    }
    spake2_client_free(client);
    return status;
}

uint16_t fake_portal_say(struct fake_portal *portal, struct setup_channel *channel,
                         const struct setup_text *request, struct setup_text *answer)
{
    uint8_t message[LCM_MESSAGE_SIZE];
    uint8_t body[FAKE_VISITOR_OUT_MAX];
    size_t size = 0;

    assert_int_equal(setup_message_seal(channel, request, message), LCM_OK);
    uint16_t status = fake_portal_post(portal, "/x", message, sizeof(message), body, &size);
    if (status == 200) {
        assert_int_equal(size, LCM_MESSAGE_SIZE);
        assert_int_equal(setup_message_open(channel, body, answer), LCM_OK);
    }
    return status;
}
