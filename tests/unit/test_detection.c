// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: every system's rule takes our answer for a portal, and the rules themselves can tell: an
 * answer that means "online" is online, and the mistakes of other portals fail.
 * Method: each probe is asked of the portal on a fake device, with the address that the DNS rules
 * give; then each rule is shown other answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/detection.h"
#include "tests/lib/portal_steps.h"

#define OUTSIDE \
    { \
        192, 0, 2, 1 \
    } /* what DNS answers for every foreign name (docs/SPEC.md 11.4) */

static void test_every_system_finds_the_portal(void **state)
{
    static char body[FAKE_VISITOR_OUT_MAX];
    char text[512];

    (void)state;
    assert_true(detection_probe_count >= 20);
    for (size_t i = 0; i < detection_probe_count; i++) {
        const struct detection_probe *probe = &detection_probes[i];
        struct detection_answer got = {.address = OUTSIDE, .body = body};
        int size =
            snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\n\r\n",
                     probe->path, probe->host, probe->user_agent);
        got.status = fake_portal_ask(&portal, text, (size_t)size, (uint8_t *)body, &got.body_size);
        got.location = fake_portal_field(&portal, "Location");
        got.has_length = true;
        print_message("%s: %s%s\n", probe->system, probe->host, probe->path);
        assert_string_equal(got.location, "http://192.168.4.1/");
        assert_int_equal(detection_judge(probe, &got), DETECTION_PORTAL);
    }
}

static void test_rules_know_what_online_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < detection_probe_count; i++) {
        const struct detection_probe *probe = &detection_probes[i];
        const struct detection_answer got = {
            .address = {142, 250, 0, 1},
            .status = probe->online == NULL ? 204 : 200,
            .location = "",
            .body = probe->online,
            .body_size = probe->online == NULL ? 0 : strlen(probe->online),
            .has_length = true,
        };
        assert_int_equal(detection_judge(probe, &got), DETECTION_ONLINE);
    }
}

/* Silence is never a portal; a private address hides one from some phones, an empty 200 too. */
static void test_rules_know_the_mistakes_of_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < detection_probe_count; i++) {
        const struct detection_probe *probe = &detection_probes[i];
        const struct detection_answer silent = {.address = OUTSIDE, .location = "", .body = ""};
        assert_int_equal(detection_judge(probe, &silent), DETECTION_FAILED);
        if (strncmp(probe->system, "Android", 7) != 0)
            continue;
        struct detection_answer private_answer = {.address = {192, 168, 4, 1},
                                                  .status = 302,
                                                  .location = "http://192.168.4.1/",
                                                  .body = "page",
                                                  .body_size = 4};
        assert_int_equal(detection_judge(probe, &private_answer), DETECTION_FAILED);
        struct detection_answer empty = {
            .address = OUTSIDE, .status = 200, .location = "", .body = ""};
        assert_int_equal(detection_judge(probe, &empty), DETECTION_FAILED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_every_system_finds_the_portal, portal_set_up),
        cmocka_unit_test(test_rules_know_what_online_is),
        cmocka_unit_test(test_rules_know_the_mistakes_of_others),
    };
    return cmocka_run_group_tests(tests, portal_group_set_up, portal_group_tear_down);
}
