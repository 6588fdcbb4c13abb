// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: set-up opens a network that is named and locked, shows strangers nothing but the page, and
 * ends by itself, with nothing secret left behind.
 * Method: the whole portal on a fake device, spoken to by the independent client in host/.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/store/rtc.h"
#include "core/update/keys.h"
#include "portal/page.h"
#include "tests/lib/portal_steps.h"

/* ---- opening ---- */

static void test_network_is_named_and_locked(void **state)
{
    (void)state;
    assert_string_equal(portal.ssid, "LCM-000001");
    assert_string_equal(portal.password, FAKE_PORTAL_CODE);
    assert_int_equal(portal.start_count, 1);
    assert_non_null(strstr(portal.printed, "7K3M-Q9XT-A2HB"));
}

/* The stored network's channel first, then the strongest one's. */
static void test_channel(void **state)
{
    (void)state;
    portal_put_network("weak", 3, -80);
    portal_put_network("strong", 9, -40);
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
    assert_int_equal(portal_get("192.168.4.1", "/", body, &size), 200);
    assert_int_equal(size, lcm_page_size);
    lcm_page_read(0, page, lcm_page_size);
    assert_memory_equal(body, page, size);
    assert_string_equal(fake_portal_field(&portal, "Content-Encoding"), "gzip");
    assert_non_null(
        strstr(fake_portal_field(&portal, "Content-Security-Policy"), "default-src 'none'"));
    assert_int_equal(portal_get("127.0.0.1:8080", "/?x", body, &size), 200);
    assert_int_equal(portal_get("lcm-000001.local", "/", body, &size), 200);
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
    assert_int_equal(portal_get("192.168.4.1", "/i", body, &size), 200);
    body[size] = '\0';
    assert_string_equal(body, "{\"protocol\":1,\"id\":\"020000000001\",\"name\":\"LCM-000001\","
                              "\"version\":\"1.0.0\",\"wait\":0}\n");
}

static void test_other_hosts_are_sent_to_the_page(void **state)
{
    static char body[FAKE_VISITOR_OUT_MAX];
    size_t size = 0;

    (void)state;
    assert_int_equal(portal_get("captive.apple.com", "/hotspot-detect.html", body, &size), 302);
    assert_string_equal(fake_portal_field(&portal, "Location"), "http://192.168.4.1/");
    assert_true(size > 4);
    assert_int_equal(portal_get("evil.example", "/", body, &size), 302);
    assert_int_equal(portal_get("evil.example", "/i", body, &size), 302);
    assert_int_equal(portal_get("192.168.4.1", "/favicon.ico", body, &size), 404);
    assert_int_equal(portal_get("192.168.4.1", "/x", body, &size), 405);
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
    portal_join();
    portal_set_network("home", "right password");
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    portal_wait_for_phase(LCM_SETUP_PHASE_DONE, 5000);
    assert_false(fake_portal_run(&portal, LCM_SETUP_LINGER_MS + 1000));
    assert_over(LCM_SETUP_CHECK, 1);
}

static void test_finish_ends_it_at_once(void **state)
{
    (void)state;
    portal_join();
    portal_set_network("home", "right password");
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    portal_wait_for_phase(LCM_SETUP_PHASE_DONE, 5000);
    assert_int_equal(portal_command(LCM_SETUP_FINISH), LCM_SETUP_DONE);
    assert_false(fake_portal_run(&portal, 2000));
    assert_over(LCM_SETUP_CHECK, 1);
}

static void test_factory_reset_needs_the_word(void **state)
{
    (void)state;
    portal_join();
    assert_int_equal(portal_command(LCM_SETUP_FACTORY_RESET), LCM_SETUP_REFUSED);
    setup_text_begin(&request, LCM_SETUP_FACTORY_RESET);
    portal_put(LCM_ITEM_CONFIRMATION, "Erase");
    assert_int_equal(portal_say(), LCM_SETUP_REFUSED);
    assert_false(portal_is_stored(LCM_KEY_OTA_COUNT, "14"));
    setup_text_begin(&request, LCM_SETUP_FACTORY_RESET);
    portal_put(LCM_ITEM_CONFIRMATION, LCM_SETUP_CONFIRMATION);
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    assert_false(fake_portal_run(&portal, 5000));
    assert_over(LCM_SETUP_CHECK, 1);
    assert_true(portal_is_stored(LCM_KEY_OTA_COUNT, "14"));
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
    portal_join();
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
        assert_int_equal(portal_get("192.168.4.1", "/", body, &size), 200);
    }
    /* Probes of a phone that only joined are no person. */
    for (uint32_t i = 0; i < 9; i++) {
        assert_true(fake_portal_run(&portal, 30000));
        assert_int_equal(portal_get("captive.apple.com", "/hotspot-detect.html", body, &size), 302);
    }
    assert_false(fake_portal_run(&portal, 60000));
}

static void test_identify_blinks_and_stops(void **state)
{
    (void)state;
    portal_join();
    assert_int_equal(portal_command(LCM_SETUP_IDENTIFY), LCM_SETUP_DONE);
    assert_true(fake_portal_run(&portal, LCM_SETUP_IDENTIFY_MS + 100));
    uint32_t count = portal.light_count;
    assert_true(count > 10);
    assert_true(fake_portal_run(&portal, 1000));
    assert_int_equal(portal.light_count, count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_network_is_named_and_locked, portal_set_up),
        cmocka_unit_test_setup(test_channel, portal_set_up),
        cmocka_unit_test_setup(test_silent_radio_does_not_keep_it_closed, portal_set_up),
        cmocka_unit_test_setup(test_first_code_is_made_and_kept, portal_set_up),
        cmocka_unit_test_setup(test_page, portal_set_up),
        cmocka_unit_test_setup(test_head_has_no_body, portal_set_up),
        cmocka_unit_test_setup(test_info, portal_set_up),
        cmocka_unit_test_setup(test_other_hosts_are_sent_to_the_page, portal_set_up),
        cmocka_unit_test_setup(test_posts_of_other_sites_are_refused, portal_set_up),
        cmocka_unit_test_setup(test_it_ends_after_storing, portal_set_up),
        cmocka_unit_test_setup(test_finish_ends_it_at_once, portal_set_up),
        cmocka_unit_test_setup(test_factory_reset_needs_the_word, portal_set_up),
        cmocka_unit_test_setup(test_idle_with_an_app, portal_set_up),
        cmocka_unit_test_setup(test_idle_with_a_stored_network, portal_set_up),
        cmocka_unit_test_setup(test_idle_with_nothing_waits_for_ever, portal_set_up),
        cmocka_unit_test_setup(test_a_person_keeps_it_open, portal_set_up),
        cmocka_unit_test_setup(test_identify_blinks_and_stops, portal_set_up),
    };
    return cmocka_run_group_tests(tests, portal_group_set_up, portal_group_tear_down);
}
