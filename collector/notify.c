// SPDX-License-Identifier: Apache-2.0
/*
 * Sending alerts; see the header. What devices said travels in JSON only, never on a command line.
 * What one way did not take stays pending in the store for it and is tried again, slower each time.
 */
#include "collector/notify.h"

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WEBHOOK_TIMEOUT_S 10L
#define COMMAND_TIMEOUT_MS 30000u
#define RETRY_MIN_S 5u
#define RETRY_MAX_S 300u
#define SINK_COUNT 2u /* webhook, command: the bits of alert->sent */

/* A way out. One that fails is left alone for a while, and the other goes on. */
struct sink {
    bool (*send)(const struct collect_options *options, const char *json,
                 char text[CURL_ERROR_SIZE]);
    bool is_wanted;
    unsigned retry_s;
    uint64_t retry_at_ms;
    char failure[CURL_ERROR_SIZE]; /* "" = it works */
};

struct notifier {
    struct collect *collect;
    struct sink sinks[SINK_COUNT];
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct alert alerts[NOTIFY_MAX];
    size_t count; /* to tell; 0 = idle */
    struct alert done[NOTIFY_MAX];
    size_t done_count;
};

char *notify_json(const struct alert *alert)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddStringToObject(object, "kind", alert->kind);
    cJSON_AddStringToObject(object, "subject", alert->subject);
    cJSON_AddStringToObject(object, "text", alert->text);
    cJSON_AddNumberToObject(object, "count", (double)alert->count);
    cJSON_AddNumberToObject(object, "first_seen", (double)alert->first_ms / 1000);
    cJSON_AddNumberToObject(object, "last_seen", (double)alert->last_ms / 1000);
    char *text = cJSON_PrintUnformatted(object);
    cJSON_Delete(object);
    return text;
}

static size_t webhook_ignore(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes;
    (void)context;
    return size * count;
}

static bool webhook_send(const struct collect_options *options, const char *json,
                         char text[CURL_ERROR_SIZE])
{
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    long status = 0;

    text[0] = '\0';
    if (curl == NULL || headers == NULL) {
        curl_slist_free_all(headers);
        return false;
    }
    curl_easy_setopt(curl, CURLOPT_URL, options->webhook);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, json);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, WEBHOOK_TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, webhook_ignore);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, text);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "lcm-collect/" LCM_VERSION);
    bool is_sent = curl_easy_perform(curl) == CURLE_OK &&
                   curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK &&
                   status >= 200 && status < 300;
    if (!is_sent && text[0] == '\0')
        snprintf(text, CURL_ERROR_SIZE, "HTTP status %ld", status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return is_sent;
}

/* Its exit code; one that takes too long is killed. */
static int command_wait(pid_t pid)
{
    uint64_t end_ms = collect_uptime_ms() + COMMAND_TIMEOUT_MS;
    int status = 0;

    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (collect_uptime_ms() > end_ms) {
            kill(pid, SIGKILL);
            waitpid(pid, &status, 0);
            return -1;
        }
        usleep(10000);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Signals as in a fresh process: this one ignores some. */
static bool command_spawn(const char *command, int input, pid_t *pid)
{
    const char *const arguments[] = {"sh", "-c", command, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults, none;

    sigemptyset(&none);
    sigfillset(&defaults);
    sigdelset(&defaults, SIGKILL);
    sigdelset(&defaults, SIGSTOP);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setsigmask(&attributes, &none);
    union {
        const char *const *given;
        char *const *wanted;
    } words = {.given = arguments};
    int code = posix_spawn(pid, "/bin/sh", &actions, &attributes, words.wanted, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return code == 0;
}

static bool command_send(const struct collect_options *options, const char *json,
                         char text[CURL_ERROR_SIZE])
{
    int ends[2];
    pid_t pid;

    snprintf(text, CURL_ERROR_SIZE, "the command failed");
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    bool is_started = command_spawn(options->command, ends[0], &pid);
    close(ends[0]);
    if (is_started) {
        /* An alert is smaller than a pipe: this does not wait. */
        ssize_t ignored = write(ends[1], json, strlen(json));
        (void)ignored;
    }
    close(ends[1]);
    return is_started && command_wait(pid) == 0;
}

/* What fails now, for people. */
static void notifier_status(struct notifier *notifier)
{
    struct collect *collect = notifier->collect;
    char line[COLLECT_TEXT_LINE_SIZE] = "";

    for (size_t i = 0; i < SINK_COUNT; i++) {
        if (notifier->sinks[i].failure[0] != '\0')
            snprintf(line, sizeof(line), "alerts cannot be sent: %.200s",
                     notifier->sinks[i].failure);
    }
    (void)collect_status_set(&collect->status, collect->status.alerts, line);
}

static bool sink_send(struct notifier *notifier, struct sink *sink, const char *json)
{
    char text[CURL_ERROR_SIZE] = "";

    if (sink->send(&notifier->collect->options, json, text)) {
        sink->failure[0] = '\0';
        sink->retry_s = 0;
        return true;
    }
    memcpy(sink->failure, text, sizeof(text));
    sink->retry_s = sink->retry_s == 0 ? RETRY_MIN_S : sink->retry_s * 2;
    if (sink->retry_s > RETRY_MAX_S)
        sink->retry_s = RETRY_MAX_S;
    sink->retry_at_ms = collect_uptime_ms() + (uint64_t)sink->retry_s * 1000;
    notifier->collect->counters.alerts_failed++;
    return false;
}

/* By every way that has not taken it yet and is not left alone. true when that changed. */
static bool notifier_send(struct notifier *notifier, struct alert *alert)
{
    unsigned before = alert->sent, wanted = 0;
    char *json = notify_json(alert);

    for (size_t i = 0; json != NULL && i < SINK_COUNT; i++) {
        struct sink *sink = &notifier->sinks[i];

        wanted |= sink->is_wanted ? 1u << i : 0;
        if (sink->is_wanted && (alert->sent & 1u << i) == 0 &&
            collect_uptime_ms() >= sink->retry_at_ms && sink_send(notifier, sink, json))
            alert->sent |= 1u << i;
    }
    cJSON_free(json);
    alert->is_first = before == 0 && alert->sent != 0;
    alert->is_told = json != NULL && (alert->sent & wanted) == wanted;
    notifier->collect->counters.alerts_sent += alert->is_told;
    notifier_status(notifier);
    return alert->sent != before || alert->is_told;
}

static void notifier_batch(struct notifier *notifier, size_t count)
{
    for (size_t i = 0; i < count && !notifier->collect->is_stopping; i++) {
        if (!notifier_send(notifier, &notifier->alerts[i]))
            continue;
        pthread_mutex_lock(&notifier->lock);
        notifier->done[notifier->done_count++] = notifier->alerts[i];
        pthread_mutex_unlock(&notifier->lock);
    }
}

static void *notifier_run(void *context)
{
    struct notifier *notifier = context;

    pthread_mutex_lock(&notifier->lock);
    while (!notifier->collect->is_stopping) {
        if (notifier->count == 0) {
            pthread_cond_wait(&notifier->changed, &notifier->lock);
            continue;
        }
        size_t count = notifier->count;
        pthread_mutex_unlock(&notifier->lock);
        notifier_batch(notifier, count);
        pthread_mutex_lock(&notifier->lock);
        notifier->count = 0;
    }
    pthread_mutex_unlock(&notifier->lock);
    return NULL;
}

struct notifier *notifier_start(struct collect *collect)
{
    struct notifier *notifier;

    if (collect->options.webhook == NULL && collect->options.command == NULL)
        return NULL;
    notifier = calloc(1, sizeof(*notifier));
    if (notifier == NULL)
        return NULL;
    notifier->collect = collect;
    notifier->sinks[0] =
        (struct sink){.send = webhook_send, .is_wanted = collect->options.webhook != NULL};
    notifier->sinks[1] =
        (struct sink){.send = command_send, .is_wanted = collect->options.command != NULL};
    pthread_mutex_init(&notifier->lock, NULL);
    pthread_cond_init(&notifier->changed, NULL);
    if (pthread_create(&notifier->thread, NULL, notifier_run, notifier) != 0) {
        free(notifier);
        return NULL;
    }
    return notifier;
}

void notifier_stop(struct notifier *notifier)
{
    if (notifier == NULL)
        return;
    pthread_mutex_lock(&notifier->lock);
    pthread_cond_signal(&notifier->changed);
    pthread_mutex_unlock(&notifier->lock);
    pthread_join(notifier->thread, NULL);
    pthread_cond_destroy(&notifier->changed);
    pthread_mutex_destroy(&notifier->lock);
    free(notifier);
}

bool notifier_is_idle(struct notifier *notifier)
{
    pthread_mutex_lock(&notifier->lock);
    bool is_idle = notifier->count == 0 && notifier->done_count == 0;
    pthread_mutex_unlock(&notifier->lock);
    return is_idle;
}

size_t notifier_take_done(struct notifier *notifier, struct alert alerts[NOTIFY_MAX])
{
    pthread_mutex_lock(&notifier->lock);
    size_t count = notifier->done_count;
    memcpy(alerts, notifier->done, count * sizeof(alerts[0]));
    notifier->done_count = 0;
    pthread_mutex_unlock(&notifier->lock);
    return count;
}

void notifier_give(struct notifier *notifier, const struct alert *alerts, size_t count)
{
    pthread_mutex_lock(&notifier->lock);
    memcpy(notifier->alerts, alerts, count * sizeof(alerts[0]));
    notifier->count = count;
    pthread_cond_signal(&notifier->changed);
    pthread_mutex_unlock(&notifier->lock);
}
