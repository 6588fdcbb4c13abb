// SPDX-License-Identifier: Apache-2.0
/* The forwarder; see the header. Its thread alone touches the socket. */
#include "collector/forward.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "collector/message.h"
#include "collector/scan.h"
#include "collector/sockets.h"

#define RING_SIZE (2u * 1024 * 1024)
#define CONNECT_MS 3000u
#define SEND_MS 5000
#define RETRY_MS 1000u
#define WAIT_MS 100u
#define HEAD_SIZE 16u /* "8192 " */
#define WRAP_SIZE 512u

struct forwarder {
    struct collect *collect;
    struct collect_queue ring;
    pthread_t thread;
    const char *place; /* HOST:PORT */
    int type;
    int fd;
    uint64_t retry_at_ms;
};

bool forward_is_place(const char *place)
{
    return (strncmp(place, "udp:", 4) == 0 || strncmp(place, "tcp:", 4) == 0) &&
           strchr(place + 4, ':') != NULL;
}

/* A quoted value of structured data: the parser left no control characters in it. */
static size_t wrap_value(char *text, size_t size, size_t length, const char *name,
                         const char *value)
{
    if (value[0] == '\0' || length + 2 * strlen(value) + strlen(name) + 8 > size)
        return length;
    length += (size_t)snprintf(text + length, size - length, " %s=\"", name);
    for (; *value != '\0'; value++) {
        if (*value == '"' || *value == '\\' || *value == ']')
            text[length++] = '\\';
        text[length++] = *value;
    }
    text[length++] = '"';
    text[length] = '\0';
    return length;
}

size_t forward_format(const struct collect_record *record, char *text, size_t size)
{
    struct collect_message message;
    char stamp[40];
    time_t seconds = (time_t)(record->at_ms / 1000);
    struct tm tm;

    if (collect_parse(record->bytes, record->size, record->source, &message) != LCM_OK)
        return 0;
    if (message.form == COLLECT_RFC5424) {
        size_t length = record->size < size ? record->size : size;

        while (length > 0 && (unsigned char)record->bytes[length - 1] <= ' ')
            length--;
        memcpy(text, record->bytes, length);
        return length;
    }
    gmtime_r(&seconds, &tm);
    strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm);
    bool is_device = scan_is_device_id(message.id, strlen(message.id));
    size_t length =
        (size_t)snprintf(text, size, "<%u>1 %s %s%s %s - %s [lcm@32473", message.priority, stamp,
                         is_device ? "lcm-" : "", message.id, message.is_lcm ? "lcm" : "-",
                         message.msgid[0] != '\0' ? message.msgid : "-");
    length = wrap_value(text, size, length, "dev", message.id);
    length = wrap_value(text, size, length, "ph", message.phase);
    length = wrap_value(text, size, length, "file", message.file);
    length = wrap_value(text, size, length, "lcm", message.lcm);
    length = wrap_value(text, size, length, "repo", message.repo);
    length = wrap_value(text, size, length, "from", message.from);
    length = wrap_value(text, size, length, "to", message.to);
    if (message.result >= 0)
        length += (size_t)snprintf(text + length, size - length, " rc=\"%d\"", message.result);
    length += (size_t)snprintf(text + length, size - length, "] %s", message.text);
    return length < size ? length : size - 1;
}

static void forwarder_disconnect(struct forwarder *forwarder, const char *why)
{
    char line[COLLECT_TEXT_LINE_SIZE];

    if (forwarder->fd >= 0)
        close(forwarder->fd);
    forwarder->fd = -1;
    forwarder->retry_at_ms = collect_uptime_ms() + RETRY_MS;
    snprintf(line, sizeof(line), "cannot forward to %s: %s", forwarder->collect->options.forward,
             why);
    (void)collect_status_set(&forwarder->collect->status, forwarder->collect->status.forward, line);
}

static bool forwarder_connect(struct forwarder *forwarder)
{
    if (forwarder->fd >= 0)
        return true;
    if (collect_uptime_ms() < forwarder->retry_at_ms) {
        usleep(WAIT_MS * 1000);
        return false;
    }
    forwarder->fd = sockets_connect(forwarder->place, forwarder->type, CONNECT_MS);
    if (forwarder->fd < 0) {
        forwarder_disconnect(forwarder, "not reachable");
        return false;
    }
    (void)collect_status_set(&forwarder->collect->status, forwarder->collect->status.forward, NULL);
    return true;
}

static bool forwarder_send_all(struct forwarder *forwarder, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(forwarder->fd, bytes, size, MSG_NOSIGNAL);
        struct pollfd poll_fd = {.fd = forwarder->fd, .events = POLLOUT};

        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        if (sent < 0 && poll(&poll_fd, 1, SEND_MS) <= 0)
            return false;
        if (sent > 0) {
            bytes += sent;
            size -= (size_t)sent;
        }
    }
    return true;
}

/* A stream whose other side has closed takes one more message in vain: look before. */
static bool forwarder_is_open(const struct forwarder *forwarder)
{
    char byte;

    return forwarder->type == SOCK_DGRAM ||
           recv(forwarder->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) != 0;
}

static bool forwarder_send(struct forwarder *forwarder, const struct collect_record *record)
{
    char text[HEAD_SIZE + COLLECT_MESSAGE_SIZE_MAX + WRAP_SIZE];
    char *message = text + HEAD_SIZE;
    size_t size = forward_format(record, message, sizeof(text) - HEAD_SIZE);

    if (size == 0)
        return true;
    if (!forwarder_is_open(forwarder)) {
        forwarder_disconnect(forwarder, "the other side closed");
        return false;
    }
    if (forwarder->type == SOCK_STREAM) {
        char head[HEAD_SIZE];
        int head_size = snprintf(head, sizeof(head), "%u ", (unsigned)size);

        message -= head_size;
        memcpy(message, head, (size_t)head_size);
        size += (size_t)head_size;
    }
    if (forwarder_send_all(forwarder, message, size)) {
        forwarder->collect->counters.forwarded++;
        return true;
    }
    forwarder_disconnect(forwarder, strerror(errno));
    return false;
}

static void *forwarder_run(void *context)
{
    struct forwarder *forwarder = context;
    struct collect_record record;

    while (!collect_queue_is_done(&forwarder->ring)) {
        if (!collect_queue_take(&forwarder->ring, WAIT_MS, &record))
            continue;
        bool is_sent = forwarder_connect(forwarder) && forwarder_send(forwarder, &record);
        if (is_sent)
            collect_queue_release(&forwarder->ring);
        else if (!forwarder->collect->is_stopping)
            collect_queue_rewind(&forwarder->ring);
        else
            forwarder->collect->counters.forward_dropped++;
    }
    return NULL;
}

struct forwarder *forwarder_start(struct collect *collect)
{
    const char *place = collect->options.forward;
    struct forwarder *forwarder = place != NULL ? calloc(1, sizeof(*forwarder)) : NULL;

    if (forwarder == NULL)
        return NULL;
    forwarder->collect = collect;
    forwarder->place = place + 4;
    forwarder->type = strncmp(place, "udp:", 4) == 0 ? SOCK_DGRAM : SOCK_STREAM;
    forwarder->fd = -1;
    if (collect_queue_init(&forwarder->ring, RING_SIZE) != LCM_OK ||
        pthread_create(&forwarder->thread, NULL, forwarder_run, forwarder) != 0) {
        collect_queue_free(&forwarder->ring);
        free(forwarder);
        return NULL;
    }
    return forwarder;
}

void forwarder_stop(struct forwarder *forwarder)
{
    if (forwarder == NULL)
        return;
    collect_queue_close(&forwarder->ring);
    pthread_join(forwarder->thread, NULL);
    if (forwarder->fd >= 0)
        close(forwarder->fd);
    collect_queue_free(&forwarder->ring);
    free(forwarder);
}

void forwarder_give(struct forwarder *forwarder, const struct collect_record *record)
{
    if (!collect_queue_push(&forwarder->ring, record))
        forwarder->collect->counters.forward_dropped++;
}
