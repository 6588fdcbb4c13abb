// SPDX-License-Identifier: Apache-2.0
/*
 * A strict little name and time server. One question per query, no compression in it; anything
 * else gets "format error". It never asks anybody: names it does not know are either passed on
 * (the world has internet) or do not exist.
 */
#include "port/emulator/radio_names.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "port/emulator/radio_redirect.h"

#define DNS_PORT 53u
#define DNS_HEADER_SIZE 12u
#define DNS_TYPE_A 1u
#define DNS_CLASS_IN 1u
#define DNS_ANSWER_SIZE 16u
#define DNS_TTL_S 60u
#define DNS_FORMAT_ERROR 1u
#define DNS_NO_SUCH_NAME 3u
#define NTP_PORT 123u
#define NTP_SIZE 48u
#define NTP_EPOCH_OFFSET 2208988800u /* 1900 to 1970, seconds */
#define TIME_SUFFIX "pool.ntp.org"

struct question {
    char name[RADIO_NAME_SIZE];
    size_t size; /* header and question */
    uint16_t type;
};

static bool question_parse(struct question *question, const uint8_t *query, size_t size)
{
    size_t at = DNS_HEADER_SIZE;
    size_t length = 0;

    if (query[4] != 0 || query[5] != 1)
        return false;
    while (at < size && query[at] != 0) {
        size_t label = query[at];
        if (label > 63 || at + 1 + label >= size || length + label + 1 >= sizeof(question->name))
            return false;
        memcpy(question->name + length, query + at + 1, label);
        length += label;
        question->name[length++] = '.';
        at += 1 + label;
    }
    if (length == 0 || at + 5 > size || query[at + 3] != 0 || query[at + 4] != DNS_CLASS_IN)
        return false;
    question->name[length - 1] = '\0';
    question->type = (uint16_t)(query[at + 1] << 8 | query[at + 2]);
    question->size = at + 5;
    return strlen(question->name) == length - 1;
}

static bool is_time_server(const struct radio_world *world, const char *name)
{
    size_t length = strlen(name);
    size_t suffix = strlen(TIME_SUFFIX);

    return world->time != RADIO_TIME_NONE && length >= suffix &&
           strcasecmp(name + length - suffix, TIME_SUFFIX) == 0;
}

/* true when the world knows what the name means; 0.0.0.0 = it does not exist. */
static bool names_find(const struct radio_world *world, const char *name, struct in_addr *address)
{
    const struct radio_name *known = radio_world_find_name(world, name);

    if (known != NULL) {
        address->s_addr = 0;
        if (known->address.s_addr != 0)
            *address = radio_redirect_address((size_t)(known - world->names));
        return true;
    }
    address->s_addr = is_time_server(world, name) ? htonl(RADIO_TIME_SERVER) : 0;
    return address->s_addr != 0 || !world->has_internet;
}

static size_t dns_put_address(uint8_t *at, struct in_addr address)
{
    static const uint8_t head[12] = {0xC0, DNS_HEADER_SIZE, 0, DNS_TYPE_A, 0, DNS_CLASS_IN, 0, 0,
                                     0,    DNS_TTL_S,       0, 4};

    memcpy(at, head, sizeof(head));
    memcpy(at + sizeof(head), &address, sizeof(address));
    return DNS_ANSWER_SIZE;
}

static size_t dns_answer(const struct radio_world *world, const uint8_t *query, size_t size,
                         uint8_t *answer)
{
    struct question question = {.size = DNS_HEADER_SIZE};
    struct in_addr address = {0};
    bool is_valid = question_parse(&question, query, size);

    if (is_valid && !names_find(world, question.name, &address))
        return 0;
    if (!is_valid)
        question.size = DNS_HEADER_SIZE;
    if (question.size + DNS_ANSWER_SIZE > RADIO_ANSWER_SIZE_MAX)
        return 0;
    memcpy(answer, query, question.size);
    answer[2] = (uint8_t)(0x80 | (query[2] & 0x01)); /* a response; recursion as desired */
    answer[3] = 0x80;                                /* recursion available */
    memset(answer + 6, 0, 6);
    if (!is_valid) {
        answer[3] |= DNS_FORMAT_ERROR;
        answer[5] = 0;
    } else if (address.s_addr == 0) {
        answer[3] |= DNS_NO_SUCH_NAME;
    } else if (question.type == DNS_TYPE_A) {
        answer[7] = 1;
        return question.size + dns_put_address(answer + question.size, address);
    }
    return question.size;
}

static void ntp_put_time(uint8_t *at, uint32_t seconds)
{
    at[0] = (uint8_t)(seconds >> 24);
    at[1] = (uint8_t)(seconds >> 16);
    at[2] = (uint8_t)(seconds >> 8);
    at[3] = (uint8_t)seconds;
}

static size_t ntp_answer(const struct radio_world *world, const uint8_t *query, uint8_t *answer)
{
    uint32_t now = (uint32_t)(time(NULL) + world->time_offset_s) + NTP_EPOCH_OFFSET;

    memset(answer, 0, NTP_SIZE);
    answer[0] = 0x24; /* version 4, server */
    answer[1] = 2;    /* stratum */
    answer[2] = 6;
    answer[3] = 0xEC;
    ntp_put_time(answer + 16, now);
    memcpy(answer + 24, query + 40, 8);
    ntp_put_time(answer + 32, now);
    ntp_put_time(answer + 40, now);
    return NTP_SIZE;
}

size_t radio_names_answer(const struct radio_world *world, const struct radio_packet *packet,
                          uint8_t *answer)
{
    struct radio_end to = radio_packet_destination(packet);

    if (!packet->is_udp)
        return 0;
    if (to.port == DNS_PORT && packet->payload_size >= DNS_HEADER_SIZE &&
        (packet->payload[2] & 0xF8) == 0)
        return dns_answer(world, packet->payload, packet->payload_size, answer);
    if (to.port == NTP_PORT && ntohl(to.address.s_addr) == RADIO_TIME_SERVER &&
        packet->payload_size >= NTP_SIZE)
        return ntp_answer(world, packet->payload, answer);
    return 0;
}
