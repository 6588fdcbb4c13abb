// SPDX-License-Identifier: Apache-2.0
/*
 * Start and end of a server; see the header.
 *
 * Every failure tells what to do about it. Invariant: serve_server_close undoes any
 * part of serve_server_open.
 */
#include "server/start.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/cli.h"
#include "server/control.h"
#include "server/listener.h"

#define HINT_SIZE 512u

static int root_check(const struct serve_options *options)
{
    struct stat status;

    if (stat(options->root, &status) == 0 && S_ISDIR(status.st_mode))
        return CLI_OK;
    if (options->is_root_default && mkdir(options->root, 0755) == 0) {
        cli_note("made the folder %s: put files into %s/OWNER/REPO/TAG/", options->root,
                 options->root);
        return CLI_OK;
    }
    cli_error("%s: no such folder. Make it, with files in OWNER/REPO/TAG/, or name another",
              options->root);
    return CLI_NOT_FOUND;
}

static int state_open(struct serve_server *server, const struct serve_options *options)
{
    bool is_made = false;

    if (serve_state_make_folders(options->state) != LCM_OK) {
        cli_error("%s: %s. Name a folder that can be written with --state", options->state,
                  strerror(errno));
        return CLI_ERROR;
    }
    enum lcm_err err = serve_control_listen(options->state, &server->control);
    if (err != LCM_OK) {
        cli_error("%s: %s", options->state,
                  err == LCM_ERR_NO_SPACE
                      ? "another server uses this state folder. Stop it, or name another --state"
                      : strerror(errno));
        return CLI_ERROR;
    }
    err = serve_state_url_key(options->state, server->site.url_key);
    if (err == LCM_OK)
        err = serve_credentials_init(&server->credentials, options->state, options->host_names,
                                     &is_made);
    if (err != LCM_OK) {
        cli_error("%s: keys or certificates: %s. Remove the folder to start with new ones "
                  "(devices then need the new CA)",
                  options->state, lcm_err_text(err));
        return CLI_ERROR;
    }
    server->site.credentials = &server->credentials;
    if (is_made)
        cli_note("made keys and certificates in %s", options->state);
    return CLI_OK;
}

static int listeners_open(struct serve_server *server, const struct serve_options *options)
{
    for (int i = 0; i < SERVE_HOST_COUNT; i++) {
        server->ports[i] = options->ports[i];
        if (i == SERVE_PLAIN && !options->has_plain)
            continue;
        enum lcm_err err = serve_listen(options->address, &server->ports[i], &server->listeners[i]);
        if (err != LCM_OK) {
            cli_error("%s port %u: %s. Choose another with --port (0 = any free one) or --address",
                      options->address, (unsigned)options->ports[i],
                      err == LCM_ERR_ARGUMENT ? "not an IPv4 address" : strerror(errno));
            return CLI_ERROR;
        }
    }
    return CLI_OK;
}

int serve_server_open(struct serve_server *server, const struct serve_options *options)
{
    memset(server, 0, sizeof(*server));
    server->control = -1;
    for (int i = 0; i < SERVE_HOST_COUNT; i++) {
        server->listeners[i] = -1;
        server->site.host_names[i] = options->host_names[i];
    }
    server->site.root = options->root;
    server->site.log = &server->log;
    serve_log_init(&server->log, options->is_json);
    serve_faults_init(&server->site.faults);
    int result = root_check(options);
    if (result == CLI_OK)
        result = listeners_open(server, options);
    if (result == CLI_OK)
        result = state_open(server, options);
    if (result != CLI_OK)
        serve_server_close(server, options);
    return result;
}

/* The options that make a device take this server for the real hosts. */
static void resolve_format(const struct serve_server *server, const struct serve_options *options,
                           char text[HINT_SIZE])
{
    const char *address = strcmp(options->address, "0.0.0.0") == 0 ? "127.0.0.1" : options->address;

    snprintf(text, HINT_SIZE, "--resolve %s:%s:%u --resolve %s:%s:%u",
             options->host_names[SERVE_RELEASE], address, (unsigned)server->ports[SERVE_RELEASE],
             options->host_names[SERVE_ASSET], address, (unsigned)server->ports[SERVE_ASSET]);
}

static void ca_add(cJSON *list, const char *state, enum serve_family family, const char *part)
{
    char path[SERVE_PATH_SIZE];

    if (serve_state_ca_path(state, "", family, part, path) == LCM_OK)
        cJSON_AddItemToArray(list, cJSON_CreateString(path));
}

static void announce_json(struct serve_server *server, const struct serve_options *options,
                          const char *resolve)
{
    char control[SERVE_PATH_SIZE];
    cJSON *object = cJSON_CreateObject();

    snprintf(control, sizeof(control), "%s/control", options->state);
    cJSON_AddStringToObject(object, "event", "start");
    cJSON_AddStringToObject(object, "address", options->address);
    cJSON_AddStringToObject(object, "release_host", options->host_names[SERVE_RELEASE]);
    cJSON_AddNumberToObject(object, "release_port", server->ports[SERVE_RELEASE]);
    cJSON_AddStringToObject(object, "asset_host", options->host_names[SERVE_ASSET]);
    cJSON_AddNumberToObject(object, "asset_port", server->ports[SERVE_ASSET]);
    if (options->has_plain)
        cJSON_AddNumberToObject(object, "plain_port", server->ports[SERVE_PLAIN]);
    cJSON_AddStringToObject(object, "root", options->root);
    cJSON_AddStringToObject(object, "state", options->state);
    cJSON_AddStringToObject(object, "control", control);
    cJSON *list = cJSON_AddArrayToObject(object, "ca");
    ca_add(list, options->state, SERVE_ECC, "root");
    ca_add(list, options->state, SERVE_ECC, "intermediate");
    ca_add(list, options->state, SERVE_RSA, "root");
    ca_add(list, options->state, SERVE_RSA, "intermediate");
    cJSON_AddStringToObject(object, "device_options", resolve);
    serve_log_object(&server->log, object);
}

static void announce_text(struct serve_server *server, const struct serve_options *options,
                          const char *resolve)
{
    const char *const *names = options->host_names;

    serve_log_text(&server->log,
                   "release host  https://%s at %s:%u\n"
                   "asset host    https://%s at %s:%u\n",
                   names[SERVE_RELEASE], options->address, (unsigned)server->ports[SERVE_RELEASE],
                   names[SERVE_ASSET], options->address, (unsigned)server->ports[SERVE_ASSET]);
    if (options->has_plain)
        serve_log_text(&server->log, "emergency     http://%s:%u/FILE is %s/emergency/FILE\n",
                       options->address, (unsigned)server->ports[SERVE_PLAIN], options->root);
    serve_log_text(&server->log,
                   "files         %s/OWNER/REPO/TAG/FILE\n"
                   "CA files      %s/ca/{ecc,rsa}-{root,intermediate}.pem\n"
                   "faults        lcm serve --state %s --send FAULT\n"
                   "device        lcm device %s ...\n\n",
                   options->root, options->state, options->state, resolve);
}

void serve_server_announce(struct serve_server *server, const struct serve_options *options)
{
    char resolve[HINT_SIZE];

    resolve_format(server, options, resolve);
    if (options->is_json)
        announce_json(server, options, resolve);
    else
        announce_text(server, options, resolve);
}

void serve_server_close(struct serve_server *server, const struct serve_options *options)
{
    for (int i = 0; i < SERVE_HOST_COUNT; i++) {
        if (server->listeners[i] >= 0)
            close(server->listeners[i]);
        server->listeners[i] = -1;
    }
    if (server->control >= 0) {
        close(server->control);
        serve_control_unlink(options->state);
    }
    server->control = -1;
    if (server->site.credentials != NULL)
        serve_credentials_free(&server->credentials);
    server->site.credentials = NULL;
}
