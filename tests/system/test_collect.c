// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the collector keeps its promises: a clean stop loses nothing, a kill nothing that was
 * accepted; a full disk, a damaged store, floods and many new devices have defined ends; the page
 * is safe to have.
 * Method: `lcm collect` as a child process, real sockets on loopback; the disk is made full by a
 * limit on the size of files, set and lifted from outside; what is in the store is asked of the
 * API and of `lcm devices` and `lcm events`.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <curl/curl.h>

#include "tests/lib/fixture_collector.h"
#include "tests/lib/fixture_lines.h"

static struct fixture_collector collector;

static int open_collector(void **state)
{
    (void)state;
    fixture_collector_open(&collector);
    return 0;
}

static int close_collector(void **state)
{
    (void)state;
    fixture_collector_close(&collector);
    return 0;
}

static double summary(const char *members)
{
    return fixture_collector_number(&collector, "/api/v1/summary", members);
}

/* ---- the ways in ---- */

static void test_every_way_in(void **state)
{
    static const char stream[] = "<13>alpha t: one\n15 <13>beta t: two<13>gamma t: no line feed";
    static const char lines[] = "VERSION: 2.2.6\nsignature valid: 1\n";
    int fd;

    (void)state;
    fixture_collector_start(&collector, "");
    fixture_collector_report(&collector, "5ccf7f000001", "CHECK",
                             "ph=\"done\" rc=\"0\" app=\"1.0.0\" repo=\"me/lamp\"");
    fixture_collector_send(collector.broadcast, lines, sizeof(lines) - 1);
    fd = fixture_collector_connect(collector.tcp);
    assert_int_equal(send(fd, stream, sizeof(stream) - 1, 0), sizeof(stream) - 1);
    close(fd);
    fixture_collector_wait(&collector, "/api/v1/summary", "messages.accepted", 6);
    assert_int_equal(summary("devices"), 5);
    assert_string_equal(
        fixture_collector_member(&collector, "/api/v1/devices/5ccf7f000001", "state"), "ok");
    assert_string_equal(fixture_collector_member(&collector, "/api/v1/devices/ip-127.0.0.1", "lcm"),
                        "2.2.6");
    assert_string_equal(fixture_collector_member(&collector, "/api/v1/devices/gamma", "last_text"),
                        "no line feed");
}

/* ---- nothing is lost ---- */

static void test_clean_stop_loses_nothing(void **state)
{
    char text[64];
    int fd;

    (void)state;
    fixture_collector_start(&collector, "--rate|0");
    fd = fixture_collector_connect(collector.tcp);
    for (unsigned i = 0; i < 3000; i++) {
        int size = snprintf(text, sizeof(text), "<13>tcp t: message %u\n", i);
        assert_int_equal(send(fd, text, (size_t)size, 0), size);
        size = snprintf(text, sizeof(text), "<13>udp t: message %u", i);
        fixture_collector_send(collector.udp, text, (size_t)size);
    }
    assert_int_equal(fixture_collector_stop(&collector), 0);
    close(fd);
    fixture_collector_start(&collector, "");
    assert_int_equal(fixture_collector_number(&collector, "/api/v1/devices/tcp", "messages"), 3000);
    assert_int_equal(fixture_collector_number(&collector, "/api/v1/devices/udp", "messages"), 3000);
}

/* Accepted = counted as accepted: then it is in the store, whatever happens. */
static void test_kill_loses_nothing_accepted(void **state)
{
    char text[128];

    (void)state;
    double kept = 0;
    for (unsigned round = 0; round < 4; round++) {
        fixture_collector_start(&collector, "--rate|0");
        int fd = fixture_collector_connect(collector.tcp);
        for (unsigned i = 0; i < 20000; i++) {
            int size = snprintf(text, sizeof(text), "<13>tcp t: round %u message %u\n", round, i);
            if (send(fd, text, (size_t)size, MSG_NOSIGNAL) != size)
                break;
        }
        uint64_t until_ms = fixture_now_ms() + 60 + 130 * round;
        double accepted = 0;
        while (accepted <= 0 || fixture_now_ms() < until_ms) {
            double now = fixture_collector_metric(&collector,
                                                  "lcm_messages_accepted_total{transport=\"tcp\"}");
            accepted = now > accepted ? now : accepted; /* an answer may be "too many requests" */
            fixture_pause(15);
        }
        fixture_collector_kill(&collector);
        close(fd);
        fixture_collector_start(&collector, "");
        double messages = fixture_collector_number(&collector, "/api/v1/devices/tcp", "messages");
        assert_true(messages >= kept + accepted);
        assert_true(accepted > 0);
        kept = messages;
        assert_int_equal(fixture_collector_stop(&collector), 0);
    }
}

static void limit_files(rlim_t size)
{
    struct rlimit limit = {size, RLIM_INFINITY};

    assert_int_equal(prlimit(collector.process.pid, RLIMIT_FSIZE, &limit, NULL), 0);
}

static void test_disk_full(void **state)
{
    char text[600];
    int fd;

    (void)state;
    fixture_collector_start(&collector, "--rate|0");
    fixture_collector_report(&collector, "5ccf7f000001", "CHECK", "ph=\"done\" rc=\"0\"");
    fixture_collector_wait(&collector, "/api/v1/summary", "messages.accepted", 1);
    limit_files(4096);
    fd = fixture_collector_connect(collector.tcp);
    for (unsigned i = 0; i < 500; i++) {
        int size = snprintf(text, sizeof(text), "<13>tcp t: message %u %0400u\n", i, i);
        assert_int_equal(send(fd, text, (size_t)size, 0), size);
    }
    fixture_collector_wait(&collector, "/healthz", "problems", 1);
    assert_int_equal(collector.status, 503);
    free(fixture_collector_text(&collector, "/healthz"));
    assert_int_equal(collector.status, 503);
    limit_files(RLIM_INFINITY);
    fixture_collector_wait(&collector, "/api/v1/summary", "messages.accepted", 501);
    assert_int_equal(fixture_collector_number(&collector, "/api/v1/devices/tcp", "messages"), 500);
    assert_string_equal(fixture_collector_member(&collector, "/healthz", "status"), "ok");
    close(fd);
}

/* A stop while nothing can be stored says so by its exit code. */
static void test_stop_with_a_full_disk(void **state)
{
    (void)state;
    fixture_collector_start(&collector, "");
    limit_files(1000);
    fixture_collector_report(&collector, "5ccf7f000001", "CHECK", "ph=\"done\" rc=\"0\"");
    fixture_collector_wait(&collector, "/healthz", "problems", 1);
    assert_int_equal(fixture_collector_stop(&collector), 7);
}

static void test_damaged_store(void **state)
{
    char noise[8192];

    (void)state;
    fixture_collector_start(&collector, "");
    for (unsigned i = 0; i < 300; i++)
        fixture_collector_report(&collector, "5ccf7f000001", "CHECK", "ph=\"done\" rc=\"0\"");
    fixture_collector_wait(&collector, "/api/v1/summary", "messages.accepted", 300);
    assert_int_equal(fixture_collector_stop(&collector), 0);
    memset(noise, 0x5A, sizeof(noise));
    FILE *file = fopen(collector.store, "r+");
    fwrite(noise, 1, sizeof(noise), file);
    fclose(file);
    fixture_collector_start(&collector, "");
    fixture_collector_report(&collector, "5ccf7f000002", "CHECK", "ph=\"done\" rc=\"0\"");
    fixture_collector_wait(&collector, "/api/v1/summary", "devices", 1);
    assert_int_equal(summary("problems"), 1);
    char *health = fixture_collector_text(&collector, "/healthz");
    assert_non_null(strstr(health, ".damaged-"));
    free(health);
}

/* Damage that is met while running: the batch at hand goes into the new store. */
static void test_store_damaged_while_running(void **state)
{
    char noise[4096], path[160];

    (void)state;
    fixture_collector_start(&collector, "");
    for (unsigned i = 0; i < 3000; i++) {
        char id[16];
        snprintf(id, sizeof(id), "5ccf7f%06x", i);
        fixture_collector_report(&collector, id, "CHECK", "ph=\"done\" rc=\"0\"");
    }
    fixture_collector_wait(&collector, "/api/v1/summary", "messages.accepted", 3000);
    assert_int_equal(fixture_collector_stop(&collector), 0);
    memset(noise, 0x5A, sizeof(noise));
    FILE *file = fopen(collector.store, "r+");
    for (long page = 12; page < 300; page++) { /* the schema stays good: it opens */
        fseek(file, page * 4096, SEEK_SET);
        fwrite(noise, 1, sizeof(noise), file);
    }
    fclose(file);
    fixture_collector_start(&collector, "");
    for (unsigned i = 0; i < 200; i++) {
        char id[16];
        snprintf(id, sizeof(id), "5ccf7f%06x", i * 14);
        fixture_collector_report(&collector, id, "CHECK", "ph=\"done\" rc=\"0\"");
    }
    fixture_collector_wait(&collector, "/api/v1/summary", "messages.accepted", 200);
    assert_int_equal(summary("devices"), 200);
    snprintf(path, sizeof(path), "%s.err", collector.output);
    char *errors = fixture_read_file(path, NULL);
    assert_non_null(strstr(errors, "was damaged"));
    free(errors);
}

/* ---- floods ---- */

static void test_many_new_devices(void **state)
{
    (void)state;
    fixture_collector_start(&collector, "--rate|20000");
    uint64_t begin_ms = fixture_now_ms();
    for (unsigned i = 0; i < 10000; i++) {
        char id[16];
        snprintf(id, sizeof(id), "5ccf7f%06x", i);
        fixture_collector_report(&collector, id, "CHECK",
                                 "ph=\"done\" rc=\"0\" app=\"1.0.0\" repo=\"me/lamp\"");
    }
    print_message("10000 devices sent in %u ms\n", (unsigned)(fixture_now_ms() - begin_ms));
    fixture_collector_wait(&collector, "/api/v1/summary", "devices", 10000);
    assert_int_equal(summary("states.ok"), 10000);
    assert_true(fixture_collector_metric(&collector, "lcm_resident_bytes") < 64e6);
}

static void test_floods_are_counted(void **state)
{
    (void)state;
    fixture_collector_start(&collector, "--rate|50|--devices-max|100");
    srand(3);
    for (unsigned i = 0; i < 3000; i++) {
        char noise[600];
        size_t size = (size_t)rand() % sizeof(noise);
        for (size_t k = 0; k < size; k++)
            noise[k] = (char)rand();
        memcpy(noise, "<13>1 ", 6);
        fixture_collector_send(collector.udp, noise, size > 6 ? size : 6);
    }
    for (unsigned i = 0; i < 300; i++) {
        char id[16];
        snprintf(id, sizeof(id), "5ccf7f%06x", i);
        fixture_collector_report(&collector, id, "CHECK", "ph=\"done\" rc=\"0\"");
    }
    int fd = fixture_collector_connect(collector.tcp);
    assert_int_equal(send(fd, "99999999999 x", 13, 0), 13);
    fixture_collector_wait(&collector, "/api/v1/summary", "messages.dropped.rate", 2000);
    fixture_collector_wait(&collector, "/api/v1/summary", "messages.dropped.malformed", 900);
    assert_true(summary("devices") <= 100);
    close(fd);
    assert_string_equal(fixture_collector_member(&collector, "/healthz", "status"), "ok");
}

/* ---- the page is safe to have ---- */

static long request(const char *method, const char *path, const char *header)
{
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = header != NULL ? curl_slist_append(NULL, header) : NULL;
    char url[256];
    long status = 0;

    snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", collector.page, path);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, tmpfile());
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return status;
}

static void test_page_on_loopback(void **state)
{
    static const char *const changing[] = {"POST", "PUT", "DELETE", "PATCH"};

    (void)state;
    fixture_collector_start(&collector, "");
    assert_int_equal(request("GET", "/", NULL), 200);
    assert_int_equal(request("GET", "/openapi.json", NULL), 200);
    assert_int_equal(request("GET", "/api/v1/summary", "Host: localhost:8514"), 200);
    assert_int_equal(request("GET", "/api/v1/summary", "Host: evil.example"), 421);
    /* Other sites may link here, and do nothing else. */
    assert_int_equal(request("GET", "/api/v1/summary", "Sec-Fetch-Site: same-origin"), 200);
    assert_int_equal(request("GET", "/api/v1/summary", "Sec-Fetch-Site: cross-site"), 403);
    assert_int_equal(
        request("GET", "/api/v1/export", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Dest: document"),
        403);
    assert_int_equal(request("GET", "/icon.svg", "Sec-Fetch-Site: cross-site"), 403);
    assert_int_equal(request("GET", "/", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Dest: document"),
                     200);
    assert_int_equal(request("GET", "/../collect.c", NULL), 404);
    assert_int_equal(request("GET", "/api/v1/devices/nobody", NULL), 404);
    assert_int_equal(request("GET", "/api/v1/devices?sort=id;DROP", NULL), 400);
    assert_int_equal(request("GET", "/api/v1/devices?state=%27", NULL), 400);
    for (size_t i = 0; i < sizeof(changing) / sizeof(changing[0]); i++)
        assert_int_equal(request(changing[i], "/api/v1/devices", NULL), 405);
}

static void test_page_elsewhere_asks_for_a_token(void **state)
{
    char path[160];

    (void)state;
    fixture_collector_start(&collector, "--page|0.0.0.0");
    assert_int_equal(request("GET", "/api/v1/summary", NULL), 401);
    assert_int_equal(request("GET", "/metrics", NULL), 401);
    assert_int_equal(request("GET", "/api/v1/export", NULL), 401);
    assert_int_equal(request("GET", "/api/v1/stream", NULL), 401);
    assert_int_equal(request("GET", "/api/v1/summary", "Authorization: Bearer 0123456789"), 401);
    assert_int_equal(request("GET", "/healthz", NULL), 200);
    snprintf(path, sizeof(path), "%s/token", collector.folder);
    char *token = fixture_read_file(path, NULL);
    snprintf(collector.token, sizeof(collector.token), "%.*s", (int)strcspn(token, "\n"), token);
    free(token);
    assert_int_equal(strlen(collector.token), 48);
    free(fixture_collector_text(&collector, "/api/v1/summary"));
    assert_int_equal(collector.status, 200);
    /* Strangers learn whether it works, not what is wrong. */
    assert_int_equal(fixture_collector_number(&collector, "/healthz", "problems"), 0);
    collector.token[0] = '\0';
    assert_string_equal(fixture_collector_member(&collector, "/healthz", "status"), "ok");
    assert_int_equal(fixture_collector_number(&collector, "/healthz", "problems"), -1);
    assert_int_equal(fixture_collector_stop(&collector), 0);
    assert_int_equal(chmod(path, 0644), 0);
    const char *const arguments[] = {
        fixture_lcm(), "collect", "--store", collector.store,    "--page", "0.0.0.0", "--page-port",
        "0",           "--port",  "0",       "--broadcast-port", "0",      NULL};
    assert_int_equal(fixture_process_run(arguments, collector.output, 10000), 4);
}

/* Connections of another address that ask for nothing: an IPv4 one of this machine. */
static int connect_idle(void)
{
    struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    inet_pton(AF_INET, "127.0.0.2", &from.sin_addr);
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    to.sin_port = htons((uint16_t)collector.page);
    assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

static void test_one_address_does_not_close_the_page(void **state)
{
    int idle[80];

    (void)state;
    fixture_collector_start(&collector, "--page|0.0.0.0");
    for (size_t i = 0; i < sizeof(idle) / sizeof(idle[0]); i++)
        idle[i] = connect_idle();
    fixture_pause(300);
    assert_int_equal(request("GET", "/healthz", NULL), 200);
    for (size_t i = 0; i < sizeof(idle) / sizeof(idle[0]); i++)
        close(idle[i]);
}

static void test_requests_are_limited(void **state)
{
    unsigned refused = 0;

    (void)state;
    fixture_collector_start(&collector, "");
    for (unsigned i = 0; i < 900; i++)
        refused += request("GET", "/icon.svg", NULL) == 429;
    assert_true(refused > 100);
}

/* ---- the command line ---- */

static void test_commands(void **state)
{
    struct fixture_lines lines = {.count = 0};
    const char *const devices[] = {fixture_lcm(), "devices",   "--store", collector.store,
                                   "--json",      "--trouble", NULL};
    const char *const events[] = {fixture_lcm(), "events",       "--store", collector.store,
                                  "--json",      "5ccf7f000002", NULL};
    const char *const nowhere[] = {fixture_lcm(), "devices", "--store", "/nowhere/fleet.db", NULL};

    (void)state;
    fixture_collector_start(&collector, "");
    fixture_collector_report(&collector, "5ccf7f000001", "CHECK", "ph=\"done\" rc=\"0\"");
    fixture_collector_report(&collector, "5ccf7f000002", "UPDATE", "ph=\"failed\" rc=\"7\"");
    fixture_collector_wait(&collector, "/api/v1/summary", "devices", 2);
    assert_int_equal(fixture_process_run(devices, collector.output, 10000), 0);
    fixture_lines_load(&lines, collector.output, 0);
    assert_int_equal(lines.count, 1);
    assert_string_equal(fixture_text(lines.list[0], "id"), "5ccf7f000002");
    assert_string_equal(fixture_text(lines.list[0], "error_result"), "CORRUPT");
    assert_int_equal(fixture_process_run(events, collector.output, 10000), 0);
    fixture_lines_load(&lines, collector.output, 0);
    assert_int_equal(lines.count, 1);
    assert_string_equal(fixture_text(lines.list[0], "event"), "UPDATE");
    fixture_lines_free(&lines);
    assert_int_equal(fixture_process_run(nowhere, collector.output, 10000), 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_collector, close_collector)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_way_in),
        TEST(test_clean_stop_loses_nothing),
        TEST(test_kill_loses_nothing_accepted),
        TEST(test_disk_full),
        TEST(test_stop_with_a_full_disk),
        TEST(test_damaged_store),
        TEST(test_store_damaged_while_running),
        TEST(test_many_new_devices),
        TEST(test_floods_are_counted),
        TEST(test_page_on_loopback),
        TEST(test_page_elsewhere_asks_for_a_token),
        TEST(test_one_address_does_not_close_the_page),
        TEST(test_requests_are_limited),
        TEST(test_commands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
