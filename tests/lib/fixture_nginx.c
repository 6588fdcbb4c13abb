// SPDX-License-Identifier: Apache-2.0
/* A generated nginx.conf and one process without master; see the header. */
#include "tests/lib/fixture_nginx.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/state.h"
#include "tests/lib/fixture_port.h"

#define NGINX "/usr/sbin/nginx"
#define START_TIMEOUT_MS 10000u

/* Relative paths begin at the prefix, nginx->folder. */
static const char nginx_common[] =
    "daemon off;\nmaster_process off;\nworker_processes 1;\npid nginx.pid;\n"
    "error_log error.log;\nevents { worker_connections 64; }\n"
    "http {\n"
    "  log_format counts '$connection $connection_requests $body_bytes_sent $uri';\n"
    "  access_log access.log counts;\n"
    "  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3;\n"
    "  uwsgi_temp_path t4; scgi_temp_path t5;\n"
    "  default_type application/octet-stream; sendfile on; keepalive_timeout 60;\n"
    "  ssl_protocols %s;\n";

static const char nginx_release[] =
    "  server { listen 127.0.0.1:%u ssl; server_name " FIXTURE_RELEASE_HOST ";\n"
    "    ssl_certificate release.pem; ssl_certificate_key release.key; root %s;\n"
    "    limit_rate %u;\n"
    "    location = /" FIXTURE_SUITE_REPOSITORY "/releases/latest { return 302 "
    "https://" FIXTURE_RELEASE_HOST "/" FIXTURE_SUITE_REPOSITORY "/releases/tag/%s; }\n"
    "    location = /" FIXTURE_REPOSITORY "/releases/latest { return 302 "
    "https://" FIXTURE_RELEASE_HOST "/" FIXTURE_REPOSITORY "/releases/tag/%s; }\n";

static const char nginx_redirect[] =
    "    location ~ ^/(.+)/releases/download/([^/]+)/([^/]+)$ {\n"
    "      if (!-f $document_root/$1/$2/$3) { return 404; }\n"
    "      return 302 https://" FIXTURE_ASSET_HOST "/$1/$2/$3?sp=r&sig=abc%2Fdef; }\n  }\n";

static const char nginx_direct[] =
    "    location ~ ^/(.+)/releases/download/([^/]+)/([^/]+)$ { alias %s/$1/$2/$3; }\n  }\n";

static const char nginx_asset[] =
    "  server { listen 127.0.0.1:%u ssl; server_name " FIXTURE_ASSET_HOST ";\n"
    "    ssl_certificate asset.pem; ssl_certificate_key asset.key; root %s;\n"
    "    limit_rate %u; }\n}\n";

/* ---- certificates ---- */

static void nginx_certify(const struct fixture_nginx *nginx, const struct fixture_world *world,
                          enum serve_family family, const char *host, const char *name)
{
    struct pki_leaf request = {
        .kind = family == SERVE_ECC ? PKI_P256 : PKI_RSA2048, .names = &host, .name_count = 1};
    struct serve_authority authority;
    struct pki_identity *leaf = NULL;
    char state[FIXTURE_PATH_SIZE], path[FIXTURE_PATH_SIZE + 32], *pem = NULL;
    bool is_made = false;

    fixture_join(state, world->base, "state");
    assert_int_equal(serve_authority_open(state, "", family, &authority, &is_made), LCM_OK);
    assert_int_equal(pki_issue_leaf(authority.intermediate, &request, &leaf), LCM_OK);
    const struct pki_identity *const chain[] = {leaf, authority.intermediate};
    assert_int_equal(pki_certificates_pem(chain, 2, &pem), LCM_OK);
    snprintf(path, sizeof(path), "%s/%s.pem", nginx->folder, name);
    fixture_write_file(path, pem, strlen(pem));
    snprintf(path, sizeof(path), "%s/%s.key", nginx->folder, name);
    assert_int_equal(pki_write_key(leaf, path), LCM_OK);
    free(pem);
    pki_free(leaf);
    serve_authority_free(&authority);
}

/* A connection; -1 = nobody listens. */
static int nginx_connect(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int file = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(file >= 0);
    if (connect(file, (struct sockaddr *)&address, sizeof(address)) == 0)
        return file;
    close(file);
    return -1;
}

void fixture_nginx_open(struct fixture_nginx *nginx, struct fixture_world *world)
{
    if (access(NGINX, X_OK) != 0)
        fail_msg(NGINX " is missing: install the package nginx");
    memset(nginx, 0, sizeof(*nginx));
    fixture_join(nginx->folder, world->folder, "nginx");
    assert_int_equal(mkdir(nginx->folder, 0700), 0);
    nginx_certify(nginx, world, SERVE_ECC, FIXTURE_RELEASE_HOST, "release");
    nginx_certify(nginx, world, SERVE_RSA, FIXTURE_ASSET_HOST, "asset");
    nginx->release_port = fixture_free_port(SOCK_STREAM);
    nginx->asset_port = fixture_free_port(SOCK_STREAM);
    snprintf(nginx->resolve[0], sizeof(nginx->resolve[0]), FIXTURE_RELEASE_HOST ":127.0.0.1:%u",
             nginx->release_port);
    snprintf(nginx->resolve[1], sizeof(nginx->resolve[1]), FIXTURE_ASSET_HOST ":127.0.0.1:%u",
             nginx->asset_port);
}

static void nginx_configure(const struct fixture_nginx *nginx, const struct fixture_world *world,
                            const struct fixture_nginx_options *options)
{
    char path[FIXTURE_PATH_SIZE];

    fixture_join(path, nginx->folder, "nginx.conf");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, nginx_common, options->protocols);
    fprintf(file, nginx_release, nginx->release_port, world->root, options->rate,
            options->suite_tag, options->app_tag);
    if (options->is_direct)
        fprintf(file, nginx_direct, world->root);
    else
        fputs(nginx_redirect, file);
    fprintf(file, nginx_asset, nginx->asset_port, world->root, options->rate);
    assert_int_equal(fclose(file), 0);
}

void fixture_nginx_start(struct fixture_nginx *nginx, const struct fixture_world *world,
                         const struct fixture_nginx_options *options)
{
    char configuration[FIXTURE_PATH_SIZE], output[FIXTURE_PATH_SIZE];
    uint64_t end_ms = fixture_now_ms() + START_TIMEOUT_MS;
    int file = -1;

    nginx_configure(nginx, world, options);
    fixture_join(configuration, nginx->folder, "nginx.conf");
    fixture_join(output, nginx->folder, "output");
    const char *const arguments[] = {NGINX, "-p", nginx->folder, "-c", configuration, NULL};
    fixture_process_start(&nginx->process, arguments, output);
    while ((file = nginx_connect(nginx->asset_port)) < 0) {
        if (fixture_process_wait(&nginx->process, 5) || fixture_now_ms() > end_ms)
            fail_msg("nginx does not start, see %s.err", output);
    }
    close(file);
}

void fixture_nginx_stop(struct fixture_nginx *nginx)
{
    fixture_process_stop(&nginx->process, SIGTERM);
}

static char *nginx_read_log(const struct fixture_nginx *nginx, size_t *size)
{
    char path[FIXTURE_PATH_SIZE];

    fixture_join(path, nginx->folder, "access.log");
    return fixture_read_file(path, size);
}

void fixture_nginx_mark(struct fixture_nginx *nginx)
{
    char path[FIXTURE_PATH_SIZE];

    fixture_join(path, nginx->folder, "access.log");
    nginx->mark = 0;
    if (access(path, F_OK) == 0)
        free(nginx_read_log(nginx, &nginx->mark));
}

struct fixture_nginx_count fixture_nginx_count(const struct fixture_nginx *nginx, const char *file)
{
    struct fixture_nginx_count count = {0, 0, 0};
    char *text = nginx_read_log(nginx, NULL), *rest = NULL;

    for (char *line = strtok_r(text + nginx->mark, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        unsigned long connection, number, bytes;
        char path[256];
        if (sscanf(line, "%lu %lu %lu %255s", &connection, &number, &bytes, path) != 4)
            continue; /* the probe of fixture_nginx_start */
        size_t length = strlen(path), end = strlen(file);
        count.requests++;
        count.connections += number == 1;
        if (length >= end && strcmp(path + length - end, file) == 0)
            count.bytes += bytes;
    }
    free(text);
    return count;
}
