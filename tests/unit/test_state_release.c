// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: whatever a host answers to the question for the latest release, it is a release of
 * the repository that was asked for, or a failure that says why; and no answer, however long,
 * is read without end.
 * Method: the states are called one by one on the fake device; the release host is the
 * scripted world of the fetch tests, with real TLS (certificates are not judged here).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/update/states.h"
#include "tests/lib/fake_device.h"
#include "tests/lib/fetch_pki.h"
#include "tests/lib/fetch_world.h"

#define STEPS_MAX 2000000u

static struct fetch_world *world;
static struct fake_device device;
static struct lcm_lifecycle *const lc = &device.lifecycle;

static int set_up(void **state)
{
    (void)state;
    world = fetch_world_new();
    fetch_world_use_tls(world, fetch_pki_host);
    fake_device_init(&device);
    fake_device_begin(&device, 1);
    lcm_fetch_init(&lc->fetch, &world->config);
    strcpy(lc->trust.host, "github.com");
    strcpy(lc->trust.repository, "lcm/lcm");
    strcpy(lc->app_repository, "someone/lamp");
    lc->download.mode = LCM_TLS_UNTRUSTED;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lcm_fetch_close(&lc->fetch);
    fetch_world_free(world);
    return 0;
}

static enum lcm_err find_app(void)
{
    enum lcm_err err = state_find_app_begin(lc);

    for (uint32_t i = 0; err == LCM_OK && i < STEPS_MAX; i++) {
        enum lcm_err step = state_find_app_step(lc);
        if (step != LCM_PENDING)
            return step;
    }
    assert_int_not_equal(err, LCM_OK);
    return err;
}

static void test_redirect_names_the_release(void **state)
{
    (void)state;
    fetch_world_answer(world, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "
                              "https://github.com/someone/lamp/releases/tag/v1.2.0\r\n\r\n");
    assert_int_equal(find_app(), LCM_OK);
    assert_string_equal(lc->app_tag, "v1.2.0");
    assert_non_null(strstr(world->request, "GET /someone/lamp/releases/latest HTTP/1.1\r\n"));
}

/* A page instead of a redirect, as a host in maintenance sends it: short or without end. */
static void test_page_instead_of_a_redirect(void **state)
{
    static char page[LCM_FEED_SIZE_MAX + 256];
    int size = snprintf(page, 128, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");

    (void)state;
    fetch_world_answer(world, page);
    assert_int_equal(find_app(), LCM_ERR_REDIRECT);
    assert_int_equal(lc->tag_scan.received, 5);

    size =
        snprintf(page, 128, "HTTP/1.1 200 OK\r\nContent-Length: %u\r\n\r\n", LCM_FEED_SIZE_MAX + 1);
    memset(page + size, 'x', LCM_FEED_SIZE_MAX + 1);
    fetch_world_answer(world, page)->size = (size_t)size + LCM_FEED_SIZE_MAX + 1;
    assert_int_equal(find_app(), LCM_ERR_TOO_LONG);
    assert_in_range(lc->tag_scan.received, LCM_FEED_SIZE_MAX / 2, LCM_FEED_SIZE_MAX);
    assert_string_equal(lc->app_tag, "");
}

/* The repository is a setting; what is none is not sent to the host. */
static void test_setting_that_is_no_repository(void **state)
{
    (void)state;
    strcpy(lc->app_repository, "lamp");
    assert_int_equal(find_app(), LCM_ERR_FORMAT);
    strcpy(lc->app_repository, "../lamp");
    assert_int_equal(find_app(), LCM_ERR_FORMAT);
    assert_int_equal(world->request_count, 0);
}

/* A missing release of LifeCycle Manager ends the run only when no app is looked for. */
static void test_lcm_release_is_missing(void **state)
{
    static const enum lcm_err missing[] = {LCM_ERR_HTTP_NOT_FOUND, LCM_ERR_NO_VERSION};

    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        strcpy(lc->lcm_tag, "v1");
        assert_int_equal(state_find_lcm_choose(lc, missing[i]), STATE_FIND_APP);
        assert_string_equal(lc->lcm_tag, "");
    }
    lc->app_repository[0] = '\0';
    for (uint32_t i = 0; i < 2; i++)
        assert_int_equal(state_find_lcm_choose(lc, missing[i]), STATE_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_redirect_names_the_release, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_page_instead_of_a_redirect, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_setting_that_is_no_repository, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lcm_release_is_missing, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, fetch_pki_host_open, fetch_pki_host_close);
}
