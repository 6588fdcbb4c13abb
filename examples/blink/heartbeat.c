// SPDX-License-Identifier: Apache-2.0
/* Signs of life by UDP; see the header. Who does not hear them disturbs nobody. */
#include "examples/blink/heartbeat.h"

#include <stdbool.h>

#include "lcm/lcm_app.h"
#include "lcm/lcm_heartbeat.h"

#define INTERVAL_MS 600000u
#define RETRY_MS 60000u /* after a name that was not found */
#define SERVER_SIZE 70u /* 63 of a host, ":65535" and NUL */
#define SYSLOG_PORT 514u

struct heartbeat {
    const struct lcm_ports *ports;
    struct lcm_heartbeat beat;
    char host[SERVER_SIZE];
    uint16_t port;
    bool has_host;
    uint64_t due_ms;
};

static struct heartbeat heart;

/* "host" or "host:port"; the port is cut off the host. */
static uint16_t heartbeat_cut_port(char *host)
{
    uint32_t port = 0;

    while (*host != '\0' && *host != ':')
        host++;
    if (*host == '\0')
        return SYSLOG_PORT;
    *host++ = '\0';
    while (*host >= '0' && *host <= '9' && port <= UINT16_MAX)
        port = port * 10u + (uint32_t)(*host++ - '0');
    return port <= UINT16_MAX ? (uint16_t)port : 0;
}

void heartbeat_open(const struct lcm_ports *ports, const char *repository, const char *version)
{
    heart.ports = ports;
    heart.beat.repository = repository;
    heart.beat.version = version;
    ports->system->device_id(ports->system->context, heart.beat.device_id);
    if (lcm_app_setting("lcm_syslog", heart.host, sizeof(heart.host)) <= 0)
        return;
    heart.port = heartbeat_cut_port(heart.host);
    heart.has_host = heart.port != 0;
}

static void heartbeat_send(const struct lcm_endpoint *server, uint64_t now_ms)
{
    char message[LCM_HEARTBEAT_SIZE];

    heart.beat.uptime_s = (uint32_t)(now_ms / 1000);
    heart.beat.count++;
    uint32_t size = lcm_heartbeat_write(&heart.beat, message);
    heart.ports->net->send_datagram(heart.ports->net->context, server, (const uint8_t *)message,
                                    size);
}

void heartbeat_step(void)
{
    struct lcm_endpoint server;

    if (!heart.has_host)
        return;
    uint64_t now_ms = heart.ports->clock->now_ms(heart.ports->clock->context);
    if (now_ms < heart.due_ms)
        return;
    enum lcm_err err =
        heart.ports->net->resolve(heart.ports->net->context, heart.host, heart.port, &server);
    if (err == LCM_OK)
        heartbeat_send(&server, now_ms);
    if (err != LCM_PENDING)
        heart.due_ms = now_ms + (err == LCM_OK ? INTERVAL_MS : RETRY_MS);
}
