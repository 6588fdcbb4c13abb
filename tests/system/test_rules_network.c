// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: whatever the network or the host does, the old app runs or the new one is installed
 * whole; nothing unsigned is stored, nothing waits without end, redirects stay where the
 * certificates allow.
 * Method: app 1.1.0 is published correctly; the server has one fault during the check.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "core/update/keys.h"
#include "tests/lib/fixture_device.h"
#include "tests/lib/fixture_flash.h"
#include "tests/lib/fixture_image.h"
#include "tests/lib/fixture_release.h"

static void check_with(struct fixture_world *world, const char *fault)
{
    fixture_publish_app(world, "1.1.0", 2);
    fixture_server_fault(&world->server, fault);
    fixture_device_run(world, "--check", "--speed", "1000", NULL);
}

/* The check fails with this result and changes nothing; without the fault the next one works. */
static void fails_safely(struct fixture_world *world, const char *fault, const char *result)
{
    print_message("fault: %s\n", fault);
    check_with(world, fault);
    fixture_expect_kept(world, result);
    fixture_server_fault(&world->server, "clear");
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.1.0");
}

/* The fault does not keep the update away. */
static void succeeds_with(struct fixture_world *world, const char *fault)
{
    print_message("fault: %s\n", fault);
    check_with(world, fault);
    fixture_expect_app(world, "1.1.0");
}

/* ---- status codes ---- */

static void test_repository_gone(void **state)
{
    fails_safely(*state, "404@release~lamp/releases/latest", "HTTP_NOT_FOUND");
}

static void test_image_missing_in_release(void **state)
{
    struct fixture_world *world = *state;

    fixture_publish_app(world, "1.1.0", 2);
    fixture_remove(world, FIXTURE_REPOSITORY, "1.1.0", "main.bin");
    fixture_device_run(world, "--check", NULL);
    fixture_expect_kept(world, "HTTP_NOT_FOUND");
}

/* Goal: the manifest came, the image does not: the app still runs. */
static void test_image_gone_on_asset_host(void **state)
{
    fails_safely(*state, "404@asset*9", "HTTP_NOT_FOUND");
}

static void test_server_error(void **state)
{
    fails_safely(*state, "status=500@release", "HTTP_STATUS");
}

static void test_teapot_on_asset_host(void **state)
{
    fails_safely(*state, "status=451@asset", "HTTP_STATUS");
}

/* Goal: 429 and 503 end the check; nothing is asked again in this run, since the app can run. */
static void test_busy_host(void **state)
{
    struct fixture_world *world = *state;

    fails_safely(world, "status=429:7@release", "HTTP_BUSY");
}

static void test_busy_asset_host(void **state)
{
    fails_safely(*state, "status=503:100000@asset", "HTTP_BUSY");
}

/* Goal: without an app the device obeys Retry-After (bounded by a day), then goes on. */
static void test_retry_after_without_app(void **state)
{
    struct fixture_world *world = *state;
    bool was_obeyed = false;

    fixture_flash_fresh(world);
    fixture_server_fault(&world->server, "status=503:500@release*1");
    fixture_device_run(world, "--speed", "2000", NULL);
    EXPECT(world, strcmp(fixture_device_end(world), "app") == 0);
    for (size_t i = 0; i < world->run.lines.count; i++)
        was_obeyed |= fixture_has(world->run.lines.list[i], "type", "waiting") &&
                      fixture_number(world->run.lines.list[i], "value") >= 500000;
    EXPECT(world, was_obeyed);
}

static void test_absurd_retry_after_is_bounded(void **state)
{
    struct fixture_world *world = *state;
    double longest = 0;

    fixture_flash_fresh(world);
    fixture_server_fault(&world->server, "status=429:99999999@release*1");
    fixture_device_run(world, "--speed", "200000", NULL);
    EXPECT(world, strcmp(fixture_device_end(world), "app") == 0);
    for (size_t i = 0; i < world->run.lines.count; i++) {
        const cJSON *line = world->run.lines.list[i];
        if (fixture_has(line, "type", "waiting") && fixture_number(line, "value") > longest)
            longest = fixture_number(line, "value");
    }
    EXPECT(world, longest > 1000 && longest <= 86400000);
}

/* ---- signed addresses that expire ---- */

/* Goal: an address that expired between locating and fetching is located again, unnoticed. */
static void test_expired_address_is_located_again(void **state)
{
    struct fixture_world *world = *state;

    succeeds_with(world, "expired-url@asset*1");
    EXPECT(world, fixture_server_gets(&world->server, "/1.1.0/main.bin.manifest") == 2);
}

static void test_forbidden_address_is_located_again(void **state)
{
    succeeds_with(*state, "status=403@asset*1");
}

/* Goal: addresses that are not valid yet (clocks of the hosts differ) end the check, not the app.
 */
static void test_address_not_valid_yet(void **state)
{
    fails_safely(*state, "url-not-before=5@release", "HTTP_EXPIRED");
}

/* Goal: addresses that live one second do not stop a download that takes several. */
static void test_address_expires_in_the_middle(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;
    const char *path = "/1.1.0/main.bin";

    fixture_app_sized(world, &file, "1.1.0", 2, 10 * LCM_SECTOR_SIZE);
    fixture_publish(world, &file);
    fixture_server_fault(&world->server, "truncate=20000@asset~production*2");
    fixture_server_fault(&world->server, "url-expiry=1@release");
    fixture_server_fault(&world->server, "slow=15000@asset~production");
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.1.0");
    EXPECT(world, fixture_server_gets(&world->server, path) >= 3);
}

/* Goal: addresses that are always expired do not keep the device busy for ever. */
static void test_always_expired_address(void **state)
{
    struct fixture_world *world = *state;

    fails_safely(world, "expired-url@asset", "HTTP_EXPIRED");
}

/* ---- redirects ---- */

static void test_redirect_to_plain_http(void **state)
{
    fails_safely(*state, "redirect-http@release", "REDIRECT");
}

static void test_redirect_to_other_host(void **state)
{
    fails_safely(*state, "redirect-host=evil.example@release~download", "REDIRECT");
}

static void test_redirect_to_host_that_looks_right(void **state)
{
    fails_safely(*state, "redirect-host=evilgithubusercontent.com@release~download", "REDIRECT");
}

static void test_redirect_loop(void **state)
{
    fails_safely(*state, "redirect-loop@release~download", "REDIRECT");
}

static void test_redirect_without_location(void **state)
{
    fails_safely(*state, "no-location@release", "REDIRECT");
}

static void test_latest_leads_nowhere(void **state)
{
    fails_safely(*state, "redirect-loop@release~latest", "NO_VERSION");
}

/* ---- headers ---- */

static void test_huge_headers(void **state)
{
    fails_safely(*state, "huge-headers=60000@release", "TOO_LONG");
}

static void test_long_headers_within_the_limit(void **state)
{
    succeeds_with(*state, "huge-headers=20000");
}

static void test_lower_case_headers(void **state)
{
    succeeds_with(*state, "lower-case-headers");
}

static void test_shuffled_headers(void **state)
{
    succeeds_with(*state, "shuffled-headers");
}

/* ---- bodies and ranges ---- */

static void test_chunked_bodies(void **state)
{
    succeeds_with(*state, "chunked");
}

static void test_ranges_ignored(void **state)
{
    fails_safely(*state, "ignore-range@asset", "RANGE");
}

/* Goal: the next sector instead of the one asked for. Method: the new image differs in one
 * sector in the middle, so that the wrong range is a possible one. */
static void test_other_range(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;

    fixture_app(world, &file, "1.0.0", 1);
    file.spec.version = file.tag = "1.1.0";
    file.spec.sequence = 2;
    fixture_image_noise(file.image + LCM_SECTOR_SIZE, LCM_SECTOR_SIZE, 77);
    fixture_publish(world, &file);
    fixture_server_fault(&world->server, "wrong-range@asset");
    fixture_device_run(world, "--check", NULL);
    fixture_expect_kept(world, "RANGE");
}

/* Goal: a range behind the end of the file is nonsense. */
static void test_impossible_range(void **state)
{
    fails_safely(*state, "wrong-range@asset", "HTTP");
}

static void test_range_of_another_total(void **state)
{
    fails_safely(*state, "wrong-range=total@asset", "RANGE");
}

static void test_range_not_told(void **state)
{
    fails_safely(*state, "wrong-range=missing@asset", "RANGE");
}

static void test_length_not_told(void **state)
{
    struct fixture_world *world = *state;

    check_with(world, "content-length@asset");
    fixture_expect_app(world, "1.1.0");
}

static void test_length_lies(void **state)
{
    fails_safely(*state, "content-length=4294967296@asset", "CLOSED");
}

static void test_length_is_negative(void **state)
{
    fails_safely(*state, "content-length=-1@asset", "HTTP");
}

static void test_manifest_without_end(void **state)
{
    fails_safely(*state, "endless-body@asset", "TOO_LONG");
}

static void test_body_cut_every_time(void **state)
{
    fails_safely(*state, "truncate=100@asset", "CLOSED");
}

static void test_image_cut_every_time_before_a_sector(void **state)
{
    fails_safely(*state, "truncate=2000@asset", "CLOSED");
}

/* Goal: a feed is read as far as its first entry, no further. */
static void test_feed_without_end(void **state)
{
    struct fixture_world *world = *state;

    fixture_flash_set(world, LCM_KEY_OTA_BETA, "y");
    succeeds_with(world, "endless-body@release~lamp/releases.atom");
}

/* Goal: a host that lets bytes drip keeps nobody waiting: 30 s for all headers, then it is over. */
static void test_dripping_host(void **state)
{
    fails_safely(*state, "slow=5@asset", "TIMEOUT");
}

/* ---- connections ---- */

static void test_connection_closed_after_each_request(void **state)
{
    succeeds_with(*state, "close-after=1");
}

static void test_handshake_takes_too_long(void **state)
{
    struct fixture_world *world = *state;

    check_with(world, "handshake-limit=0@release");
    EXPECT(world, strcmp(fixture_device_end(world), "app") == 0);
    EXPECT(world, world->run.process.exit_code == 7);
    fixture_expect_kept(world, fixture_device_result(world));
}

/* Goal: nobody listens: the check fails, the app runs. */
static void test_host_not_reachable(void **state)
{
    struct fixture_world *world = *state;

    fixture_device_run(world, "--check", "--resolve", FIXTURE_RELEASE_HOST ":127.0.0.1:1", NULL);
    fixture_expect_kept(world, "CONNECT");
}

static void test_name_not_found(void **state)
{
    struct fixture_world *world = *state;

    fixture_publish_app(world, "1.1.0", 2);
    fixture_server_fault(&world->server,
                         "redirect-host=nowhere.githubusercontent.com@release~download");
    fixture_device_run(world, "--check", NULL);
    fixture_expect_kept(world, "DNS");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_repository_gone),
        FIXTURE_TEST(test_image_missing_in_release),
        FIXTURE_TEST(test_image_gone_on_asset_host),
        FIXTURE_TEST(test_server_error),
        FIXTURE_TEST(test_teapot_on_asset_host),
        FIXTURE_TEST(test_busy_host),
        FIXTURE_TEST(test_busy_asset_host),
        FIXTURE_TEST(test_retry_after_without_app),
        FIXTURE_TEST(test_absurd_retry_after_is_bounded),
        FIXTURE_TEST(test_expired_address_is_located_again),
        FIXTURE_TEST(test_forbidden_address_is_located_again),
        FIXTURE_TEST(test_address_not_valid_yet),
        FIXTURE_TEST(test_address_expires_in_the_middle),
        FIXTURE_TEST(test_always_expired_address),
        FIXTURE_TEST(test_redirect_to_plain_http),
        FIXTURE_TEST(test_redirect_to_other_host),
        FIXTURE_TEST(test_redirect_to_host_that_looks_right),
        FIXTURE_TEST(test_redirect_loop),
        FIXTURE_TEST(test_redirect_without_location),
        FIXTURE_TEST(test_latest_leads_nowhere),
        FIXTURE_TEST(test_huge_headers),
        FIXTURE_TEST(test_long_headers_within_the_limit),
        FIXTURE_TEST(test_lower_case_headers),
        FIXTURE_TEST(test_shuffled_headers),
        FIXTURE_TEST(test_chunked_bodies),
        FIXTURE_TEST(test_ranges_ignored),
        FIXTURE_TEST(test_other_range),
        FIXTURE_TEST(test_impossible_range),
        FIXTURE_TEST(test_range_of_another_total),
        FIXTURE_TEST(test_range_not_told),
        FIXTURE_TEST(test_length_not_told),
        FIXTURE_TEST(test_length_lies),
        FIXTURE_TEST(test_length_is_negative),
        FIXTURE_TEST(test_manifest_without_end),
        FIXTURE_TEST(test_body_cut_every_time),
        FIXTURE_TEST(test_image_cut_every_time_before_a_sector),
        FIXTURE_TEST(test_feed_without_end),
        FIXTURE_TEST(test_dripping_host),
        FIXTURE_TEST(test_connection_closed_after_each_request),
        FIXTURE_TEST(test_handshake_takes_too_long),
        FIXTURE_TEST(test_host_not_reachable),
        FIXTURE_TEST(test_name_not_found),
    };

    return FIXTURE_MAIN("network", tests);
}
