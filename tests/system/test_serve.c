// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: without faults, `lcm serve` is the shape of github.com's release hosting: routes,
 * redirects, header sizes, signed addresses, ranges, keep-alive, certificate chains; it
 * stays inside its folder and its limits, and starts and stops cleanly.
 * Method: the real program on free ports, asked by libcurl (another TLS and HTTP
 * implementation) that trusts only the CA files the server made; raw sockets for what
 * curl would not send. Sizes are checked against docs/SERVE.md.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/https_client.h"

#define MAIN_SIZE 100001u
#define BODY_MAX (1u << 20)
#define GITHUB "https://github.com/owner/app"
#define ASSETS "https://release-assets.githubusercontent.com"

static struct serve_process process;
static struct https_client client;
static struct https_reply reply;
static uint8_t main_bin[MAIN_SIZE];
static char location[4096];

static void get(const char *url, const char *range)
{
    https_get(&client, url, range, BODY_MAX, &reply);
    assert_int_equal(reply.result, CURLE_OK);
}

static void assert_redirect(const char *url, const char *target)
{
    get(url, NULL);
    assert_int_equal(reply.status, 302);
    assert_int_equal(reply.body_size, 0);
    assert_true(https_header(&reply, "Location", location, sizeof(location)));
    if (target != NULL)
        assert_string_equal(location, target);
}

static void assert_status(const char *url, long status)
{
    get(url, NULL);
    assert_int_equal(reply.status, status);
}

static void test_latest_is_the_newest_stable_version(void **state)
{
    (void)state;
    assert_redirect(GITHUB "/releases/latest", GITHUB "/releases/tag/1.10.0");
    assert_redirect(GITHUB "/releases/latest/download/main.bin",
                    GITHUB "/releases/download/1.10.0/main.bin");
    assert_redirect("https://github.com/owner/beta-only/releases/latest",
                    "https://github.com/owner/beta-only/releases");
    assert_status("https://github.com/owner/beta-only/releases/latest/download/main.bin", 404);
    assert_status("https://github.com/owner/nothing/releases/latest", 404);
    assert_status("https://github.com/nobody/app/releases/latest", 404);
    assert_status("https://github.com/", 404);
    assert_status(GITHUB, 404);
}

static void test_a_new_release_is_served_at_once(void **state)
{
    (void)state;
    serve_process_put(&process, "owner/growing/1.0.0/main.bin", "1", 1);
    assert_redirect("https://github.com/owner/growing/releases/latest",
                    "https://github.com/owner/growing/releases/tag/1.0.0");
    serve_process_put(&process, "owner/growing/1.0.1/main.bin", "2", 1);
    assert_redirect("https://github.com/owner/growing/releases/latest",
                    "https://github.com/owner/growing/releases/tag/1.0.1");
}

static void test_feed_lists_pre_releases_newest_first(void **state)
{
    static const char *const order[] = {"2.0.0-rc.10\"", "2.0.0-rc.9\"", "1.10.0\"", "1.9.0\""};
    char link[256];
    (void)state;

    assert_status(GITHUB "/releases.atom", 200);
    const char *at = reply.body;
    for (size_t i = 0; i < 4; i++) {
        snprintf(link, sizeof(link),
                 "<link rel=\"alternate\" type=\"text/html\" href=\"" GITHUB "/releases/tag/%s/>",
                 order[i]);
        at = strstr(at, link);
        assert_non_null(at);
    }
    assert_null(strstr(at + 1, "<link"));
    assert_status("https://github.com/owner/nothing/releases.atom", 404);
}

static void test_pages_link_releases_and_files(void **state)
{
    (void)state;
    assert_status(GITHUB "/releases", 200);
    assert_non_null(strstr(reply.body, "/owner/app/releases/tag/1.10.0"));
    assert_status(GITHUB "/releases/tag/1.10.0", 200);
    assert_non_null(strstr(reply.body, "/owner/app/releases/download/1.10.0/main.bin"));
    assert_status(GITHUB "/releases/tag/7.7.7", 404);
}

/* GitHub 2025-26: address 878 + 2 * strlen(file name); block about 5.1 KB + address. */
static void test_sizes_are_those_of_github(void **state)
{
    (void)state;
    assert_redirect(GITHUB "/releases/download/1.10.0/main.bin", NULL);
    assert_int_equal(strlen(location), 894);
    assert_in_range(reply.header_size, 5500, 6144);
    print_message("302 of a download: %zu B of headers, %zu B address\n", reply.header_size,
                  strlen(location));
    assert_redirect(GITHUB "/releases/download/1.10.0/certs.sector.sig", NULL);
    assert_int_equal(strlen(location), 910);
    assert_redirect(GITHUB "/releases/latest", NULL);
    assert_in_range(reply.header_size, 4900, 5300);
    print_message("302 of latest: %zu B of headers\n", reply.header_size);
    const char *policy = strstr(reply.headers, "Content-Security-Policy: ");
    assert_int_equal(strcspn(policy + 25, "\r"), 3736);
    assert_true(strstr(reply.headers, "Location: ") < policy);
    assert_redirect(GITHUB "/releases/download/1.10.0/main.bin", NULL);
    get(location, "0-4095");
    assert_in_range(reply.header_size, 800, 1000);
    print_message("206 of an asset: %zu B of headers\n", reply.header_size);
}

static void test_whole_file_and_ranges(void **state)
{
    static const struct {
        const char *range;
        long status;
        size_t first, size;
        const char *content_range;
    } rows[] = {
        {NULL, 200, 0, MAIN_SIZE, NULL},
        {"0-4095", 206, 0, 4096, "bytes 0-4095/100001"},
        {"98304-102399", 206, 98304, 1697, "bytes 98304-100000/100001"},
        {"100000-", 206, 100000, 1, "bytes 100000-100000/100001"},
        {"-5", 206, 99996, 5, "bytes 99996-100000/100001"},
        {"-200000", 206, 0, MAIN_SIZE, "bytes 0-100000/100001"},
        {"100001-", 416, 0, 0, "bytes */100001"},
        {"0-1,4-5", 200, 0, MAIN_SIZE, NULL},
        {"7-3", 200, 0, MAIN_SIZE, NULL},
    };
    char value[128];
    (void)state;

    assert_redirect(GITHUB "/releases/download/1.10.0/main.bin", NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        get(location, rows[i].range);
        assert_int_equal(reply.status, rows[i].status);
        assert_int_equal(reply.body_size, rows[i].size);
        if (rows[i].size > 0)
            assert_memory_equal(reply.body, main_bin + rows[i].first, rows[i].size);
        bool has_range = https_header(&reply, "Content-Range", value, sizeof(value));
        assert_int_equal(has_range, rows[i].content_range != NULL);
        if (has_range)
            assert_string_equal(value, rows[i].content_range);
    }
}

static void test_address_is_checked_byte_for_byte(void **state)
{
    size_t host_size = strlen(ASSETS);
    char changed[5000];
    (void)state;

    assert_redirect(GITHUB "/releases/download/1.10.0/main.bin", NULL);
    for (size_t i = host_size + 1; i < strlen(location); i += 37) {
        strcpy(changed, location);
        changed[i] = changed[i] == 'x' ? 'y' : 'x';
        assert_status(changed, 403);
    }
    snprintf(changed, sizeof(changed), "%s&more=1", location);
    assert_status(changed, 403);
    char *escape = strstr(strcpy(changed, location), "%3A");
    escape[2] = 'a'; /* the same to a URL parser, other bytes */
    assert_status(changed, 403);
    assert_status(ASSETS "/owner/app/1.10.0/main.bin", 403);
    assert_status(location, 200);
}

static void test_missing_files(void **state)
{
    (void)state;
    assert_status(GITHUB "/releases/download/1.10.0/other.bin", 404);
    assert_status(GITHUB "/releases/download/7.7.7/main.bin", 404);
    assert_status(GITHUB "/releases/download/1.10.0/folder", 404);
    serve_process_put(&process, "owner/app/1.9.0/gone.bin", "1", 1);
    assert_redirect(GITHUB "/releases/download/1.9.0/gone.bin", NULL);
    char path[1024];
    snprintf(path, sizeof(path), "%s/owner/app/1.9.0/gone.bin", process.root);
    assert_int_equal(unlink(path), 0);
    assert_status(location, 404);
}

static void test_nothing_outside_the_root_is_served(void **state)
{
    static const char *const paths[] = {
        "/owner/app/releases/download/1.10.0/../../../../secret",
        "/owner/app/releases/download/../secret",
        "/owner/app/releases/download/1.10.0/..",
        "/owner/app/releases/download/%2e%2e/secret",
        "/owner/app/releases/download/1.10.0/..%2f..%2f..%2f..%2fsecret",
        "/owner/app/releases/download/1.10.0/link.bin",
        "/owner/app/releases/download/linked/secret",
        "/../../releases/download/state/secret",
        "/owner/app/releases/download/1.10.0/.hidden",
        "//app/releases/download/1.10.0/main.bin",
        "/owner/app/releases/tag/..",
        "/owner/..%00/releases/latest",
    };
    char url[256];
    (void)state;

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        snprintf(url, sizeof(url), "https://github.com%s", paths[i]);
        assert_status(url, 404);
        snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", process.plain_port, paths[i]);
        assert_status(url, 404);
    }
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/../owner/app/1.10.0/main.bin",
             process.plain_port);
    assert_status(url, 404);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/%%2e%%2e/secret", process.plain_port);
    assert_status(url, 404);
}

static void test_emergency_files_over_plain_http(void **state)
{
    char url[128];
    (void)state;

    snprintf(url, sizeof(url), "http://127.0.0.1:%u/otaboot.bin", process.plain_port);
    get(url, NULL);
    assert_int_equal(reply.status, 200);
    assert_memory_equal(reply.body, main_bin, 5000);
    get(url, "4096-8191");
    assert_int_equal(reply.status, 206);
    assert_int_equal(reply.body_size, 904);
    assert_memory_equal(reply.body, main_bin + 4096, 904);
}

/* An app update costs two handshakes: one per host. */
static void test_connections_are_kept_and_counted(void **state)
{
    unsigned handshakes = serve_process_log_count(&process, "\"handshake\":true");
    (void)state;

    https_client_reset(&client);
    assert_redirect(GITHUB "/releases/latest", NULL);
    assert_int_equal(reply.connects, 1);
    for (int i = 0; i < 3; i++) {
        assert_redirect(GITHUB "/releases/download/1.10.0/main.bin", NULL);
        assert_int_equal(reply.connects, 0);
    }
    for (int i = 0; i < 10; i++) {
        get(location, "0-4095");
        assert_int_equal(reply.connects, i == 0);
    }
    https_client_reset(&client);
    assert_redirect(GITHUB "/releases/latest", NULL); /* orders the log behind the rest */
    assert_redirect(GITHUB "/releases/latest", NULL);
    assert_int_equal(serve_process_log_count(&process, "\"handshake\":true"), handshakes + 3);
    assert_int_equal(serve_process_log_count(&process, "\"file\":\"owner/app/1.10.0/main.bin\","
                                                       "\"range_first\":0,\"status\":206,"
                                                       "\"bytes\":4096") >= 10,
                     1);
    /* The query of an address is a key to a file: it is in no log. */
    assert_int_equal(serve_process_log_count(&process, "sp=r"), 0);
}

static int connect_raw(uint16_t port)
{
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&place, sizeof(place)), 0);
    return fd;
}

/* Status that the plain host gives to raw bytes; 0 = closed without an answer. */
static int raw_status(const char *bytes, size_t size)
{
    char answer[256] = "";
    int fd = connect_raw(process.plain_port);

    assert_int_equal(send(fd, bytes, size, MSG_NOSIGNAL), size);
    ssize_t received = recv(fd, answer, sizeof(answer) - 1, MSG_WAITALL);
    close(fd);
    return received > 12 ? (int)strtol(answer + strlen("HTTP/1.1 "), NULL, 10) : 0;
}

static void test_bad_requests_are_refused(void **state)
{
    static char long_request[20000];
    (void)state;

    memset(long_request, 'a', sizeof(long_request));
    memcpy(long_request, "GET /", 5);
    assert_int_equal(raw_status(long_request, sizeof(long_request)), 431);
    assert_int_equal(raw_status("nonsense\r\n\r\n", 12), 400);
    assert_int_equal(raw_status("GET / HTTP/2.0\r\n\r\n", 18), 400);
    assert_int_equal(raw_status("GET /\0 HTTP/1.1\r\n\r\n", 19), 400);
    assert_int_equal(raw_status("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", 41), 405);
    assert_int_equal(raw_status("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 46), 400);
    assert_int_equal(raw_status("GET /otaboot.bin HTTP/1.0\n\n", 27), 200);
}

static void test_an_unknown_host_name_is_refused(void **state)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Host: example.com");
    (void)state;

    curl_easy_setopt(client.curl, CURLOPT_HTTPHEADER, headers);
    assert_status(GITHUB "/releases/latest", 421);
    https_client_reset(&client);
    curl_slist_free_all(headers);
}

/* A device that carries an intermediate as its anchor, or the roots alone. */
static void test_chains_end_at_roots_or_intermediates(void **state)
{
    static const char *const ecc[] = {"ecc-intermediate", NULL};
    static const char *const rsa[] = {"rsa-intermediate", NULL};
    struct https_client other;
    (void)state;

    assert_redirect(GITHUB "/releases/download/1.10.0/main.bin", NULL);
    https_client_init(&other, &process, ecc);
    https_get(&other, GITHUB "/releases/latest", NULL, BODY_MAX, &reply);
    assert_int_equal(reply.result, CURLE_OK);
    https_get(&other, location, NULL, BODY_MAX, &reply);
    assert_int_equal(reply.result, CURLE_PEER_FAILED_VERIFICATION);
    https_client_free(&other);
    https_client_init(&other, &process, rsa);
    https_get(&other, location, NULL, BODY_MAX, &reply);
    assert_int_equal(reply.result, CURLE_OK);
    https_get(&other, GITHUB "/releases/latest", NULL, BODY_MAX, &reply);
    assert_int_equal(reply.result, CURLE_PEER_FAILED_VERIFICATION);
    https_client_free(&other);
}

static void test_tls_1_2_and_1_3(void **state)
{
    static const long versions[] = {CURL_SSLVERSION_TLSv1_2 | CURL_SSLVERSION_MAX_TLSv1_2,
                                    CURL_SSLVERSION_TLSv1_3};
    (void)state;

    for (int i = 0; i < 2; i++) {
        https_client_reset(&client);
        curl_easy_setopt(client.curl, CURLOPT_SSLVERSION, versions[i]);
        assert_redirect(GITHUB "/releases/download/1.10.0/main.bin", NULL);
        get(location, "0-9");
        assert_int_equal(reply.status, 206);
    }
    https_client_reset(&client);
}

static void root_read(char text[4096])
{
    char path[2 * SERVE_PROCESS_PATH_SIZE];

    snprintf(path, sizeof(path), "%s/ca/ecc-root.pem", process.state);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, 4095, file)] = '\0';
    fclose(file);
}

static void test_state_is_kept_private_and_used_again(void **state)
{
    char before[4096], after[4096];
    char path[2 * SERVE_PROCESS_PATH_SIZE];
    struct stat status;
    (void)state;

    snprintf(path, sizeof(path), "%s/keys/rsa-root.key", process.state);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_redirect(GITHUB "/releases/download/1.10.0/main.bin", NULL);
    root_read(before);
    time_t start = time(NULL);
    assert_int_equal(serve_process_stop(&process), 0); /* with a connection kept open */
    assert_true(time(NULL) - start < 5);
    https_client_free(&client);
    serve_process_start(&process);
    root_read(after);
    assert_string_equal(before, after);
    static const char *const roots[] = {"ecc-root", "rsa-root", NULL};
    https_client_init(&client, &process, roots);
    assert_status(location, 200); /* an address outlives a restart */
}

static void test_start_errors_are_told(void **state)
{
    static const char *const none[] = {"--port", "0", NULL};
    static const char *const bad_fault[] = {"--fault", "no-such-fault", NULL};
    char port[8];
    const char *taken[] = {"--port", port, NULL};
    struct serve_process other;
    (void)state;

    assert_int_equal(serve_process_run(&process, none), 1); /* the state folder is in use */
    assert_status(GITHUB "/releases", 200);
    serve_process_init(&other);
    snprintf(port, sizeof(port), "%u", process.release_port);
    assert_int_equal(serve_process_run(&other, taken), 1);     /* the port is in use */
    assert_int_equal(serve_process_run(&other, bad_fault), 2); /* before keys are made */
    assert_int_equal(access(other.state, F_OK), -1);
    assert_int_equal(rmdir(other.root), 0);
    assert_int_equal(serve_process_run(&other, taken), 5); /* no such folder */
    serve_process_free(&other);
}

static int group_setup(void **state)
{
    static const char *const roots[] = {"ecc-root", "rsa-root", NULL};
    char path[2 * SERVE_PROCESS_PATH_SIZE], target[2 * SERVE_PROCESS_PATH_SIZE];
    (void)state;

    for (size_t i = 0; i < MAIN_SIZE; i++)
        main_bin[i] = (uint8_t)(i * 2654435761u >> 13);
    serve_process_init(&process);
    serve_process_put(&process, "owner/app/1.9.0/main.bin", "old", 3);
    serve_process_put(&process, "owner/app/1.10.0/main.bin", main_bin, MAIN_SIZE);
    serve_process_put(&process, "owner/app/1.10.0/certs.sector.sig", "sig", 3);
    serve_process_put(&process, "owner/app/1.10.0/.hidden", "x", 1);
    serve_process_put(&process, "owner/app/1.10.0/folder/x", "x", 1);
    serve_process_put(&process, "owner/app/2.0.0-rc.9/main.bin", "9", 1);
    serve_process_put(&process, "owner/app/2.0.0-rc.10/main.bin", "10", 2);
    serve_process_put(&process, "owner/beta-only/0.1.0-a/main.bin", "b", 1);
    serve_process_put(&process, "emergency/otaboot.bin", main_bin, 5000);
    serve_process_put(&process, "../secret", "secret", 6);
    snprintf(target, sizeof(target), "%s/secret", process.folder);
    snprintf(path, sizeof(path), "%s/owner/app/1.10.0/link.bin", process.root);
    assert_int_equal(symlink(target, path), 0);
    snprintf(path, sizeof(path), "%s/owner/app/linked", process.root);
    assert_int_equal(symlink(process.folder, path), 0);
    snprintf(path, sizeof(path), "%s/emergency/link.bin", process.root);
    assert_int_equal(symlink(target, path), 0);
    serve_process_start(&process);
    https_client_init(&client, &process, roots);
    return 0;
}

static int group_teardown(void **state)
{
    (void)state;
    https_reply_free(&reply);
    https_client_free(&client);
    int code = serve_process_stop(&process);
    serve_process_free(&process);
    return code;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_latest_is_the_newest_stable_version),
        cmocka_unit_test(test_a_new_release_is_served_at_once),
        cmocka_unit_test(test_feed_lists_pre_releases_newest_first),
        cmocka_unit_test(test_pages_link_releases_and_files),
        cmocka_unit_test(test_sizes_are_those_of_github),
        cmocka_unit_test(test_whole_file_and_ranges),
        cmocka_unit_test(test_address_is_checked_byte_for_byte),
        cmocka_unit_test(test_missing_files),
        cmocka_unit_test(test_nothing_outside_the_root_is_served),
        cmocka_unit_test(test_emergency_files_over_plain_http),
        cmocka_unit_test(test_connections_are_kept_and_counted),
        cmocka_unit_test(test_bad_requests_are_refused),
        cmocka_unit_test(test_an_unknown_host_name_is_refused),
        cmocka_unit_test(test_chains_end_at_roots_or_intermediates),
        cmocka_unit_test(test_tls_1_2_and_1_3),
        cmocka_unit_test(test_state_is_kept_private_and_used_again),
        cmocka_unit_test(test_start_errors_are_told),
    };

    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
