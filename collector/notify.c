// SPDX-License-Identifier: Apache-2.0
/*
 * Sending alerts; see the header. What devices said travels in JSON only, never on a command line.
 * What could not be sent stays pending in the store and is tried again, slower each time.
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

struct notifier {
    struct collect *collect;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct alert alerts[NOTIFY_MAX];
    size_t count; /* to tell; 0 = idle */
    struct alert done[NOTIFY_MAX];
    size_t done_count;
    unsigned retry_s;
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

static bool webhook_send(const char *url, const char *json, char text[CURL_ERROR_SIZE])
{
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    long status = 0;

    text[0] = '\0';
    if (curl == NULL || headers == NULL) {
        curl_slist_free_all(headers);
        return false;
    }
    curl_easy_setopt(curl, CURLOPT_URL, url);
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

static bool command_send(const char *command, const char *json)
{
    int ends[2];
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    bool is_started = command_spawn(command, ends[0], &pid);
    close(ends[0]);
    if (is_started) {
        /* An alert is smaller than a pipe: this does not wait. */
        ssize_t ignored = write(ends[1], json, strlen(json));
        (void)ignored;
    }
    close(ends[1]);
    return is_started && command_wait(pid) == 0;
}

static bool notifier_send(struct notifier *notifier, const struct alert *alert)
{
    struct collect *collect = notifier->collect;
    const struct collect_options *options = &collect->options;
    char text[CURL_ERROR_SIZE] = "", line[COLLECT_TEXT_LINE_SIZE];
    char *json = notify_json(alert);
    bool is_sent = json != NULL;

    if (is_sent && options->webhook != NULL)
        is_sent = webhook_send(options->webhook, json, text);
    if (is_sent && options->command != NULL && !command_send(options->command, json)) {
        is_sent = false;
        snprintf(text, sizeof(text), "the command failed");
    }
    cJSON_free(json);
    snprintf(line, sizeof(line), "alerts cannot be sent: %.200s", text);
    (void)collect_status_set(&collect->status, collect->status.alerts, is_sent ? NULL : line);
    if (is_sent)
        collect->counters.alerts_sent++;
    else
        collect->counters.alerts_failed++;
    return is_sent;
}

/* Wait between tries; true when the collector stops. */
static bool notifier_pause(struct notifier *notifier)
{
    notifier->retry_s = notifier->retry_s == 0 ? RETRY_MIN_S : notifier->retry_s * 2;
    if (notifier->retry_s > RETRY_MAX_S)
        notifier->retry_s = RETRY_MAX_S;
    for (unsigned i = 0; i < notifier->retry_s * 10 && !notifier->collect->is_stopping; i++)
        usleep(100000);
    return notifier->collect->is_stopping;
}

static void notifier_batch(struct notifier *notifier, size_t count)
{
    bool is_good = true;

    for (size_t i = 0; i < count && is_good; i++) {
        is_good = notifier_send(notifier, &notifier->alerts[i]);
        if (!is_good)
            break;
        notifier->alerts[i].is_first = notifier->alerts[i].is_told = true;
        pthread_mutex_lock(&notifier->lock);
        notifier->done[notifier->done_count++] = notifier->alerts[i];
        pthread_mutex_unlock(&notifier->lock);
        notifier->retry_s = 0;
    }
    if (!is_good)
        (void)notifier_pause(notifier);
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
