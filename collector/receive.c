// SPDX-License-Identifier: Apache-2.0
/*
 * The receiver's loop; see the header. Level-triggered epoll over a fixed set of places: four
 * listening sockets, connections, one pipe that wakes it.
 *
 * Invariant: it never waits for store, page or a sender.
 */
#include "collector/receive.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collector/connection.h"
#include "collector/sockets.h"

#define SOCKET_COUNT 4u /* udp, broadcast, tcp, tls */
#define FIRST_STREAM 2u
#define CONNECTIONS_MAX 256u
#define CONNECTIONS_PER_NETWORK 64u
#define HANDSHAKE_MS 10000u
#define DATAGRAMS 64u
#define EVENTS_MAX 64
#define TICK_MS 20
#define WAKE_TAG UINT32_MAX
#define DRAIN_MS 3000u /* at the end, for what has arrived */
#define BURST_SECONDS 20u

struct datagrams {
    struct mmsghdr headers[DATAGRAMS];
    struct iovec parts[DATAGRAMS];
    struct sockaddr_storage from[DATAGRAMS];
    char control[DATAGRAMS][64];
    char bytes[DATAGRAMS][COLLECT_MESSAGE_SIZE_MAX];
};

struct receiver {
    struct collect *collect;
    int epoll_fd, wake_fd;
    int sockets[SOCKET_COUNT];
    uint16_t ports[SOCKET_COUNT];
    uint32_t kernel_drops[SOCKET_COUNT];
    struct tls_server *tls;
    struct connection *connections[CONNECTIONS_MAX];
    bool is_waiting[CONNECTIONS_MAX]; /* for room in the queue */
    struct limit limit;
    struct datagrams datagrams;
};

uint16_t receiver_port(const struct receiver *receiver, unsigned which)
{
    return receiver->ports[which];
}

void receiver_wake(struct receiver *receiver)
{
    uint64_t one = 1;
    ssize_t ignored = write(receiver->wake_fd, &one, sizeof(one));

    (void)ignored;
}

static bool receiver_watch(struct receiver *receiver, int fd, uint32_t tag)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = tag};

    return epoll_ctl(receiver->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* Wholly: the end of a connection is told to whoever is watched, wanted or not. */
static void receiver_unwatch(struct receiver *receiver, int fd)
{
    struct epoll_event none = {.events = 0};

    (void)epoll_ctl(receiver->epoll_fd, EPOLL_CTL_DEL, fd, &none);
}

/* ---- opening ---- */

static int receiver_open_socket(struct receiver *receiver, unsigned which, long port)
{
    static const char *const options[SOCKET_COUNT] = {"--port", "--broadcast-port", "--tcp-port",
                                                      "--tls-port"};
    const char *address = receiver->collect->options.listen;
    int type = which < FIRST_STREAM ? SOCK_DGRAM : SOCK_STREAM;

    if (port < 0)
        return CLI_OK;
    receiver->ports[which] = (uint16_t)port;
    receiver->sockets[which] = sockets_listen(address, type, &receiver->ports[which]);
    if (receiver->sockets[which] >= 0 && receiver_watch(receiver, receiver->sockets[which], which))
        return CLI_OK;
    cli_error("%s port %ld: %s. Choose another with %s (0 = any free one, none = do not listen)%s",
              address, port, strerror(errno), options[which],
              port < 1024 && errno == EACCES
                  ? "; ports below 1024 need root or setcap cap_net_bind_service+ep"
                  : "");
    return errno == EACCES ? CLI_AUTH : CLI_ERROR;
}

static int receiver_open_all(struct receiver *receiver)
{
    const struct collect_options *options = &receiver->collect->options;
    const long ports[SOCKET_COUNT] = {options->port, options->broadcast_port, options->tcp_port,
                                      options->tls_port};
    char text[COLLECT_TEXT_LINE_SIZE];

    if (options->tls_port >= 0 &&
        tls_server_open(options->tls_certificate, options->tls_key, options->tls_clients,
                        &receiver->tls, text) != LCM_OK) {
        cli_error("TLS: %s", text);
        return CLI_ERROR;
    }
    for (unsigned i = 0; i < SOCKET_COUNT; i++) {
        int code = receiver_open_socket(receiver, i, ports[i]);

        if (code != CLI_OK)
            return code;
    }
    return CLI_OK;
}

static void datagrams_init(struct datagrams *datagrams)
{
    for (unsigned i = 0; i < DATAGRAMS; i++) {
        datagrams->parts[i] = (struct iovec){datagrams->bytes[i], sizeof(datagrams->bytes[i])};
        datagrams->headers[i].msg_hdr = (struct msghdr){
            .msg_iov = &datagrams->parts[i], .msg_iovlen = 1, .msg_name = &datagrams->from[i]};
    }
}

int receiver_open(struct collect *collect, struct receiver **receiver)
{
    struct receiver *made = calloc(1, sizeof(*made));
    uint32_t rate = (uint32_t)collect->options.rate;

    if (made == NULL) {
        cli_error("out of memory");
        return CLI_ERROR;
    }
    made->collect = collect;
    for (unsigned i = 0; i < SOCKET_COUNT; i++)
        made->sockets[i] = -1;
    limit_init(&made->limit, rate, rate * BURST_SECONDS);
    datagrams_init(&made->datagrams);
    made->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    made->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int code =
        made->epoll_fd >= 0 && made->wake_fd >= 0 && receiver_watch(made, made->wake_fd, WAKE_TAG)
            ? receiver_open_all(made)
            : CLI_ERROR;
    if (code != CLI_OK) {
        receiver_close(made);
        return code;
    }
    *receiver = made;
    return CLI_OK;
}

void receiver_close(struct receiver *receiver)
{
    for (unsigned i = 0; i < SOCKET_COUNT; i++) {
        if (receiver->sockets[i] >= 0)
            close(receiver->sockets[i]);
    }
    for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
        if (receiver->connections[i] == NULL)
            continue;
        connection_close(receiver->connections[i]);
        free(receiver->connections[i]);
    }
    tls_server_close(receiver->tls);
    if (receiver->epoll_fd >= 0)
        close(receiver->epoll_fd);
    if (receiver->wake_fd >= 0)
        close(receiver->wake_fd);
    free(receiver);
}

/* ---- datagrams ---- */

static bool source_is_relay(const struct collect *collect, const char *source)
{
    for (size_t i = 0; collect->options.relays[i] != NULL; i++) {
        if (strcmp(collect->options.relays[i], source) == 0)
            return true;
    }
    return false;
}

/* One datagram is one syslog message, or one message a line. */
static void datagram_push(struct receiver *receiver, const char *bytes, size_t size,
                          struct collect_record *record)
{
    struct collect_counters *counters = &receiver->collect->counters;
    bool is_free = source_is_relay(receiver->collect, record->source);

    while (size > 0) {
        size_t extent = collect_parse_extent(bytes, size);

        counters->received[COLLECT_UDP]++;
        record->bytes = bytes;
        record->size = extent;
        if (!is_free && !limit_allows(&receiver->limit, record->source, collect_uptime_ms()))
            counters->dropped[COLLECT_DROP_RATE]++;
        else if (!collect_queue_push(&receiver->collect->queue, record))
            counters->dropped[COLLECT_DROP_QUEUE]++;
        bytes += extent;
        size -= extent;
    }
}

/* The kernel tells how many it dropped since the socket was opened. */
static void datagram_count_kernel(struct receiver *receiver, unsigned which, struct msghdr *header)
{
    for (struct cmsghdr *at = CMSG_FIRSTHDR(header); at != NULL; at = CMSG_NXTHDR(header, at)) {
        uint32_t total;

        if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SO_RXQ_OVFL)
            continue;
        memcpy(&total, CMSG_DATA(at), sizeof(total));
        receiver->collect->counters.dropped[COLLECT_DROP_KERNEL] +=
            total - receiver->kernel_drops[which];
        receiver->kernel_drops[which] = total;
    }
}

/* true while there may be more. */
static bool receiver_datagrams(struct receiver *receiver, unsigned which)
{
    struct datagrams *datagrams = &receiver->datagrams;
    struct collect_record record = {.at_ms = collect_now_ms(), .transport = COLLECT_UDP};

    for (unsigned i = 0; i < DATAGRAMS; i++) {
        struct msghdr *header = &datagrams->headers[i].msg_hdr;

        header->msg_namelen = sizeof(datagrams->from[i]);
        header->msg_control = datagrams->control[i];
        header->msg_controllen = sizeof(datagrams->control[i]);
    }
    int count =
        recvmmsg(receiver->sockets[which], datagrams->headers, DATAGRAMS, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++) {
        sockets_source(&datagrams->from[i], record.source);
        datagram_push(receiver, datagrams->bytes[i], datagrams->headers[i].msg_len, &record);
    }
    if (count > 0)
        datagram_count_kernel(receiver, which, &datagrams->headers[count - 1].msg_hdr);
    return count == (int)DATAGRAMS;
}

/* ---- connections ---- */

static void receiver_drop_connection(struct receiver *receiver, unsigned slot)
{
    connection_close(receiver->connections[slot]);
    free(receiver->connections[slot]);
    receiver->connections[slot] = NULL;
    receiver->collect->counters.connections--;
}

static unsigned receiver_count_network(const struct receiver *receiver, uint64_t network)
{
    unsigned count = 0;

    for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
        count += receiver->connections[i] != NULL && receiver->connections[i]->network == network;
    return count;
}

/* A free place, or that of the sender who deserves it least. */
static unsigned receiver_find_slot(struct receiver *receiver)
{
    for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
        if (receiver->connections[i] == NULL)
            return i;
    }
    unsigned victim = connection_find_victim(receiver->connections, CONNECTIONS_MAX);
    receiver_drop_connection(receiver, victim);
    return victim;
}

static void receiver_accept(struct receiver *receiver, unsigned which)
{
    struct sockaddr_storage from;
    socklen_t size = sizeof(from);
    char source[COLLECT_SOURCE_SIZE];
    int fd = accept4(receiver->sockets[which], (struct sockaddr *)&from, &size,
                     SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0)
        return;
    sockets_source(&from, source);
    uint64_t network = sockets_network(source);
    struct connection *connection = malloc(sizeof(*connection));
    if (connection == NULL ||
        receiver_count_network(receiver, network) >= CONNECTIONS_PER_NETWORK) {
        free(connection);
        close(fd);
        return;
    }
    unsigned slot = receiver_find_slot(receiver);
    memcpy(connection->source, source, sizeof(source));
    connection->network = network;
    if (connection_init(connection, fd, which == FIRST_STREAM ? NULL : receiver->tls) != LCM_OK ||
        !receiver_watch(receiver, fd, SOCKET_COUNT + slot)) {
        connection_close(connection);
        free(connection);
        return;
    }
    receiver->connections[slot] = connection;
    receiver->is_waiting[slot] = false;
    receiver->collect->counters.connections++;
}

static void receiver_read(struct receiver *receiver, unsigned slot)
{
    struct connection *connection = receiver->connections[slot];

    if (connection == NULL)
        return;
    struct limit *limit =
        source_is_relay(receiver->collect, connection->source) ? NULL : &receiver->limit;
    enum connection_result result = connection_read(connection, receiver->collect, limit);
    if (result == CONNECTION_CLOSED) {
        receiver_drop_connection(receiver, slot);
        return;
    }
    bool is_full = result == CONNECTION_FULL;
    if (is_full == receiver->is_waiting[slot])
        return;
    receiver->is_waiting[slot] = is_full;
    if (is_full)
        receiver_unwatch(receiver, connection->fd);
    else if (!receiver_watch(receiver, connection->fd, SOCKET_COUNT + slot))
        receiver_drop_connection(receiver, slot);
}

/* Those that wait for room, and those that never shook hands. */
static void receiver_tick(struct receiver *receiver)
{
    uint64_t now_ms = collect_uptime_ms();

    for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *connection = receiver->connections[i];

        if (connection == NULL)
            continue;
        if (!connection->is_shaken && now_ms - connection->opened_ms > HANDSHAKE_MS)
            receiver_drop_connection(receiver, i);
        else if (receiver->is_waiting[i])
            receiver_read(receiver, i);
    }
}

/* ---- the loop ---- */

static void receiver_turn(struct receiver *receiver, int timeout_ms)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(receiver->epoll_fd, events, EVENTS_MAX, timeout_ms);

    /* Syslog before broadcast: the second telling of an event is the one that is left out. */
    for (unsigned which = 0; which < FIRST_STREAM; which++) {
        for (int i = 0; i < count; i++) {
            if (events[i].data.u32 == which)
                receiver_datagrams(receiver, which);
        }
    }
    for (int i = 0; i < count; i++) {
        uint32_t tag = events[i].data.u32;

        if (tag == WAKE_TAG || tag < FIRST_STREAM)
            continue;
        if (tag < SOCKET_COUNT)
            receiver_accept(receiver, tag);
        else
            receiver_read(receiver, tag - SOCKET_COUNT);
    }
    receiver_tick(receiver);
}

/* No new senders; what is in the kernel's buffers is taken, within DRAIN_MS. */
static void receiver_drain(struct receiver *receiver)
{
    uint64_t end_ms = collect_uptime_ms() + DRAIN_MS;

    for (unsigned which = 0; which < SOCKET_COUNT; which++) {
        while (which < FIRST_STREAM && receiver->sockets[which] >= 0 &&
               receiver_datagrams(receiver, which) && collect_uptime_ms() < end_ms) {
        }
        if (receiver->sockets[which] >= 0)
            close(receiver->sockets[which]);
        receiver->sockets[which] = -1;
    }
    for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *connection = receiver->connections[i];
        enum connection_result result = CONNECTION_FULL;

        if (connection == NULL)
            continue;
        shutdown(connection->fd, SHUT_RD);
        while (result != CONNECTION_CLOSED && collect_uptime_ms() < end_ms) {
            result = connection_read(connection, receiver->collect, NULL);
            if (result == CONNECTION_FULL)
                usleep(1000);
        }
        receiver_drop_connection(receiver, i);
    }
}

void receiver_run(struct receiver *receiver)
{
    while (!receiver->collect->is_stopping)
        receiver_turn(receiver, TICK_MS);
    receiver_drain(receiver);
    collect_queue_close(&receiver->collect->queue);
}
