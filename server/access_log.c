// SPDX-License-Identifier: Apache-2.0
/*
 * The access log; see the header.
 *
 * Every line is flushed: a program that reads the log sees a request as soon as it was
 * answered. Invariant: no byte of a request reaches the terminal unchecked.
 */
#include "server/access_log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOG_PATH_SIZE 161u

void serve_log_init(struct serve_log *log, bool is_json)
{
    const char *terminal = getenv("TERM");

    pthread_mutex_init(&log->lock, NULL);
    log->is_json = is_json;
    log->is_colored = !is_json && isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL &&
                      terminal != NULL && strcmp(terminal, "dumb") != 0;
}

static void path_clean(const char *target, char path[LOG_PATH_SIZE])
{
    size_t length = strcspn(target, "?");

    if (length >= LOG_PATH_SIZE)
        length = LOG_PATH_SIZE - 1;
    for (size_t i = 0; i < length; i++)
        path[i] = target[i] > ' ' && target[i] <= '~' ? target[i] : '?';
    path[length] = '\0';
}

static const char *host_text(const struct serve_exchange *exchange)
{
    return exchange->host == SERVE_PLAIN ? "plain" : exchange->site->host_names[exchange->host];
}

static double now_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    long milliseconds = now.tv_nsec / 1000000;

    return (double)now.tv_sec + (double)milliseconds / 1000.0;
}

void serve_log_object(struct serve_log *log, cJSON *object)
{
    char *text = log->is_json ? cJSON_PrintUnformatted(object) : NULL;

    cJSON_Delete(object);
    if (text == NULL)
        return;
    pthread_mutex_lock(&log->lock);
    puts(text);
    fflush(stdout);
    pthread_mutex_unlock(&log->lock);
    cJSON_free(text);
}

void serve_log_text(struct serve_log *log, const char *format, ...)
{
    va_list arguments;

    if (log->is_json)
        return;
    pthread_mutex_lock(&log->lock);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    fflush(stdout);
    pthread_mutex_unlock(&log->lock);
}

static void faults_add(cJSON *object, uint64_t faults)
{
    cJSON *list = cJSON_AddArrayToObject(object, "faults");

    for (int i = 0; i < SERVE_FAULT_COUNT; i++) {
        if (faults >> i & 1)
            cJSON_AddItemToArray(list,
                                 cJSON_CreateString(serve_fault_name((enum serve_fault_kind)i)));
    }
}

static void exchange_log_json(struct serve_log *log, const struct serve_exchange *exchange,
                              const char *path)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddStringToObject(object, "event", "request");
    cJSON_AddNumberToObject(object, "time", now_seconds());
    cJSON_AddStringToObject(object, "host", host_text(exchange));
    cJSON_AddNumberToObject(object, "connection", (double)exchange->connection);
    cJSON_AddBoolToObject(object, "handshake", exchange->is_first);
    cJSON_AddStringToObject(object, "method", exchange->request.method_text);
    cJSON_AddStringToObject(object, "path", path);
    if (exchange->file[0] != '\0')
        cJSON_AddStringToObject(object, "file", exchange->file);
    if (exchange->request.range.kind == SERVE_RANGE_FROM_TO)
        cJSON_AddNumberToObject(object, "range_first", (double)exchange->request.range.first);
    cJSON_AddNumberToObject(object, "status", exchange->status);
    cJSON_AddNumberToObject(object, "bytes", (double)exchange->body_size);
    cJSON_AddNumberToObject(object, "header_bytes", (double)exchange->header_size);
    faults_add(object, exchange->faults);
    serve_log_object(log, object);
}

static void time_text(char text[16])
{
    time_t now = time(NULL);
    struct tm parts;

    localtime_r(&now, &parts);
    strftime(text, 16, "%H:%M:%S", &parts);
}

static const char *status_color(const struct serve_log *log, int status)
{
    if (!log->is_colored)
        return "";
    return status >= 400 ? "\033[31m" : status >= 300 ? "\033[36m" : "\033[32m";
}

static void faults_format(uint64_t faults, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (int i = 0; i < SERVE_FAULT_COUNT && used < size; i++) {
        if (faults >> i & 1)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? "," : "  fault: ",
                                     serve_fault_name((enum serve_fault_kind)i));
    }
}

static void exchange_log_text(struct serve_log *log, const struct serve_exchange *exchange,
                              const char *path)
{
    char when[16], faults[256];
    const char *shown = exchange->file[0] != '\0' ? exchange->file : path;

    time_text(when);
    faults_format(exchange->faults, faults, sizeof(faults));
    serve_log_text(log, "%s  %-36s %s%3d%s %8llu B  %-9s  %.16s %s%s\n", when, host_text(exchange),
                   status_color(log, exchange->status), exchange->status,
                   log->is_colored ? "\033[0m" : "", (unsigned long long)exchange->body_size,
                   exchange->is_first && exchange->host != SERVE_PLAIN ? "handshake" : "-",
                   exchange->request.method_text, shown, faults);
}

void serve_log_exchange(struct serve_log *log, const struct serve_exchange *exchange)
{
    char path[LOG_PATH_SIZE];

    path_clean(exchange->request.target, path);
    if (log->is_json)
        exchange_log_json(log, exchange, path);
    else
        exchange_log_text(log, exchange, path);
}

void serve_log_handshake_failure(struct serve_log *log, const struct serve_exchange *exchange,
                                 const char *reason)
{
    char when[16];
    cJSON *object = cJSON_CreateObject();

    cJSON_AddStringToObject(object, "event", "handshake-failed");
    cJSON_AddNumberToObject(object, "time", now_seconds());
    cJSON_AddStringToObject(object, "host", host_text(exchange));
    cJSON_AddNumberToObject(object, "connection", (double)exchange->connection);
    cJSON_AddStringToObject(object, "reason", reason);
    faults_add(object, exchange->faults);
    serve_log_object(log, object);
    time_text(when);
    serve_log_text(log, "%s  %-36s handshake failed: %s\n", when, host_text(exchange), reason);
}

void serve_log_control(struct serve_log *log, const char *line)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddStringToObject(object, "event", "control");
    cJSON_AddNumberToObject(object, "time", now_seconds());
    cJSON_AddStringToObject(object, "line", line);
    serve_log_object(log, object);
    serve_log_text(log, "-- %s\n", line);
}
