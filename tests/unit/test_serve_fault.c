// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: fault texts are read exactly, and an active fault acts only on its host and
 * target, as often as it says; replacing and clearing work; the list is bounded.
 * Method: tables of texts; sequences of set, take and clear.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/fault.h"

static struct serve_faults faults;

static void set(const char *text)
{
    struct serve_fault fault;

    assert_int_equal(serve_fault_parse(text, &fault), LCM_OK);
    assert_int_equal(serve_faults_set(&faults, &fault), LCM_OK);
}

static bool take(enum serve_fault_kind kind, enum serve_host host, const char *target)
{
    return serve_faults_take(&faults, kind, host, target, NULL);
}

static int setup(void **state)
{
    (void)state;
    serve_faults_init(&faults);
    return 0;
}

static void test_texts(void **state)
{
    static const char *const bad[] = {
        "",         "nothing", "slow",       "slow=",         "slow=-1",  "slow=1x",
        "404=1",    "status",  "status=199", "status=1000",   "slow=1*0", "slow=1*x",
        "slow=1@x", "Slow=1",  "slow =1",    "redirect-host="};
    struct serve_fault fault = {.number = 77};
    (void)state;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_not_equal(serve_fault_parse(bad[i], &fault), LCM_OK);
    assert_int_equal(fault.number, 77);
    assert_int_equal(serve_fault_parse("status=503:120@asset~main.bin*3", &fault), LCM_OK);
    assert_int_equal(fault.kind, SERVE_FAULT_STATUS);
    assert_int_equal(fault.number, 503);
    assert_int_equal(fault.retry_after_s, 120);
    assert_int_equal(fault.host, SERVE_ASSET);
    assert_string_equal(fault.target, "main.bin");
    assert_int_equal(fault.times, 3);
    assert_int_equal(serve_fault_parse("huge-headers", &fault), LCM_OK);
    assert_int_equal(fault.number, 65536);
    assert_int_equal(fault.times, -1);
    assert_int_equal(fault.retry_after_s, -1);
    assert_int_equal(fault.host, SERVE_HOST_COUNT);
    assert_int_equal(serve_fault_parse("content-length=-1", &fault), LCM_OK);
    assert_string_equal(fault.text, "-1");
}

static void test_every_name_is_found(void **state)
{
    enum serve_fault_kind kind;
    (void)state;

    for (int i = 0; i < SERVE_FAULT_COUNT; i++) {
        assert_int_equal(serve_fault_find(serve_fault_name((enum serve_fault_kind)i), &kind),
                         LCM_OK);
        assert_int_equal(kind, i);
    }
    assert_true(SERVE_FAULT_COUNT <= 64); /* bits in struct serve_exchange */
}

static void test_scope_and_count(void **state)
{
    (void)state;
    set("404@asset~main*2");
    assert_false(take(SERVE_FAULT_NOT_FOUND, SERVE_RELEASE, "/main.bin"));
    assert_false(take(SERVE_FAULT_NOT_FOUND, SERVE_ASSET, "/other.bin"));
    assert_false(take(SERVE_FAULT_NOT_FOUND, SERVE_ASSET, NULL));
    assert_false(take(SERVE_FAULT_STATUS, SERVE_ASSET, "/main.bin"));
    assert_true(serve_faults_peek(&faults, SERVE_FAULT_NOT_FOUND, SERVE_ASSET, "/main.bin", NULL));
    assert_true(take(SERVE_FAULT_NOT_FOUND, SERVE_ASSET, "/main.bin"));
    assert_true(take(SERVE_FAULT_NOT_FOUND, SERVE_ASSET, "/main.bin"));
    assert_false(take(SERVE_FAULT_NOT_FOUND, SERVE_ASSET, "/main.bin"));
    set("chunked");
    for (int i = 0; i < 5; i++)
        assert_true(take(SERVE_FAULT_CHUNKED, SERVE_PLAIN, NULL));
}

static void test_replace_and_clear(void **state)
{
    struct serve_fault fault;
    (void)state;

    set("slow=10");
    set("slow=20");
    set("slow=30@asset");
    set("404");
    assert_int_equal(faults.count, 3);
    assert_true(serve_faults_take(&faults, SERVE_FAULT_SLOW, SERVE_RELEASE, "/", &fault));
    assert_int_equal(fault.number, 20);
    serve_faults_clear(&faults, SERVE_FAULT_SLOW);
    assert_int_equal(faults.count, 1);
    assert_false(take(SERVE_FAULT_SLOW, SERVE_ASSET, "/"));
    assert_true(take(SERVE_FAULT_NOT_FOUND, SERVE_ASSET, "/"));
    serve_faults_clear(&faults, SERVE_FAULT_COUNT);
    assert_int_equal(faults.count, 0);
}

static void test_the_list_is_bounded(void **state)
{
    struct serve_fault fault;
    char text[32];
    (void)state;

    for (unsigned i = 0; i < SERVE_FAULT_ACTIVE_MAX; i++) {
        snprintf(text, sizeof(text), "404~%u", i);
        set(text);
    }
    assert_int_equal(serve_fault_parse("404~more", &fault), LCM_OK);
    assert_int_equal(serve_faults_set(&faults, &fault), LCM_ERR_NO_SPACE);
    set("404~0*1");
    assert_true(take(SERVE_FAULT_NOT_FOUND, SERVE_ASSET, "0"));
    assert_int_equal(serve_faults_set(&faults, &fault), LCM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_texts, setup),
        cmocka_unit_test_setup(test_every_name_is_found, setup),
        cmocka_unit_test_setup(test_scope_and_count, setup),
        cmocka_unit_test_setup(test_replace_and_clear, setup),
        cmocka_unit_test_setup(test_the_list_is_bounded, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
