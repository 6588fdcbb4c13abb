// SPDX-License-Identifier: Apache-2.0
/* The words in which tests of set-up are written; see the header. */
#include "tests/lib/portal_steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/trust_fixture.h"

struct fake_portal portal;
struct setup_channel channel;
struct setup_text request;
struct setup_text answer;

static struct trust_fixture fixture;
static uint8_t sector[LCM_TRUST_SIZE];

int portal_group_set_up(void **state)
{
    (void)state;
    fixture_open(&fixture);
    fixture_sector(&fixture, 1, FIXTURE_OWNER, FIXTURE_KEY_COUNT, sector);
    return 0;
}

int portal_group_tear_down(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

int portal_set_up(void **state)
{
    (void)state;
    fake_portal_open(&portal, sector);
    assert_true(fake_portal_run(&portal, 100));
    return 0;
}

void portal_join(void)
{
    assert_int_equal(fake_portal_join(&portal, FAKE_PORTAL_CODE, &channel), 200);
}

unsigned portal_say(void)
{
    assert_int_equal(fake_portal_say(&portal, &channel, &request, &answer), 200);
    return setup_text_number(&answer, LCM_ITEM_RESULT, 99);
}

unsigned portal_command(enum lcm_setup_command which)
{
    setup_text_begin(&request, which);
    return portal_say();
}

void portal_put(enum lcm_item tag, const char *text)
{
    setup_text_put(&request, tag, text, strlen(text));
}

void portal_type(const char *text)
{
    size_t size = strlen(text);

    assert_true(portal.typed_size + size <= sizeof(portal.typed));
    memcpy(portal.typed + portal.typed_size, text, size);
    portal.typed_size += size;
}

bool portal_is_stored(const char *key, const char *expected)
{
    char text[LCM_SETTING_TEXT_SIZE];
    struct lcm_settings settings;

    assert_int_equal(lcm_settings_open(&settings, &portal.device.flash.port), LCM_OK);
    return lcm_settings_get(&settings, key, text, sizeof(text)) == LCM_OK &&
           strcmp(text, expected) == 0;
}

uint16_t portal_get(const char *host, const char *path, char *body, size_t *size)
{
    char text[256];
    int length = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, host);

    return fake_portal_ask(&portal, text, (size_t)length, (uint8_t *)body, size);
}

void portal_put_network(const char *ssid, uint8_t network_channel, int8_t signal)
{
    struct lcm_network *network = &portal.networks[portal.network_count++];

    memcpy(network->ssid, ssid, strlen(ssid));
    network->ssid_size = (uint8_t)strlen(ssid);
    network->channel = network_channel;
    network->signal_dbm = signal;
    network->is_secured = true;
}

void portal_set_network(const char *ssid, const char *password)
{
    setup_text_begin(&request, LCM_SETUP_SET);
    portal_put(LCM_ITEM_SSID, ssid);
    portal_put(LCM_ITEM_PASSWORD, password);
}

void portal_wait_for_phase(unsigned phase, uint32_t within_ms)
{
    uint64_t until_ms = portal.device.now_ms + within_ms;

    do {
        assert_true(portal.device.now_ms < until_ms);
        (void)fake_portal_run(&portal, 200);
        assert_int_equal(portal_command(LCM_SETUP_STATUS), LCM_SETUP_DONE);
    } while (setup_text_number(&answer, LCM_ITEM_PHASE, 99) != phase);
}
