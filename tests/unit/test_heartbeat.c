// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: an app's sign of life is what a collector reads, well-formed whatever the names are, and
 * never longer than its buffer. Method: golden line; the collector's own parser; names and numbers
 * at their limits and beyond.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "collector/message.h"
#include "lcm/lcm_heartbeat.h"

#define B10 "0123456789"

static char message[LCM_HEARTBEAT_SIZE + 1];

static uint32_t make(const char *repository, const char *version, uint32_t uptime_s, uint32_t count)
{
    const struct lcm_heartbeat beat = {
        {0x5C, 0xCF, 0x7F, 0x01, 0xA2, 0xB3}, repository, version, uptime_s, count};

    memset(message, 'Z', sizeof(message));
    uint32_t size = lcm_heartbeat_write(&beat, message);
    assert_int_equal(size, strlen(message));
    assert_int_equal(message[LCM_HEARTBEAT_SIZE], 'Z');
    return size;
}

static void test_golden_line(void **state)
{
    (void)state;
    make("me/lamp", "1.2.0", 3725, 7);
    assert_string_equal(message, "<134>1 - lcm-5ccf7f01a2b3 lcm - HEARTBEAT "
                                 "[lcm@32473 dev=\"5ccf7f01a2b3\" app=\"1.2.0\" repo=\"me/lamp\" "
                                 "ph=\"app\" rc=\"0\"][meta sequenceId=\"7\" sysUpTime=\"372500\"] "
                                 "the app runs");
}

static void test_a_collector_reads_it(void **state)
{
    struct collect_message read;
    uint32_t size = make("me/lamp", "1.2.0", 3725, 7);

    (void)state;
    assert_int_equal(collect_parse(message, size, "192.0.2.1", &read), LCM_OK);
    assert_true(read.is_lcm);
    assert_string_equal(read.id, "5ccf7f01a2b3");
    assert_string_equal(read.msgid, "HEARTBEAT");
    assert_string_equal(read.app, "1.2.0");
    assert_string_equal(read.repo, "me/lamp");
    assert_int_equal(read.result, 0);
    assert_int_equal(read.sequence, 7);
    assert_int_equal(read.uptime_s, 3725);
}

static void test_limits(void **state)
{
    struct collect_message read;
    uint32_t longest = make(B10 B10 B10 B10 B10 B10 "123", B10 B10 "123", UINT32_MAX, UINT32_MAX);

    (void)state;
    assert_int_equal(longest, 255);
    assert_int_equal(collect_parse(message, longest, "192.0.2.1", &read), LCM_OK);
    assert_string_equal(read.app, B10 B10 "123");
    assert_int_equal(make(B10 B10 B10 B10 B10 B10 B10 B10, B10 B10 B10, UINT32_MAX, UINT32_MAX),
                     longest);
    make("", "", 0, 0);
    assert_non_null(strstr(message, "sequenceId=\"0\" sysUpTime=\"0\"]"));
}

static void test_names_do_not_break_out(void **state)
{
    struct collect_message read;
    uint32_t size = make("a\"] [x@1 y=\"\\", "1\n\x7F\xC3\xA4", 1, 1);

    (void)state;
    assert_int_equal(collect_parse(message, size, "192.0.2.1", &read), LCM_OK);
    assert_string_equal(read.repo, "a?? [x@1 y=??");
    assert_string_equal(read.app, "1????");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_line),
        cmocka_unit_test(test_a_collector_reads_it),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_names_do_not_break_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
