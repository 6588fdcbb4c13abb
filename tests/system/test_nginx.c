// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the life cycle works with a release host that nobody here wrote, with and without a
 * redirect to a second host.
 * Method: nginx with a generated configuration (TLS 1.2 and 1.3, static files, `return 302`);
 * its access log counts connections and bytes.
 */
#include <signal.h>
#include <string.h>

#include "core/update/keys.h"
#include "tests/lib/fixture_device.h"
#include "tests/lib/fixture_flash.h"
#include "tests/lib/fixture_nginx.h"
#include "tests/lib/fixture_release.h"

#define BIG_SIZE (16u * LCM_SECTOR_SIZE)

static struct fixture_nginx nginx;

static const struct fixture_nginx_options usual = {
    .suite_tag = "1.0.0", .app_tag = "1.0.0", .protocols = "TLSv1.2 TLSv1.3"};

/* One device run against nginx, from start to stop of both. */
static void run_device(struct fixture_world *world, const struct fixture_nginx_options *options)
{
    fixture_nginx_mark(&nginx);
    fixture_nginx_start(&nginx, world, options);
    fixture_device_run(world, "--check", "--resolve", nginx.resolve[0], "--resolve",
                       nginx.resolve[1], NULL);
    fixture_nginx_stop(&nginx);
}

/* Installer -> updater -> app -> nothing new -> update, in one device's life. */
static void live_through(struct fixture_world *world, struct fixture_nginx_options options,
                         unsigned update_connections)
{
    fixture_nginx_open(&nginx, world);
    fixture_flash_fresh(world);
    run_device(world, &options);
    fixture_expect_app(world, "1.0.0");
    EXPECT(world, fixture_flash_holds(world, LCM_SLOT1_ADDR, FIXTURE_SUITE_REPOSITORY, "1.0.0",
                                      "otamain.bin"));
    run_device(world, &options);
    fixture_expect_app(world, "1.0.0");
    EXPECT(world, fixture_nginx_count(&nginx, "").connections == 1);
    EXPECT(world, fixture_nginx_count(&nginx, "").requests == 2);
    fixture_publish_app(world, "1.1.0", 2);
    options.app_tag = "1.1.0";
    run_device(world, &options);
    fixture_expect_app(world, "1.1.0");
    EXPECT(world, fixture_nginx_count(&nginx, "").connections == update_connections);
    EXPECT(world, fixture_server_requests(&world->server, NULL) == 0);
}

/* Goal: the story with redirects: an update costs two handshakes, as with `lcm serve`. */
static void test_story_with_redirects(void **state)
{
    live_through(*state, usual, 2);
    /* Once to judge the release while the old app is there, once to write it. */
    EXPECT((struct fixture_world *)*state,
           fixture_nginx_count(&nginx, "/someone/lamp/1.1.0/main.bin").bytes ==
               2 * FIXTURE_APP_SIZE);
}

/* Goal: the release host serves the files itself: allowed, and one handshake is enough. */
static void test_story_without_redirects(void **state)
{
    struct fixture_nginx_options options = usual;

    options.is_direct = true;
    live_through(*state, options, 1);
}

/* Goal: power fails in the middle of a download from nginx; the rest is fetched, no more. */
static void test_resume(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_nginx_options options = usual;
    struct fixture_file file;
    unsigned present = 0;

    fixture_nginx_open(&nginx, world);
    fixture_app_sized(world, &file, "1.1.0", 2, BIG_SIZE);
    fixture_publish(world, &file);
    options.app_tag = "1.1.0";
    options.rate = 16384;
    fixture_nginx_start(&nginx, world, &options);
    fixture_device_start(world, "--check", "--resolve", nginx.resolve[0], "--resolve",
                         nginx.resolve[1], NULL);
    fixture_device_wait_written(world, LCM_SLOT0_ADDR + 4 * LCM_SECTOR_SIZE,
                                file.image + 4 * LCM_SECTOR_SIZE, LCM_SECTOR_SIZE);
    fixture_device_stop(world, SIGKILL);
    fixture_nginx_stop(&nginx);
    for (uint32_t offset = 0; offset < BIG_SIZE; offset += LCM_SECTOR_SIZE)
        present += memcmp(world->flash + LCM_SLOT0_ADDR + offset, file.image + offset,
                          LCM_SECTOR_SIZE) == 0;
    EXPECT(world, present >= 4 && present < 15);
    options.rate = 0;
    run_device(world, &options);
    fixture_expect_app(world, "1.1.0");
    EXPECT(world, fixture_nginx_count(&nginx, "/someone/lamp/1.1.0/main.bin").bytes ==
                      BIG_SIZE - present * LCM_SECTOR_SIZE);
}

/* Goal: LifeCycle Manager replaces itself from nginx, and the app comes back. */
static void test_self_update(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_nginx_options options = usual;

    fixture_nginx_open(&nginx, world);
    fixture_publish_updaters(world, "2.0.0", 2);
    options.suite_tag = "2.0.0";
    run_device(world, &options);
    fixture_expect_app(world, "1.0.0");
    EXPECT(world, fixture_flash_holds(world, LCM_SLOT1_ADDR, FIXTURE_SUITE_REPOSITORY, "2.0.0",
                                      "otamain.bin"));
}

/* Goal: a host that speaks TLS 1.3 only cannot be used yet: the app runs. */
static void test_host_with_tls_1_3_only(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_nginx_options options = usual;

    fixture_nginx_open(&nginx, world);
    options.protocols = "TLSv1.3";
    run_device(world, &options);
    fixture_expect_kept(world, "TLS");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_story_with_redirects),
        FIXTURE_TEST(test_story_without_redirects),
        FIXTURE_TEST(test_resume),
        FIXTURE_TEST(test_self_update),
        FIXTURE_TEST(test_host_with_tls_1_3_only),
    };

    return FIXTURE_MAIN("nginx", tests);
}
