// SPDX-License-Identifier: Apache-2.0
/* The network contract, against a service that echoes. */
#include <string.h>

#include "port/conformance/checks.h"

#define ECHO_SIZE 10000u /* bytes sent and expected back: more than any buffer on the way */
#define CHUNK_SIZE 512u

static const struct lcm_net *check_net(const struct lcm_conformance *conformance)
{
    return conformance->config->ports->net;
}

static enum lcm_err net_resolve(struct lcm_conformance *conformance, uint16_t port)
{
    const struct lcm_net *net = check_net(conformance);

    return net->resolve(net->context, conformance->config->echo_host, port, &conformance->endpoint);
}

enum lcm_err check_net_resolve(struct lcm_conformance *conformance)
{
    return net_resolve(conformance, conformance->config->echo_port);
}

enum lcm_err check_net_missing(struct lcm_conformance *conformance)
{
    const struct lcm_net *net = check_net(conformance);
    const char *host = conformance->config->missing_host;
    struct lcm_endpoint endpoint;

    if (host == NULL)
        return LCM_OK;
    enum lcm_err err = net->resolve(net->context, host, 443, &endpoint);
    if (err == LCM_PENDING)
        return err;
    return err == LCM_ERR_DNS ? LCM_OK : LCM_ERR_CORRUPT;
}

enum lcm_err check_net_refused(struct lcm_conformance *conformance)
{
    const struct lcm_net *net = check_net(conformance);
    enum lcm_err err;

    if (conformance->sub_step == 0) {
        err = net_resolve(conformance, conformance->config->closed_port);
        if (err != LCM_OK)
            return err;
        conformance->sub_step = 1;
    }
    err = net->connect(net->context, &conformance->endpoint);
    if (err == LCM_PENDING)
        return err;
    net->close(net->context);
    return err == LCM_ERR_CONNECT ? LCM_OK : LCM_ERR_CORRUPT;
}

static uint8_t net_echo_byte(uint32_t position)
{
    return (uint8_t)(position * 31 + position / 256);
}

static enum lcm_err net_echo_send(struct lcm_conformance *conformance)
{
    const struct lcm_net *net = check_net(conformance);
    uint8_t chunk[CHUNK_SIZE];
    uint32_t size = ECHO_SIZE - conformance->sent;
    size_t sent = 0;

    if (size == 0)
        return LCM_PENDING;
    if (size > sizeof(chunk))
        size = sizeof(chunk);
    for (uint32_t i = 0; i < size; i++)
        chunk[i] = net_echo_byte(conformance->sent + i);
    enum lcm_err err = net->send(net->context, chunk, size, &sent);
    if (sent > size || (err == LCM_OK && sent == 0))
        return LCM_ERR_CORRUPT;
    conformance->sent += (uint32_t)sent;
    return err;
}

static enum lcm_err net_echo_receive(struct lcm_conformance *conformance)
{
    const struct lcm_net *net = check_net(conformance);
    uint8_t chunk[CHUNK_SIZE];
    size_t received = 0;
    enum lcm_err err = net->receive(net->context, chunk, sizeof(chunk), &received);

    if (err == LCM_PENDING && received == 0)
        return err;
    if (err != LCM_OK || received == 0 || received > sizeof(chunk))
        return err == LCM_OK ? LCM_ERR_CORRUPT : err;
    for (size_t i = 0; i < received; i++) {
        if (chunk[i] != net_echo_byte(conformance->received++))
            return LCM_ERR_CORRUPT;
    }
    return conformance->received < ECHO_SIZE ? LCM_PENDING : LCM_OK;
}

static enum lcm_err net_connect_echo(struct lcm_conformance *conformance)
{
    const struct lcm_net *net = check_net(conformance);
    enum lcm_err err;

    if (conformance->sub_step == 0) {
        err = net_resolve(conformance, conformance->config->echo_port);
        if (err != LCM_OK)
            return err;
        conformance->sub_step = 1;
    }
    if (conformance->sub_step == 1) {
        err = net->connect(net->context, &conformance->endpoint);
        if (err != LCM_OK)
            return err;
        conformance->sub_step = 2;
    }
    return LCM_OK;
}

enum lcm_err check_net_echo(struct lcm_conformance *conformance)
{
    enum lcm_err err = net_connect_echo(conformance);

    if (err == LCM_OK)
        err = net_echo_send(conformance);
    if (err == LCM_OK || (err == LCM_PENDING && conformance->sub_step == 2))
        err = net_echo_receive(conformance);
    return err;
}

/* Closing in the middle of a connection, even twice, leaves the port as new. */
enum lcm_err check_net_again(struct lcm_conformance *conformance)
{
    const struct lcm_net *net = check_net(conformance);

    if (conformance->sub_step == 0) {
        net->close(net->context);
        net->close(net->context);
    }
    enum lcm_err err = net_connect_echo(conformance);
    if (err == LCM_OK)
        net->close(net->context);
    return err;
}

enum lcm_err check_net_datagram(struct lcm_conformance *conformance)
{
    static const struct lcm_endpoint broadcast = {{255, 255, 255, 255}, 45678};
    const struct lcm_net *net = check_net(conformance);
    uint64_t before_ms = conformance->entered_ms;
    const struct lcm_clock *clock = conformance->config->ports->clock;

    for (int i = 0; i < 10; i++)
        net->send_datagram(net->context, &broadcast, (const uint8_t *)"LCM conformance\n", 16);
    return clock->now_ms(clock->context) - before_ms < 1000 ? LCM_OK : LCM_ERR_TIMEOUT;
}
