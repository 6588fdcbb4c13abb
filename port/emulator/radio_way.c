// SPDX-License-Identifier: Apache-2.0
/*
 * The network behind the air: libslirp with redirected names in front of it.
 */
#include <string.h>

#include "port/emulator/radio_names.h"
#include "port/emulator/radio_parts.h"

#define DHCP_SERVER_PORT 67u

static void way_deliver(void *context, const uint8_t *bytes, size_t size)
{
    struct radio_host *radio = context;
    uint8_t frame[RADIO_ETHERNET_SIZE_MAX];
    struct radio_packet packet;

    if (size > sizeof(frame) || !radio_air_carries(radio, size))
        return;
    memcpy(frame, bytes, size);
    if (radio_packet_view(&packet, frame, size))
        radio_redirect_in(&radio->way.redirect, &packet);
    radio_send(radio, RADIO_ETHERNET, frame, size);
}

bool radio_way_open(struct radio_host *radio)
{
    uint32_t range = radio->world.range;
    const struct radio_slirp_config config = {.network = range,
                                              .host = range + RADIO_RANGE_GATEWAY,
                                              .name_server = range + RADIO_RANGE_NAMES,
                                              .first = range + RADIO_RANGE_CHIP};

    radio->way.redirect.world = &radio->world;
    radio->way.slirp.deliver = way_deliver;
    radio->way.slirp.context = radio;
    if (!radio_slirp_open(&radio->way.slirp, &config))
        return false;
    for (size_t i = 0; i < radio->world.forward_count; i++) {
        if (!radio_slirp_forward(&radio->way.slirp, &radio->world.forwards[i],
                                 range + RADIO_RANGE_CHIP))
            return false;
    }
    return true;
}

void radio_way_close(struct radio_host *radio)
{
    radio_slirp_close(&radio->way.slirp);
}

static void way_answer(struct radio_host *radio, const struct radio_packet *packet,
                       const uint8_t *answer, size_t size)
{
    uint8_t frame[RADIO_ETHERNET_SIZE_MAX];
    size_t frame_size = radio_packet_reply(packet, answer, size, frame, sizeof(frame));

    if (frame_size > 0 && radio_air_carries(radio, frame_size))
        radio_send(radio, RADIO_ETHERNET, frame, frame_size);
}

/* Nobody hands out addresses in such a network. */
static bool way_is_unheard(const struct radio_host *radio, const struct radio_packet *packet)
{
    return radio->air.network->has_no_address && packet->is_udp &&
           radio_packet_destination(packet).port == DHCP_SERVER_PORT;
}

void radio_way_take(struct radio_host *radio, uint8_t *frame, size_t size)
{
    uint8_t answer[RADIO_ANSWER_SIZE_MAX];
    struct radio_packet packet;

    if (radio->air.network == NULL)
        return;
    if (radio_packet_view(&packet, frame, size)) {
        if (way_is_unheard(radio, &packet))
            return;
        size_t answer_size = radio_names_answer(&radio->world, &packet, answer);
        if (answer_size > 0) {
            way_answer(radio, &packet, answer, answer_size);
            return;
        }
        radio_redirect_out(&radio->way.redirect, &packet);
    }
    slirp_input(radio->way.slirp.slirp, frame, (int)size);
}
