// SPDX-License-Identifier: Apache-2.0
/*
 * The command: options in, threads up, wait for a signal, everything down in the order that
 * loses nothing (sockets first, store last).
 */
#include "collector/collect.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "collector/engine.h"
#include "collector/forward.h"
#include "collector/page.h"
#include "collector/place.h"
#include "collector/receive.h"
#include "collector/writer.h"
#include "host/file.h"

#define QUEUE_SIZE (16u * 1024 * 1024)
#define TOKEN_BYTES 24u
#define TOKEN_SIZE_MIN 16u

static const char *const drop_names[COLLECT_DROP_COUNT] = {
#define COLLECT_DROP_NAME(name, text) [COLLECT_DROP_##name] = text,
    COLLECT_DROP_TABLE(COLLECT_DROP_NAME)
#undef COLLECT_DROP_NAME
};

const char *collect_drop_name(enum collect_drop drop)
{
    return drop_names[drop];
}

const char *collect_transport_name(enum collect_transport transport)
{
    static const char *const names[COLLECT_TRANSPORT_COUNT] = {"udp", "tcp", "tls"};

    return names[transport];
}

static uint64_t clock_ms(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t collect_now_ms(void)
{
    return clock_ms(CLOCK_REALTIME);
}

uint64_t collect_uptime_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

uint64_t collect_boot_ms(void)
{
    return clock_ms(CLOCK_BOOTTIME);
}

bool collect_status_set(struct collect_status *status, char *field, const char *text)
{
    if (text == NULL)
        text = "";
    pthread_mutex_lock(&status->lock);
    bool has_changed = strcmp(field, text) != 0;
    if (has_changed)
        snprintf(field, COLLECT_TEXT_LINE_SIZE, "%s", text);
    pthread_mutex_unlock(&status->lock);
    return has_changed;
}

/* ---- options ---- */

static bool option_port(const struct cli_args *args, const char *name, long otherwise, long *port)
{
    const char *text = cli_get(args, name);

    *port = otherwise;
    if (text != NULL && strcmp(text, "none") == 0) {
        *port = -1;
        return true;
    }
    return cli_number(args, name, 0, 65535, port);
}

static bool options_ports(const struct cli_args *args, struct collect_options *options)
{
    bool has_tls = cli_has(args, "tls-cert") && cli_has(args, "tls-key");

    if (cli_has(args, "tls-cert") != cli_has(args, "tls-key")) {
        cli_error("TLS needs both --tls-cert and --tls-key");
        return false;
    }
    options->tls_certificate = cli_get(args, "tls-cert");
    options->tls_key = cli_get(args, "tls-key");
    options->tls_clients = cli_get(args, "tls-clients");
    if (!option_port(args, "port", 5514, &options->port) ||
        !option_port(args, "broadcast-port", 45678, &options->broadcast_port) ||
        !option_port(args, "tcp-port", options->port, &options->tcp_port) ||
        !option_port(args, "tls-port", has_tls ? 6514 : -1, &options->tls_port) ||
        !option_port(args, "page-port", 8514, &options->page_port))
        return false;
    if (options->page_port >= 0 && (options->tls_port < 0 || has_tls))
        return true;
    cli_error(options->page_port < 0 ? "--page-port: a number is needed"
                                     : "--tls-port needs --tls-cert and --tls-key");
    return false;
}

static bool options_numbers(const struct cli_args *args, struct collect_options *options)
{
    options->retention_days = 365;
    options->size_max_mb = 4000;
    options->rate = 1000;
    options->devices_max = 1000000;
    options->stale_hours = 26;
    options->silent_days = 7;
    options->failure_percent = 20;
    return cli_number(args, "days", 0, 36500, &options->retention_days) &&
           cli_number(args, "size", 0, 10000000, &options->size_max_mb) &&
           cli_number(args, "rate", 0, 1000000, &options->rate) &&
           cli_number(args, "devices-max", 1, 100000000, &options->devices_max) &&
           cli_number(args, "stale", 1, 8760, &options->stale_hours) &&
           cli_number(args, "silent", 0, 3650, &options->silent_days) &&
           cli_number(args, "failures", 0, 100, &options->failure_percent);
}

static bool options_words(const struct cli_args *args, struct collect_options *options)
{
    const char *listen = cli_get(args, "listen");
    const char *page = cli_get(args, "page");

    options->listen = listen != NULL ? listen : "::";
    options->page_address = page != NULL ? page : "127.0.0.1";
    options->token_file = cli_get(args, "token-file");
    options->keys = cli_get(args, "keys");
    options->webhook = cli_get(args, "webhook");
    options->command = cli_get(args, "alert-command");
    options->forward = cli_get(args, "forward");
    options->mqtt = cli_get(args, "mqtt");
    options->mqtt_user = cli_get(args, "mqtt-user");
    options->mqtt_password_file = cli_get(args, "mqtt-password-file");
    options->is_json = cli_has(args, "json");
    for (size_t i = 0; cli_get_at(args, "relay", i) != NULL; i++) {
        if (i == COLLECT_RELAYS_MAX) {
            cli_error("--relay: at most %u", COLLECT_RELAYS_MAX);
            return false;
        }
        options->relays[i] = cli_get_at(args, "relay", i);
    }
    if (options->forward == NULL || forward_is_place(options->forward))
        return true;
    cli_error("--forward '%s' is malformed: write udp:HOST:PORT or tcp:HOST:PORT",
              options->forward);
    return false;
}

/* ---- token ---- */

static int token_make(const char *path, char token[128])
{
    uint8_t bytes[TOKEN_BYTES];
    char line[2 * TOKEN_BYTES + 2];

    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes)) {
        cli_error("no random numbers for a token: %s", strerror(errno));
        return CLI_ERROR;
    }
    for (size_t i = 0; i < sizeof(bytes); i++)
        snprintf(line + 2 * i, 3, "%02x", bytes[i]);
    snprintf(token, 128, "%s", line);
    snprintf(line + 2 * TOKEN_BYTES, 2, "\n");
    int code = file_create(path, line, 2 * TOKEN_BYTES + 1, FILE_MODE_SECRET);
    if (code == CLI_OK)
        cli_note("made a token for the page in %s", path);
    return code;
}

/* On loopback a token is asked for only when one was named; elsewhere always. */
static int token_open(struct collect *collect)
{
    const struct collect_options *options = &collect->options;
    struct file_content content = {NULL, 0};
    struct stat status;
    char path[PLACE_SIZE];

    if (options->token_file == NULL && page_is_loopback(options->page_address))
        return CLI_OK;
    int code = options->token_file != NULL
                   ? snprintf(path, sizeof(path), "%s", options->token_file) < 0
                   : place_beside(options->store, "token", path);
    if (code != CLI_OK)
        return code;
    if (stat(path, &status) != 0)
        return token_make(path, collect->token);
    code = file_read(path, sizeof(collect->token) - 1, &content);
    if (code != CLI_OK)
        return code;
    snprintf(collect->token, sizeof(collect->token), "%s", (const char *)content.bytes);
    collect->token[strcspn(collect->token, "\r\n")] = '\0';
    file_free(&content);
    if ((status.st_mode & 077) != 0 || strlen(collect->token) < TOKEN_SIZE_MIN) {
        cli_error("%s: a token has at least %u characters, and only its owner can read it: "
                  "chmod 600 %s",
                  path, TOKEN_SIZE_MIN, path);
        return CLI_AUTH;
    }
    return CLI_OK;
}

/* ---- running ---- */

struct parts {
    struct receiver *receiver;
    struct writer *writer;
    struct page *page;
    pthread_t receiver_thread, writer_thread;
    bool is_all_stored;
};

static void *receiver_thread(void *context)
{
    receiver_run(((struct parts *)context)->receiver);
    return NULL;
}

static void *writer_thread(void *context)
{
    struct parts *parts = context;

    parts->is_all_stored = writer_run(parts->writer);
    return NULL;
}

/* 0: nobody listens there. */
static void announce_port(const char *what, uint16_t port)
{
    if (port != 0)
        printf("%s %u\n", what, (unsigned)port);
}

static void announce(const struct collect *collect, const struct parts *parts)
{
    static const char *const names[] = {"udp", "broadcast", "tcp", "tls"};
    const struct collect_options *options = &collect->options;
    const char *scheme =
        !page_is_loopback(options->page_address) && options->tls_certificate != NULL ? "https"
                                                                                     : "http";
    cJSON *object = cJSON_CreateObject();
    char url[128];

    snprintf(url, sizeof(url), strchr(options->page_address, ':') ? "%s://[%s]:%u/" : "%s://%s:%u/",
             scheme, options->page_address, (unsigned)page_port(parts->page));
    cJSON_AddStringToObject(object, "event", "start");
    for (unsigned i = 0; i < 4; i++)
        cJSON_AddNumberToObject(object, names[i], receiver_port(parts->receiver, i));
    cJSON_AddNumberToObject(object, "page", page_port(parts->page));
    cJSON_AddStringToObject(object, "url", url);
    if (!engine_is_postgres(options->store)) /* a URL may hold a password */
        cJSON_AddStringToObject(object, "store", options->store);
    if (options->is_json) {
        char *text = cJSON_PrintUnformatted(object);
        printf("%s\n", text != NULL ? text : "{}");
        cJSON_free(text);
    } else {
        announce_port("syslog    udp", receiver_port(parts->receiver, 0));
        announce_port("syslog    tcp", receiver_port(parts->receiver, 2));
        announce_port("syslog    tls", receiver_port(parts->receiver, 3));
        announce_port("broadcast udp", receiver_port(parts->receiver, 1));
        printf("page      %s\n", url);
    }
    cJSON_Delete(object);
    fflush(stdout);
}

/* Two signals are waited for here; everything else goes on around them. */
static int run(struct collect *collect, struct parts *parts)
{
    sigset_t signals;
    int number = 0;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like a full disk */
    int code = writer_open(collect, &parts->writer);
    if (code == CLI_OK)
        code = receiver_open(collect, &parts->receiver);
    if (code == CLI_OK)
        code = page_open(collect, &parts->page);
    if (code != CLI_OK)
        return code;
    if (collect->options.port >= 0) /* the page tells it; 0 was "any free one" */
        collect->options.port = receiver_port(parts->receiver, 0);
    if (pthread_create(&parts->writer_thread, NULL, writer_thread, parts) != 0 ||
        pthread_create(&parts->receiver_thread, NULL, receiver_thread, parts) != 0) {
        cli_error("no threads");
        _exit(CLI_ERROR); /* one of them may run already; nothing was promised yet */
    }
    announce(collect, parts);
    sigwait(&signals, &number);
    collect->is_stopping = true;
    receiver_wake(parts->receiver);
    pthread_join(parts->receiver_thread, NULL);
    pthread_join(parts->writer_thread, NULL);
    if (parts->is_all_stored)
        return CLI_OK;
    cli_error("some messages could not be stored: %s", collect->status.store);
    return CLI_PARTIAL;
}

static int collect_run(const struct cli_args *args)
{
    static struct collect collect; /* one a process; the threads' place to meet */
    char place[PLACE_SIZE];
    struct parts parts = {NULL};
    int code = place_find(args, true, place);

    if (code != CLI_OK)
        return code;
    collect.options.store = place;
    if (!options_ports(args, &collect.options) || !options_numbers(args, &collect.options) ||
        !options_words(args, &collect.options))
        return CLI_USAGE;
    pthread_mutex_init(&collect.status.lock, NULL);
    collect.started_ms = collect_now_ms();
    code = token_open(&collect);
    if (code == CLI_OK)
        code = collect_keys_load(collect.options.keys, &collect.keys);
    if (code == CLI_OK && collect_queue_init(&collect.queue, QUEUE_SIZE) != LCM_OK)
        code = CLI_ERROR;
    if (code == CLI_OK)
        code = run(&collect, &parts);
    collect.is_stopping = true;
    page_close(parts.page);
    if (parts.receiver != NULL)
        receiver_close(parts.receiver);
    if (parts.writer != NULL)
        writer_close(parts.writer);
    collect_queue_free(&collect.queue);
    collect_keys_free(collect.keys);
    return code;
}

static const struct cli_option collect_options[] = {
    {"store", "PLACE", "SQLite file, or postgresql://URL (default: fleet.db in the data folder)"},
    {"listen", "ADDRESS", "where devices are heard (default: every address)"},
    {"port", "PORT", "syslog by UDP (default 5514; 514 where allowed; 0 any free one, none)"},
    {"tcp-port", "PORT", "syslog by TCP (default: as --port)"},
    {"tls-port", "PORT", "syslog by TLS (default 6514 with --tls-cert)"},
    {"broadcast-port", "PORT", "plain lines by UDP (default 45678)"},
    {"tls-cert", "FILE", "certificate chain, PEM; also serves a page that is not on loopback"},
    {"tls-key", "FILE", "its key, PEM"},
    {"tls-clients", "FILE", "CA certificates: only senders they signed for are heard by TLS"},
    {"page", "ADDRESS", "where the page is (default 127.0.0.1; elsewhere a token is asked for)"},
    {"page-port", "PORT", "port of page, API and metrics (default 8514)"},
    {"token-file", "FILE", "token of page and API (made when missing)"},
    {"keys", "FILE", "telemetry keys: lines of DEVICE-ID KEY"},
    {"days", "N", "keep events for so long (default 365, 0 = for ever)"},
    {"size", "MB", "keep the store below this size (default 4000, 0 = any)"},
    {"rate", "N", "messages a second one source may send (default 1000, 0 = any)"},
    {"relay", "ADDRESS", "a source without that limit; may be given again"},
    {"devices-max", "N", "new devices are refused beyond (default 1000000)"},
    {"stale", "HOURS", "a device not heard of for so long is stale (default 26)"},
    {"webhook", "URL", "alerts are posted there as JSON"},
    {"alert-command", "COMMAND", "alerts are given to it as JSON on standard input"},
    {"silent", "DAYS", "alert when devices are silent for so long (default 7, 0 = never)"},
    {"failures", "PERCENT", "alert when more of a version's updates fail (default 20, 0 = never)"},
    {"forward", "PLACE", "pass all on: udp:HOST:PORT or tcp:HOST:PORT, RFC 5424"},
    {"mqtt", "HOST[:PORT]", "publish Home Assistant update entities at this broker"},
    {"mqtt-user", "NAME", "user of the broker"},
    {"mqtt-password-file", "FILE", "password of the broker"},
    {"json", NULL, "tell the ports as JSON"},
    {NULL, NULL, NULL},
};

const struct cli_command lcm_collect_command = {
    .name = "collect",
    .summary = "Receive the devices' reports, keep them, show the fleet in a browser",
    .usage = "lcm collect [--store PLACE] [--port PORT] [--page ADDRESS] ...",
    .examples =
        "lcm collect                                 # syslog at 5514, page at 127.0.0.1:8514\n"
        "lcm collect --port 514 --webhook https://chat.example.org/hook\n"
        "lcm collect --page 0.0.0.0 --tls-cert cert.pem --tls-key key.pem\n"
        "lcm collect --store postgresql:///fleet     # several collectors, one store",
    .options = collect_options,
    .required = NULL,
    .positional_min = 0,
    .positional_max = 0,
    .run = collect_run,
};
