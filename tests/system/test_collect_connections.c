// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: connections cost what they are worth: one that waits and is broken off costs no processor
 * time; what arrived by TLS is stored though nothing follows it.
 * Method: senders of the test; processor time of the collector from /proc; a collector that is
 * stopped while a sender writes, so that all of it is there at once.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <gnutls/gnutls.h>

#include "tests/lib/fixture_collector.h"
#include "tests/lib/fixture_port.h"

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

/* User and system time in ticks. */
static long ticks_used(void)
{
    char path[64], text[512];
    long user = 0, system = 0;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)collector.process.pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof(text), file));
    fclose(file);
    assert_int_equal(sscanf(strrchr(text, ')'),
                            ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user,
                            &system),
                     2);
    return user + system;
}

static void test_a_broken_connection_costs_nothing(void **state)
{
    const struct linger abort_it = {1, 0};

    (void)state;
    fixture_collector_start(&collector, "--rate|1");
    int fd = fixture_collector_connect(collector.tcp);
    for (unsigned i = 0; i < 200; i++)
        assert_int_equal(send(fd, "<13>busy t: x\n", 14, 0), 14);
    fixture_collector_wait(&collector, "/api/v1/devices/busy", "messages", 20);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort_it, sizeof(abort_it));
    close(fd);
    fixture_pause(200);
    long before = ticks_used();
    fixture_pause(2000);
    assert_in_range(ticks_used() - before, 0, sysconf(_SC_CLK_TCK) / 2);
}

#define MESSAGE_SIZE 64u
#define RECORD_SIZE 16384u
#define MESSAGES_IN_RECORD ((unsigned)(RECORD_SIZE / MESSAGE_SIZE))

static gnutls_session_t tls_connect(int fd, gnutls_certificate_credentials_t credentials)
{
    gnutls_session_t session;

    gnutls_init(&session, GNUTLS_CLIENT);
    gnutls_set_default_priority(session);
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
    gnutls_transport_set_int(session, fd);
    assert_int_equal(gnutls_handshake(session), 0);
    return session;
}

/* A short record first: the turn of the receiver then ends inside a long one. */
static void send_all(gnutls_session_t session)
{
    static char bytes[RECORD_SIZE];

    for (size_t at = 0; at < sizeof(bytes); at += MESSAGE_SIZE)
        memcpy(bytes + at, "<13>sealed t: 0123456789012345678901234567890123456789012345678\n",
               MESSAGE_SIZE);
    assert_int_equal(gnutls_record_send(session, bytes, MESSAGE_SIZE), MESSAGE_SIZE);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(gnutls_record_send(session, bytes, RECORD_SIZE), RECORD_SIZE);
}

static void test_all_of_a_tls_record_is_stored(void **state)
{
    char command[700], path[160], out[200], start[600];
    gnutls_certificate_credentials_t credentials;

    (void)state;
    snprintf(path, sizeof(path), "%s/tls", collector.folder);
    snprintf(out, sizeof(out), "%s/openssl.out", collector.folder);
    snprintf(command, sizeof(command),
             "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "
             "/CN=localhost -keyout %s.key -out %s.pem",
             path, path);
    const char *const make[] = {"sh", "-c", command, NULL};
    assert_int_equal(fixture_process_run(make, out, 20000), 0);
    snprintf(start, sizeof(start), "--rate|0|--tls-cert|%s.pem|--tls-key|%s.key|--tls-port|0", path,
             path);
    fixture_collector_start(&collector, start);
    gnutls_certificate_allocate_credentials(&credentials);
    int fd = fixture_collector_connect(collector.tls);
    gnutls_session_t session = tls_connect(fd, credentials);
    fixture_pause(300);
    kill(collector.process.pid, SIGSTOP);
    send_all(session);
    kill(collector.process.pid, SIGCONT);
    fixture_collector_wait(&collector, "/api/v1/devices/sealed", "messages",
                           1 + 4 * MESSAGES_IN_RECORD);
    gnutls_deinit(session);
    gnutls_certificate_free_credentials(credentials);
    close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_collector, close_collector)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_broken_connection_costs_nothing),
        TEST(test_all_of_a_tls_record_is_stored),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
