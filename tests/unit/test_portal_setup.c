// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: set-up lets in who knows the code and nobody else, tries before it stores, keeps what
 * worked when something new does not, tells why, and ends by itself; visitors who are slow, greedy,
 * many or malicious change nothing. Method: the whole portal on a fake device, spoken to by the
 * independent client in host/.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/store/rtc.h"
#include "core/update/keys.h"
#include "portal/page.h"
#include "tests/lib/fake_portal.h"
#include "tests/lib/trust_fixture.h"

#define MINUTE_MS 60000u

static struct fake_portal portal;
static struct trust_fixture fixture;
static uint8_t sector[LCM_TRUST_SIZE];
static struct setup_channel channel;
static struct setup_text request;
static struct setup_text answer;

static int group_set_up(void **state)
{
    (void)state;
    fixture_open(&fixture);
    fixture_sector(&fixture, 1, FIXTURE_OWNER, FIXTURE_KEY_COUNT, sector);
    return 0;
}

static int group_tear_down(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    fake_portal_open(&portal, sector);
    assert_true(fake_portal_run(&portal, 100));
    return 0;
}

static void join(void)
{
    assert_int_equal(fake_portal_join(&portal, FAKE_PORTAL_CODE, &channel), 200);
}

static unsigned say(void)
{
    assert_int_equal(fake_portal_say(&portal, &channel, &request, &answer), 200);
    return setup_text_number(&answer, LCM_ITEM_RESULT, 99);
}

static unsigned command(enum lcm_setup_command which)
{
    setup_text_begin(&request, which);
    return say();
}

static void put(enum lcm_item tag, const char *text)
{
    setup_text_put(&request, tag, text, strlen(text));
}

static bool is_stored(const char *key, const char *expected)
{
    char text[LCM_SETTING_TEXT_SIZE];
    struct lcm_settings settings;

    assert_int_equal(lcm_settings_open(&settings, &portal.device.flash.port), LCM_OK);
    return lcm_settings_get(&settings, key, text, sizeof(text)) == LCM_OK &&
           strcmp(text, expected) == 0;
}

static uint16_t get(const char *host, const char *path, char *body, size_t *size)
{
    char text[256];
    int length = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, host);

    return fake_portal_ask(&portal, text, (size_t)length, (uint8_t *)body, size);
}

/* ---- opening ---- */

static void test_network_is_named_and_locked(void **state)
{
    (void)state;
    assert_string_equal(portal.ssid, "LCM-000001");
    assert_string_equal(portal.password, FAKE_PORTAL_CODE);
    assert_int_equal(portal.start_count, 1);
    assert_non_null(strstr(portal.printed, "7K3M-Q9XT-A2HB"));
}

static void put_network(const char *ssid, uint8_t network_channel, int8_t signal)
{
    struct lcm_network *network = &portal.networks[portal.network_count++];

    memcpy(network->ssid, ssid, strlen(ssid));
    network->ssid_size = (uint8_t)strlen(ssid);
    network->channel = network_channel;
    network->signal_dbm = signal;
    network->is_secured = true;
}

/* The stored network's channel first, then the strongest one's. */
static void test_channel(void **state)
{
    (void)state;
    put_network("weak", 3, -80);
    put_network("strong", 9, -40);
    fake_portal_begin(&portal);
    assert_true(fake_portal_run(&portal, 100));
    assert_int_equal(portal.channel, 9);
    fake_device_put_setting(&portal.device, LCM_KEY_WIFI_SSID, "weak");
    fake_portal_begin(&portal);
    assert_true(fake_portal_run(&portal, 100));
    assert_int_equal(portal.channel, 3);
    portal.networks[0].channel = 14; /* no channel for an access point */
    portal.networks[1].channel = 0;
    fake_device_put_setting(&portal.device, LCM_KEY_WIFI_SSID, "strong");
    fake_portal_begin(&portal);
    assert_true(fake_portal_run(&portal, 100));
    assert_in_range(portal.channel, 0, 1);
}

static void test_silent_radio_does_not_keep_it_closed(void **state)
{
    (void)state;
    portal.scan_result = LCM_PENDING;
    fake_portal_begin(&portal);
    assert_true(fake_portal_run(&portal, LCM_SETUP_SCAN_MS + 100));
    assert_int_equal(portal.start_count, 2);
}

static void test_first_code_is_made_and_kept(void **state)
{
    char first[LCM_SETUP_CODE_LENGTH + 1];

    (void)state;
    memset(portal.device.flash.data + LCM_CODE_ADDR, 0xFF, LCM_SECTOR_SIZE);
    fake_portal_begin(&portal);
    memcpy(first, portal.setup.code, sizeof(first));
    assert_int_equal(strlen(first), LCM_SETUP_CODE_LENGTH);
    assert_string_not_equal(first, FAKE_PORTAL_CODE);
    fake_portal_begin(&portal);
    assert_string_equal(portal.setup.code, first);
}

/* ---- what anybody may see ---- */

static void test_page(void **state)
{
    static char body[FAKE_VISITOR_OUT_MAX];
    static uint8_t page[FAKE_VISITOR_OUT_MAX];
    size_t size = 0;

    (void)state;
    assert_int_equal(get("192.168.4.1", "/", body, &size), 200);
    assert_int_equal(size, lcm_page_size);
    lcm_page_read(0, page, lcm_page_size);
    assert_memory_equal(body, page, size);
    assert_string_equal(fake_portal_field(&portal, "Content-Encoding"), "gzip");
    assert_non_null(
        strstr(fake_portal_field(&portal, "Content-Security-Policy"), "default-src 'none'"));
    assert_int_equal(get("127.0.0.1:8080", "/?x", body, &size), 200);
    assert_int_equal(get("lcm-000001.local", "/", body, &size), 200);
}

static void test_head_has_no_body(void **state)
{
    static const char text[] = "HEAD / HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n";

    (void)state;
    fake_portal_visit(&portal, 1, text, sizeof(text) - 1);
    assert_true(fake_portal_run(&portal, 500));
    assert_true(portal.visitors[1].is_closed_by_device);
    assert_memory_equal(portal.visitors[1].out + portal.visitors[1].out_size - 4, "\r\n\r\n", 4);
}

static void test_info(void **state)
{
    char body[FAKE_VISITOR_OUT_MAX] = "";
    size_t size = 0;

    (void)state;
    assert_int_equal(get("192.168.4.1", "/i", body, &size), 200);
    body[size] = '\0';
    assert_string_equal(body, "{\"protocol\":1,\"id\":\"020000000001\",\"name\":\"LCM-000001\","
                              "\"version\":\"1.0.0\",\"wait\":0}\n");
}

static void test_other_hosts_are_sent_to_the_page(void **state)
{
    static char body[FAKE_VISITOR_OUT_MAX];
    size_t size = 0;

    (void)state;
    assert_int_equal(get("captive.apple.com", "/hotspot-detect.html", body, &size), 302);
    assert_string_equal(fake_portal_field(&portal, "Location"), "http://192.168.4.1/");
    assert_true(size > 4);
    assert_int_equal(get("evil.example", "/", body, &size), 302);
    assert_int_equal(get("evil.example", "/i", body, &size), 302);
    assert_int_equal(get("192.168.4.1", "/favicon.ico", body, &size), 404);
    assert_int_equal(get("192.168.4.1", "/x", body, &size), 405);
}

static void test_posts_of_other_sites_are_refused(void **state)
{
    static const char text[] =
        "POST /p1 HTTP/1.1\r\nHost: 192.168.4.1\r\nOrigin: http://evil.example"
        "\r\nContent-Length: 2\r\n\r\nxx";
    static const char own[] = "POST /p1 HTTP/1.1\r\nHost: 192.168.4.1\r\nOrigin: http://192.168.4.1"
                              "\r\nContent-Length: 2\r\n\r\nxx";

    (void)state;
    assert_int_equal(fake_portal_ask(&portal, text, sizeof(text) - 1, NULL, NULL), 403);
    assert_int_equal(fake_portal_ask(&portal, own, sizeof(own) - 1, NULL, NULL), 400);
}

/* ---- who knows the code ---- */

static void test_join_and_read(void **state)
{
    char text[64];

    (void)state;
    join();
    assert_int_equal(command(LCM_SETUP_READ), LCM_SETUP_DONE);
    setup_text_string(&answer, LCM_ITEM_DEVICE_ID, text, sizeof(text));
    assert_string_equal(text, FAKE_PORTAL_ID);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_PHASE, 99), LCM_SETUP_PHASE_NONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_HAS_PASSWORD, 99), 0);
}

static void test_wrong_code_is_slowed_down_and_blocked(void **state)
{
    static const uint32_t waits_s[] = {1, 2, 4, 8, 16, 32, 64, 64, 64, 300, 300};

    (void)state;
    for (size_t i = 0; i < sizeof(waits_s) / sizeof(waits_s[0]); i++) {
        assert_int_equal(fake_portal_join(&portal, "000000000000", &channel), 403);
        assert_int_equal(strtoul(fake_portal_field(&portal, "Retry-After"), NULL, 10), waits_s[i]);
        /* The right code has to wait as well. */
        assert_int_equal(fake_portal_join(&portal, FAKE_PORTAL_CODE, &channel), 429);
        portal.device.now_ms += (uint64_t)waits_s[i] * 1000;
    }
    join();
}

/* Who is inside is not concerned by others who guess. */
static void test_guessing_does_not_lock_out_who_is_inside(void **state)
{
    struct setup_channel guess;

    (void)state;
    join();
    for (uint32_t i = 0; i < 12; i++) {
        (void)fake_portal_join(&portal, "000000000000", &guess);
        portal.device.now_ms += 100;
    }
    assert_int_equal(command(LCM_SETUP_STATUS), LCM_SETUP_DONE);
}

static void test_shares_that_are_no_points(void **state)
{
    uint8_t share[LCM_SETUP_POINT_SIZE] = {4};

    (void)state;
    assert_int_equal(fake_portal_post(&portal, "/p1", share, sizeof(share), NULL, NULL), 400);
    memset(share, 0xFF, sizeof(share));
    assert_int_equal(fake_portal_post(&portal, "/p1", share, sizeof(share), NULL, NULL), 400);
    assert_int_equal(fake_portal_post(&portal, "/p1", share, 64, NULL, NULL), 400);
    assert_int_equal(fake_portal_post(&portal, "/p2", share, 40, NULL, NULL), 404);
    assert_int_equal(fake_portal_post(&portal, "/p2", share, 39, NULL, NULL), 400);
    assert_int_equal(fake_portal_post(&portal, "/x", share, 65, NULL, NULL), 400);
    assert_int_equal(fake_portal_post(&portal, "/nothing", share, 65, NULL, NULL), 404);
    assert_int_equal(fake_portal_post(&portal, "/", share, 65, NULL, NULL), 405);
    join();
}

/* A new one takes the place of the oldest that is not confirmed, never of one that is. */
static void test_sessions_are_three(void **state)
{
    struct setup_channel channels[4];

    (void)state;
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(fake_portal_join(&portal, FAKE_PORTAL_CODE, &channels[i]), 200);
    assert_int_equal(fake_portal_join(&portal, FAKE_PORTAL_CODE, &channels[3]), 503);
    for (uint32_t i = 0; i < 3; i++) {
        channel = channels[i];
        assert_int_equal(command(LCM_SETUP_STATUS), LCM_SETUP_DONE);
        channels[i] = channel;
    }
    portal.device.now_ms += LCM_SESSION_IDLE_MS / 2;
    channel = channels[1];
    assert_int_equal(command(LCM_SETUP_STATUS), LCM_SETUP_DONE);
    channels[1] = channel;
    portal.device.now_ms += LCM_SESSION_IDLE_MS / 2 + 1;
    join();
    setup_text_begin(&request, LCM_SETUP_STATUS);
    assert_int_equal(fake_portal_say(&portal, &channels[0], &request, &answer), 404);
    assert_int_equal(fake_portal_say(&portal, &channels[1], &request, &answer), 200);
}

static void test_unconfirmed_sessions_give_way(void **state)
{
    uint8_t share[LCM_SETUP_POINT_SIZE];
    struct spake2_client *client = NULL;

    (void)state;
    assert_int_equal(spake2_client_begin(&client, FAKE_PORTAL_CODE, FAKE_PORTAL_ID, share), LCM_OK);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(fake_portal_post(&portal, "/p1", share, sizeof(share), NULL, NULL), 200);
    assert_int_equal(fake_portal_post(&portal, "/p1", share, sizeof(share), NULL, NULL), 503);
    portal.device.now_ms += LCM_SESSION_YOUNG_MS + 1;
    join();
    spake2_client_free(client);
}

/* ---- messages ---- */

static uint16_t send_message(const uint8_t message[LCM_MESSAGE_SIZE])
{
    return fake_portal_post(&portal, "/x", message, LCM_MESSAGE_SIZE, NULL, NULL);
}

static void test_replayed_and_reordered_messages_are_refused(void **state)
{
    uint8_t first[LCM_MESSAGE_SIZE];
    uint8_t second[LCM_MESSAGE_SIZE];

    (void)state;
    join();
    setup_text_begin(&request, LCM_SETUP_IDENTIFY);
    assert_int_equal(setup_message_seal(&channel, &request, first), LCM_OK);
    assert_int_equal(setup_message_seal(&channel, &request, second), LCM_OK);
    assert_int_equal(send_message(second), 200);
    assert_int_equal(send_message(second), 403);
    assert_int_equal(send_message(first), 403);
    assert_int_equal(command(LCM_SETUP_STATUS), LCM_SETUP_DONE);
}

static void test_every_flipped_bit_is_refused(void **state)
{
    uint8_t message[LCM_MESSAGE_SIZE];

    (void)state;
    join();
    setup_text_begin(&request, LCM_SETUP_FACTORY_RESET);
    put(LCM_ITEM_CONFIRMATION, LCM_SETUP_CONFIRMATION);
    assert_int_equal(setup_message_seal(&channel, &request, message), LCM_OK);
    for (uint32_t bit = 0; bit < LCM_MESSAGE_SIZE * 8; bit += bit < 256 || bit > 8320 ? 1 : 97) {
        message[bit / 8] = (uint8_t)(message[bit / 8] ^ (1u << bit % 8));
        assert_int_equal(send_message(message), bit < 64 ? 404 : 403);
        message[bit / 8] = (uint8_t)(message[bit / 8] ^ (1u << bit % 8));
    }
    assert_false(is_stored(LCM_KEY_OTA_COUNT, "14"));
    assert_int_equal(send_message(message), 200);
    assert_true(is_stored(LCM_KEY_OTA_COUNT, "14"));
}

static void test_malformed_requests_change_nothing(void **state)
{
    (void)state;
    join();
    setup_text_begin(&request, LCM_SETUP_SET);
    put(LCM_ITEM_SSID, "home");
    put(LCM_ITEM_SSID, "again");
    assert_int_equal(say(), LCM_SETUP_MALFORMED);
    setup_text_begin(&request, LCM_SETUP_SET);
    put(LCM_ITEM_CONFIRMATION, LCM_SETUP_CONFIRMATION);
    assert_int_equal(say(), LCM_SETUP_MALFORMED);
    setup_text_begin(&request, (enum lcm_setup_command)0);
    assert_int_equal(say(), LCM_SETUP_MALFORMED);
    setup_text_begin(&request, (enum lcm_setup_command)8);
    assert_int_equal(say(), LCM_SETUP_MALFORMED);
    setup_text_begin(&request, LCM_SETUP_SET);
    setup_text_put_u8(&request, LCM_ITEM_NO_TRIAL, 2);
    assert_int_equal(say(), LCM_SETUP_MALFORMED);
    assert_int_equal(command(LCM_SETUP_STATUS), LCM_SETUP_DONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_PHASE, 99), LCM_SETUP_PHASE_NONE);
}

static void test_refused_fields_are_named(void **state)
{
    struct setup_item item;

    (void)state;
    join();
    setup_text_begin(&request, LCM_SETUP_SET);
    put(LCM_ITEM_SSID, "home");
    put(LCM_ITEM_PASSWORD, "short");
    put(LCM_ITEM_REPOSITORY, "no repository");
    put(LCM_ITEM_EMERGENCY, "host"); /* not in beta mode */
    assert_int_equal(say(), LCM_SETUP_REFUSED);
    assert_true(setup_text_find(&answer, LCM_ITEM_FIELD_ERROR, 2, &item));
    assert_memory_equal(item.value, "\x1A\x00\x32\x00", 4);
    assert_true(setup_text_find(&answer, LCM_ITEM_FIELD_ERROR, 1, &item));
    assert_memory_equal(item.value, "\x12\x00\x32\x00", 4);
    assert_true(setup_text_find(&answer, LCM_ITEM_FIELD_ERROR, 0, &item));
    assert_memory_equal(item.value, "\x11\x00\x32\x00", 4);
    setup_text_begin(&request, LCM_SETUP_SET);
    put(LCM_ITEM_REPOSITORY, "me/lamp"); /* and no network anywhere */
    assert_int_equal(say(), LCM_SETUP_REFUSED);
    assert_true(setup_text_find(&answer, LCM_ITEM_FIELD_ERROR, 0, &item));
    assert_memory_equal(item.value, "\x10\x00\x18\x00", 4);
    assert_false(is_stored(LCM_KEY_WIFI_SSID, "home"));
}

/* ---- scan ---- */

static void test_scan_is_sorted_and_raw(void **state)
{
    struct setup_item item;

    (void)state;
    join();
    put_network("weak", 3, -80);
    put_network("\"><script>\xF0\x9F\x9A\x80\xFF", 9, -40);
    put_network("middle", 1, -60);
    setup_text_begin(&request, LCM_SETUP_SCAN);
    setup_text_put_u8(&request, LCM_ITEM_RESCAN, 1);
    assert_int_equal(say(), LCM_SETUP_DONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_SCANNING, 99), 1);
    assert_int_equal(command(LCM_SETUP_SCAN), LCM_SETUP_DONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_SCANNING, 99), 0);
    assert_true(setup_text_find(&answer, LCM_ITEM_NETWORK, 0, &item));
    assert_memory_equal(item.value, "\xD8\x09\x01\"><script>\xF0\x9F\x9A\x80\xFF", item.size);
    assert_true(setup_text_find(&answer, LCM_ITEM_NETWORK, 1, &item));
    assert_memory_equal(item.value, "\xC4\x01\x01middle", 9);
    assert_true(setup_text_find(&answer, LCM_ITEM_NETWORK, 2, &item));
    assert_false(setup_text_find(&answer, LCM_ITEM_NETWORK, 3, &item));
}

/* As many as the room holds, with the longest names, fit one answer. */
static void test_full_scan_fits(void **state)
{
    char ssid[33];
    struct setup_item item;

    (void)state;
    join();
    for (uint32_t i = 0; i < 40; i++) {
        snprintf(ssid, sizeof(ssid), "%032u", i);
        put_network(ssid, 1, (int8_t) - (int)(30 + i));
    }
    (void)command(LCM_SETUP_SCAN);
    assert_int_equal(command(LCM_SETUP_SCAN), LCM_SETUP_DONE);
    assert_true(setup_text_find(&answer, LCM_ITEM_NETWORK, LCM_SETUP_NETWORKS_MAX - 1, &item));
    assert_int_equal(item.size, 3 + 32);
}

/* ---- trials ---- */

static void set_network(const char *ssid, const char *password)
{
    setup_text_begin(&request, LCM_SETUP_SET);
    put(LCM_ITEM_SSID, ssid);
    put(LCM_ITEM_PASSWORD, password);
}

static void wait_for_phase(unsigned phase, uint32_t within_ms)
{
    uint64_t until_ms = portal.device.now_ms + within_ms;

    do {
        assert_true(portal.device.now_ms < until_ms);
        (void)fake_portal_run(&portal, 200);
        assert_int_equal(command(LCM_SETUP_STATUS), LCM_SETUP_DONE);
    } while (setup_text_number(&answer, LCM_ITEM_PHASE, 99) != phase);
}

static void test_wrong_password_then_right(void **state)
{
    (void)state;
    join();
    portal.device.join_result = LCM_ERR_WIFI_PASSWORD;
    set_network("home", "wrong password");
    assert_int_equal(say(), LCM_SETUP_DONE);
    wait_for_phase(LCM_SETUP_PHASE_FAILED, 5000);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_ERROR, 0), LCM_ERR_WIFI_PASSWORD);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_FAILED_PHASE, 0), LCM_SETUP_PHASE_JOIN);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_STORED, 99), 0);
    assert_false(is_stored(LCM_KEY_WIFI_SSID, "home"));
    portal.device.join_result = LCM_OK;
    set_network("home", "right password");
    assert_int_equal(say(), LCM_SETUP_DONE);
    wait_for_phase(LCM_SETUP_PHASE_DONE, 5000);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_STORED, 99), 1);
    assert_in_range(setup_text_number(&answer, LCM_ITEM_LEAVES_IN, 0), 1, 20);
    assert_true(is_stored(LCM_KEY_WIFI_SSID, "home"));
    assert_true(is_stored(LCM_KEY_WIFI_PASSWORD, "right password"));
}

static void test_old_network_survives_a_failed_change(void **state)
{
    (void)state;
    fake_device_put_setting(&portal.device, LCM_KEY_WIFI_SSID, "old");
    fake_device_put_setting(&portal.device, LCM_KEY_WIFI_PASSWORD, "old password");
    fake_portal_begin(&portal);
    assert_true(fake_portal_run(&portal, 100));
    join();
    portal.device.join_result = LCM_ERR_WIFI_NOT_FOUND;
    set_network("new", "new password");
    assert_int_equal(say(), LCM_SETUP_DONE);
    wait_for_phase(LCM_SETUP_PHASE_FAILED, 5000);
    assert_true(is_stored(LCM_KEY_WIFI_SSID, "old"));
    assert_true(is_stored(LCM_KEY_WIFI_PASSWORD, "old password"));
}

static void test_save_anyway(void **state)
{
    (void)state;
    join();
    portal.device.join_result = LCM_ERR_WIFI_NOT_FOUND;
    set_network("away", "password away");
    setup_text_put_u8(&request, LCM_ITEM_NO_TRIAL, 1);
    assert_int_equal(say(), LCM_SETUP_DONE);
    wait_for_phase(LCM_SETUP_PHASE_DONE, 5000);
    assert_int_equal(portal.device.join_count, 0);
    assert_true(is_stored(LCM_KEY_WIFI_SSID, "away"));
}

/* TLS needs the visitors' room: they are refused meanwhile, sessions stay, the end is told. */
static void test_trial_of_a_repository(void **state)
{
    (void)state;
    join();
    portal.device.resolve_result = LCM_PENDING;
    set_network("home", "right password");
    put(LCM_ITEM_REPOSITORY, "me/lamp");
    assert_int_equal(say(), LCM_SETUP_DONE);
    assert_true(fake_portal_run(&portal, 2000));
    assert_true(portal.is_refusing);
    assert_int_equal(portal.setup.attempt.phase, LCM_SETUP_PHASE_HOST);
    portal.device.resolve_result = LCM_ERR_DNS;
    assert_true(fake_portal_run(&portal, 500));
    assert_false(portal.is_refusing);
    assert_int_equal(command(LCM_SETUP_STATUS), LCM_SETUP_DONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_PHASE, 0), LCM_SETUP_PHASE_FAILED);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_ERROR, 0), LCM_ERR_DNS);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_FAILED_PHASE, 0), LCM_SETUP_PHASE_HOST);
    /* The end is kept for a later session. */
    join();
    assert_int_equal(command(LCM_SETUP_READ), LCM_SETUP_DONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_ERROR, 0), LCM_ERR_DNS);
}

static void test_nothing_changes_during_a_trial(void **state)
{
    (void)state;
    join();
    portal.device.join_result = LCM_PENDING;
    set_network("home", "right password");
    assert_int_equal(say(), LCM_SETUP_DONE);
    set_network("other", "other password");
    assert_int_equal(say(), LCM_SETUP_BUSY);
    assert_true(fake_portal_run(&portal, 1000));
    set_network("other", "other password");
    assert_int_equal(say(), LCM_SETUP_BUSY);
    assert_int_equal(command(LCM_SETUP_FINISH), LCM_SETUP_BUSY);
    setup_text_begin(&request, LCM_SETUP_FACTORY_RESET);
    put(LCM_ITEM_CONFIRMATION, LCM_SETUP_CONFIRMATION);
    assert_int_equal(say(), LCM_SETUP_BUSY);
    portal.device.join_result = LCM_OK;
    wait_for_phase(LCM_SETUP_PHASE_DONE, 5000);
    assert_true(is_stored(LCM_KEY_WIFI_SSID, "home"));
}

static void test_led_goes_into_the_boot_configuration(void **state)
{
    (void)state;
    join();
    set_network("home", "right password");
    setup_text_put_u8(&request, LCM_ITEM_LED_PIN, 2);
    assert_int_equal(say(), LCM_SETUP_DONE);
    wait_for_phase(LCM_SETUP_PHASE_DONE, 5000);
    assert_int_equal(portal.device.flash.data[LCM_BOOTCONF_ADDR + 7], 0x42);
}

/* ---- the end ---- */

static void assert_over(enum lcm_setup_outcome outcome, uint8_t slot)
{
    struct lcm_rtc_boot boot;

    assert_int_equal(portal.setup.outcome, outcome);
    assert_int_equal(portal.stop_count, 1);
    assert_int_equal(lcm_rtc_boot_load(&portal.device.system, &boot), LCM_OK);
    assert_int_equal(boot.next_mode, LCM_RTC_MODE_TEMPORARY);
    assert_int_equal(boot.temp_rom, slot);
    /* Nothing secret stays behind. */
    for (size_t i = 0; i + LCM_SETUP_CODE_LENGTH <= sizeof(portal.setup); i++)
        assert_memory_not_equal((uint8_t *)&portal.setup + i, FAKE_PORTAL_CODE,
                                LCM_SETUP_CODE_LENGTH);
}

static void test_it_ends_after_storing(void **state)
{
    (void)state;
    join();
    set_network("home", "right password");
    assert_int_equal(say(), LCM_SETUP_DONE);
    wait_for_phase(LCM_SETUP_PHASE_DONE, 5000);
    assert_false(fake_portal_run(&portal, LCM_SETUP_LINGER_MS + 1000));
    assert_over(LCM_SETUP_CHECK, 1);
}

static void test_finish_ends_it_at_once(void **state)
{
    (void)state;
    join();
    set_network("home", "right password");
    assert_int_equal(say(), LCM_SETUP_DONE);
    wait_for_phase(LCM_SETUP_PHASE_DONE, 5000);
    assert_int_equal(command(LCM_SETUP_FINISH), LCM_SETUP_DONE);
    assert_false(fake_portal_run(&portal, 2000));
    assert_over(LCM_SETUP_CHECK, 1);
}

static void test_factory_reset_needs_the_word(void **state)
{
    (void)state;
    join();
    assert_int_equal(command(LCM_SETUP_FACTORY_RESET), LCM_SETUP_REFUSED);
    setup_text_begin(&request, LCM_SETUP_FACTORY_RESET);
    put(LCM_ITEM_CONFIRMATION, "Erase");
    assert_int_equal(say(), LCM_SETUP_REFUSED);
    assert_false(is_stored(LCM_KEY_OTA_COUNT, "14"));
    setup_text_begin(&request, LCM_SETUP_FACTORY_RESET);
    put(LCM_ITEM_CONFIRMATION, LCM_SETUP_CONFIRMATION);
    assert_int_equal(say(), LCM_SETUP_DONE);
    assert_false(fake_portal_run(&portal, 5000));
    assert_over(LCM_SETUP_CHECK, 1);
    assert_true(is_stored(LCM_KEY_OTA_COUNT, "14"));
}

static void test_idle_with_an_app(void **state)
{
    (void)state;
    portal.config.has_app = true;
    fake_portal_begin(&portal);
    assert_true(fake_portal_run(&portal, LCM_SETUP_IDLE_MS - 1000));
    assert_false(fake_portal_run(&portal, 3000));
    assert_over(LCM_SETUP_RUN_APP, 0);
}

static void test_idle_with_a_stored_network(void **state)
{
    (void)state;
    fake_device_put_setting(&portal.device, LCM_KEY_WIFI_SSID, "back later");
    fake_portal_begin(&portal);
    assert_true(fake_portal_run(&portal, LCM_SETUP_IDLE_MS - 1000));
    assert_false(fake_portal_run(&portal, 3000));
    assert_over(LCM_SETUP_CHECK, 1);
}

static void test_idle_with_nothing_waits_for_ever(void **state)
{
    (void)state;
    assert_true(fake_portal_run(&portal, 3 * LCM_SETUP_IDLE_MS));
    join();
}

static void test_a_person_keeps_it_open(void **state)
{
    static char body[FAKE_VISITOR_OUT_MAX];
    size_t size;

    (void)state;
    portal.config.has_app = true;
    fake_portal_begin(&portal);
    for (uint32_t i = 0; i < 4; i++) {
        assert_true(fake_portal_run(&portal, LCM_SETUP_IDLE_MS - 30000));
        assert_int_equal(get("192.168.4.1", "/", body, &size), 200);
    }
    /* Probes of a phone that only joined are no person. */
    for (uint32_t i = 0; i < 9; i++) {
        assert_true(fake_portal_run(&portal, 30000));
        assert_int_equal(get("captive.apple.com", "/hotspot-detect.html", body, &size), 302);
    }
    assert_false(fake_portal_run(&portal, 60000));
}

static void test_identify_blinks_and_stops(void **state)
{
    (void)state;
    join();
    assert_int_equal(command(LCM_SETUP_IDENTIFY), LCM_SETUP_DONE);
    assert_true(fake_portal_run(&portal, LCM_SETUP_IDENTIFY_MS + 100));
    uint32_t count = portal.light_count;
    assert_true(count > 10);
    assert_true(fake_portal_run(&portal, 1000));
    assert_int_equal(portal.light_count, count);
}

/* ---- visitors who mean no good ---- */

static void test_slow_visitors_are_shown_out(void **state)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n";

    (void)state;
    for (uint32_t i = 0; i < 2; i++)
        fake_portal_visit(&portal, i, text, sizeof(text) - 1);
    portal.visitors[0].in_allowed = 1;
    portal.visitors[1].in_allowed = 0;
    for (uint32_t second = 0; second < 9; second++) {
        portal.visitors[0].in_allowed++; /* one byte a second */
        assert_true(fake_portal_run(&portal, 1000));
        assert_true(portal.visitors[0].is_here);
    }
    assert_true(fake_portal_run(&portal, 2000));
    assert_memory_equal(portal.visitors[0].out, "HTTP/1.1 408", 12);
    assert_true(portal.visitors[1].is_closed_by_device);
    assert_int_equal(portal.visitors[1].out_size, 0);
}

static void test_visitors_who_do_not_read_are_shown_out(void **state)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n";

    (void)state;
    fake_portal_visit(&portal, 0, text, sizeof(text) - 1);
    portal.visitors[0].reads_not = true;
    assert_true(fake_portal_run(&portal, LCM_VISIT_STALL_MS - 100));
    assert_true(portal.visitors[0].is_here);
    assert_true(fake_portal_run(&portal, 300));
    assert_true(portal.visitors[0].is_closed_by_device);
    assert_false(portal.visitors[0].is_orderly);
}

/* All places taken by connections that say nothing: they give way after a second. */
static void test_idle_connections_do_not_lock_out(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < LCM_VISITORS_MAX; i++)
        fake_portal_visit(&portal, i, "", 0);
    assert_true(fake_portal_run(&portal, LCM_VISIT_NEW_MS + 100));
    uint32_t left = 0;
    for (uint32_t i = 0; i < LCM_VISITORS_MAX; i++)
        left += portal.visitors[i].is_here ? 1u : 0u;
    assert_int_equal(left, LCM_VISITORS_MAX - 1);
}

static void test_who_leaves_early_is_forgotten(void **state)
{
    (void)state;
    fake_portal_visit(&portal, 0, "GET / HT", 8);
    portal.visitors[0].has_left = true;
    assert_true(fake_portal_run(&portal, 100));
    assert_true(portal.visitors[0].is_closed_by_device);
    join();
}

static void test_six_at_once(void **state)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n";

    (void)state;
    for (uint32_t i = 0; i < LCM_VISITORS_MAX; i++)
        fake_portal_visit(&portal, i, text, sizeof(text) - 1);
    assert_true(fake_portal_run(&portal, 1000));
    for (uint32_t i = 0; i < LCM_VISITORS_MAX; i++) {
        assert_true(portal.visitors[i].is_orderly);
        assert_true(portal.visitors[i].out_size > lcm_page_size);
        assert_memory_equal(portal.visitors[i].out, portal.visitors[0].out,
                            portal.visitors[0].out_size);
    }
}

/* ---- the serial line ---- */

static void type(const char *text)
{
    size_t size = strlen(text);

    memcpy(portal.typed + portal.typed_size, text, size);
    portal.typed_size += size;
}

static void test_serial_menu(void **state)
{
    (void)state;
    type("\r\nhome\nright passwort\b\x7Fd!\nno repo\nme/lamp\n\n\ny\n\nparam 1\n-13\nlogs:514\n");
    portal.device.resolve_result = LCM_OK; /* connect fails: host not reachable */
    assert_true(fake_portal_run(&portal, 500));
    assert_non_null(strstr(portal.printed, "that is not valid"));
    assert_null(strstr(portal.printed, "passwor"));
    type("\n");
    assert_true(fake_portal_run(&portal, 3000));
    assert_non_null(strstr(portal.printed, "not stored: host not reachable"));
    assert_false(is_stored(LCM_KEY_WIFI_SSID, "home"));
    type("home\nright password\n\n\n\n\n\n\n\n\n\n");
    assert_true(fake_portal_run(&portal, 3000));
    assert_non_null(strstr(portal.printed, "set-up: stored"));
    assert_true(is_stored(LCM_KEY_WIFI_PASSWORD, "right password"));
    assert_null(strstr(portal.printed, "right"));
}

static void test_serial_menu_is_offered_for_a_while(void **state)
{
    (void)state;
    assert_non_null(strstr(portal.printed, "press <enter>"));
    assert_true(fake_portal_run(&portal, LCM_SETUP_MENU_WINDOW_MS + 1000));
    type("\n");
    assert_true(fake_portal_run(&portal, 1000));
    assert_null(strstr(portal.printed, "Wi-Fi network:"));
}

static void test_no_serial_menu_with_a_stored_network(void **state)
{
    (void)state;
    fake_device_put_setting(&portal.device, LCM_KEY_WIFI_SSID, "stored");
    portal.printed_size = 0;
    fake_portal_begin(&portal);
    type("\n");
    assert_true(fake_portal_run(&portal, 1000));
    assert_null(strstr(portal.printed, "press <enter>"));
    assert_null(strstr(portal.printed, "Wi-Fi network:"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_network_is_named_and_locked, set_up),
        cmocka_unit_test_setup(test_channel, set_up),
        cmocka_unit_test_setup(test_silent_radio_does_not_keep_it_closed, set_up),
        cmocka_unit_test_setup(test_first_code_is_made_and_kept, set_up),
        cmocka_unit_test_setup(test_page, set_up),
        cmocka_unit_test_setup(test_head_has_no_body, set_up),
        cmocka_unit_test_setup(test_info, set_up),
        cmocka_unit_test_setup(test_other_hosts_are_sent_to_the_page, set_up),
        cmocka_unit_test_setup(test_posts_of_other_sites_are_refused, set_up),
        cmocka_unit_test_setup(test_join_and_read, set_up),
        cmocka_unit_test_setup(test_wrong_code_is_slowed_down_and_blocked, set_up),
        cmocka_unit_test_setup(test_guessing_does_not_lock_out_who_is_inside, set_up),
        cmocka_unit_test_setup(test_shares_that_are_no_points, set_up),
        cmocka_unit_test_setup(test_sessions_are_three, set_up),
        cmocka_unit_test_setup(test_unconfirmed_sessions_give_way, set_up),
        cmocka_unit_test_setup(test_replayed_and_reordered_messages_are_refused, set_up),
        cmocka_unit_test_setup(test_every_flipped_bit_is_refused, set_up),
        cmocka_unit_test_setup(test_malformed_requests_change_nothing, set_up),
        cmocka_unit_test_setup(test_refused_fields_are_named, set_up),
        cmocka_unit_test_setup(test_scan_is_sorted_and_raw, set_up),
        cmocka_unit_test_setup(test_full_scan_fits, set_up),
        cmocka_unit_test_setup(test_wrong_password_then_right, set_up),
        cmocka_unit_test_setup(test_old_network_survives_a_failed_change, set_up),
        cmocka_unit_test_setup(test_save_anyway, set_up),
        cmocka_unit_test_setup(test_trial_of_a_repository, set_up),
        cmocka_unit_test_setup(test_nothing_changes_during_a_trial, set_up),
        cmocka_unit_test_setup(test_led_goes_into_the_boot_configuration, set_up),
        cmocka_unit_test_setup(test_it_ends_after_storing, set_up),
        cmocka_unit_test_setup(test_finish_ends_it_at_once, set_up),
        cmocka_unit_test_setup(test_factory_reset_needs_the_word, set_up),
        cmocka_unit_test_setup(test_idle_with_an_app, set_up),
        cmocka_unit_test_setup(test_idle_with_a_stored_network, set_up),
        cmocka_unit_test_setup(test_idle_with_nothing_waits_for_ever, set_up),
        cmocka_unit_test_setup(test_a_person_keeps_it_open, set_up),
        cmocka_unit_test_setup(test_identify_blinks_and_stops, set_up),
        cmocka_unit_test_setup(test_slow_visitors_are_shown_out, set_up),
        cmocka_unit_test_setup(test_visitors_who_do_not_read_are_shown_out, set_up),
        cmocka_unit_test_setup(test_idle_connections_do_not_lock_out, set_up),
        cmocka_unit_test_setup(test_who_leaves_early_is_forgotten, set_up),
        cmocka_unit_test_setup(test_six_at_once, set_up),
        cmocka_unit_test_setup(test_serial_menu, set_up),
        cmocka_unit_test_setup(test_serial_menu_is_offered_for_a_while, set_up),
        cmocka_unit_test_setup(test_no_serial_menu_with_a_stored_network, set_up),
    };
    return cmocka_run_group_tests(tests, group_set_up, group_tear_down);
}
