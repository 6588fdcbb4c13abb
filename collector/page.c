// SPDX-License-Identifier: Apache-2.0
/*
 * Requests in, answers out: who may ask, which route answers; see the header. What the routes say
 * is page_api.c and its neighbours.
 */
#include "collector/page_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "collector/sockets.h"
#include "host/file.h"

#define CONNECTIONS_MAX 64u
#define CONNECTIONS_PER_ADDRESS 16u /* on loopback all have the same */
#define IDLE_S 60u
#define THREAD_STACK_SIZE (512u * 1024)
#define REQUEST_MEMORY (32u * 1024)
#define REQUEST_RATE 100u
#define REQUEST_BURST 400u
#define TLS_FILE_SIZE_MAX 65536u

#define POLICY \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " \
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

struct route {
    const char *path;          /* one that ends in '/' takes what is behind it */
    bool wants_store, is_open; /* is_open: no token */
    enum lcm_err (*run)(struct page_request *request, struct page_reply *reply);
};

static const struct route routes[] = {
    {"/healthz", false, true, page_health},
    {"/metrics", true, false, page_metrics},
    {"/api/v1/summary", true, false, page_summary},
    {"/api/v1/devices", true, false, page_devices},
    {"/api/v1/devices/", true, false, page_device},
    {"/api/v1/groups", true, false, page_groups},
    {"/api/v1/events", true, false, page_events},
    {"/api/v1/releases", true, false, page_releases},
    {"/api/v1/adoption", true, false, page_adoption},
    {"/api/v1/failures", true, false, page_failures},
    {"/api/v1/alerts", true, false, page_alerts},
    {"/api/v1/export", false, false, page_export},
    {"/api/v1/stream", false, false, page_stream},
};

/* ---- connections to the store ---- */

static void reader_refresh(struct page *page, struct page_reader *reader)
{
    char text[ENGINE_ERROR_SIZE];
    uint64_t generation = page->collect->generation;

    if (reader->is_open && reader->generation == generation)
        return;
    if (reader->is_open)
        store_close(&reader->store);
    reader->is_open =
        store_open(&reader->store, page->collect->options.store, true, text) == LCM_OK;
    reader->generation = generation;
}

struct page_reader *page_reader_take(struct page *page)
{
    struct page_reader *reader = NULL;

    pthread_mutex_lock(&page->lock);
    while (reader == NULL) {
        for (size_t i = 0; i < PAGE_READERS && reader == NULL; i++)
            reader = page->readers[i].is_taken ? NULL : &page->readers[i];
        if (reader == NULL)
            pthread_cond_wait(&page->changed, &page->lock);
    }
    reader->is_taken = true;
    pthread_mutex_unlock(&page->lock);
    reader_refresh(page, reader);
    if (reader->is_open)
        return reader;
    page_reader_give(page, reader);
    return NULL;
}

void page_reader_give(struct page *page, struct page_reader *reader)
{
    pthread_mutex_lock(&page->lock);
    reader->is_taken = false;
    pthread_cond_signal(&page->changed);
    pthread_mutex_unlock(&page->lock);
}

/* ---- who may ask ---- */

static const char *header_of(struct MHD_Connection *connection, const char *name)
{
    const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);

    return value != NULL ? value : "";
}

bool page_token_is_right(const struct page *page, struct MHD_Connection *connection)
{
    const char *given = header_of(connection, "Authorization");
    const char *token = page->collect->token;
    size_t size = strlen(token);

    if (size == 0)
        return true;
    return strncmp(given, "Bearer ", 7) == 0 && strlen(given + 7) == size &&
           CRYPTO_memcmp(given + 7, token, size) == 0;
}

/* A page of the internet that lets its own name point here must not read the fleet. */
static bool host_is_local(struct MHD_Connection *connection)
{
    const char *host = header_of(connection, "Host");
    size_t size = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strlen(names[i]) == size && strncasecmp(host, names[i], size) == 0)
            return true;
    }
    return false;
}

/* Browsers tell which site asks. Others may link to the page; nothing else is theirs. */
static bool is_of_other_site(struct MHD_Connection *connection, bool is_file)
{
    bool is_link = is_file && strcmp(header_of(connection, "Sec-Fetch-Dest"), "document") == 0;

    return strcmp(header_of(connection, "Sec-Fetch-Site"), "cross-site") == 0 && !is_link;
}

static bool source_is_within_limit(struct page *page, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct sockaddr_storage storage = {.ss_family = AF_INET};
    char source[COLLECT_SOURCE_SIZE] = "";

    if (info != NULL) {
        size_t size = info->client_addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                               : sizeof(struct sockaddr_in);
        memcpy(&storage, info->client_addr, size);
        sockets_source(&storage, source);
    }
    pthread_mutex_lock(&page->lock);
    bool is_within = limit_allows(&page->limit, source, collect_uptime_ms());
    pthread_mutex_unlock(&page->lock);
    return is_within;
}

/* ---- answers ---- */

static void reply_fail(struct page_reply *reply, unsigned status, const char *error)
{
    reply->status = status;
    reply->error = error;
}

static void reply_finish(struct page_reply *reply)
{
    char *text;

    if (reply->error != NULL) {
        cJSON_Delete(reply->json);
        reply->json = cJSON_CreateObject();
        cJSON_AddStringToObject(reply->json, "error", reply->error);
    }
    if (reply->response != NULL && reply->error == NULL)
        return;
    text = cJSON_PrintUnformatted(reply->json);
    cJSON_Delete(reply->json);
    reply->json = NULL;
    reply->type = "application/json";
    if (text == NULL)
        text = strdup("{}");
    reply->response =
        text != NULL ? MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE)
                     : NULL;
}

static enum MHD_Result reply_send(struct MHD_Connection *connection, struct page_reply *reply)
{
    static const char *const headers[][2] = {
        {"Content-Security-Policy", POLICY}, {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},  {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Cache-Control", "no-store"},
    };

    reply_finish(reply);
    if (reply->response == NULL)
        return MHD_NO;
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        MHD_add_response_header(reply->response, headers[i][0], headers[i][1]);
    MHD_add_response_header(reply->response, "Content-Type", reply->type);
    if (reply->status == MHD_HTTP_FORBIDDEN) /* its browser keeps no place here */
        MHD_add_response_header(reply->response, "Connection", "close");
    if (reply->status == MHD_HTTP_UNAUTHORIZED)
        MHD_add_response_header(reply->response, "WWW-Authenticate", "Bearer");
    if (reply->status == MHD_HTTP_TOO_MANY_REQUESTS)
        MHD_add_response_header(reply->response, "Retry-After", "1");
    enum MHD_Result result = MHD_queue_response(
        connection, reply->status != 0 ? reply->status : MHD_HTTP_OK, reply->response);
    MHD_destroy_response(reply->response);
    return result;
}

static const struct route *route_find(const char *url)
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        size_t size = strlen(routes[i].path);
        bool is_prefix = routes[i].path[size - 1] == '/';

        if (is_prefix ? strncmp(url, routes[i].path, size) == 0 && url[size] != '\0'
                      : strcmp(url, routes[i].path) == 0)
            return &routes[i];
    }
    return NULL;
}

static void route_run(const struct route *route, struct page_request *request,
                      struct page_reply *reply)
{
    struct page_reader *reader = NULL;
    enum lcm_err err = LCM_OK;

    if (route->wants_store) {
        reader = page_reader_take(request->page);
        if (reader == NULL) {
            reply_fail(reply, MHD_HTTP_SERVICE_UNAVAILABLE, "the store cannot be read now");
            return;
        }
        request->store = &reader->store;
    }
    err = route->run(request, reply);
    if (reader != NULL)
        page_reader_give(request->page, reader);
    if (err != LCM_OK && reply->error == NULL)
        reply_fail(reply, MHD_HTTP_SERVICE_UNAVAILABLE, "the store cannot be read now");
}

/* What is refused before anybody looks for an answer. */
static bool page_refuses(struct page *page, struct MHD_Connection *connection, const char *method,
                         bool is_file, struct page_reply *reply)
{
    if (!source_is_within_limit(page, connection))
        reply_fail(reply, MHD_HTTP_TOO_MANY_REQUESTS, "too many requests");
    else if (page->is_loopback && page->collect->token[0] == '\0' && !host_is_local(connection))
        reply_fail(reply, MHD_HTTP_MISDIRECTED_REQUEST, "ask for localhost");
    else if (is_of_other_site(connection, is_file))
        reply_fail(reply, MHD_HTTP_FORBIDDEN, "not for pages of other sites");
    else if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        reply_fail(reply, MHD_HTTP_METHOD_NOT_ALLOWED, "everything here is read-only");
    return reply->error != NULL;
}

static void page_answer(struct page *page, struct MHD_Connection *connection, const char *url,
                        const char *method, struct page_reply *reply)
{
    const struct route *route = route_find(url);
    struct page_request request = {page, connection, url, NULL};

    page->requests++;
    if (page_refuses(page, connection, method, route == NULL, reply))
        return;
    if (route == NULL) {
        if (page_file(url, reply) != LCM_OK)
            reply_fail(reply, MHD_HTTP_NOT_FOUND, "there is nothing here");
    } else if (!route->is_open && !page_token_is_right(page, connection)) {
        page->refused++;
        reply_fail(reply, MHD_HTTP_UNAUTHORIZED, "a token is needed");
    } else {
        if (route->path[strlen(route->path) - 1] == '/')
            request.path = url + strlen(route->path);
        route_run(route, &request, reply);
    }
}

/* Its type is libmicrohttpd's. */
static enum MHD_Result page_on_request(void *context, struct MHD_Connection *connection,
                                       const char *url, const char *method, const char *version,
                                       const char *upload, size_t *upload_size, void **state)
{
    static int is_begun;
    struct page_reply reply = {.status = 0};

    (void)version;
    (void)upload;
    if (*state == NULL) { /* headers are in, a body may follow */
        *state = &is_begun;
        return MHD_YES;
    }
    if (*upload_size > 0) { /* a body nobody wants */
        *upload_size = 0;
        return MHD_YES;
    }
    page_answer(context, connection, url, method, &reply);
    return reply_send(connection, &reply);
}

/* ---- opening ---- */

bool page_is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

static int page_read_text(const char *path, char **text)
{
    struct file_content content = {NULL, 0};
    int code = file_read(path, TLS_FILE_SIZE_MAX, &content);

    if (code == CLI_OK)
        *text = (char *)content.bytes;
    return code;
}

static int page_read_tls(struct page *page)
{
    const struct collect_options *options = &page->collect->options;

    if (page->is_loopback || options->tls_certificate == NULL)
        return CLI_OK;
    int code = page_read_text(options->tls_certificate, &page->tls_certificate);
    return code == CLI_OK ? page_read_text(options->tls_key, &page->tls_key) : code;
}

static int page_listen(struct page *page, int fd)
{
    unsigned flags = MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_ITC;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_KEY, 0, page->tls_key},
        {MHD_OPTION_HTTPS_MEM_CERT, 0, page->tls_certificate},
        {MHD_OPTION_END, 0, NULL},
    };
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};

    if (page->tls_key != NULL)
        flags |= MHD_USE_TLS;
    page->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, (MHD_AccessHandlerCallback)page_on_request, page,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, page->is_loopback ? 0u : CONNECTIONS_PER_ADDRESS,
        MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)REQUEST_MEMORY, MHD_OPTION_THREAD_STACK_SIZE, (size_t)THREAD_STACK_SIZE,
        MHD_OPTION_ARRAY, page->tls_key != NULL ? tls : none, MHD_OPTION_END);
    return page->daemon != NULL ? CLI_OK : CLI_ERROR;
}

int page_open(struct collect *collect, struct page **page)
{
    const struct collect_options *options = &collect->options;
    struct page *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return CLI_ERROR;
    made->collect = collect;
    made->port = (uint16_t)options->page_port;
    made->is_loopback = page_is_loopback(options->page_address);
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->changed, NULL);
    limit_init(&made->limit, REQUEST_RATE, REQUEST_BURST);
    int code = page_read_tls(made);
    int fd = code == CLI_OK ? sockets_listen(options->page_address, SOCK_STREAM, &made->port) : -1;
    if (code == CLI_OK && (fd < 0 || page_listen(made, fd) != CLI_OK)) {
        cli_error("%s port %ld for the page: %s. Choose another with --page-port (0 = any free "
                  "one)",
                  options->page_address, options->page_port, strerror(errno));
        if (fd >= 0)
            close(fd);
        code = CLI_ERROR;
    }
    if (code != CLI_OK) {
        page_close(made);
        return code;
    }
    *page = made;
    return CLI_OK;
}

uint16_t page_port(const struct page *page)
{
    return page->port;
}

void page_close(struct page *page)
{
    if (page == NULL)
        return;
    if (page->daemon != NULL)
        MHD_stop_daemon(page->daemon);
    for (size_t i = 0; i < PAGE_READERS; i++) {
        if (page->readers[i].is_open)
            store_close(&page->readers[i].store);
    }
    free(page->tls_certificate);
    if (page->tls_key != NULL)
        OPENSSL_cleanse(page->tls_key, strlen(page->tls_key));
    free(page->tls_key);
    pthread_cond_destroy(&page->changed);
    pthread_mutex_destroy(&page->lock);
    free(page);
}
