// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: an event reaches the observer at once, the syslog server and the broadcast only
 * while there is a network; times run on with the clock; nothing secret and no control
 * character leaves.
 * Method: a fake network that keeps the last datagrams, a clock that is set by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/log/report.h"

struct sent {
    struct lcm_endpoint endpoint;
    char text[1025];
    size_t size;
};

static struct sent sent[4];
static uint32_t sent_count;
static uint32_t observed;
static uint64_t now_ms;

static void fake_send(void *context, const struct lcm_endpoint *endpoint, const uint8_t *data,
                      size_t size)
{
    struct sent *entry = &sent[sent_count++ % 4];

    (void)context;
    assert_in_range(size, 1, 1024);
    entry->endpoint = *endpoint;
    memcpy(entry->text, data, size);
    entry->text[size] = '\0';
    entry->size = size;
}

static uint64_t fake_now(void *context)
{
    (void)context;
    return now_ms;
}

static void fake_id(void *context, uint8_t id[6])
{
    (void)context;
    memcpy(id, "\x5C\xCF\x7F\x12\x34\x56", 6);
}

static void observe(void *context, const struct lcm_event *event)
{
    (void)context;
    (void)event;
    observed++;
}

static const struct lcm_net net = {.send_datagram = fake_send};
static const struct lcm_clock device_clock = {.now_ms = fake_now};
static uint8_t rtc[LCM_RTC_SIZE];

static void fake_rtc_read(void *context, uint32_t offset, void *dst, uint32_t size)
{
    (void)context;
    memcpy(dst, rtc + offset, size);
}

static void fake_rtc_write(void *context, uint32_t offset, const void *src, uint32_t size)
{
    (void)context;
    memcpy(rtc + offset, src, size);
}

static const struct lcm_system device_system = {
    .device_id = fake_id, .rtc_read = fake_rtc_read, .rtc_write = fake_rtc_write};
static const struct lcm_ports ports = {
    .net = &net, .clock = &device_clock, .system = &device_system};
static const struct lcm_observer observer = {.event = observe};
static const struct lcm_endpoint syslog_server = {{10, 0, 0, 9}, 5514};

static struct lcm_report report;
static struct lcm_event event;

static int prepare(void **state)
{
    (void)state;
    sent_count = observed = 0;
    now_ms = 1000;
    memset(sent, 0, sizeof(sent));
    memset(rtc, 0xB7, sizeof(rtc));
    lcm_report_init(&report, &ports, &observer);
    event = (struct lcm_event){LCM_EVENT_UPDATE, LCM_SEVERITY_NOTICE, "done", "main.bin", "1.0.0",
                               "1.1.0",          "app installed",     LCM_OK};
    return 0;
}

static void test_nothing_before_the_network_is_up(void **state)
{
    (void)state;
    lcm_report_set_syslog(&report, &syslog_server);
    lcm_report_set_time(&report, 1795342830);
    lcm_report_emit(&report, &event);
    assert_int_equal(observed, 1);
    assert_int_equal(sent_count, 0);
    lcm_report_network_up(&report);
    assert_int_equal(sent_count, 0);
    lcm_report_emit(&report, &event);
    assert_int_equal(observed, 2);
    assert_int_equal(sent_count, 2);
}

/* Two runs may fall into one second: numbers go on until the power goes. */
static void test_numbers_go_on_over_a_reset(void **state)
{
    (void)state;
    for (unsigned run = 0; run < 2; run++) {
        lcm_report_init(&report, &ports, &observer);
        lcm_report_set_syslog(&report, &syslog_server);
        lcm_report_network_up(&report);
        report.has_broadcast = false;
        lcm_report_emit(&report, &event);
        lcm_report_emit(&report, &event);
    }
    assert_non_null(strstr(sent[3].text, "sequenceId=\"4\""));
    memset(rtc, 0xB7, sizeof(rtc));
    lcm_report_init(&report, &ports, &observer);
    lcm_report_set_syslog(&report, &syslog_server);
    lcm_report_network_up(&report);
    lcm_report_emit(&report, &event);
    assert_non_null(strstr(sent[0].text, "sequenceId=\"1\""));
}

static void test_no_observer(void **state)
{
    static const struct lcm_observer empty = {0};

    (void)state;
    lcm_report_init(&report, &ports, NULL);
    lcm_report_emit(&report, &event);
    lcm_report_init(&report, &ports, &empty);
    lcm_report_emit(&report, &event);
    assert_int_equal(observed, 0);
}

static void test_where_it_goes(void **state)
{
    (void)state;
    lcm_report_network_up(&report);
    lcm_report_emit(&report, &event);
    assert_int_equal(sent_count, 1); /* no syslog server is known: the broadcast alone */
    assert_memory_equal(sent[0].endpoint.ip, "\xFF\xFF\xFF\xFF", 4);
    assert_int_equal(sent[0].endpoint.port, 45678);
    lcm_report_set_syslog(&report, &syslog_server);
    lcm_report_emit(&report, &event);
    assert_int_equal(sent_count, 3);
    assert_memory_equal(sent[1].endpoint.ip, syslog_server.ip, 4);
    assert_int_equal(sent[1].endpoint.port, 5514);
    report.has_broadcast = false;
    lcm_report_emit(&report, &event);
    assert_int_equal(sent_count, 4);
}

static void assert_broadcast(const char *expected)
{
    sent_count = 0;
    lcm_report_emit(&report, &event);
    assert_string_equal(sent[0].text, expected);
}

static void test_broadcast_line(void **state)
{
    (void)state;
    lcm_report_network_up(&report);
    assert_broadcast("LCM 5ccf7f123456 UPDATE done main.bin 1.0.0 -> 1.1.0: app installed\n");
    event.from = "";
    assert_broadcast("LCM 5ccf7f123456 UPDATE done main.bin 1.1.0: app installed\n");
    event.to = "";
    event.file = "";
    assert_broadcast("LCM 5ccf7f123456 UPDATE done: app installed\n");
    event.from = "1.0.0"; /* an attempt that failed: what is there now */
    event.result = LCM_ERR_SIGNATURE;
    event.text = "signature is not valid";
    assert_broadcast("LCM 5ccf7f123456 UPDATE done 1.0.0: signature is not valid [SIGNATURE]\n");
}

/* One line, whatever a setting or a server put into it. */
static void test_broadcast_is_one_line(void **state)
{
    static char text[600];

    (void)state;
    lcm_report_network_up(&report);
    event.file = "a\nb\x1B[2J";
    assert_broadcast("LCM 5ccf7f123456 UPDATE done a?b?[2J 1.0.0 -> 1.1.0: app installed\n");
    memset(text, 't', sizeof(text) - 1);
    event.text = text;
    lcm_report_emit(&report, &event);
    assert_int_equal(sent[1].text[sent[1].size - 1], '\n');
    assert_ptr_equal(strchr(sent[1].text, '\n'), sent[1].text + sent[1].size - 1);
}

static void assert_syslog_has(const char *part)
{
    sent_count = 0;
    lcm_report_emit(&report, &event);
    assert_non_null(strstr(sent[0].text, part));
}

static void test_time_and_sequence(void **state)
{
    (void)state;
    lcm_report_network_up(&report);
    lcm_report_set_syslog(&report, &syslog_server);
    assert_syslog_has("<133>1 - lcm-5ccf7f123456 ");
    lcm_report_set_time(&report, 1795342830);
    assert_syslog_has(" 2026-11-22T10:20:30Z ");
    now_ms += 61999;
    assert_syslog_has(" 2026-11-22T10:21:31Z ");
    assert_syslog_has("sequenceId=\"4\" sysUpTime=\"6299\"");
    lcm_report_set_time(&report, 0); /* the time is not to be trusted */
    assert_syslog_has("<133>1 - ");
}

static void test_source(void **state)
{
    (void)state;
    lcm_report_network_up(&report);
    lcm_report_set_syslog(&report, &syslog_server);
    report.source.repository = "someone/lamp";
    report.source.updater_version = "0.4.2";
    report.source.is_beta = true;
    assert_syslog_has("lcm=\"0.4.2\" repo=\"someone/lamp\" file=\"main.bin\" chan=\"beta\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_nothing_before_the_network_is_up, prepare),
        cmocka_unit_test_setup(test_no_observer, prepare),
        cmocka_unit_test_setup(test_where_it_goes, prepare),
        cmocka_unit_test_setup(test_broadcast_line, prepare),
        cmocka_unit_test_setup(test_broadcast_is_one_line, prepare),
        cmocka_unit_test_setup(test_time_and_sequence, prepare),
        cmocka_unit_test_setup(test_numbers_go_on_over_a_reset, prepare),
        cmocka_unit_test_setup(test_source, prepare),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
