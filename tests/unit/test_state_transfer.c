// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: an image arrives whole or not at all, whatever the host says around its bytes: a total that
 * is not told is no reason to refuse it, another total is; a connection that ends badly behind the
 * last byte takes nothing away.
 * Method: survey, rehearsal and installation with a scripted plain server.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <bearssl.h>
#include <cmocka.h>

#include "core/base/bytes.h"
#include "core/update/states.h"
#include "tests/lib/fake_device.h"
#include "tests/lib/fetch_world.h"
#include "tests/lib/update_fixture.h"

#define IMAGE_SIZE 9000u
#define ANSWER_SIZE (IMAGE_SIZE + 256u)

static struct fake_device device;
static struct lcm_lifecycle *const lc = &device.lifecycle;
static struct fetch_world *world;
static uint8_t image[IMAGE_SIZE];
static char answers[3][ANSWER_SIZE];

static int set_up(void **state)
{
    static const struct lcm_url base = {"files.example", 80, true, "/"};

    (void)state;
    fake_device_init(&device);
    world = fetch_world_new();
    device.net = world->net;
    device.clock = world->clock;
    update_image_make(image, IMAGE_SIZE, 1);
    fake_device_begin(&device, 1);
    lcm_download_set_base(&lc->download, &base);
    lc->file = (struct lcm_release_file){
        .slot_addr = LCM_SLOT0_ADDR, .name = "main.bin", .repository = "someone/lamp"};
    assert_int_equal(state_name_pair(lc, "1.0.0", ".manifest"), LCM_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lcm_fetch_close(&lc->fetch);
    fetch_world_free(world);
    return 0;
}

/* size bytes of the image from first, with what stands for the total and what frames the body. */
static struct fetch_answer *put_range(uint32_t first, uint32_t size, const char *total,
                                      const char *framing)
{
    char *bytes = answers[world->answer_count];
    int head = snprintf(bytes, ANSWER_SIZE,
                        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %u-%u/%s\r\n%s",
                        first, first + size - 1, total, framing);

    memcpy(bytes + head, image + first, size);
    struct fetch_answer *answer = fetch_world_answer(world, bytes);
    answer->size = (size_t)head + size;
    return answer;
}

static struct fetch_answer *put_image(const char *total)
{
    return put_range(0, IMAGE_SIZE, total, "Content-Length: 9000\r\n\r\n");
}

/* One chunk, and the connection is cut before the last one says that it was the last. */
static void put_image_with_a_bad_end(void)
{
    put_range(0, IMAGE_SIZE, "9000", "Transfer-Encoding: chunked\r\n\r\n2328\r\n")->cuts = true;
}

/* ---- survey of an unsigned app ---- */

static void survey_prepare(void)
{
    uint8_t sig[52] = {0};
    br_sha384_context hash;

    br_sha384_init(&hash);
    br_sha384_update(&hash, image, IMAGE_SIZE);
    br_sha384_out(&hash, sig);
    sig[50] = IMAGE_SIZE >> 8;
    sig[51] = IMAGE_SIZE & 0xFF;
    assert_int_equal(lcm_survey_init(&lc->job.survey, &lc->manifest, sig), LCM_OK);
}

static enum lcm_err survey_run(void)
{
    survey_prepare();
    enum lcm_err err = state_app_survey_begin(lc);

    assert_int_equal(err, LCM_OK);
    do
        err = state_app_survey_step(lc);
    while (err == LCM_PENDING);
    return err;
}

static void test_survey_without_a_total(void **state)
{
    (void)state;
    (void)put_image("*");
    assert_int_equal(survey_run(), LCM_OK);
}

static void test_survey_of_another_total(void **state)
{
    (void)state;
    (void)put_image("9001");
    assert_int_equal(survey_run(), LCM_ERR_RANGE);
    assert_int_equal(lc->job.survey.received, 0);
    assert_int_equal(world->request_count, 1); /* a lie is not asked for again */
}

static void test_survey_with_a_bad_end(void **state)
{
    (void)state;
    put_image_with_a_bad_end();
    assert_int_equal(survey_run(), LCM_OK);
    assert_int_equal(world->request_count, 1);
}

static void test_survey_with_a_bad_end_and_a_wrong_byte(void **state)
{
    (void)state;
    put_image_with_a_bad_end();
    answers[0][world->answers[0].size - 1] ^= 1;
    assert_int_equal(survey_run(), LCM_ERR_CORRUPT);
}

/* ---- rehearsal and installation ---- */

static enum lcm_err install_run(bool is_rehearsal)
{
    enum lcm_err err = is_rehearsal ? state_rehearse_begin(lc) : state_install_begin(lc);

    assert_int_equal(err, LCM_OK);
    lc->sub_step = 0;
    do
        err = is_rehearsal ? state_rehearse_step(lc) : state_install_step(lc);
    while (err == LCM_PENDING);
    return err;
}

/* Also without anybody who watches the progress. */
static void test_install_without_a_total(void **state)
{
    (void)state;
    update_manifest_make(&lc->manifest, image, IMAGE_SIZE);
    lc->is_app_bootable = true;
    lc->config.observer = NULL;
    (void)put_image("*"); /* sector 0, which makes the slot bootable, is installed last */
    (void)put_range(4096, IMAGE_SIZE - 4096, "*", "Content-Length: 4904\r\n\r\n");
    (void)put_range(0, 4096, "*", "Content-Length: 4096\r\n\r\n");
    assert_int_equal(install_run(true), LCM_OK);
    assert_int_equal(device.flash.operations, 0);
    assert_int_equal(install_run(false), LCM_OK);
    assert_memory_equal(device.flash.data + LCM_SLOT0_ADDR, image, IMAGE_SIZE);
}

static void test_install_of_another_total(void **state)
{
    (void)state;
    update_manifest_make(&lc->manifest, image, IMAGE_SIZE);
    lc->is_app_bootable = true;
    (void)put_image("9001");
    (void)put_range(4096, IMAGE_SIZE - 4096, "9001", "Content-Length: 4904\r\n\r\n");
    assert_int_equal(install_run(true), LCM_ERR_RANGE);
    assert_int_equal(install_run(false), LCM_ERR_RANGE);
    assert_int_equal(lc->job.install.counters.sectors_changed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_survey_without_a_total, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_survey_of_another_total, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_survey_with_a_bad_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_survey_with_a_bad_end_and_a_wrong_byte, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_install_without_a_total, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_install_of_another_total, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
