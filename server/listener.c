// SPDX-License-Identifier: Apache-2.0
/*
 * Accepting connections; see the header.
 *
 * Knows threads and slots, nothing of TLS or HTTP. Invariant: a socket in the table is
 * open, because its thread takes it out of the table before closing it.
 */
#include "server/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTEN_BACKLOG 64

struct worker {
    struct serve_pool *pool;
    size_t slot;
    struct serve_connection connection;
};

static bool socket_bind(int fd, const struct sockaddr_in *place)
{
    int on = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return bind(fd, (const struct sockaddr *)place, sizeof(*place)) == 0 &&
           listen(fd, LISTEN_BACKLOG) == 0;
}

enum lcm_err serve_listen(const char *address, uint16_t *port, int *fd)
{
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(*port)};
    socklen_t size = sizeof(place);

    if (inet_pton(AF_INET, address, &place.sin_addr) != 1)
        return LCM_ERR_ARGUMENT;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0)
        return LCM_ERR_CONNECT;
    if (!socket_bind(listener, &place) ||
        getsockname(listener, (struct sockaddr *)&place, &size) != 0) {
        close(listener);
        return LCM_ERR_CONNECT;
    }
    *port = ntohs(place.sin_port);
    *fd = listener;
    return LCM_OK;
}

void serve_pool_init(struct serve_pool *pool)
{
    memset(pool, 0, sizeof(*pool));
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->changed, NULL);
    for (size_t i = 0; i < SERVE_CONNECTIONS_MAX; i++)
        pool->sockets[i] = -1;
}

static bool slot_take(struct serve_pool *pool, int fd, struct worker *worker)
{
    bool found = false;

    pthread_mutex_lock(&pool->lock);
    for (size_t i = 0; i < SERVE_CONNECTIONS_MAX && !found; i++) {
        if (pool->is_taken[i])
            continue;
        found = true;
        pool->is_taken[i] = true;
        pool->sockets[i] = fd;
        pool->count++;
        worker->slot = i;
        worker->connection.number = ++pool->accepted;
    }
    pthread_mutex_unlock(&pool->lock);
    return found;
}

static void slot_forget_socket(struct serve_pool *pool, size_t slot)
{
    pthread_mutex_lock(&pool->lock);
    pool->sockets[slot] = -1;
    pthread_mutex_unlock(&pool->lock);
}

static void slot_free(struct serve_pool *pool, size_t slot)
{
    pthread_mutex_lock(&pool->lock);
    pool->is_taken[slot] = false;
    pool->count--;
    pthread_cond_signal(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
}

static void *worker_run(void *context)
{
    struct worker *worker = context;
    struct serve_pool *pool = worker->pool;
    size_t slot = worker->slot;

    serve_connection_run(&worker->connection);
    slot_forget_socket(pool, slot);
    serve_connection_close(&worker->connection);
    free(worker);
    slot_free(pool, slot);
    return NULL;
}

static bool worker_start(struct worker *worker)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, worker_run, worker) != 0) {
        slot_forget_socket(worker->pool, worker->slot);
        slot_free(worker->pool, worker->slot);
        return false;
    }
    pthread_detach(thread);
    return true;
}

void serve_pool_accept(struct serve_pool *pool, struct serve_site *site, enum serve_host host,
                       int listener)
{
    int fd = accept(listener, NULL, NULL);

    if (fd < 0)
        return;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    struct worker *worker = calloc(1, sizeof(*worker));
    if (worker != NULL) {
        worker->pool = pool;
        worker->connection.site = site;
        worker->connection.host = host;
        worker->connection.fd = fd;
        if (slot_take(pool, fd, worker) && worker_start(worker))
            return;
    }
    free(worker);
    close(fd);
}

void serve_pool_stop(struct serve_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    for (size_t i = 0; i < SERVE_CONNECTIONS_MAX; i++) {
        if (pool->sockets[i] >= 0)
            shutdown(pool->sockets[i], SHUT_RDWR);
    }
    while (pool->count > 0)
        pthread_cond_wait(&pool->changed, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->lock);
}
