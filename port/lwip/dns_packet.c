// SPDX-License-Identifier: Apache-2.0
/*
 * One question in, one reply out. It keeps nothing and asks nobody.
 *
 * Invariant: no byte outside the given message is read, whatever the lengths inside it say; a name
 * that passed decode ends inside the message.
 */
#include "port/lwip/dns_packet.h"

#include <string.h>

#define HEADER_SIZE 12u
#define FLAGS_OFFSET 2u
#define COUNT_OFFSET 4u /* questions; three more counts follow */
#define FLAG_REPLY 0x80u
#define FLAG_RECURSION 0x01u /* desired, in the first byte of flags */
#define FLAG_AVAILABLE 0x80u /* recursion is, in the second */
#define OPCODE_MASK 0x78u
#define TYPE_A 1u
#define CLASS_IN 1u
#define TYPE_AND_CLASS_SIZE 4u
#define ANSWER_SIZE 16u
#define ADDR_OFFSET 12u /* in an answer */

static uint32_t packet_get_u16(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 8 | bytes[1];
}

/* Size of the name at bytes, 0 = it is compressed, too long, or does not end. */
static size_t packet_name_size(const uint8_t *bytes, size_t size)
{
    size_t at = 0;

    while (at < size && at < DNS_NAME_SIZE_MAX) {
        if (bytes[at] == 0)
            return at + 1;
        if (bytes[at] > DNS_LABEL_SIZE_MAX)
            return 0;
        at += 1u + bytes[at];
    }
    return 0;
}

static void packet_take_question(struct dns_question *question, const uint8_t *bytes, size_t size)
{
    size_t name_size = packet_name_size(bytes + HEADER_SIZE, size - HEADER_SIZE);

    if (packet_get_u16(bytes + COUNT_OFFSET) != 1 || name_size == 0 ||
        size - HEADER_SIZE - name_size < TYPE_AND_CLASS_SIZE) {
        question->code = DNS_CODE_FORMAT_ERROR;
        return;
    }
    const uint8_t *type = bytes + HEADER_SIZE + name_size;
    question->size = (uint16_t)(name_size + TYPE_AND_CLASS_SIZE);
    question->wants_address =
        packet_get_u16(type) == TYPE_A && packet_get_u16(type + 2) == CLASS_IN;
}

enum lcm_err dns_packet_decode(const uint8_t *bytes, size_t size, struct dns_question *question)
{
    struct dns_question read = {.bytes = bytes, .code = DNS_CODE_OK};

    if (size < HEADER_SIZE || (bytes[FLAGS_OFFSET] & FLAG_REPLY) != 0)
        return LCM_ERR_FORMAT;
    if ((bytes[FLAGS_OFFSET] & OPCODE_MASK) != 0)
        read.code = DNS_CODE_NOT_IMPLEMENTED;
    else
        packet_take_question(&read, bytes, size);
    *question = read;
    return LCM_OK;
}

static uint8_t packet_lower(uint8_t letter)
{
    return letter >= 'A' && letter <= 'Z' ? (uint8_t)(letter | 0x20) : letter;
}

/* The label behind this one when this one is text, in any case; else NULL. */
static const uint8_t *packet_skip_label(const uint8_t *label, const char *text)
{
    size_t length = strlen(text);

    if (label == NULL || label[0] == 0 || label[0] != length)
        return NULL; /* never behind the root */
    for (size_t i = 0; i < length; i++) {
        if (packet_lower(label[1 + i]) != packet_lower((uint8_t)text[i]))
            return NULL;
    }
    return label + 1 + length;
}

static bool packet_is_root(const uint8_t *label)
{
    return label != NULL && label[0] == 0;
}

static bool packet_is_own_name(const uint8_t *name, const struct dns_zone *zone)
{
    const uint8_t *behind = packet_skip_label(name, zone->network_name);

    return packet_is_root(behind) || packet_is_root(packet_skip_label(behind, "local")) ||
           packet_is_root(packet_skip_label(packet_skip_label(name, "lcm"), "setup"));
}

uint32_t dns_packet_find(const struct dns_question *question, const struct dns_zone *zone)
{
    if (question->code != DNS_CODE_OK || !question->wants_address)
        return 0;
    return packet_is_own_name(question->bytes + HEADER_SIZE, zone) ? zone->own_addr
                                                                   : DNS_OTHER_ADDR;
}

static void packet_put_answer(uint8_t *at, uint32_t addr)
{
    /* The name is the question's, by reference. */
    static const uint8_t head[ADDR_OFFSET] = {0xC0, HEADER_SIZE, 0, TYPE_A,    0, CLASS_IN,
                                              0,    0,           0, DNS_TTL_S, 0, 4};

    memcpy(at, head, sizeof(head));
    for (uint32_t i = 0; i < 4; i++)
        at[ADDR_OFFSET + i] = (uint8_t)(addr >> (24 - 8 * i));
}

size_t dns_packet_encode(uint8_t *reply, const struct dns_question *question, uint32_t addr)
{
    size_t size = HEADER_SIZE + question->size;

    memcpy(reply, question->bytes, size);
    reply[FLAGS_OFFSET] =
        (uint8_t)(FLAG_REPLY | (question->bytes[FLAGS_OFFSET] & (OPCODE_MASK | FLAG_RECURSION)));
    reply[FLAGS_OFFSET + 1] = (uint8_t)(FLAG_AVAILABLE | (uint32_t)question->code);
    memset(reply + COUNT_OFFSET, 0, HEADER_SIZE - COUNT_OFFSET);
    reply[COUNT_OFFSET + 1] = question->size != 0;
    if (addr == 0)
        return size;
    reply[COUNT_OFFSET + 3] = 1;
    packet_put_answer(reply + size, addr);
    return size + ANSWER_SIZE;
}
