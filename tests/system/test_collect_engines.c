// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the collector works beside the engines of others: rsyslog before it, PostgreSQL under it,
 * MQTT beside it. Method: Debian's rsyslogd, postgres and mosquitto as processes of the test, in
 * folders of the test, on loopback; the example configuration of rsyslog with other ports.
 */
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <mosquitto.h>
#include <netinet/in.h>

#include "collector/auth.h"
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

static void wait_for_port(unsigned port)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    uint64_t end_ms = fixture_now_ms() + 20000;
    int result = -1;

    while (result != 0) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        result = connect(fd, (struct sockaddr *)&to, sizeof(to));
        close(fd);
        if (result != 0 && fixture_now_ms() > end_ms)
            fail_msg("nobody listens at port %u", port);
        if (result != 0)
            fixture_pause(50);
    }
}

/* Every occurrence of a text becomes another. */
static char *replaced(char *text, const char *from, const char *to)
{
    size_t count = 0;

    for (const char *at = text; (at = strstr(at, from)) != NULL; at += strlen(from))
        count++;
    if (count == 0)
        fail_msg("'%s' is not in the example", from);
    char *made = calloc(1, strlen(text) + count * strlen(to) + 1), *out = made;
    const char *at = text;
    for (const char *hit; (hit = strstr(at, from)) != NULL; at = hit + strlen(from))
        out += sprintf(out, "%.*s%s", (int)(hit - at), at, to);
    strcpy(out, at);
    free(text);
    return made;
}

/* ---- rsyslog ---- */

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define SIGNED_TAIL \
    "[lcm@32473 dev=\"5ccf7f00000a\" ph=\"done\" rc=\"0\"][meta sequenceId=\"4\" sysUpTime=\"9\"]"

static void test_rsyslog_between(void **state)
{
    char conf[128], pid[128], work[128], port[64], text[512];
    struct fixture_process rsyslogd;
    unsigned in = fixture_free_port(SOCK_DGRAM);

    (void)state;
    snprintf(conf, sizeof(conf), "%s/keys", collector.folder);
    fixture_write_file(conf, "5ccf7f00000a " KEY "\n", 13 + 64 + 1);
    chmod(conf, 0600);
    snprintf(text, sizeof(text), "--relay|127.0.0.1|--keys|%s", conf);
    fixture_collector_start(&collector, text);
    char *example = fixture_read_file("examples/collector/rsyslog.conf", NULL);
    snprintf(port, sizeof(port), "port=\"%u\"", collector.tcp);
    example = replaced(example, "port=\"5514\"", port);
    snprintf(port, sizeof(port), "address=\"127.0.0.1\" port=\"%u\"", in);
    example = replaced(example, "port=\"514\"", port);
    example = replaced(example, "/var/spool/rsyslog", collector.folder);
    snprintf(conf, sizeof(conf), "%s/rsyslog.conf", collector.folder);
    snprintf(pid, sizeof(pid), "%s/rsyslog.pid", collector.folder);
    snprintf(work, sizeof(work), "%s/rsyslog.out", collector.folder);
    fixture_write_file(conf, example, strlen(example));
    free(example);
    const char *const check[] = {"/usr/sbin/rsyslogd", "-N1", "-f", conf, NULL};
    assert_int_equal(fixture_process_run(check, work, 10000), 0);
    const char *const arguments[] = {"/usr/sbin/rsyslogd", "-n", "-f", conf, "-i", pid, NULL};
    fixture_process_start(&rsyslogd, arguments, work);
    for (unsigned i = 0; i < 100 && access(pid, F_OK) != 0; i++)
        fixture_pause(50);
    static const char plain[] =
        "<133>1 - lcm-5ccf7f000001 lcm - UPDATE [lcm@32473 dev=\"5ccf7f000001\" app=\"1.1.0\" "
        "repo=\"me/la\\\"mp\" file=\"main.bin\" ph=\"done\" rc=\"0\" from=\"1.0.0\" to=\"1.1.0\"]"
        "[meta sequenceId=\"3\" sysUpTime=\"99\"] app installed";
    struct collect_message message;
    uint8_t key[32], mac[8];
    char hex[17];
    for (unsigned i = 0; i < 32; i++)
        key[i] = (uint8_t)i;
    snprintf(text, sizeof(text),
             "<134>1 - lcm-5ccf7f00000a lcm - CHECK " SIGNED_TAIL
             "[auth@32473 t=\"%lld\" mac=\"0000000000000000\"] all is well",
             (long long)time(NULL));
    assert_int_equal(collect_parse(text, strlen(text), "x", &message), 0);
    collect_auth_mac(key, &message, mac);
    for (unsigned i = 0; i < 8; i++)
        snprintf(hex + 2 * i, 3, "%02x", mac[i]);
    memcpy(strstr(text, "mac=\"") + strlen("mac=\""), hex, strlen(hex));
    uint64_t end_ms = fixture_now_ms() + 15000;
    while (fixture_collector_number(&collector, "/api/v1/summary", "devices") < 2) {
        fixture_collector_send(in, plain, sizeof(plain) - 1);
        fixture_collector_send(in, text, strlen(text));
        fixture_pause(200);
        if (fixture_now_ms() > end_ms)
            fail_msg("nothing came through rsyslog: %s", fixture_read_file(work, NULL));
    }
    fixture_collector_wait(&collector, "/api/v1/devices/5ccf7f000001", "installed", 1);
    assert_string_equal(
        fixture_collector_member(&collector, "/api/v1/devices/5ccf7f000001", "repo"), "me/la\"mp");
    assert_string_equal(
        fixture_collector_member(&collector, "/api/v1/devices/5ccf7f000001", "last_text"),
        "app installed");
    /* The code holds through the relay, which put its own time into the header. */
    assert_string_equal(
        fixture_collector_member(&collector, "/api/v1/devices/5ccf7f00000a", "state"), "healthy");
    assert_int_equal(fixture_collector_number(&collector, "/api/v1/summary", "messages.forged"), 0);
    fixture_process_stop(&rsyslogd, SIGTERM);
}

/* ---- MQTT ---- */

struct heard {
    char config[1024], state[1024];
    unsigned count;
};

static void on_message(struct mosquitto *client, void *context,
                       const struct mosquitto_message *message)
{
    struct heard *heard = context;

    (void)client;
    snprintf(strncmp(message->topic, "homeassistant/", 14) == 0 ? heard->config : heard->state,
             1024, "%.*s", message->payloadlen, (const char *)message->payload);
    heard->count++;
}

static void listen_for(struct mosquitto *client, const struct heard *heard, const char *text)
{
    uint64_t end_ms = fixture_now_ms() + 20000;

    while (strstr(heard->state, text) == NULL && fixture_now_ms() < end_ms)
        mosquitto_loop(client, 50, 1);
    if (strstr(heard->state, text) == NULL)
        fail_msg("'%s' was not published, but: %s", text, heard->state);
}

static void test_home_assistant(void **state)
{
    unsigned port = fixture_free_port(SOCK_STREAM);
    char conf[128], out[128], text[128];
    struct heard heard = {"", "", 0};
    struct fixture_process broker;

    (void)state;
    snprintf(conf, sizeof(conf), "%s/mosquitto.conf", collector.folder);
    snprintf(out, sizeof(out), "%s/mosquitto.out", collector.folder);
    int size = snprintf(text, sizeof(text), "listener %u 127.0.0.1\nallow_anonymous true\n", port);
    fixture_write_file(conf, text, (size_t)size);
    const char *const arguments[] = {"/usr/sbin/mosquitto", "-c", conf, NULL};
    fixture_process_start(&broker, arguments, out);
    wait_for_port(port);
    mosquitto_lib_init();
    struct mosquitto *client = mosquitto_new(NULL, true, &heard);
    mosquitto_message_callback_set(client, on_message);
    assert_int_equal(mosquitto_connect(client, "127.0.0.1", (int)port, 60), MOSQ_ERR_SUCCESS);
    mosquitto_subscribe(client, NULL, "homeassistant/update/lcm_5ccf7f000001/config", 0);
    mosquitto_subscribe(client, NULL, "lcm/5ccf7f000001/update", 0);
    snprintf(text, sizeof(text), "--mqtt|127.0.0.1:%u", port);
    fixture_collector_start(&collector, text);
    fixture_collector_report(&collector, "5ccf7f000001", "CHECK",
                             "ph=\"done\" rc=\"0\" app=\"1.0.0\" repo=\"me/lamp\"");
    listen_for(client, &heard, "\"installed_version\":\"1.0.0\",\"latest_version\":\"1.0.0\"");
    assert_non_null(strstr(heard.config, "\"device_class\":\"firmware\""));
    assert_non_null(strstr(heard.config, "\"state_topic\":\"lcm/5ccf7f000001/update\""));
    assert_non_null(strstr(heard.config, "\"unique_id\":\"lcm_5ccf7f000001\""));
    /* Another device has a newer version: this one can be updated. */
    fixture_collector_report(&collector, "5ccf7f000002", "UPDATE",
                             "ph=\"done\" rc=\"0\" file=\"main.bin\" app=\"1.10.0\" "
                             "repo=\"me/lamp\" to=\"1.10.0\"");
    listen_for(client, &heard, "\"installed_version\":\"1.0.0\",\"latest_version\":\"1.10.0\"");
    assert_null(strstr(heard.state, "release_url")); /* strangers' words are no address */
    fixture_collector_report(&collector, "5ccf7f000001", "UPDATE",
                             "ph=\"download\" rc=\"0\" app=\"1.0.0\" repo=\"me/lamp\"");
    listen_for(client, &heard, "\"in_progress\":true");
    mosquitto_destroy(client);
    mosquitto_lib_cleanup();
    fixture_process_stop(&broker, SIGTERM);
}

/* ---- PostgreSQL ---- */

#define PG "/usr/lib/postgresql/15/bin/"

/* postgres does not run as root: then as nobody, in the test's folder. */
static int as_user(const char *command, const char *output, uint32_t timeout_ms)
{
    const char *const root[] = {"setpriv", "--reuid=nobody", "--clear-groups", "sh", "-c", command,
                                NULL};
    const char *const user[] = {"sh", "-c", command, NULL};

    return fixture_process_run(getuid() == 0 ? root : user, output, timeout_ms);
}

/* Rates, sums and what is to be told go through statements of their own. */
static void expect_alerts_are_judged(void)
{
    for (unsigned i = 0; i < 15; i++) {
        char id[16], parameters[64];
        snprintf(id, sizeof(id), "5ccf7f%06x", i);
        snprintf(parameters, sizeof(parameters), "file=\"h%u\" ph=\"check\" rc=\"34\"", i);
        fixture_collector_report(&collector, id, "CERTINVALID", parameters);
    }
    fixture_pause(4500); /* rates and silence are looked at every two seconds */
    assert_int_equal(fixture_collector_metric(&collector, "lcm_store_failures_total"), 0);
    assert_int_equal(fixture_collector_metric(&other, "lcm_store_failures_total"), 0);
    char *text = fixture_collector_text(&other, "/metrics");
    assert_non_null(strstr(text, "lcm_alert{kind=\"failure-rate\""));
    assert_non_null(strstr(text, "lcm_alert{kind=\"more\",subject=\"certificate-invalid\"}"));
    assert_non_null(strstr(text, "lcm_devices{state=\"ok\"}"));
    free(text);
}

static void test_postgres(void **state)
{
    char data[128], out[128], command[1024];
    const struct passwd *nobody = getpwnam("nobody");

    (void)state;
    snprintf(data, sizeof(data), "%s/pg", collector.folder);
    snprintf(out, sizeof(out), "%s/pg.out", other.folder);
    assert_int_equal(mkdir(data, 0700), 0);
    assert_int_equal(chmod(collector.folder, 0755), 0);
    if (getuid() == 0)
        assert_int_equal(chown(data, nobody->pw_uid, (gid_t)-1), 0);
    snprintf(command, sizeof(command),
             PG
             "initdb -D %s/db -U lcm -A trust --no-sync >%s/log 2>&1 && " PG
             "pg_ctl -D %s/db -w -l %s/log -o \"-c listen_addresses='' -k %s -c fsync=off\" start",
             data, data, data, data, data);
    assert_int_equal(as_user(command, out, 60000), 0);
    snprintf(collector.store, sizeof(collector.store), "postgresql://lcm@/postgres?host=%s", data);
    memcpy(other.store, collector.store, sizeof(other.store));
    fixture_collector_start(&collector, "");
    fixture_collector_start(
        &other, "--rate|0|--alert-command|cat >/dev/null"); /* two collectors, one store */
    for (unsigned i = 0; i < 600; i++) {
        char id[16], parameters[128];
        snprintf(id, sizeof(id), "5ccf7f%06x", i % 100);
        snprintf(
            parameters, sizeof(parameters),
            "ph=\"%s\" rc=\"0\" file=\"main.bin\" app=\"1.%u.0\" repo=\"me/lamp\" to=\"1.%u.0\"",
            i % 9 ? "done" : "failed", i % 3, i % 3);
        fixture_collector_report(i % 2 ? &collector : &other, id, i % 5 ? "CHECK" : "UPDATE",
                                 parameters);
    }
    fixture_collector_wait(&collector, "/api/v1/summary", "messages.accepted", 300);
    fixture_collector_wait(&other, "/api/v1/summary", "messages.accepted", 300);
    assert_int_equal(fixture_collector_number(&collector, "/api/v1/summary", "devices"), 100);
    assert_int_equal(fixture_collector_number(&other, "/api/v1/devices?q=F00001", "total"), 16);
    assert_int_equal(
        fixture_collector_number(&collector, "/api/v1/devices/5ccf7f000001", "messages"), 6);
    assert_int_equal(
        fixture_collector_number(&other, "/api/v1/devices/5ccf7f000001/events?limit=500", "events"),
        6);
    assert_int_equal(fixture_collector_number(&other, "/api/v1/events?limit=1000", "events"), 600);
    assert_true(fixture_collector_number(&collector, "/api/v1/releases", "releases") >= 3);
    assert_true(fixture_collector_number(&collector, "/api/v1/groups?by=app", "groups") >= 3);
    assert_true(fixture_collector_number(&collector, "/api/v1/adoption?repo=me/lamp", "changes") >=
                1);
    assert_true(fixture_collector_number(&collector, "/api/v1/failures", "failures") >= 1);
    assert_true(fixture_collector_number(&collector, "/api/v1/devices?latest=0", "total") > 0);
    assert_true(fixture_collector_number(&collector, "/api/v1/alerts", "alerts") >= 1);
    expect_alerts_are_judged();
    /* The server goes away and comes back: what came meanwhile is stored then. */
    snprintf(command, sizeof(command), PG "pg_ctl -D %s/db -m immediate stop", data);
    assert_int_equal(as_user(command, out, 20000), 0);
    fixture_collector_report(&collector, "5ccf7fffffff", "CHECK", "ph=\"done\" rc=\"0\"");
    fixture_collector_wait(&collector, "/healthz", "problems", 1);
    snprintf(command, sizeof(command),
             PG
             "pg_ctl -D %s/db -w -l %s/log -o \"-c listen_addresses='' -k %s -c fsync=off\" start",
             data, data, data);
    assert_int_equal(as_user(command, out, 20000), 0);
    uint64_t end_ms = fixture_now_ms() + 20000;
    do {
        fixture_pause(100);
        free(fixture_collector_text(&collector, "/api/v1/devices/5ccf7fffffff"));
    } while (collector.status != 200 && fixture_now_ms() < end_ms);
    assert_int_equal(collector.status, 200);
    assert_int_equal(fixture_collector_stop(&collector), 0);
    assert_int_equal(fixture_collector_stop(&other), 0);
    snprintf(command, sizeof(command), PG "pg_ctl -D %s/db -m fast stop", data);
    (void)as_user(command, out, 20000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_collectors, close_collectors)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_rsyslog_between),
        TEST(test_home_assistant),
        TEST(test_postgres),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
