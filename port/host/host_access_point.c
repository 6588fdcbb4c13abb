// SPDX-License-Identifier: Apache-2.0
/*
 * The access point of the Linux device: scan and configuration here, connections in
 * host_visitors.c, DHCP and DNS in host_services.c.
 */
#include "port/host/host_access_point.h"

#include <string.h>

#include "host/cli.h"
#include "port/host/host_net.h"

#define HTTP_PORT 80u

/* Where the next network goes: behind the last, or in place of a weaker one. NULL = nowhere. */
static struct lcm_network *scan_place(struct lcm_network *networks, size_t size, size_t *count,
                                      int8_t signal_dbm)
{
    struct lcm_network *weakest = NULL;

    if (*count < size)
        return &networks[(*count)++];
    for (size_t i = 0; i < *count; i++) {
        if (weakest == NULL || networks[i].signal_dbm < weakest->signal_dbm)
            weakest = &networks[i];
    }
    return weakest != NULL && weakest->signal_dbm < signal_dbm ? weakest : NULL;
}

static size_t scan_fill(const struct radio_world *world, struct lcm_network *networks, size_t size)
{
    size_t count = 0;

    for (size_t i = 0; world != NULL && i < world->network_count; i++) {
        struct lcm_network shown;
        radio_network_show(&world->networks[i], &shown);
        struct lcm_network *place = scan_place(networks, size, &count, shown.signal_dbm);
        if (place != NULL)
            *place = shown;
    }
    return count;
}

/* The first call asks, the next one has the answer, as with a radio. */
static enum lcm_err access_point_scan(void *context, struct lcm_network *networks, size_t size,
                                      size_t *count)
{
    struct host_access_point *access_point = context;

    access_point->is_scanning = !access_point->is_scanning;
    if (access_point->is_scanning)
        return LCM_PENDING;
    *count = scan_fill(access_point->config.world, networks, size);
    return LCM_OK;
}

static bool access_point_is_possible(const struct lcm_access_point_config *config)
{
    size_t ssid_size = strlen(config->ssid);
    size_t password_length = strlen(config->password);

    return ssid_size >= 1 && ssid_size <= LCM_SSID_SIZE_MAX && config->channel >= 1 &&
           config->channel <= LCM_AP_CHANNEL_MAX &&
           (password_length == 0 || (password_length >= LCM_AP_PASSWORD_LENGTH_MIN &&
                                     password_length <= LCM_AP_PASSWORD_LENGTH_MAX));
}

static void access_point_stop(void *context)
{
    struct host_access_point *access_point = context;

    host_visitors_stop(&access_point->visitors);
    host_services_stop(&access_point->services);
}

static enum lcm_err access_point_start(void *context, const struct lcm_access_point_config *config)
{
    struct host_access_point *access_point = context;

    if (!access_point_is_possible(config))
        return LCM_ERR_ARGUMENT;
    access_point_stop(access_point);
    if (access_point->config.interface != NULL &&
        host_services_start(&access_point->services, access_point->config.interface,
                            config->ssid) != LCM_OK)
        return LCM_ERR_CONNECT;
    enum lcm_err err = host_visitors_start(&access_point->visitors);
    if (err != LCM_OK)
        access_point_stop(access_point);
    return err;
}

static void access_point_refuse(void *context, bool is_refusing)
{
    struct host_access_point *access_point = context;

    host_visitors_refuse(&access_point->visitors, is_refusing);
}

static enum lcm_err access_point_accept(void *context, uint32_t *visitor)
{
    struct host_access_point *access_point = context;

    host_services_poll(&access_point->services);
    return host_visitors_accept(&access_point->visitors, visitor);
}

static enum lcm_err access_point_receive(void *context, uint32_t visitor, uint8_t *dst, size_t size,
                                         size_t *received)
{
    struct host_access_point *access_point = context;

    return host_visitors_receive(&access_point->visitors, visitor, dst, size, received);
}

static enum lcm_err access_point_send(void *context, uint32_t visitor, const uint8_t *data,
                                      size_t size, size_t *sent)
{
    struct host_access_point *access_point = context;

    return host_visitors_send(&access_point->visitors, visitor, data, size, sent);
}

static void access_point_close(void *context, uint32_t visitor, bool is_orderly)
{
    struct host_access_point *access_point = context;

    host_visitors_close(&access_point->visitors, visitor, is_orderly);
}

static bool access_point_read_address(struct host_access_point *access_point)
{
    const struct host_access_point_config *config = &access_point->config;
    struct sockaddr_in *address = &access_point->visitors.address;
    struct lcm_endpoint endpoint = {.port = HTTP_PORT};

    if (config->interface == NULL && !host_net_parse_endpoint(config->http, &endpoint)) {
        cli_error("'%s' is no address for the set-up page: write ADDRESS:PORT, for example "
                  "127.0.0.1:8080",
                  config->http);
        return false;
    }
    address->sin_family = AF_INET;
    address->sin_port = htons(endpoint.port);
    memcpy(&address->sin_addr, endpoint.ip, sizeof(endpoint.ip));
    access_point->visitors.interface = config->interface;
    return true;
}

bool host_access_point_open(struct host_access_point *access_point,
                            const struct host_access_point_config *config)
{
    memset(access_point, 0, sizeof(*access_point));
    access_point->config = *config;
    host_visitors_init(&access_point->visitors);
    host_services_init(&access_point->services);
    access_point->port = (struct lcm_access_point){
        .context = access_point,
        .scan = access_point_scan,
        .start = access_point_start,
        .stop = access_point_stop,
        .refuse = access_point_refuse,
        .accept = access_point_accept,
        .receive = access_point_receive,
        .send = access_point_send,
        .close = access_point_close,
    };
    return access_point_read_address(access_point);
}

void host_access_point_close(struct host_access_point *access_point)
{
    access_point_stop(access_point);
}

void host_access_point_wait(struct host_access_point *access_point, int other_fd, int timeout_ms)
{
    struct pollfd fds[HOST_VISITORS_FDS_MAX + HOST_SERVICES_FDS_MAX + 1];
    size_t count = host_visitors_prepare(&access_point->visitors, fds);

    count += host_services_prepare(&access_point->services, fds + count);
    if (other_fd >= 0)
        fds[count++] = (struct pollfd){.fd = other_fd, .events = POLLIN};
    (void)poll(fds, count, timeout_ms);
}
