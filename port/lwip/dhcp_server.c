// SPDX-License-Identifier: Apache-2.0
/*
 * DHCP over lwIP. A device without an address cannot be reached by one, so answers are broadcast
 * unless the device says which address it has; a NAK always is (RFC 2131, 4.1).
 */
#include "port/lwip/dhcp_server.h"

#define SERVER_PORT 67u
#define CLIENT_PORT 68u

static void server_send(struct dhcp_server *server, const uint8_t *bytes, size_t size,
                        uint32_t client_addr)
{
    struct pbuf *answer = pbuf_alloc(PBUF_TRANSPORT, (u16_t)size, PBUF_RAM);
    ip_addr_t target = *IP_ADDR_BROADCAST;

    if (answer == NULL)
        return; /* it asks again */
    if (client_addr != 0)
        ip_addr_set_ip4_u32_val(target, lwip_htonl(client_addr));
    (void)pbuf_take(answer, bytes, (u16_t)size);
    (void)udp_sendto_if(server->pcb, answer, &target, CLIENT_PORT, server->netif);
    (void)pbuf_free(answer);
}

/* A frame of the radio is one piece; what is not is nothing we asked for. The message makes room
 * for its answer: there is one even when the rest of the heap waits for ARP. */
static void server_received(void *context, struct udp_pcb *pcb, struct pbuf *message,
                            const ip_addr_t *address, u16_t port)
{
    struct dhcp_server *server = context;
    uint8_t bytes[DHCP_REPLY_SIZE_MAX];
    struct dhcp_reply reply = {.type = DHCP_NONE};
    struct dhcp_request request;
    size_t size = 0;

    (void)pcb;
    (void)address;
    (void)port;
    if (message->next == NULL &&
        dhcp_packet_decode(message->payload, message->len, &request) == LCM_OK) {
        dhcp_leases_answer(&server->leases, &request, server->clock->now_ms(server->clock->context),
                           &reply);
        size = dhcp_packet_encode(bytes, &request, &reply, &server->leases.network);
    }
    (void)pbuf_free(message);
    if (reply.type != DHCP_NONE)
        server_send(server, bytes, size, reply.client_addr);
}

enum lcm_err dhcp_server_start(struct dhcp_server *server, struct netif *netif,
                               const struct lcm_clock *clock)
{
    const struct dhcp_network network = {
        .server_addr = lwip_ntohl(ip4_addr_get_u32(netif_ip4_addr(netif))),
        .mask = lwip_ntohl(ip4_addr_get_u32(netif_ip4_netmask(netif))),
    };

    server->netif = netif;
    server->clock = clock;
    dhcp_leases_init(&server->leases, &network);
    server->pcb = udp_new();
    if (server->pcb == NULL)
        return LCM_ERR_NO_SPACE;
    udp_recv(server->pcb, server_received, server);
    udp_bind_netif(server->pcb, netif);
    if (udp_bind(server->pcb, IP_ADDR_ANY, SERVER_PORT) == ERR_OK)
        return LCM_OK;
    dhcp_server_stop(server);
    return LCM_ERR_NO_SPACE;
}

void dhcp_server_stop(struct dhcp_server *server)
{
    if (server->pcb != NULL)
        udp_remove(server->pcb);
    server->pcb = NULL;
}
