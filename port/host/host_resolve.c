// SPDX-License-Identifier: Apache-2.0
/*
 * Name resolution. The system's resolver runs asynchronously (getaddrinfo_a), because
 * a port never blocks. IPv4 only, like the device.
 */
#include "port/host/host_resolve.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "host/cli.h"

static bool resolve_override(const struct host_net *net, const char *host, uint16_t port,
                             struct lcm_endpoint *endpoint)
{
    for (uint32_t i = 0; i < net->override_count; i++) {
        const struct host_net_override *override = &net->overrides[i];
        if (strcasecmp(override->name, host) != 0)
            continue;
        memcpy(endpoint->ip, override->ip, sizeof(endpoint->ip));
        endpoint->port = override->port != 0 ? override->port : port;
        return true;
    }
    return false;
}

/* What the world says: LCM_OK, LCM_ERR_DNS, or LCM_PENDING when it has to be looked up. */
static enum lcm_err resolve_world(const struct radio_world *world, const char *host, uint16_t port,
                                  struct lcm_endpoint *endpoint)
{
    const struct radio_name *name = world != NULL ? radio_world_find_name(world, host) : NULL;

    if (name == NULL)
        return world == NULL || world->has_internet ? LCM_PENDING : LCM_ERR_DNS;
    if (name->address.s_addr == 0)
        return LCM_ERR_DNS;
    memcpy(endpoint->ip, &name->address, sizeof(endpoint->ip));
    endpoint->port = name->port != 0 ? name->port : port;
    return LCM_OK;
}

static bool resolve_literal(const char *host, uint16_t port, struct lcm_endpoint *endpoint)
{
    if (inet_pton(AF_INET, host, endpoint->ip) != 1)
        return false;
    endpoint->port = port;
    return true;
}

static enum lcm_err resolve_begin(struct host_net *net, const char *host)
{
    struct gaicb *requests[1] = {&net->lookup};
    int length = snprintf(net->lookup_name, sizeof(net->lookup_name), "%s", host);

    if (length < 0 || (size_t)length >= sizeof(net->lookup_name))
        return LCM_ERR_DNS;
    net->hints = (struct addrinfo){.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    net->lookup = (struct gaicb){.ar_name = net->lookup_name, .ar_request = &net->hints};
    if (getaddrinfo_a(GAI_NOWAIT, requests, 1, NULL) != 0)
        return LCM_ERR_DNS;
    net->is_looking_up = true;
    return LCM_PENDING;
}

static enum lcm_err resolve_finish(struct host_net *net, uint16_t port,
                                   struct lcm_endpoint *endpoint)
{
    int error = gai_error(&net->lookup);

    if (error == EAI_INPROGRESS) {
        net->is_idle = true;
        return LCM_PENDING;
    }
    net->is_looking_up = false;
    if (error != 0 || net->lookup.ar_result == NULL)
        return LCM_ERR_DNS;
    const struct sockaddr *address = net->lookup.ar_result->ai_addr;
    memcpy(endpoint->ip, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
    endpoint->port = port;
    freeaddrinfo(net->lookup.ar_result);
    return LCM_OK;
}

enum lcm_err host_resolve(void *context, const char *host, uint16_t port,
                          struct lcm_endpoint *endpoint)
{
    struct host_net *net = context;

    if (resolve_override(net, host, port, endpoint) || resolve_literal(host, port, endpoint))
        return LCM_OK;
    enum lcm_err err = resolve_world(net->world, host, port, endpoint);
    if (err != LCM_PENDING)
        return err;
    if (net->is_looking_up && strcmp(net->lookup_name, host) != 0)
        host_resolve_cancel(net);
    if (!net->is_looking_up)
        return resolve_begin(net, host);
    return resolve_finish(net, port, endpoint);
}

/* A look-up cannot always be cancelled; then its end must be awaited, because the
 * resolver still writes to our memory. */
void host_resolve_cancel(struct host_net *net)
{
    const struct gaicb *requests[1] = {&net->lookup};

    if (!net->is_looking_up)
        return;
    while (gai_cancel(&net->lookup) == EAI_NOTCANCELED && gai_error(&net->lookup) == EAI_INPROGRESS)
        (void)gai_suspend(requests, 1, NULL);
    net->is_looking_up = false;
}

static bool resolve_parse_port(const char *text, uint16_t *port)
{
    char *end = NULL;
    unsigned long number = strtoul(text, &end, 10);

    if (*text == '\0' || *end != '\0' || number == 0 || number > UINT16_MAX)
        return false;
    *port = (uint16_t)number;
    return true;
}

bool host_net_parse_endpoint(const char *text, struct lcm_endpoint *endpoint)
{
    char address[INET_ADDRSTRLEN];
    const char *colon = strchr(text, ':');

    if (colon == NULL || (size_t)(colon - text) >= sizeof(address))
        return false;
    memcpy(address, text, (size_t)(colon - text));
    address[colon - text] = '\0';
    return inet_pton(AF_INET, address, endpoint->ip) == 1 &&
           resolve_parse_port(colon + 1, &endpoint->port);
}

static bool resolve_parse_override(const char *text, struct host_net_override *override)
{
    const char *colon = strchr(text, ':');
    struct lcm_endpoint endpoint = {{0}, 0};

    if (colon == NULL || colon == text || (size_t)(colon - text) >= sizeof(override->name))
        return false;
    memset(override, 0, sizeof(*override));
    memcpy(override->name, text, (size_t)(colon - text));
    if (inet_pton(AF_INET, colon + 1, override->ip) == 1)
        return true;
    if (!host_net_parse_endpoint(colon + 1, &endpoint))
        return false;
    memcpy(override->ip, endpoint.ip, sizeof(override->ip));
    override->port = endpoint.port;
    return true;
}

bool host_net_add_override(struct host_net *net, const char *text)
{
    if (net->override_count >= HOST_NET_OVERRIDES_MAX) {
        cli_error("too many --resolve options: at most %u", HOST_NET_OVERRIDES_MAX);
        return false;
    }
    if (!resolve_parse_override(text, &net->overrides[net->override_count])) {
        cli_error("--resolve '%s' is malformed: write NAME:ADDRESS or NAME:ADDRESS:PORT, "
                  "for example github.com:127.0.0.1:8443",
                  text);
        return false;
    }
    net->override_count++;
    return true;
}
