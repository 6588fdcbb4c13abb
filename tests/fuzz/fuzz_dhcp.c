// SPDX-License-Identifier: Apache-2.0
/* DHCP messages of anybody on the access point: decoded, answered, never longer than allowed. */
#include "port/lwip/dhcp_leases.h"
#include "port/lwip/dhcp_packet.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct dhcp_network network = {0xC0A80401u, 0xFFFFFF00u};
    struct dhcp_request request;
    struct dhcp_reply reply = {.type = DHCP_ACK, .your_addr = 0xC0A80402u, .lease_s = 60};
    uint8_t bytes[DHCP_REPLY_SIZE_MAX];
    size_t reply_size;

    if (dhcp_packet_decode(data, size, &request) != LCM_OK)
        return 0;
    if (request.client_id_size > 0)
        FUZZ_REQUIRE(request.client_id >= data &&
                     request.client_id + request.client_id_size <= data + size);
    reply_size = dhcp_packet_encode(bytes, &request, &reply, &network);
    FUZZ_REQUIRE(reply_size <= sizeof(bytes));
    return 0;
}
