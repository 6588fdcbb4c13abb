// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the report of a failed check names what a person has to look after: the host that does not
 * answer, the repository that does not exist, or the file that was refused. Only a host that proved
 * who it is says when to come back.
 * Method: the end of a run is asked directly, with what the states before can leave behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/update/states.h"
#include "tests/lib/fake_device.h"

#define HOST "releases.example"

static struct fake_device device;
static struct lcm_event seen;
static char seen_file[LCM_REPOSITORY_SIZE];
static char seen_text[128];

static void note_event(void *context, const struct lcm_event *event)
{
    (void)context;
    seen = *event;
    strncpy(seen_file, event->file, sizeof(seen_file) - 1);
    strncpy(seen_text, event->text, sizeof(seen_text) - 1);
}

static int set_up(void **state)
{
    struct lcm_lifecycle *lc = &device.lifecycle;

    (void)state;
    fake_device_init(&device);
    device.observer.event = note_event;
    fake_device_begin(&device, 1);
    lc->fetch.request.host = HOST;
    lc->file.name = "main.bin";
    strcpy(lc->trust.repository, "maker/lcm");
    strcpy(lc->app_repository, "someone/lamp");
    strcpy(lc->app_tag, "1.2.0");
    return 0;
}

static void assert_subject(enum lcm_state failed_state, enum lcm_err failure, const char *subject)
{
    device.lifecycle.failed_state = (uint8_t)failed_state;
    device.lifecycle.failure = failure;
    assert_int_equal(state_failed_step(&device.lifecycle), LCM_OK);
    assert_int_equal(seen.result, failure);
    assert_string_equal(seen_file, subject);
}

static void test_host_that_does_not_answer(void **state)
{
    static const enum lcm_err failures[] = {
        LCM_ERR_DNS,      LCM_ERR_CONNECT, LCM_ERR_CLOSED,      LCM_ERR_TIMEOUT,
        LCM_ERR_TOO_SLOW, LCM_ERR_TLS,     LCM_ERR_CERTIFICATE, LCM_ERR_HTTP_BUSY,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
        assert_subject(STATE_FIND_APP, failures[i], HOST);
    device.lifecycle.fetch.request.host = NULL; /* no host was asked yet */
    assert_subject(STATE_JOIN, LCM_ERR_TIMEOUT, "main.bin");
}

static void test_repository_that_does_not_exist(void **state)
{
    (void)state;
    assert_subject(STATE_FIND_LCM, LCM_ERR_HTTP_NOT_FOUND, "maker/lcm");
    assert_subject(STATE_APP_LOCATE, LCM_ERR_HTTP_NOT_FOUND, "main.bin");
    device.lifecycle.app_tag[0] = '\0';
    assert_subject(STATE_FIND_APP, LCM_ERR_HTTP_NOT_FOUND, "someone/lamp");
}

/* "refused" is said of a new file, "failed" of the way to it. */
static void assert_told_as(enum lcm_state failed_state, enum lcm_event_id id, const char *word)
{
    assert_subject(failed_state, LCM_ERR_CORRUPT, "main.bin");
    assert_int_equal(seen.id, id);
    assert_memory_equal(seen_text, word, strlen(word));
}

static void test_refusals_are_told_from_failures(void **state)
{
    (void)state;
    assert_told_as(STATE_FIND_APP, LCM_EVENT_CHECK, "failed: ");
    assert_told_as(STATE_TRUST_LOCATE, LCM_EVENT_CHECK, "failed: ");
    assert_told_as(STATE_TRUST_POINTER, LCM_EVENT_UPDATE, "refused: ");
    assert_told_as(STATE_LCM_DONE, LCM_EVENT_CHECK, "failed: "); /* the app was not found */
    assert_told_as(STATE_APP_RECORD, LCM_EVENT_UPDATE, "refused: ");
}

static uint32_t retry_after_s(enum lcm_tls_mode mode, enum lcm_err failure, uint32_t told_s)
{
    device.lifecycle.download.mode = mode;
    device.lifecycle.fetch.parser.response.retry_after_seconds = told_s;
    assert_subject(STATE_FIND_APP, failure, failure == LCM_ERR_HTTP_BUSY ? HOST : "main.bin");
    return device.lifecycle.retry_after_s;
}

/* An impostor could silence a device for a day. */
static void test_only_a_proven_host_sets_a_time(void **state)
{
    (void)state;
    assert_int_equal(retry_after_s(LCM_TLS_VERIFY, LCM_ERR_HTTP_BUSY, 500), 500);
    assert_int_equal(retry_after_s(LCM_TLS_VERIFY, LCM_ERR_HTTP_BUSY, 0), 0);
    assert_int_equal(retry_after_s(LCM_TLS_UNTRUSTED, LCM_ERR_HTTP_BUSY, 500), 0);
    assert_int_equal(retry_after_s(LCM_TLS_VERIFY, LCM_ERR_HTTP_STATUS, 500), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_host_that_does_not_answer, set_up),
        cmocka_unit_test_setup(test_repository_that_does_not_exist, set_up),
        cmocka_unit_test_setup(test_refusals_are_told_from_failures, set_up),
        cmocka_unit_test_setup(test_only_a_proven_host_sets_a_time, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
