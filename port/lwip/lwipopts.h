/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lwIP for a device with 80 KiB: IPv4, one TCP connection out (or one in, for an app), DHCP, DNS,
 * and while it is set up an access point with a few visitors.
 *
 * Every byte counts. Control blocks come from the heap when they are needed, so that a TLS
 * connection and a set-up's visitors, which are never there at the same time, share it. Received
 * segments lie in the heap at their real size; the window of three small segments bounds them.
 */
#ifndef LCM_PORT_LWIP_LWIPOPTS_H
#define LCM_PORT_LWIP_LWIPOPTS_H

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_RAW 0
#define LWIP_STATS 1
#define MEM_STATS 1 /* how full the heap is: visitors.c keeps a reserve */
#define LINK_STATS 0
#define ETHARP_STATS 0
#define IP_STATS 0
#define IPFRAG_STATS 0
#define ICMP_STATS 0
#define UDP_STATS 0
#define TCP_STATS 0
#define SYS_STATS 0
#define LWIP_IPV6 0
#define LWIP_IGMP 0
#define LWIP_AUTOIP 0
#define IP_FRAG 0
#define IP_REASSEMBLY 0
#define LWIP_ICMP 1
#define LWIP_DHCP 1
#define LWIP_DHCP_GET_NTP_SRV 0
#define DHCP_DOES_ARP_CHECK 0
#define LWIP_DNS 1
#define DNS_TABLE_SIZE 1
#define DNS_MAX_REQUESTS 1
#define DNS_MAX_SERVERS 2
#define DNS_MAX_NAME_LENGTH 254
#define LWIP_NETIF_HOSTNAME 0
#define LWIP_NETIF_LINK_CALLBACK 0
#define LWIP_SINGLE_NETIF 0

#define LWIP_TIMERS 0 /* lwIP's own come from the heap and end the program when it is full */
#define LWIP_HOOK_FILENAME "hooks.h"
#define LWIP_HOOK_IP4_ROUTE_SRC(src, dest) lwip_port_route(src)

#define MEM_ALIGNMENT 4
#define MEM_SIZE 4224
#define MEMP_MEM_MALLOC 1
#define ARP_TABLE_SIZE 4
#define ARP_QUEUEING 0
#define ETH_PAD_SIZE 2 /* word-aligned IP headers */

#define TCP_MSS 536
#define TCP_WND (3 * TCP_MSS)
#define TCP_SND_BUF (2 * TCP_MSS)
#define TCP_SND_QUEUELEN 6
#define TCP_QUEUE_OOSEQ 0
#define TCP_LISTEN_BACKLOG 1
#define TCP_MSL 2000                     /* ms; a closed connection is remembered for twice that */
#define LWIP_DISABLE_TCP_SANITY_CHECKS 1 /* they reason about pool buffers */

#endif
