// SPDX-License-Identifier: Apache-2.0
/* DNS questions of anybody on the access point: answered strictly, never longer than allowed, and
 * nothing but the question comes back. */
#include "port/lwip/dns_packet.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct dns_zone zone = {.network_name = "LCM-0A0B0C", .own_addr = 0xC0A80401u};
    uint8_t reply[DNS_REPLY_SIZE_MAX];
    struct dns_question question;

    if (dns_packet_decode(data, size, &question) != LCM_OK)
        return 0;
    FUZZ_REQUIRE(question.size <= size);
    uint32_t addr = dns_packet_find(&question, &zone);
    FUZZ_REQUIRE(addr == 0 || addr == DNS_OTHER_ADDR || addr == zone.own_addr);
    size_t reply_size = dns_packet_encode(reply, &question, addr);
    FUZZ_REQUIRE(reply_size >= 12 && reply_size <= sizeof(reply));
    FUZZ_REQUIRE(reply[0] == data[0] && reply[1] == data[1] && (reply[2] & 0x80) != 0);
    FUZZ_REQUIRE(question.size == 0 || memcmp(reply + 12, data + 12, question.size) == 0);
    return 0;
}
