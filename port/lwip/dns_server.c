// SPDX-License-Identifier: Apache-2.0
/*
 * DNS over lwIP. A question to everybody is none: there is no answer to it. As with DHCP, a
 * question makes room for its answer.
 */
#include "port/lwip/dns_server.h"

#include "core/base/text.h"
#include "port/lwip/dns_packet.h"

/* from: the address that was asked. */
static void server_send(const struct dns_server *server, const uint8_t *bytes, size_t size,
                        const ip_addr_t *to, u16_t port)
{
    struct pbuf *answer = pbuf_alloc(PBUF_TRANSPORT, (u16_t)size, PBUF_RAM);

    if (answer == NULL)
        return; /* it asks again */
    (void)pbuf_take(answer, bytes, (u16_t)size);
    (void)udp_sendto_if_src(server->pcb, answer, to, port, server->netif, ip_current_dest_addr());
    (void)pbuf_free(answer);
}

static size_t server_answer(const struct dns_server *server, const struct pbuf *message,
                            uint8_t reply[DNS_REPLY_SIZE_MAX])
{
    const struct dns_zone zone = {.network_name = server->network_name,
                                  .own_addr = server->own_addr};
    struct dns_question question;

    if (message->next != NULL ||
        dns_packet_decode(message->payload, message->len, &question) != LCM_OK)
        return 0;
    return dns_packet_encode(reply, &question, dns_packet_find(&question, &zone));
}

static void server_received(void *context, struct udp_pcb *pcb, struct pbuf *message,
                            const ip_addr_t *address, u16_t port)
{
    const struct dns_server *server = context;
    uint8_t reply[DNS_REPLY_SIZE_MAX];
    const ip_addr_t from = *address; /* it lies in the message */
    size_t size = server_answer(server, message, reply);

    (void)pcb;
    (void)pbuf_free(message);
    if (size > 0 && !ip_addr_isbroadcast(ip_current_dest_addr(), server->netif) &&
        !ip_addr_ismulticast(ip_current_dest_addr()))
        server_send(server, reply, size, &from, port);
}

enum lcm_err dns_server_start(struct dns_server *server, struct netif *netif,
                              const char *network_name)
{
    server->netif = netif;
    server->own_addr = lwip_ntohl(ip4_addr_get_u32(netif_ip4_addr(netif)));
    if (lcm_text_copy(server->network_name, sizeof(server->network_name), network_name) != LCM_OK)
        return LCM_ERR_ARGUMENT;
    server->pcb = udp_new();
    if (server->pcb == NULL)
        return LCM_ERR_NO_SPACE;
    udp_recv(server->pcb, server_received, server);
    udp_bind_netif(server->pcb, netif);
    if (udp_bind(server->pcb, IP_ADDR_ANY, DNS_PORT) == ERR_OK)
        return LCM_OK;
    dns_server_stop(server);
    return LCM_ERR_NO_SPACE;
}

void dns_server_stop(struct dns_server *server)
{
    if (server->pcb != NULL)
        udp_remove(server->pcb);
    server->pcb = NULL;
}
