/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of DNS (RFC 1035) as the name server of a set-up network reads and writes them
 * (docs/SPEC.md, 11.4). No I/O, no lwIP: bytes in, bytes out.
 *
 * Life cycle of a message: dns_packet_decode, dns_packet_find, dns_packet_encode; the query's bytes
 * stay where they are until the last one is done. Addresses are 32-bit numbers in host order.
 */
#ifndef LCM_PORT_LWIP_DNS_PACKET_H
#define LCM_PORT_LWIP_DNS_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"

#define DNS_PORT 53u
#define DNS_LABEL_SIZE_MAX 63u
#define DNS_NAME_SIZE_MAX 255u /* with length bytes and the root's */
#define DNS_TTL_S 5u
#define DNS_REPLY_SIZE_MAX (12u + DNS_NAME_SIZE_MAX + 4u + 16u) /* header, question, answer */

/* What names lead to that are not the device's own: an address of no private network (192.0.2.1).
 */
#define DNS_OTHER_ADDR 0xC0000201u

enum dns_code {
    DNS_CODE_OK = 0,
    DNS_CODE_FORMAT_ERROR = 1,
    DNS_CODE_NOT_IMPLEMENTED = 4,
};

struct dns_question {
    const uint8_t *bytes; /* the whole message */
    uint16_t size;        /* of name, type and class; 0 unless code is DNS_CODE_OK */
    enum dns_code code;   /* that the reply has */
    bool wants_address;   /* type A, class IN */
};

/* Who answers. */
struct dns_zone {
    const char *network_name; /* its own name, in any case of letters, also with ".local" */
    uint32_t own_addr;
};

/*
 * Read a question. LCM_ERR_FORMAT: no reply is due (a reply, or shorter than a header), *question
 * is not written. Else LCM_OK: question->code says what is wrong with it, if anything. Records
 * behind the question are not looked at.
 */
enum lcm_err dns_packet_decode(const uint8_t *bytes, size_t size, struct dns_question *question);

/* The address to answer with; 0 = no answer record. */
uint32_t dns_packet_find(const struct dns_question *question, const struct dns_zone *zone);

/* Write the reply: returns its size, at most DNS_REPLY_SIZE_MAX, which reply has room for. */
size_t dns_packet_encode(uint8_t *reply, const struct dns_question *question, uint32_t addr);

#endif
