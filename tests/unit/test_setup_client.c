// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the set-up client talks to the device that knows the code and to no other, puts up with a
 * device that comes and goes, and gives up in time. Method: tests/lib/setup_double over real
 * sockets: lost requests and answers, sessions that end, waits, 503, a relay that changes or
 * repeats, rubbish; every byte that passed is looked at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "host/setup_client.h"
#include "tests/lib/setup_double.h"

#define PATIENCE_MS 4000u
#define PASSWORD "correct horse battery"

static struct setup_double device;
static struct setup_client *client;
static struct setup_client_info info;
static struct lcm_failure failure;
static struct setup_text request, answer;
static unsigned told;

static void tell(void *context, const char *text)
{
    (void)context;
    (void)text;
    told++;
}

static int setup(void **state)
{
    (void)state;
    setup_double_init(&device);
    client = NULL;
    told = 0;
    memset(&failure, 0, sizeof(failure));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    setup_client_close(client);
    return 0;
}

static enum lcm_err start(unsigned patience_ms)
{
    setup_double_start(&device);
    const struct setup_client_config config = {device.url, patience_ms, NULL, tell};
    assert_int_equal(setup_client_open(&client, &config, &failure), LCM_OK);
    return setup_client_info(client, &info, &failure);
}

static enum lcm_err connect_with(const char *code)
{
    enum lcm_err err = start(PATIENCE_MS);

    return err == LCM_OK ? setup_client_connect(client, code, &failure) : err;
}

static enum lcm_err send_password(bool *was_repeated)
{
    setup_text_begin(&request, LCM_SETUP_SET);
    setup_text_put(&request, LCM_ITEM_SSID, "home", 4);
    setup_text_put(&request, LCM_ITEM_PASSWORD, PASSWORD, strlen(PASSWORD));
    return setup_client_request(client, &request, &answer, was_repeated, &failure);
}

static enum lcm_err send_command(enum lcm_setup_command command)
{
    setup_text_begin(&request, command);
    return setup_client_request(client, &request, &answer, NULL, &failure);
}

static void assert_text(const char *part)
{
    if (strstr(failure.text, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", failure.text, part);
}

static void test_a_session(void **state)
{
    const uint8_t *value = NULL;
    char text[32];

    (void)state;
    assert_int_equal(connect_with(DOUBLE_CODE), LCM_OK);
    assert_string_equal(info.id, DOUBLE_ID);
    assert_string_equal(info.name, "LCM-000001");
    assert_string_equal(info.version, "1.0.0");
    assert_int_equal(send_command(LCM_SETUP_READ), LCM_OK);
    setup_text_string(&answer, LCM_ITEM_DEVICE_ID, text, sizeof(text));
    assert_string_equal(text, DOUBLE_ID);
    assert_int_equal(send_password(NULL), LCM_OK);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_RESULT, 9), LCM_SETUP_DONE);
    setup_double_stop(&device);
    assert_int_equal(setup_double_field(&device, LCM_ITEM_PASSWORD, &value), strlen(PASSWORD));
    assert_memory_equal(value, PASSWORD, strlen(PASSWORD));
    assert_false(setup_double_saw(&device, PASSWORD, 8));
    assert_false(setup_double_saw(&device, DOUBLE_CODE, 4));
    assert_int_equal(told, 0);
}

/* The device takes another code for wrong before anything secret was sent. */
static void test_a_wrong_code(void **state)
{
    (void)state;
    assert_int_equal(connect_with("7K3MQ9XTA2HC"), LCM_ERR_SIGNATURE);
    assert_text("not your device, or the code is wrong");
    /* a request does not try codes either */
    setup_double_stop(&device);
    assert_int_equal(device.wrong_codes, 1);
    assert_int_equal(device.commands[LCM_SETUP_SET], 0);
}

/* Who does not know the code cannot confirm: nothing is sealed for him. */
static void test_an_impostor(void **state)
{
    static const enum double_tamper ways[] = {DOUBLE_FLIPS_CONFIRM, DOUBLE_FLIPS_SHARE};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        setup(NULL);
        device.tamper = ways[i];
        assert_int_equal(connect_with(DOUBLE_CODE), LCM_ERR_SIGNATURE);
        assert_text("not your device");
        setup_double_stop(&device);
        assert_int_equal(device.messages, 0);
        teardown(NULL);
    }
    client = NULL;
}

static void test_a_relay_in_the_session(void **state)
{
    static const enum double_tamper ways[] = {DOUBLE_FLIPS_ANSWER, DOUBLE_ADDS_A_BYTE,
                                              DOUBLE_REPLAYS};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        setup(NULL);
        assert_int_equal(connect_with(DOUBLE_CODE), LCM_OK);
        assert_int_equal(send_command(LCM_SETUP_READ), LCM_OK);
        device.tamper = ways[i];
        assert_int_equal(send_command(LCM_SETUP_STATUS), LCM_ERR_SIGNATURE);
        assert_text("changed on the way");
        setup_double_stop(&device);
        teardown(NULL);
    }
    client = NULL;
}

static void test_lost_requests(void **state)
{
    (void)state;
    device.drops = 1;
    assert_int_equal(connect_with(DOUBLE_CODE), LCM_OK);
    assert_int_equal(told, 1);
    device.drops = 2;
    assert_int_equal(send_command(LCM_SETUP_STATUS), LCM_OK);
    assert_int_equal(told, 2);
    setup_double_stop(&device);
    assert_int_equal(device.commands[LCM_SETUP_STATUS], 1);
    assert_int_equal(device.exchanges, 1);
}

/* The answer was lost, the request was not: it goes again under a new number, and the caller knows.
 */
static void test_a_lost_answer(void **state)
{
    bool was_repeated = true;

    (void)state;
    assert_int_equal(connect_with(DOUBLE_CODE), LCM_OK);
    assert_int_equal(send_password(&was_repeated), LCM_OK);
    assert_false(was_repeated);
    device.was_set = false;
    device.drop_set_answers = 1;
    assert_int_equal(send_password(&was_repeated), LCM_OK);
    assert_true(was_repeated);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_RESULT, 9), LCM_SETUP_BUSY);
    setup_double_stop(&device);
    assert_int_equal(device.commands[LCM_SETUP_SET], 3);
}

/* A confirmation without an answer is not sent twice: another session is made. */
static void test_a_lost_confirmation(void **state)
{
    (void)state;
    device.drop_confirms = 1;
    assert_int_equal(connect_with(DOUBLE_CODE), LCM_OK);
    assert_int_equal(send_command(LCM_SETUP_READ), LCM_OK);
    setup_double_stop(&device);
    assert_int_equal(device.exchanges, 2);
    assert_int_equal(device.wrong_codes, 0);
}

static void test_sessions_that_end(void **state)
{
    (void)state;
    device.session_ends_after = 2;
    assert_int_equal(connect_with(DOUBLE_CODE), LCM_OK);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(send_command(LCM_SETUP_STATUS), LCM_OK);
    setup_double_stop(&device);
    assert_int_equal(device.commands[LCM_SETUP_STATUS], 5);
    assert_int_equal(device.exchanges, 3);
}

static void test_sessions_that_end_before_they_begin(void **state)
{
    (void)state;
    device.forgets = 2;
    assert_int_equal(connect_with(DOUBLE_CODE), LCM_OK);
    device.forgets = 1000;
    assert_int_equal(setup_client_connect(client, DOUBLE_CODE, &failure), LCM_ERR_TIMEOUT);
    assert_text("ends each session");
    setup_double_stop(&device);
    assert_int_equal(device.exchanges, 3 + 3);
    assert_int_equal(device.wrong_codes, 0);
}

static void test_waits(void **state)
{
    (void)state;
    device.unavailable = 1;
    device.blocked = 1;
    device.blocked_s = 1;
    assert_int_equal(connect_with(DOUBLE_CODE), LCM_OK);
    setup_double_stop(&device);
    assert_int_equal(device.exchanges, 2);
}

static void test_a_long_wait_is_told(void **state)
{
    (void)state;
    device.blocked = 1;
    device.blocked_s = 300;
    assert_int_equal(connect_with(DOUBLE_CODE), LCM_ERR_HTTP_BUSY);
    assert_text("no code for 300 s");
    setup_double_stop(&device);
    assert_int_equal(device.exchanges, 1);
}

static void test_patience_ends(void **state)
{
    (void)state;
    assert_int_equal(connect_with(DOUBLE_CODE), LCM_OK);
    device.drops = 1000;
    setup_client_set_patience(client, 1500);
    assert_int_equal(send_command(LCM_SETUP_STATUS), LCM_ERR_TIMEOUT);
    assert_text("does not answer any more");
    device.drops = 0;
    device.unavailable = 1000;
    assert_int_equal(send_command(LCM_SETUP_STATUS), LCM_ERR_TIMEOUT);
    setup_double_stop(&device);
    assert_true(device.requests < 10);
}

static void test_nobody_there(void **state)
{
    const struct setup_client_config config = {"http://127.0.0.1:9", 1500, NULL, NULL};

    (void)state;
    assert_int_equal(setup_client_open(&client, &config, &failure), LCM_OK);
    assert_int_equal(setup_client_info(client, &info, &failure), LCM_ERR_CONNECT);
    assert_text("127.0.0.1:9");
}

static void test_somebody_else(void **state)
{
    (void)state;
    device.tamper = DOUBLE_SENDS_RUBBISH;
    assert_int_equal(start(PATIENCE_MS), LCM_ERR_FORMAT);
    assert_text("no device in set-up");
    setup_double_stop(&device);
    teardown(NULL);
    setup(NULL);
    device.tamper = DOUBLE_SENDS_TOO_MUCH;
    assert_int_equal(start(PATIENCE_MS), LCM_ERR_HTTP);
    setup_double_stop(&device);
    teardown(NULL);
    setup(NULL);
    device.protocol = 2;
    assert_int_equal(start(PATIENCE_MS), LCM_ERR_FORMAT);
    assert_text("protocol 2");
    setup_double_stop(&device);
}

/* It turns strange in the middle: answers of other sizes are no keys and no messages. */
static void test_rubbish_later(void **state)
{
    (void)state;
    assert_int_equal(start(PATIENCE_MS), LCM_OK);
    device.tamper = DOUBLE_SENDS_RUBBISH;
    assert_int_equal(setup_client_connect(client, DOUBLE_CODE, &failure), LCM_ERR_FORMAT);
    device.tamper = DOUBLE_HONEST;
    assert_int_equal(setup_client_connect(client, DOUBLE_CODE, &failure), LCM_OK);
    device.tamper = DOUBLE_SENDS_RUBBISH;
    assert_int_equal(send_command(LCM_SETUP_READ), LCM_ERR_SIGNATURE);
    setup_double_stop(&device);
}

static void test_addresses(void **state)
{
    static const char *const good[] = {"http://192.168.4.1", "http://192.168.4.1/",
                                       "http://lcm.setup:8080"};
    static const char *const bad[] = {"192.168.4.1",           "https://192.168.4.1",
                                      "http://192.168.4.1/x",  "http://a:b@192.168.4.1",
                                      "http://192.168.4.1/?a", "http://192.168.4.1/#a",
                                      "ftp://192.168.4.1",     "http://",
                                      "file:///etc/passwd",    ""};

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        const struct setup_client_config config = {good[i], 1, NULL, NULL};

        assert_int_equal(setup_client_open(&client, &config, &failure), LCM_OK);
        setup_client_close(client);
    }
    client = NULL;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const struct setup_client_config config = {bad[i], 1, NULL, NULL};

        assert_int_equal(setup_client_open(&client, &config, &failure), LCM_ERR_ARGUMENT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_session, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_wrong_code, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_impostor, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_relay_in_the_session, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lost_requests, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_lost_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_lost_confirmation, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sessions_that_end, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sessions_that_end_before_they_begin, setup, teardown),
        cmocka_unit_test_setup_teardown(test_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_long_wait_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_patience_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nobody_there, setup, teardown),
        cmocka_unit_test_setup_teardown(test_somebody_else, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rubbish_later, setup, teardown),
        cmocka_unit_test_setup_teardown(test_addresses, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
