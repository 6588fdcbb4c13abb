// SPDX-License-Identifier: Apache-2.0
/* A server as a child process and its log; see the header. */
#include "tests/lib/fixture_server.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "server/control.h"

#define START_TIMEOUT_MS 60000u /* RSA keys of a new state folder take seconds */
#define POLL_MS 5u
#define QUIET_MS 25u /* no new line for so long: the log is complete */

static bool server_read_start(struct fixture_server *server)
{
    fixture_lines_load(&server->lines, server->log, 0);
    if (server->lines.count == 0)
        return false;
    const cJSON *start = server->lines.list[0];
    server->release_port = (unsigned)fixture_number(start, "release_port");
    server->asset_port = (unsigned)fixture_number(start, "asset_port");
    server->plain_port = (unsigned)fixture_number(start, "plain_port");
    return fixture_has(start, "event", "start");
}

void fixture_server_start(struct fixture_server *server, const char *root, const char *state,
                          const char *log)
{
    const char *const arguments[] = {fixture_lcm(), "serve",   root,  "--port",       "0",
                                     "--json",      "--state", state, "--plain-port", "0",
                                     NULL};
    uint64_t end_ms = fixture_now_ms() + START_TIMEOUT_MS;

    memset(server, 0, sizeof(*server));
    snprintf(server->state, sizeof(server->state), "%s", state);
    snprintf(server->log, sizeof(server->log), "%s", log);
    fixture_write_file(log, "", 0);
    fixture_process_start(&server->process, arguments, log);
    while (!server_read_start(server)) {
        if (fixture_process_wait(&server->process, POLL_MS) || fixture_now_ms() > end_ms)
            fail_msg("lcm serve did not start, see %s and %s.err", log, log);
    }
}

void fixture_server_stop(struct fixture_server *server)
{
    fixture_process_stop(&server->process, SIGTERM);
    fixture_lines_free(&server->lines);
}

void fixture_server_fault(const struct fixture_server *server, const char *line)
{
    char reply[SERVE_CONTROL_LINE_SIZE];
    enum lcm_err err = serve_control_send(server->state, line, reply);

    if (err != LCM_OK || strcmp(reply, "ok") != 0)
        fail_msg("fault '%s': %s", line, err == LCM_OK ? reply : lcm_err_text(err));
}

static size_t server_log_size(const struct fixture_server *server)
{
    struct stat status;

    return stat(server->log, &status) == 0 ? (size_t)status.st_size : 0;
}

/* A connection's last line is written after the device has its answer. */
static void server_wait_quiet(const struct fixture_server *server)
{
    size_t before;

    do {
        before = server_log_size(server);
        fixture_pause(QUIET_MS);
    } while (server_log_size(server) != before);
}

void fixture_server_mark(struct fixture_server *server)
{
    server_wait_quiet(server);
    server->mark = server_log_size(server);
}

void fixture_server_settle(struct fixture_server *server)
{
    server_wait_quiet(server);
    fixture_lines_load(&server->lines, server->log, server->mark);
}

unsigned fixture_server_requests(const struct fixture_server *server, const char *host)
{
    unsigned count = 0;

    for (size_t i = 0; i < server->lines.count; i++)
        count += fixture_has(server->lines.list[i], "event", "request") &&
                 (host == NULL || fixture_has(server->lines.list[i], "host", host));
    return count;
}

unsigned fixture_server_handshakes(const struct fixture_server *server)
{
    unsigned count = 0;

    for (size_t i = 0; i < server->lines.count; i++)
        count += fixture_has(server->lines.list[i], "event", "request") &&
                 fixture_is_true(server->lines.list[i], "handshake");
    return count;
}

unsigned fixture_server_failed_handshakes(const struct fixture_server *server)
{
    unsigned count = 0;

    for (size_t i = 0; i < server->lines.count; i++)
        count += fixture_has(server->lines.list[i], "event", "handshake-failed");
    return count;
}

static bool request_is_for(const cJSON *line, const char *file)
{
    const char *path = fixture_text(line, "file");
    size_t length = strlen(path), end = strlen(file);

    return fixture_has(line, "event", "request") && fixture_has(line, "host", FIXTURE_ASSET_HOST) &&
           length >= end && strcmp(path + length - end, file) == 0;
}

uint64_t fixture_server_bytes(const struct fixture_server *server, const char *file)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < server->lines.count; i++) {
        if (request_is_for(server->lines.list[i], file))
            bytes += (uint64_t)fixture_number(server->lines.list[i], "bytes");
    }
    return bytes;
}

unsigned fixture_server_gets(const struct fixture_server *server, const char *file)
{
    unsigned count = 0;

    for (size_t i = 0; i < server->lines.count; i++)
        count += request_is_for(server->lines.list[i], file);
    return count;
}

long fixture_server_range_first(const struct fixture_server *server, const char *file, unsigned n)
{
    for (size_t i = 0; i < server->lines.count; i++) {
        const cJSON *line = server->lines.list[i];
        if (!request_is_for(line, file) || n-- > 0)
            continue;
        return cJSON_HasObjectItem(line, "range_first") ? (long)fixture_number(line, "range_first")
                                                        : -1;
    }
    return -1;
}
