// SPDX-License-Identifier: Apache-2.0
/*
 * The command `lcm serve`: options, start, the loop that accepts, the end.
 *
 * The main thread accepts connections and control clients and waits for signals;
 * everything else happens on connection threads. Serves until SIGINT or SIGTERM.
 */
#include "server/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/control.h"
#include "server/listener.h"
#include "server/start.h"

#define ROOT_DEFAULT "releases"
#define STATE_DEFAULT ".lcm-serve"
#define PORT_DEFAULT 8443L
#define PORT_MAX 65535L

/* Written by the signal handler: the only way a signal can wake poll. */
static int stop_pipe[2] = {-1, -1};

static void signal_note(int number)
{
    int reason = errno;

    if (write(stop_pipe[1], &(char){(char)number}, 1) < 0)
        errno = reason; /* full: a stop is on its way already */
    errno = reason;
}

static bool signals_catch(void)
{
    struct sigaction action = {.sa_handler = signal_note};

    if (pipe(stop_pipe) != 0)
        return false;
    fcntl(stop_pipe[1], F_SETFL, O_NONBLOCK);
    signal(SIGPIPE, SIG_IGN);
    return sigaction(SIGINT, &action, NULL) == 0 && sigaction(SIGTERM, &action, NULL) == 0;
}

static bool options_read(const struct cli_args *args, struct serve_options *options)
{
    long port = PORT_DEFAULT, asset_port, plain_port = 0;
    const char *root = cli_positional(args, 0);

    if (!cli_number(args, "port", 0, PORT_MAX - 1, &port))
        return false;
    asset_port = port == 0 ? 0 : port + 1;
    if (!cli_number(args, "asset-port", 0, PORT_MAX, &asset_port) ||
        !cli_number(args, "plain-port", 0, PORT_MAX, &plain_port))
        return false;
    *options = (struct serve_options){
        .root = root != NULL ? root : ROOT_DEFAULT,
        .is_root_default = root == NULL,
        .state = cli_has(args, "state") ? cli_get(args, "state") : STATE_DEFAULT,
        .address = cli_has(args, "address") ? cli_get(args, "address") : "127.0.0.1",
        .host_names = {"github.com", "release-assets.githubusercontent.com", ""},
        .ports = {(uint16_t)port, (uint16_t)asset_port, (uint16_t)plain_port},
        .has_plain = cli_has(args, "plain-port"),
        .is_json = cli_has(args, "json"),
    };
    if (cli_has(args, "release-host"))
        options->host_names[SERVE_RELEASE] = cli_get(args, "release-host");
    if (cli_has(args, "asset-host"))
        options->host_names[SERVE_ASSET] = cli_get(args, "asset-host");
    return true;
}

/* A fault; behind --send also "clear [NAME]". */
static enum lcm_err fault_line_check(const char *line, bool may_clear)
{
    struct serve_fault fault;
    enum serve_fault_kind kind;

    if (may_clear && strcmp(line, "clear") == 0)
        return LCM_OK;
    if (may_clear && strncmp(line, "clear ", 6) == 0)
        return serve_fault_find(line + 6, &kind);
    return serve_fault_parse(line, &fault);
}

/* Refuse a misspelt fault before anything is made or sent. */
static bool faults_check(const struct cli_args *args, const char *option)
{
    bool may_clear = strcmp(option, "send") == 0;
    const char *line;

    for (size_t i = 0; (line = cli_get_at(args, option, i)) != NULL; i++) {
        enum lcm_err err = fault_line_check(line, may_clear);
        if (err == LCM_OK)
            continue;
        cli_error("--%s %s: %s: `lcm serve --help` lists the faults", option, line,
                  err == LCM_ERR_NOT_FOUND ? "no fault of this name" : lcm_err_text(err));
        return false;
    }
    return true;
}

static int faults_apply(const struct cli_args *args, struct serve_site *site)
{
    char reply[SERVE_CONTROL_LINE_SIZE];
    const char *line;

    for (size_t i = 0; (line = cli_get_at(args, "fault", i)) != NULL; i++) {
        if (serve_control_apply(site, line, reply) != LCM_OK) {
            cli_error("%s", reply + strlen("error: "));
            return CLI_ERROR;
        }
    }
    return CLI_OK;
}

/* Accept until a signal arrives. */
static void requests_accept(struct serve_server *server, struct serve_pool *pool)
{
    struct pollfd items[SERVE_HOST_COUNT + 2];

    for (int i = 0; i < SERVE_HOST_COUNT; i++)
        items[i] = (struct pollfd){.fd = server->listeners[i], .events = POLLIN};
    items[SERVE_HOST_COUNT] = (struct pollfd){.fd = server->control, .events = POLLIN};
    items[SERVE_HOST_COUNT + 1] = (struct pollfd){.fd = stop_pipe[0], .events = POLLIN};
    for (;;) {
        if (poll(items, SERVE_HOST_COUNT + 2, -1) < 0 && errno != EINTR)
            return;
        if (items[SERVE_HOST_COUNT + 1].revents != 0)
            return;
        for (int i = 0; i < SERVE_HOST_COUNT; i++) {
            if (items[i].revents & POLLIN)
                serve_pool_accept(pool, &server->site, (enum serve_host)i, items[i].fd);
        }
        if (items[SERVE_HOST_COUNT].revents & POLLIN)
            serve_control_accept(&server->site, server->control);
    }
}

static int server_run(const struct cli_args *args, const struct serve_options *options)
{
    struct serve_server server;
    struct serve_pool pool;
    int result = serve_server_open(&server, options);

    if (result != CLI_OK)
        return result;
    result = faults_apply(args, &server.site);
    if (result == CLI_OK) {
        serve_pool_init(&pool);
        serve_server_announce(&server, options);
        requests_accept(&server, &pool);
        serve_pool_stop(&pool);
        serve_log_text(&server.log, "-- stopped\n");
    }
    serve_server_close(&server, options);
    return result;
}

/* `lcm serve --send LINE`: talk to the server that runs. */
static int lines_send(const struct cli_args *args, const char *state)
{
    char reply[SERVE_CONTROL_LINE_SIZE];
    const char *line;

    for (size_t i = 0; (line = cli_get_at(args, "send", i)) != NULL; i++) {
        enum lcm_err err = serve_control_send(state, line, reply);
        if (err == LCM_ERR_CONNECT) {
            cli_error("no server runs with the state folder %s. Start `lcm serve`, or name its "
                      "--state",
                      state);
            return CLI_NOT_FOUND;
        }
        if (err != LCM_OK || strcmp(reply, "ok") != 0) {
            cli_error("%s",
                      err != LCM_OK ? "the server did not answer" : reply + strlen("error: "));
            return CLI_ERROR;
        }
    }
    return CLI_OK;
}

static int serve_run(const struct cli_args *args)
{
    struct serve_options options;

    if (!options_read(args, &options) || !faults_check(args, "fault") ||
        !faults_check(args, "send"))
        return CLI_USAGE;
    if (cli_has(args, "send"))
        return lines_send(args, options.state);
    if (!signals_catch()) {
        cli_error("signals cannot be caught: %s", strerror(errno));
        return CLI_ERROR;
    }
    int result = server_run(args, &options);
    close(stop_pipe[0]);
    close(stop_pipe[1]);
    return result;
}

static const struct cli_option serve_options[] = {
    {"port", "PORT", "port of the release host (8443); 0 = any free port"},
    {"asset-port", "PORT", "port of the asset host (PORT + 1)"},
    {"plain-port", "PORT", "also serve ROOT/emergency/FILE as http://...:PORT/FILE"},
    {"address", "IP", "listen on this address (127.0.0.1)"},
    {"release-host", "NAME", "name of the release host (github.com)"},
    {"asset-host", "NAME", "name of the asset host (release-assets.githubusercontent.com)"},
    {"state", "FOLDER", "keys and certificates; made at the first start (.lcm-serve)"},
    {"fault", "FAULT", "do something wrong, see above; repeatable"},
    {"send", "LINE", "tell the running server: a FAULT, or \"clear [NAME]\"; repeatable"},
    {"json", NULL, "print JSON, one object per line"},
    {NULL, NULL, NULL},
};

#define FAULT_HELP(id, name, argument, value, number, help) "  " name argument ": " help "\n"

const struct cli_command lcm_serve_command = {
    .name = "serve",
    .summary = "Serve release files on this machine, in the shape of GitHub",
    .usage = "lcm serve [ROOT] [--port PORT] [--fault FAULT]...",
    .examples = "lcm serve                               files in ./releases/OWNER/REPO/TAG/FILE\n"
                "lcm serve dist --port 0 --json\n"
                "lcm serve --fault slow=2000@asset --fault 'status=503:5~certs*2'\n"
                "lcm serve --send 'truncate=100000*1'    a running server cuts one download\n"
                "lcm serve --send clear\n"
                "\n"
                "A FAULT is NAME[=VALUE][@release|@asset|@plain][~TEXT IN THE "
                "PATH][*TIMES]:\n" SERVE_FAULT_TABLE(FAULT_HELP),
    .options = serve_options,
    .positional_min = 0,
    .positional_max = 1,
    .run = serve_run,
};
