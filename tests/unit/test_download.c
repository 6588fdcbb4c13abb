// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a file of a release is found and fetched over no more connections than needed;
 * addresses that ran out are renewed a bounded number of times; redirects lead only
 * where the trust sector allows; an emergency server is asked directly.
 * Method: the scripted world of the fetch tests as release host and asset host at once,
 * with real TLS (certificates are not judged here); every request is checked by the
 * text the server saw.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/update/download.h"
#include "tests/lib/fetch_pki.h"
#include "tests/lib/fetch_world.h"

#define STEPS_MAX 2000000u
#define ASSET "https://objects.githubusercontent.com"
#define REDIRECT_TO(location) \
    "HTTP/1.1 302 Found\r\nLocation: " location "\r\nContent-Length: 0\r\n\r\n"
#define FILE_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define EXPIRED "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"

static struct fetch_world *world;
static struct lcm_fetch fetch;
static struct lcm_download download;
static struct fetch_body body;
static struct lcm_trust trust;

static int set_up(void **state)
{
    (void)state;
    world = fetch_world_new();
    fetch_world_use_tls(world, fetch_pki_host);
    lcm_fetch_init(&fetch, &world->config);
    memset(&body, 0, sizeof(body));
    memset(&trust, 0, sizeof(trust));
    strcpy(trust.host, "github.com");
    strcpy(trust.suffix[0], "githubusercontent.com");
    trust.suffix_count = 1;
    lcm_download_init(&download, &fetch, &trust);
    download.mode = LCM_TLS_UNTRUSTED;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lcm_fetch_close(&fetch);
    fetch_world_free(world);
    return 0;
}

static enum lcm_err run(enum lcm_err begun)
{
    for (uint32_t i = 0; begun == LCM_OK && i < STEPS_MAX; i++) {
        enum lcm_err err = lcm_download_step(&download);
        if (err != LCM_PENDING)
            return err;
    }
    assert_int_not_equal(begun, LCM_OK);
    return begun;
}

static enum lcm_err locate(enum lcm_place place)
{
    return run(lcm_download_locate(&download, place));
}

static enum lcm_err get(enum lcm_place place, uint32_t first, uint32_t size)
{
    struct lcm_sink sink = fetch_body_sink(&body);

    body.size = 0;
    return run(lcm_download_get(&download, place, first, size, &sink));
}

static void name_file(enum lcm_place place, const char *suffix)
{
    assert_int_equal(
        lcm_download_name(&download, place, "someone/lamp", "v1.0.0", "main.bin", suffix), LCM_OK);
}

static void assert_asked(const char *host, const char *request_line, const char *range)
{
    assert_string_equal(world->resolved_host, host);
    assert_memory_equal(world->request, request_line, strlen(request_line));
    assert_non_null(strstr(world->request, host));
    if (range != NULL)
        assert_non_null(strstr(world->request, range));
    else
        assert_null(strstr(world->request, "Range:"));
}

/* ---- release host with redirects ---- */

/* Manifest and image: located on one connection, fetched on one other. */
static void test_two_files_two_connections(void **state)
{
    (void)state;
    name_file(LCM_PLACE_FIRST, ".manifest");
    name_file(LCM_PLACE_SECOND, "");
    fetch_world_answer(world, REDIRECT_TO(ASSET "/m?sig=1%2F2"));
    assert_int_equal(locate(LCM_PLACE_FIRST), LCM_OK);
    assert_asked("github.com",
                 "GET /someone/lamp/releases/download/v1.0.0/main.bin.manifest HTTP/1.1\r\n",
                 "Range: bytes=0-0\r\n");
    fetch_world_answer(world, REDIRECT_TO(ASSET "/i?sig=3"));
    assert_int_equal(locate(LCM_PLACE_SECOND), LCM_OK);
    assert_int_equal(world->connect_count, 1);
    fetch_world_answer(world, FILE_ANSWER);
    assert_int_equal(get(LCM_PLACE_FIRST, 0, 0), LCM_OK);
    assert_asked("objects.githubusercontent.com", "GET /m?sig=1%2F2 HTTP/1.1\r\n", NULL);
    assert_memory_equal(body.bytes, "hello", 5);
    fetch_world_answer(world, "HTTP/1.1 206 Partial\r\nContent-Range: bytes 7-10/99\r\n"
                              "Content-Length: 4\r\n\r\nabcd");
    assert_int_equal(get(LCM_PLACE_SECOND, 7, 4), LCM_OK);
    assert_asked("objects.githubusercontent.com", "GET /i?sig=3 HTTP/1.1\r\n",
                 "Range: bytes=7-10\r\n");
    assert_memory_equal(body.bytes, "abcd", 4);
    assert_int_equal(world->connect_count, 2);
    /* Known places are not asked for again. */
    uint32_t requests = world->request_count;
    assert_int_equal(locate(LCM_PLACE_FIRST), LCM_OK);
    assert_int_equal(world->request_count, requests);
}

static void test_get_locates_by_itself(void **state)
{
    (void)state;
    name_file(LCM_PLACE_SECOND, "");
    fetch_world_answer(world, REDIRECT_TO(ASSET "/i"));
    fetch_world_answer(world, FILE_ANSWER);
    assert_int_equal(get(LCM_PLACE_SECOND, 0, 0), LCM_OK);
    assert_int_equal(world->request_count, 2);
    assert_memory_equal(body.bytes, "hello", 5);
}

/* A new name forgets the address of the old one. */
static void test_name_forgets(void **state)
{
    (void)state;
    name_file(LCM_PLACE_FIRST, "");
    fetch_world_answer(world, REDIRECT_TO(ASSET "/old"));
    assert_int_equal(locate(LCM_PLACE_FIRST), LCM_OK);
    name_file(LCM_PLACE_FIRST, ".manifest");
    fetch_world_answer(world, REDIRECT_TO(ASSET "/new"));
    fetch_world_answer(world, FILE_ANSWER);
    assert_int_equal(get(LCM_PLACE_FIRST, 0, 0), LCM_OK);
    assert_asked("objects.githubusercontent.com", "GET /new HTTP/1.1\r\n", NULL);
}

static void test_expired_address_is_renewed(void **state)
{
    (void)state;
    name_file(LCM_PLACE_SECOND, "");
    fetch_world_answer(world, REDIRECT_TO(ASSET "/1"));
    fetch_world_answer(world, EXPIRED);
    fetch_world_answer(world, REDIRECT_TO(ASSET "/2"));
    fetch_world_answer(world, FILE_ANSWER);
    assert_int_equal(get(LCM_PLACE_SECOND, 0, 0), LCM_OK);
    assert_asked("objects.githubusercontent.com", "GET /2 HTTP/1.1\r\n", NULL);
    assert_memory_equal(body.bytes, "hello", 5);
}

static void test_renewals_are_bounded(void **state)
{
    (void)state;
    name_file(LCM_PLACE_SECOND, "");
    for (uint32_t i = 0; i <= LCM_DOWNLOAD_RELOCATIONS_MAX; i++) {
        fetch_world_answer(world, REDIRECT_TO(ASSET "/1"));
        fetch_world_answer(world, EXPIRED);
    }
    assert_int_equal(get(LCM_PLACE_SECOND, 0, 0), LCM_ERR_HTTP_EXPIRED);
    assert_int_equal(world->request_count, 2 * (LCM_DOWNLOAD_RELOCATIONS_MAX + 1));
}

static void assert_location_refused(const char *answer)
{
    name_file(LCM_PLACE_FIRST, "");
    fetch_world_answer(world, answer);
    assert_int_equal(locate(LCM_PLACE_FIRST), LCM_ERR_REDIRECT);
    assert_string_equal(download.address[LCM_PLACE_FIRST], ""); /* not used by a later get */
}

static void test_redirects_out_of_bounds(void **state)
{
    (void)state;
    assert_location_refused(REDIRECT_TO("https://evil.example/i"));
    assert_location_refused(REDIRECT_TO("https://githubusercontent.com.evil.example/i"));
    assert_location_refused(REDIRECT_TO("https://evilgithubusercontent.com/i"));
    assert_location_refused(REDIRECT_TO("http://objects.githubusercontent.com/i"));
    assert_location_refused(REDIRECT_TO("https://a@objects.githubusercontent.com/i"));
    assert_location_refused(REDIRECT_TO("//objects.githubusercontent.com/i"));
    assert_location_refused(REDIRECT_TO("/i"));
    assert_location_refused("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n");
    /* only the final answer counts, not what was said before it */
    assert_location_refused("HTTP/1.1 103 Early Hints\r\nLocation: " ASSET "/i\r\n\r\n"
                            "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n");
}

/* The asset host may not send us on. */
static void test_second_redirect_is_refused(void **state)
{
    (void)state;
    name_file(LCM_PLACE_FIRST, "");
    fetch_world_answer(world, REDIRECT_TO(ASSET "/1"));
    fetch_world_answer(world, REDIRECT_TO(ASSET "/2"));
    assert_int_equal(get(LCM_PLACE_FIRST, 0, 0), LCM_ERR_REDIRECT);
    assert_int_equal(body.size, 0);
    assert_int_equal(world->request_count, 2);
}

static void test_missing_file(void **state)
{
    (void)state;
    name_file(LCM_PLACE_FIRST, "");
    fetch_world_answer(world, "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot found");
    assert_int_equal(locate(LCM_PLACE_FIRST), LCM_ERR_HTTP_NOT_FOUND);
    fetch_world_answer(world, REDIRECT_TO(ASSET "/1"));
    assert_int_equal(locate(LCM_PLACE_FIRST), LCM_OK); /* the same connection goes on */
    assert_int_equal(world->connect_count, 1);
}

static void test_unclean_names(void **state)
{
    (void)state;
    assert_int_equal(lcm_download_name(&download, LCM_PLACE_FIRST, "a/b", "v1",
                                       "0123456789012345678901234567890", ".manifest.longer"),
                     LCM_OK);
    assert_int_equal(lcm_download_name(&download, LCM_PLACE_FIRST, "a/b", "v1",
                                       "0123456789012345678901234567890", ".manifest.longerr"),
                     LCM_ERR_TOO_LONG);
    assert_int_equal(lcm_download_name(&download, LCM_PLACE_FIRST, "a/../b", "v1", "x", ""),
                     LCM_OK);
    assert_int_not_equal(locate(LCM_PLACE_FIRST), LCM_OK);
    assert_int_equal(
        lcm_download_name(&download, LCM_PLACE_FIRST, "a/b", "v1", "x HTTP/1.1\r\nX:", ""), LCM_OK);
    assert_int_not_equal(locate(LCM_PLACE_FIRST), LCM_OK);
    assert_int_equal(world->request_count, 0);
}

/* ---- a release host that serves the file itself ---- */

static void test_direct_serving(void **state)
{
    (void)state;
    name_file(LCM_PLACE_SECOND, "");
    fetch_world_answer(world, "HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-0/5\r\n"
                              "Content-Length: 1\r\n\r\nh");
    assert_int_equal(locate(LCM_PLACE_SECOND), LCM_OK);
    fetch_world_answer(world, FILE_ANSWER);
    assert_int_equal(get(LCM_PLACE_SECOND, 0, 0), LCM_OK);
    assert_asked("github.com", "GET /someone/lamp/releases/download/v1.0.0/main.bin HTTP/1.1\r\n",
                 NULL);
    assert_memory_equal(body.bytes, "hello", 5);
    assert_int_equal(world->connect_count, 1);
}

/* The file is there, but what is asked of it is no range: nothing more is sent. */
static void test_range_past_the_last_address(void **state)
{
    (void)state;
    name_file(LCM_PLACE_SECOND, "");
    fetch_world_answer(world, REDIRECT_TO(ASSET "/i"));
    assert_int_equal(get(LCM_PLACE_SECOND, UINT32_MAX, 2), LCM_ERR_ARGUMENT);
    assert_int_equal(world->request_count, 1);
    assert_int_equal(body.size, 0);
}

/* A host that takes no notice of the range would send whole images just to be found. */
static void test_whole_file_is_no_location(void **state)
{
    (void)state;
    name_file(LCM_PLACE_FIRST, "");
    fetch_world_answer(world, FILE_ANSWER);
    assert_int_equal(locate(LCM_PLACE_FIRST), LCM_ERR_RANGE);
    assert_string_equal(download.address[LCM_PLACE_FIRST], "");
    fetch_world_answer(world, "HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-0/5\r\n"
                              "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    assert_int_equal(locate(LCM_PLACE_FIRST), LCM_ERR_TOO_LONG);
    assert_string_equal(download.address[LCM_PLACE_FIRST], "");
}

/* ---- emergency server ---- */

static void use_base(const char *address, struct lcm_url *base)
{
    fetch_world_use_tls(world, NULL);
    assert_int_equal(lcm_url_split(address, base), LCM_OK);
    lcm_download_set_base(&download, base);
    name_file(LCM_PLACE_FIRST, ".manifest");
}

static void assert_base_asks(const char *address, const char *request_line)
{
    struct lcm_url base;

    use_base(address, &base);
    lcm_fetch_close(&fetch);
    fetch_world_answer(world, FILE_ANSWER);
    assert_int_equal(locate(LCM_PLACE_FIRST), LCM_OK); /* nothing to locate */
    assert_int_equal(get(LCM_PLACE_FIRST, 0, 0), LCM_OK);
    assert_asked("rescue.example", request_line, NULL);
    lcm_download_set_base(&download, NULL);
}

static void test_base_paths(void **state)
{
    (void)state;
    assert_base_asks("http://rescue.example", "GET /main.bin.manifest HTTP/1.1\r\n");
    assert_base_asks("http://rescue.example/", "GET /main.bin.manifest HTTP/1.1\r\n");
    assert_base_asks("http://rescue.example:8080/a/b", "GET /a/b/main.bin.manifest HTTP/1.1\r\n");
    assert_base_asks("http://rescue.example/a/", "GET /a/main.bin.manifest HTTP/1.1\r\n");
    assert_int_equal(world->request_count, 4);
}

/* A base somebody filled in by hand, without any path. */
static void test_base_without_a_path(void **state)
{
    struct lcm_url base;

    (void)state;
    use_base("http://rescue.example", &base);
    base.path = "";
    fetch_world_answer(world, FILE_ANSWER);
    assert_int_equal(get(LCM_PLACE_FIRST, 0, 0), LCM_OK);
    assert_asked("rescue.example", "GET /main.bin.manifest HTTP/1.1\r\n", NULL);
}

static void test_base_answers_are_final(void **state)
{
    struct lcm_url base;

    (void)state;
    use_base("http://rescue.example/", &base);
    fetch_world_answer(world, EXPIRED);
    assert_int_equal(get(LCM_PLACE_FIRST, 0, 0), LCM_ERR_HTTP_EXPIRED); /* nothing to renew */
    fetch_world_answer(world, REDIRECT_TO(ASSET "/1"));
    assert_int_equal(get(LCM_PLACE_FIRST, 0, 0), LCM_ERR_REDIRECT);
    fetch_world_answer(world, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(get(LCM_PLACE_FIRST, 0, 0), LCM_ERR_HTTP_NOT_FOUND);
    assert_int_equal(world->request_count, 3);
}

static void test_base_path_too_long(void **state)
{
    char address[LCM_PATH_SIZE + 32] = "http://rescue.example/";
    struct lcm_url base;

    (void)state;
    memset(address + strlen(address), 'p', LCM_PATH_SIZE - 10);
    use_base(address, &base);
    assert_int_equal(get(LCM_PLACE_FIRST, 0, 0), LCM_ERR_TOO_LONG);
    assert_int_equal(world->request_count, 0);
}

/* ---- buffer sink ---- */

static void test_buffer_sink(void **state)
{
    uint8_t bytes[8];
    struct lcm_buffer_sink buffer = {bytes, sizeof(bytes), 0};
    struct lcm_sink sink = lcm_buffer_sink(&buffer);

    (void)state;
    assert_int_equal(sink.write(sink.context, (const uint8_t *)"abcde", 5), LCM_OK);
    assert_int_equal(sink.write(sink.context, (const uint8_t *)"fghi", 4), LCM_ERR_TOO_LONG);
    assert_int_equal(buffer.length, 5);
    assert_int_equal(sink.write(sink.context, (const uint8_t *)"fgh", 3), LCM_OK);
    assert_int_equal(sink.write(sink.context, (const uint8_t *)"i", 1), LCM_ERR_TOO_LONG);
    assert_memory_equal(bytes, "abcdefgh", 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_two_files_two_connections, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_get_locates_by_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_name_forgets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_expired_address_is_renewed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_renewals_are_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_redirects_out_of_bounds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_second_redirect_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_missing_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unclean_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_direct_serving, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_range_past_the_last_address, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_whole_file_is_no_location, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_base_paths, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_base_without_a_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_base_answers_are_final, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_base_path_too_long, set_up, tear_down),
        cmocka_unit_test(test_buffer_sink),
    };

    return cmocka_run_group_tests(tests, fetch_pki_host_open, fetch_pki_host_close);
}
