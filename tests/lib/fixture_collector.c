// SPDX-License-Identifier: Apache-2.0
/* A collector as a child process; see the header. */
#include "tests/lib/fixture_collector.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <curl/curl.h>

#define START_TIMEOUT_MS 20000u
#define WAIT_TIMEOUT_MS 20000u
#define BODY_SIZE_MAX (32u * 1024 * 1024)

void fixture_collector_open(struct fixture_collector *collector)
{
    memset(collector, 0, sizeof(*collector));
    snprintf(collector->folder, sizeof(collector->folder), "/tmp/lcm-collector-XXXXXX");
    assert_non_null(mkdtemp(collector->folder));
    snprintf(collector->store, sizeof(collector->store), "%s/fleet.db", collector->folder);
    snprintf(collector->output, sizeof(collector->output), "%s/out", collector->folder);
}

static bool collector_read_start(struct fixture_collector *collector)
{
    char *text = fixture_read_file(collector->output, NULL);
    cJSON *start = strchr(text, '\n') != NULL ? cJSON_Parse(text) : NULL;
    const struct {
        const char *name;
        unsigned *port;
    } ports[] = {{"udp", &collector->udp},
                 {"broadcast", &collector->broadcast},
                 {"tcp", &collector->tcp},
                 {"tls", &collector->tls},
                 {"page", &collector->page}};

    free(text);
    for (size_t i = 0; start != NULL && i < sizeof(ports) / sizeof(ports[0]); i++)
        *ports[i].port = (unsigned)cJSON_GetNumberValue(cJSON_GetObjectItem(start, ports[i].name));
    cJSON_Delete(start);
    return start != NULL;
}

void fixture_collector_start(struct fixture_collector *collector, const char *options)
{
    const char *arguments[FIXTURE_ARGUMENTS_MAX] = {
        fixture_lcm(), "collect",          "--json", "--store",     collector->store,
        "--listen",    "127.0.0.1",        "--port", "0",           "--tcp-port",
        "0",           "--broadcast-port", "0",      "--page-port", "0"};
    char *words = strdup(options);
    size_t count = 15;
    uint64_t end_ms = fixture_now_ms() + START_TIMEOUT_MS;

    for (char *word = words; *word != '\0' && count + 1 < FIXTURE_ARGUMENTS_MAX;) {
        char *bar = strchr(word, '|');
        arguments[count++] = word;
        if (bar == NULL)
            break;
        *bar = '\0';
        word = bar + 1;
    }
    fixture_write_file(collector->output, "", 0);
    fixture_process_start(&collector->process, arguments, collector->output);
    free(words);
    while (!collector_read_start(collector)) {
        if (fixture_process_wait(&collector->process, 10) || fixture_now_ms() > end_ms) {
            char path[160];
            snprintf(path, sizeof(path), "%s.err", collector->output);
            fail_msg("lcm collect did not start: %s", fixture_read_file(path, NULL));
        }
    }
}

void fixture_collector_start_with_key(struct fixture_collector *collector, const char *id,
                                      const char *key)
{
    char path[128], options[160], line[128];
    int size = snprintf(line, sizeof(line), "%s %s\n", id, key);

    snprintf(path, sizeof(path), "%s/keys", collector->folder);
    fixture_write_file(path, line, (size_t)size);
    assert_int_equal(chmod(path, 0600), 0);
    snprintf(options, sizeof(options), "--keys|%s", path);
    fixture_collector_start(collector, options);
}

int fixture_collector_stop(struct fixture_collector *collector)
{
    fixture_process_stop(&collector->process, SIGTERM);
    return collector->process.exit_code;
}

void fixture_collector_kill(struct fixture_collector *collector)
{
    fixture_process_stop(&collector->process, SIGKILL);
}

void fixture_collector_close(struct fixture_collector *collector)
{
    const char *const arguments[] = {"rm", "-rf", collector->folder, NULL};
    char output[] = "/dev/null";
    struct fixture_process process;

    if (collector->process.pid != 0)
        fixture_process_stop(&collector->process, SIGTERM);
    (void)output;
    char log[64];
    snprintf(log, sizeof(log), "/tmp/lcm-rm-%d", (int)getpid());
    fixture_process_start(&process, arguments, log);
    fixture_process_wait(&process, 10000);
    unlink(log);
    snprintf(log, sizeof(log), "/tmp/lcm-rm-%d.err", (int)getpid());
    unlink(log);
}

struct body {
    char *text;
    size_t size;
};

static size_t body_add(char *bytes, size_t size, size_t count, void *context)
{
    struct body *body = context;
    char *grown = realloc(body->text, body->size + size * count + 1);

    if (grown == NULL || body->size > BODY_SIZE_MAX)
        return 0;
    body->text = grown;
    memcpy(grown + body->size, bytes, size * count);
    body->size += size * count;
    grown[body->size] = '\0';
    return size * count;
}

char *fixture_collector_text(struct fixture_collector *collector, const char *path)
{
    struct body body = {strdup(""), 0};
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = NULL;
    char url[512], header[160];

    snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", collector->page, path);
    if (collector->token[0] != '\0') {
        snprintf(header, sizeof(header), "Authorization: Bearer %s", collector->token);
        headers = curl_slist_append(headers, header);
    }
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, body_add);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &collector->status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    if (code != CURLE_OK)
        fail_msg("GET %s: %s", path, curl_easy_strerror(code));
    return body.text;
}

cJSON *fixture_collector_get(struct fixture_collector *collector, const char *path)
{
    char *text = fixture_collector_text(collector, path);
    cJSON *json = cJSON_Parse(text);

    if (json == NULL)
        fail_msg("GET %s: no JSON: %s", path, text);
    free(text);
    return json;
}

double fixture_collector_number(struct fixture_collector *collector, const char *path,
                                const char *members)
{
    cJSON *json = fixture_collector_get(collector, path);
    const cJSON *at = json;
    char word[64];
    double number;

    while (at != NULL && *members != '\0') {
        size_t size = strcspn(members, ".");
        snprintf(word, sizeof(word), "%.*s", (int)size, members);
        at = cJSON_IsArray(at) ? cJSON_GetArrayItem(at, (int)strtol(word, NULL, 10))
                               : cJSON_GetObjectItemCaseSensitive(at, word);
        members += size + (members[size] == '.');
    }
    number = cJSON_IsNumber(at) ? at->valuedouble : cJSON_IsArray(at) ? cJSON_GetArraySize(at) : -1;
    cJSON_Delete(json);
    return number;
}

const char *fixture_collector_member(struct fixture_collector *collector, const char *path,
                                     const char *member)
{
    static char text[1200];
    cJSON *json = fixture_collector_get(collector, path);
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, member));

    snprintf(text, sizeof(text), "%s", value != NULL ? value : "");
    cJSON_Delete(json);
    return text;
}

void fixture_collector_wait(struct fixture_collector *collector, const char *path,
                            const char *members, double least)
{
    uint64_t end_ms = fixture_now_ms() + WAIT_TIMEOUT_MS;
    double number;

    while ((number = fixture_collector_number(collector, path, members)) < least) {
        if (fixture_now_ms() > end_ms)
            fail_msg("%s %s is %g, expected %g", path, members, number, least);
        fixture_pause(50);
    }
}

double fixture_collector_metric(struct fixture_collector *collector, const char *name)
{
    char *text = fixture_collector_text(collector, "/metrics");
    double value = -1;

    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ' ')
            value = strtod(line + strlen(name), NULL);
    }
    free(text);
    return value;
}

void fixture_collector_send(unsigned port, const char *bytes, size_t size)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    assert_int_equal(sendto(fd, bytes, size, 0, (struct sockaddr *)&to, sizeof(to)), size);
    close(fd);
}

int fixture_collector_connect(unsigned port)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

void fixture_collector_report(struct fixture_collector *collector, const char *id,
                              const char *msgid, const char *parameters)
{
    char text[1024];
    int size = snprintf(text, sizeof(text),
                        "<134>1 - lcm-%s lcm - %s [lcm@32473 dev=\"%s\" chan=\"stable\" %s] %s of "
                        "%s",
                        id, msgid, id, parameters, msgid, id);

    fixture_collector_send(collector->udp, text, (size_t)size);
}
