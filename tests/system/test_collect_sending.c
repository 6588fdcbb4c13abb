// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: what leaves the collector is right: messages passed on, alerts told once, metrics; and TLS
 * as a way in. Method: a second collector, a webhook and a command of the test, GnuTLS as the
 * client; /metrics goes through a strict parser of the text format, and every metric the example
 * rules and the dashboard name must be there.
 */
#include <ctype.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>

#include "tests/lib/fixture_collector.h"
#include "tests/lib/fixture_port.h"

static struct fixture_collector collector, other;

static int open_collectors(void **state)
{
    (void)state;
    fixture_collector_open(&collector);
    fixture_collector_open(&other);
    return 0;
}

static int close_collectors(void **state)
{
    (void)state;
    fixture_collector_close(&collector);
    fixture_collector_close(&other);
    return 0;
}

/* ---- passing on ---- */

static void passes_on(const char *protocol)
{
    char options[64];
    static const char line[] = "LCM 5ccf7f000002 UPDATE done main.bin 1.0.0 -> 1.1.0: installed";

    fixture_collector_start(&other, "");
    snprintf(options, sizeof(options), "--forward|%s:127.0.0.1:%u", protocol,
             strcmp(protocol, "udp") == 0 ? other.udp : other.tcp);
    fixture_collector_start(&collector, options);
    fixture_collector_report(&collector, "5ccf7f000001", "CHECK",
                             "ph=\"done\" rc=\"0\" app=\"1.0.0\" repo=\"me/lamp\"");
    fixture_collector_send(collector.broadcast, line, sizeof(line) - 1);
    fixture_collector_wait(&other, "/api/v1/summary", "devices", 2);
    assert_string_equal(fixture_collector_member(&other, "/api/v1/devices/5ccf7f000001", "repo"),
                        "me/lamp");
    assert_string_equal(fixture_collector_member(&other, "/api/v1/devices/5ccf7f000002", "app"),
                        "1.1.0");
    assert_int_equal(fixture_collector_metric(&collector, "lcm_forwarded_total"), 2);
}

static void test_passing_on_by_udp(void **state)
{
    (void)state;
    passes_on("udp");
}

static void test_passing_on_by_tcp(void **state)
{
    (void)state;
    passes_on("tcp");
}

/* The other side is away for a while: the own store goes on, nothing is sent twice. */
static void test_passing_on_waits(void **state)
{
    char options[96];
    unsigned port = fixture_free_port(SOCK_STREAM);

    (void)state;
    snprintf(options, sizeof(options), "--forward|tcp:127.0.0.1:%u", port);
    fixture_collector_start(&collector, options);
    fixture_collector_report(&collector, "5ccf7f000001", "CHECK", "ph=\"done\" rc=\"0\"");
    fixture_collector_wait(&collector, "/api/v1/summary", "problems", 1);
    assert_int_equal(fixture_collector_number(&collector, "/api/v1/summary", "devices"), 1);
    snprintf(options, sizeof(options), "--tcp-port|%u", port);
    fixture_collector_start(&other, options);
    fixture_collector_wait(&other, "/api/v1/summary", "devices", 1);
    fixture_pause(300);
    assert_int_equal(fixture_collector_number(&other, "/api/v1/devices/5ccf7f000001", "messages"),
                     1);
    assert_int_equal(fixture_collector_number(&collector, "/api/v1/summary", "problems"), 0);
}

/* ---- alerts ---- */

/* One HTTP request is taken and answered; its text. */
static char *hook_take(int listener, const char *answer)
{
    static char text[4096];
    size_t length = 0;
    int fd = accept(listener, NULL, NULL);

    text[0] = '\0';
    assert_true(fd >= 0);
    while (length < sizeof(text) - 1 && strchr(text, '}') == NULL) {
        ssize_t size = recv(fd, text + length, sizeof(text) - 1 - length, 0);
        if (size <= 0)
            break;
        length += (size_t)size;
        text[length] = '\0';
    }
    assert_int_equal(send(fd, answer, strlen(answer), 0), strlen(answer));
    close(fd);
    return text;
}

static int hook_listen(unsigned *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(at);
    struct timeval patience = {20, 0};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&at, size), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    *port = ntohs(at.sin_port);
    return fd;
}

static void test_alerts_are_sent_once(void **state)
{
    char options[400], path[128];
    unsigned port;
    int hook = hook_listen(&port);

    (void)state;
    snprintf(path, sizeof(path), "%s/alerts", collector.folder);
    snprintf(options, sizeof(options),
             "--webhook|http://127.0.0.1:%u/hook|--alert-command|cat >>%s; echo >>%s", port, path,
             path);
    fixture_collector_start(&collector, options);
    for (unsigned i = 0; i < 20; i++)
        fixture_collector_report(&collector, i % 2 ? "5ccf7f000001" : "5ccf7f000002", "CERTINVALID",
                                 "file=\"git$(id)hub.com\" ph=\"check\" rc=\"34\"");
    /* The first answer is a failure: it is tried again. */
    char *request = hook_take(hook, "HTTP/1.1 500 no\r\nContent-Length: 0\r\n\r\n");
    assert_non_null(strstr(request, "POST /hook"));
    request = hook_take(hook, "HTTP/1.1 200 ok\r\nContent-Length: 0\r\n\r\n");
    assert_non_null(strstr(request, "\"kind\":\"certificate-invalid\""));
    assert_non_null(strstr(request, "git$(id)hub.com"));
    fixture_collector_wait(&collector, "/api/v1/alerts", "alerts.0.notified", 1);
    fixture_collector_report(&collector, "5ccf7f000003", "CERTINVALID",
                             "file=\"git$(id)hub.com\" ph=\"check\" rc=\"34\"");
    fixture_pause(2500);
    assert_int_equal(fixture_collector_stop(&collector), 0);
    fixture_collector_start(&collector, options); /* a restart tells nothing again */
    fixture_pause(2500);
    char *told = fixture_read_file(path, NULL);
    assert_non_null(strstr(told, "git$(id)hub.com")); /* no shell saw it */
    assert_null(strstr(strstr(told, "\"kind\"") + 1, "\"kind\""));
    free(told);
    close(hook);
}

static unsigned count_of(const char *path, const char *word)
{
    char *text = fixture_read_file(path, NULL);
    unsigned count = 0;

    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word))
        count++;
    free(text);
    return count;
}

/* One way out fails for ever: the other is told everything, and each thing once. */
static void test_ways_out_fail_apart(void **state)
{
    char options[400], path[128];
    unsigned port;
    int hook = hook_listen(&port);

    (void)state;
    snprintf(path, sizeof(path), "%s/alerts", collector.folder);
    snprintf(options, sizeof(options),
             "--webhook|http://127.0.0.1:%u/hook|--alert-command|cat >>%s; exit 1", port, path);
    fixture_collector_start(&collector, options);
    fixture_collector_report(&collector, "5ccf7f000001", "CERTINVALID",
                             "file=\"a.com\" ph=\"check\"");
    char *request = hook_take(hook, "HTTP/1.1 200 ok\r\nContent-Length: 0\r\n\r\n");
    assert_non_null(strstr(request, "a.com"));
    for (uint64_t end_ms = fixture_now_ms() + 20000;
         access(path, R_OK) != 0 || count_of(path, "\"subject\":\"a.com\"") < 2;) {
        fixture_pause(100); /* the command is tried again */
        assert_true(fixture_now_ms() < end_ms);
    }
    fixture_collector_report(&collector, "5ccf7f000001", "CERTINVALID",
                             "file=\"b.com\" ph=\"check\"");
    request = hook_take(hook, "HTTP/1.1 200 ok\r\nContent-Length: 0\r\n\r\n");
    assert_non_null(strstr(request, "b.com"));
    assert_null(strstr(request, "a.com"));
    assert_true(fixture_collector_number(&collector, "/healthz", "problems") == 1);
    close(hook);
}

/* ---- Prometheus ---- */

static bool is_name(char c, bool is_first)
{
    return isalpha((unsigned char)c) || c == '_' || c == ':' ||
           (!is_first && isdigit((unsigned char)c));
}

/* One line of the text format 0.0.4, as its documentation tells; the name is copied out. */
static void parse_sample(const char *line, char name[128])
{
    const char *at = line;
    size_t length = 0;
    char *end;

    while (is_name(*at, length == 0) && length < 127)
        name[length++] = *at++;
    name[length] = '\0';
    if (*at == '{') {
        do {
            at++;
            if (!is_name(*at, true))
                fail_msg("no label: %s", line);
            while (is_name(*at, false))
                at++;
            if (at[0] != '=' || at[1] != '"')
                fail_msg("no value of a label: %s", line);
            for (at += 2; *at != '"'; at++) {
                if (*at == '\\' && strchr("\\\"n", at[1]) == NULL)
                    fail_msg("wrong escape: %s", line);
                at += *at == '\\';
                if (*at == '\0')
                    fail_msg("a label does not end: %s", line);
            }
            at++;
        } while (*at == ',');
        if (*at++ != '}')
            fail_msg("labels do not end: %s", line);
    }
    if (length == 0 || *at++ != ' ')
        fail_msg("no sample: %s", line);
    (void)strtod(at, &end);
    if (end == at || *end != '\0')
        fail_msg("no number: %s", line);
}

/* Families are not scattered, each has HELP and TYPE before its samples, no series comes twice. */
static void check_exposition(char *text)
{
    static char families[64][128];
    static const char *series[4000];
    size_t family_count = 0, series_count = 0;
    char name[128];

    assert_int_equal(text[strlen(text) - 1], '\n');
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (strncmp(line, "# HELP ", 7) == 0) {
            assert_true(family_count < 64);
            snprintf(families[family_count], 128, "%.*s", (int)strcspn(line + 7, " "), line + 7);
            for (size_t i = 0; i < family_count; i++)
                assert_string_not_equal(families[i], families[family_count]);
            family_count++;
            continue;
        }
        if (strncmp(line, "# TYPE ", 7) == 0) {
            const char *type = strrchr(line, ' ') + 1;
            assert_int_equal(
                strncmp(line + 7, families[family_count - 1], strlen(families[family_count - 1])),
                0);
            assert_true(strcmp(type, "counter") == 0 || strcmp(type, "gauge") == 0);
            continue;
        }
        parse_sample(line, name);
        assert_string_equal(name, families[family_count - 1]);
        size_t key = (size_t)(strrchr(line, ' ') - line);
        for (size_t i = 0; i < series_count; i++) {
            if (strncmp(series[i], line, key + 1) == 0)
                fail_msg("twice: %s", line);
        }
        series[series_count++] = line;
    }
    assert_true(family_count > 20);
}

static void check_names_of(const char *path, const char *metrics)
{
    char *example = fixture_read_file(path, NULL), head[160];
    unsigned found = 0;

    for (const char *at = example; (at = strstr(at, "lcm_")) != NULL;) {
        char name[128];
        size_t length = 0;
        while (length < 127 && is_name(at[length], length == 0)) {
            name[length] = at[length];
            length++;
        }
        name[length] = '\0';
        snprintf(head, sizeof(head), "# TYPE %s ", name);
        if (strstr(metrics, head) == NULL)
            fail_msg("%s names %s, which is not in /metrics", path, name);
        found++;
        at += length;
    }
    assert_true(found > 5);
    free(example);
}

static void test_metrics(void **state)
{
    (void)state;
    fixture_collector_start(&collector, "");
    fixture_collector_report(&collector, "5ccf7f000001", "UPDATE",
                             "ph=\"failed\" rc=\"7\" app=\"1.0.0\" repo=\"me/\\\"la\\\\mp\\]\"");
    fixture_collector_report(&collector, "5ccf7f000002", "CERTINVALID",
                             "ph=\"check\" rc=\"34\" file=\"a b\\\"c\"");
    fixture_collector_wait(&collector, "/api/v1/summary", "devices", 2);
    char *text = fixture_collector_text(&collector, "/metrics");
    check_names_of("examples/collector/prometheus-alerts.yml", text);
    check_names_of("examples/collector/grafana-dashboard.json", text);
    assert_non_null(strstr(text, "lcm_updates_total{repo=\"me/\\\"la\\\\mp]\",version=\"1.0.0\","
                                 "result=\"failed\",reason=\"CORRUPT\"} 1\n"));
    check_exposition(text);
    free(text);
    char *dashboard = fixture_read_file("examples/collector/grafana-dashboard.json", NULL);
    cJSON *json = cJSON_Parse(dashboard);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "panels")), 10);
    cJSON_Delete(json);
    free(dashboard);
}

/* ---- TLS ---- */

static void test_tls(void **state)
{
    char options[700], path[160], out[200];
    gnutls_certificate_credentials_t credentials;
    gnutls_session_t session;

    (void)state;
    snprintf(path, sizeof(path), "%s/tls", collector.folder);
    snprintf(out, sizeof(out), "%s/openssl.out", collector.folder);
    snprintf(options, sizeof(options),
             "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "
             "/CN=localhost -addext subjectAltName=DNS:localhost -keyout %s.key -out %s.pem",
             path, path);
    const char *const make[] = {"sh", "-c", options, NULL};
    assert_int_equal(fixture_process_run(make, out, 20000), 0);
    char start[600];
    snprintf(start, sizeof(start), "--tls-cert|%s.pem|--tls-key|%s.key|--tls-port|0", path, path);
    fixture_collector_start(&collector, start);
    int fd = fixture_collector_connect(collector.tls);
    snprintf(options, sizeof(options), "%s.pem", path);
    gnutls_certificate_allocate_credentials(&credentials);
    assert_int_equal(
        gnutls_certificate_set_x509_trust_file(credentials, options, GNUTLS_X509_FMT_PEM), 1);
    gnutls_init(&session, GNUTLS_CLIENT);
    gnutls_set_default_priority(session);
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
    gnutls_session_set_verify_cert(session, "localhost", 0);
    gnutls_transport_set_int(session, fd);
    assert_int_equal(gnutls_handshake(session), 0);
    for (unsigned i = 0; i < 200; i++) {
        char text[300];
        int size = snprintf(text, sizeof(text), "214 <13>sealed t: %-200u", i);
        assert_int_equal(gnutls_record_send(session, text, (size_t)size), size);
    }
    gnutls_bye(session, GNUTLS_SHUT_WR);
    fixture_collector_wait(&collector, "/api/v1/devices/sealed", "messages", 200);
    assert_int_equal(
        fixture_collector_metric(&collector, "lcm_messages_accepted_total{transport=\"tls\"}"),
        200);
    gnutls_deinit(session);
    gnutls_certificate_free_credentials(credentials);
    close(fd);
    fd = fixture_collector_connect(collector.tls); /* no TLS: closed, nothing taken */
    assert_int_equal(send(fd, "<13>clear t: x\n", 15, 0), 15);
    char byte[64];
    while (recv(fd, byte, sizeof(byte), 0) > 0) {
    }
    close(fd);
    free(fixture_collector_text(&collector, "/api/v1/devices/clear"));
    assert_int_equal(collector.status, 404);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_collectors, close_collectors)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_passing_on_by_udp),
        TEST(test_passing_on_by_tcp),
        TEST(test_passing_on_waits),
        TEST(test_alerts_are_sent_once),
        TEST(test_ways_out_fail_apart),
        TEST(test_metrics),
        TEST(test_tls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
