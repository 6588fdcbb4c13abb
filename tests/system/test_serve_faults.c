// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: every fault of `lcm serve` does what its line in --help says, only where and as
 * often as its scope says, and is gone after "clear".
 * Method: one server; each test sets faults through the control socket, asks with
 * libcurl and looks at the raw headers, the body, the time or the TLS result.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/https_client.h"

#define MAIN_SIZE 50000u
#define BODY_MAX (1u << 20)
#define GITHUB "https://github.com/owner/app"
#define LATEST GITHUB "/releases/latest"
#define DOWNLOAD GITHUB "/releases/download/1.0.0/main.bin"

static struct serve_process process;
static struct https_client client;
static struct https_reply reply;
static uint8_t main_bin[MAIN_SIZE];
static char location[4096];

static void set(const char *fault)
{
    assert_string_equal(serve_process_tell(&process, fault), "ok");
}

static CURLcode get(const char *url, const char *range)
{
    https_get(&client, url, range, BODY_MAX, &reply);
    return reply.result;
}

static void assert_status(const char *url, long status)
{
    assert_int_equal(get(url, NULL), CURLE_OK);
    assert_int_equal(reply.status, status);
}

static void assert_location(const char *url, const char *target)
{
    assert_status(url, 302);
    assert_true(https_header(&reply, "Location", location, sizeof(location)));
    if (target != NULL)
        assert_string_equal(location, target);
}

static void test_header_names_in_lower_case(void **state)
{
    (void)state;
    set("lower-case-headers@release");
    assert_location(LATEST, GITHUB "/releases/tag/1.0.0");
    for (const char *line = strchr(reply.headers, '\n') + 1; *line > '\r';) {
        for (; *line != ':'; line++)
            assert_false(isupper((unsigned char)*line));
        line = strchr(line, '\n') + 1;
    }
}

static void test_headers_in_another_order(void **state)
{
    static char first[HTTPS_HEADERS_SIZE];
    char value[64];
    bool differs = false;
    (void)state;

    set("shuffled-headers");
    for (int i = 0; i < 8; i++) {
        assert_location(LATEST, GITHUB "/releases/tag/1.0.0");
        assert_true(https_header(&reply, "Content-Length", value, sizeof(value)));
        if (i == 0)
            strcpy(first, reply.headers);
        /* Names only: cookies are random anyway. */
        differs = differs || strncmp(first + 20, reply.headers + 20, 12) != 0;
    }
    assert_true(differs);
}

static void test_huge_headers(void **state)
{
    (void)state;
    set("huge-headers=40000");
    assert_location(LATEST, GITHUB "/releases/tag/1.0.0");
    assert_in_range(reply.header_size, 44000, 47000);
    assert_true(strstr(reply.headers, "X-Padding") < strstr(reply.headers, "Location"));
    set("clear");
    set("huge-headers");
    assert_location(LATEST, NULL);
    assert_in_range(reply.header_size, 70000, 73000);
}

static void test_chunked_bodies(void **state)
{
    char value[64];
    (void)state;

    assert_location(DOWNLOAD, NULL);
    set("chunked");
    assert_status(location, 200);
    assert_true(https_header(&reply, "Transfer-Encoding", value, sizeof(value)));
    assert_false(https_header(&reply, "Content-Length", value, sizeof(value)));
    assert_int_equal(reply.body_size, MAIN_SIZE);
    assert_memory_equal(reply.body, main_bin, MAIN_SIZE);
    assert_int_equal(get(location, "1-3"), CURLE_OK);
    assert_int_equal(reply.connects, 0);
    assert_int_equal(reply.body_size, 3);
}

static void test_content_length_lies(void **state)
{
    char value[64];
    (void)state;

    assert_location(DOWNLOAD, NULL);
    set("content-length=4294967296@asset");
    assert_int_equal(get(location, NULL), CURLE_PARTIAL_FILE);
    assert_true(https_header(&reply, "Content-Length", value, sizeof(value)));
    assert_string_equal(value, "4294967296");
    set("content-length@asset");
    assert_status(location, 200);
    assert_false(https_header(&reply, "Content-Length", value, sizeof(value)));
    assert_int_equal(reply.body_size, MAIN_SIZE);
}

static void test_redirects_elsewhere(void **state)
{
    (void)state;
    set("redirect-http");
    assert_location(LATEST, "http://github.com/owner/app/releases/tag/1.0.0");
    set("clear redirect-http");
    set("redirect-host=evil.example");
    assert_location(LATEST, "https://evil.example/owner/app/releases/tag/1.0.0");
    set("clear");
    set("redirect-loop");
    assert_location(DOWNLOAD, DOWNLOAD);
    set("clear");
    set("no-location");
    assert_status(DOWNLOAD, 302);
    assert_false(https_header(&reply, "Location", location, sizeof(location)));
}

static void test_statuses(void **state)
{
    char value[64];
    (void)state;

    set("status=503:7~main.bin*2");
    assert_location(LATEST, NULL);
    for (int i = 0; i < 2; i++) {
        assert_status(DOWNLOAD, 503);
        assert_true(https_header(&reply, "Retry-After", value, sizeof(value)));
        assert_string_equal(value, "7");
    }
    assert_location(DOWNLOAD, NULL);
    set("status=429@asset");
    assert_status(location, 429);
    assert_false(https_header(&reply, "Retry-After", value, sizeof(value)));
    assert_location(LATEST, NULL);
    set("404@release");
    assert_status(LATEST, 404);
    set("clear 404");
    assert_location(LATEST, NULL);
}

static void test_addresses_expire(void **state)
{
    (void)state;
    set("url-expiry=1");
    assert_location(DOWNLOAD, NULL);
    assert_int_equal(strlen(location), 894);
    set("url-expiry=0");
    assert_location(DOWNLOAD, NULL);
    assert_status(location, 618);
    assert_non_null(strstr(reply.headers, "HTTP/1.1 618 jwt:expired\r\n"));
    set("clear");
    assert_location(DOWNLOAD, NULL);
    set("expired-url*1");
    assert_status(location, 618);
    assert_status(location, 200);
    set("url-not-before=100");
    assert_location(DOWNLOAD, NULL);
    assert_status(location, 400);
}

static void test_wrong_ranges(void **state)
{
    char value[64];
    (void)state;

    assert_location(DOWNLOAD, NULL);
    set("wrong-range");
    get(location, "4096-8191");
    assert_true(https_header(&reply, "Content-Range", value, sizeof(value)));
    assert_string_equal(value, "bytes 8192-12287/50000");
    set("wrong-range=total");
    get(location, "4096-8191");
    assert_true(https_header(&reply, "Content-Range", value, sizeof(value)));
    assert_string_equal(value, "bytes 4096-8191/50001");
    set("wrong-range=missing");
    get(location, "4096-8191");
    assert_int_equal(reply.status, 206);
    assert_false(https_header(&reply, "Content-Range", value, sizeof(value)));
    set("clear");
    set("ignore-range");
    get(location, "4096-8191");
    assert_int_equal(reply.status, 200);
    char *raw = strstr(reply.headers, "Content-Length: 50000");
    assert_non_null(raw);
}

static void test_a_body_is_cut(void **state)
{
    (void)state;
    assert_location(DOWNLOAD, NULL);
    set("truncate=12345*1");
    assert_location(DOWNLOAD, NULL); /* has no body: does not count */
    assert_int_not_equal(get(location, NULL), CURLE_OK);
    assert_int_equal(reply.body_size, 12345);
    assert_memory_equal(reply.body, main_bin, 12345);
    assert_status(location, 200);
    assert_int_equal(reply.connects, 1);
}

static void test_a_byte_is_wrong(void **state)
{
    (void)state;
    assert_location(DOWNLOAD, NULL);
    set("flip-byte=40000*1");
    get(location, "0-39999"); /* without the byte: does not count */
    assert_memory_equal(reply.body, main_bin, 40000);
    get(location, "36864-40959");
    assert_int_equal(reply.body_size, 4096);
    assert_int_equal((uint8_t)reply.body[40000 - 36864], main_bin[40000] ^ 1);
    reply.body[40000 - 36864] ^= 1;
    assert_memory_equal(reply.body, main_bin + 36864, 4096);
    get(location, "36864-40959");
    assert_memory_equal(reply.body, main_bin + 36864, 4096);
}

static void test_a_slow_body(void **state)
{
    (void)state;
    assert_location(DOWNLOAD, NULL);
    set("slow=10000@asset");
    get(location, "0-4999");
    assert_int_equal(reply.body_size, 5000);
    assert_true(reply.seconds > 0.4 && reply.seconds < 2.0);
}

static void test_an_endless_body(void **state)
{
    char value[64];
    (void)state;

    assert_location(DOWNLOAD, NULL);
    set("endless-body");
    assert_int_equal(get(location, NULL), CURLE_WRITE_ERROR);
    assert_int_equal(reply.body_size, BODY_MAX);
    assert_false(https_header(&reply, "Content-Length", value, sizeof(value)));
    assert_memory_equal(reply.body, main_bin, MAIN_SIZE);
}

static void test_connections_end_after_some_requests(void **state)
{
    char value[64];
    (void)state;

    https_client_reset(&client);
    set("close-after=2@release");
    for (int i = 0; i < 4; i++) {
        assert_location(LATEST, NULL);
        assert_int_equal(reply.connects, i % 2 == 0);
        assert_false(https_header(&reply, "Connection", value, sizeof(value)));
    }
}

/* A peer that opens a connection and says nothing. */
static void test_slow_handshakes_are_ended(void **state)
{
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(process.asset_port)};
    struct timespec start, end;
    char byte;
    (void)state;

    set("handshake-limit=1");
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&place, sizeof(place)), 0);
    clock_gettime(CLOCK_MONOTONIC, &start);
    struct pollfd item = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&item, 1, 5000), 1);
    assert_true(recv(fd, &byte, 1, 0) <= 0);
    clock_gettime(CLOCK_MONOTONIC, &end);
    close(fd);
    double seconds =
        (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
    assert_true(seconds > 0.9 && seconds < 3.0);
    https_client_reset(&client);
    assert_location(LATEST, NULL); /* a quick one succeeds */
    assert_int_equal(serve_process_log_count(&process, "\"reason\":\"time limit\""), 1);
}

/* Results of a fresh connection to each host. */
static void assert_hosts(CURLcode release, CURLcode asset)
{
    https_client_reset(&client);
    assert_int_equal(get(LATEST, NULL), release);
    assert_int_equal(get(location, NULL), asset);
}

static void test_untrusted_certificates(void **state)
{
    static const char *const faults[] = {"wrong-ca", "wrong-name", "expired-cert", "new-ca"};
    char line[64];
    (void)state;

    assert_location(DOWNLOAD, NULL);
    for (size_t i = 0; i < 4; i++) {
        set(faults[i]);
        assert_hosts(CURLE_PEER_FAILED_VERIFICATION, CURLE_PEER_FAILED_VERIFICATION);
        set("clear");
        snprintf(line, sizeof(line), "%s@asset", faults[i]);
        set(line);
        assert_hosts(CURLE_OK, CURLE_PEER_FAILED_VERIFICATION);
        set("clear");
        assert_hosts(CURLE_OK, CURLE_OK);
    }
}

/* Why each certificate is refused: a check that is weaker in one point accepts it. */
static void test_certificate_faults_are_the_named_ones(void **state)
{
    (void)state;
    set("wrong-name");
    https_client_reset(&client);
    curl_easy_setopt(client.curl, CURLOPT_SSL_VERIFYHOST, 0L);
    assert_int_equal(get(LATEST, NULL), CURLE_OK);
    assert_int_equal(get(location, NULL), CURLE_OK);
    set("clear");
    set("expired-cert");
    https_client_reset(&client);
    assert_int_equal(get(LATEST, NULL), CURLE_PEER_FAILED_VERIFICATION);
    long result = 0;
    curl_easy_getinfo(client.curl, CURLINFO_SSL_VERIFYRESULT, &result);
    assert_int_equal(result, 10); /* X509_V_ERR_CERT_HAS_EXPIRED */
    set("clear");
    set("wrong-ca");
    https_client_reset(&client);
    assert_int_equal(get(LATEST, NULL), CURLE_PEER_FAILED_VERIFICATION);
    curl_easy_getinfo(client.curl, CURLINFO_SSL_VERIFYRESULT, &result);
    assert_int_not_equal(result, 10);
}

static void test_the_new_authority_can_be_trusted(void **state)
{
    static const char *const names[] = {"new-ecc-root", "new-rsa-root", NULL};
    struct https_client other;
    (void)state;

    assert_location(DOWNLOAD, NULL);
    set("new-ca");
    https_client_init(&other, &process, names);
    https_get(&other, LATEST, NULL, BODY_MAX, &reply);
    assert_int_equal(reply.result, CURLE_OK);
    https_get(&other, location, NULL, BODY_MAX, &reply);
    assert_int_equal(reply.result, CURLE_OK);
    https_client_free(&other);
}

static void test_control_lines_are_checked(void **state)
{
    static const char *const bad[] = {"nothing",   "slow",           "slow=x",   "404=1",
                                      "status=99", "slow=1@nowhere", "slow=1*0", "clear nothing",
                                      "",          "slow=1*"};
    const char *const send_clear[] = {"--send", "clear", NULL};
    const char *const send_bad[] = {"--send", "nothing", NULL};
    (void)state;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(strncmp(serve_process_tell(&process, bad[i]), "error: ", 7), 0);
    assert_location(LATEST, NULL);
    set("404");
    assert_status(LATEST, 404);
    assert_int_equal(serve_process_log_count(&process, "\"status\":404,") >= 1, 1);
    assert_int_equal(serve_process_log_count(&process, "\"faults\":[\"404\"]") >= 1, 1);
    assert_int_equal(serve_process_run(&process, send_clear), 0);
    assert_location(LATEST, NULL);
    assert_int_equal(serve_process_run(&process, send_bad), 2); /* as --fault */
}

static int clear_faults(void **state)
{
    (void)state;
    set("clear");
    return 0;
}

static int group_setup(void **state)
{
    static const char *const roots[] = {"ecc-root", "rsa-root", NULL};
    (void)state;

    for (size_t i = 0; i < MAIN_SIZE; i++)
        main_bin[i] = (uint8_t)(i * 2654435761u >> 13);
    serve_process_init(&process);
    serve_process_put(&process, "owner/app/1.0.0/main.bin", main_bin, MAIN_SIZE);
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

#define FAULT_TEST(name) cmocka_unit_test_setup(name, clear_faults)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAULT_TEST(test_header_names_in_lower_case),
        FAULT_TEST(test_headers_in_another_order),
        FAULT_TEST(test_huge_headers),
        FAULT_TEST(test_chunked_bodies),
        FAULT_TEST(test_content_length_lies),
        FAULT_TEST(test_redirects_elsewhere),
        FAULT_TEST(test_statuses),
        FAULT_TEST(test_addresses_expire),
        FAULT_TEST(test_wrong_ranges),
        FAULT_TEST(test_a_body_is_cut),
        FAULT_TEST(test_a_byte_is_wrong),
        FAULT_TEST(test_a_slow_body),
        FAULT_TEST(test_an_endless_body),
        FAULT_TEST(test_connections_end_after_some_requests),
        FAULT_TEST(test_slow_handshakes_are_ended),
        FAULT_TEST(test_untrusted_certificates),
        FAULT_TEST(test_certificate_faults_are_the_named_ones),
        FAULT_TEST(test_the_new_authority_can_be_trusted),
        FAULT_TEST(test_control_lines_are_checked),
    };

    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
