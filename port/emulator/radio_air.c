// SPDX-License-Identifier: Apache-2.0
/*
 * Wi-Fi control: scan, join, leave, access point, as the world says. The chip's messages are
 * untrusted: a malformed one is ignored.
 */
#include <string.h>

#include "port/emulator/radio_parts.h"

struct join_request {
    char ssid[RADIO_SSID_LENGTH_MAX + 1];
    char password[RADIO_PASSWORD_LENGTH_MAX + 1];
};

/* A length byte and that many bytes; moves *bytes behind them. */
static bool air_take_text(const uint8_t **bytes, size_t *size, char *text, size_t text_size)
{
    if (*size < 1 || **bytes >= text_size || *size - 1 < **bytes)
        return false;
    size_t length = **bytes;
    memcpy(text, *bytes + 1, length);
    text[length] = '\0';
    *bytes += 1 + length;
    *size -= 1 + length;
    return true;
}

static bool air_is_present(struct radio_host *radio, const struct radio_network *network)
{
    if (radio->air.lost != NULL && radio_now_ms() >= radio->air.lost_until_ms)
        radio->air.lost = NULL;
    return network != radio->air.lost;
}

static struct radio_network *air_network(struct radio_host *radio, const char *ssid)
{
    struct radio_network *network = radio_world_find(&radio->world, ssid);

    if (network == NULL && radio->world.is_any_network) {
        network = &radio->air.any;
        memset(network, 0, sizeof(*network));
        memcpy(network->ssid, ssid, strlen(ssid) + 1);
    }
    return network != NULL && air_is_present(radio, network) ? network : NULL;
}

static enum radio_join air_judge(struct radio_network *network, const struct join_request *request)
{
    if (network == NULL)
        return RADIO_NOT_FOUND;
    if (network->fails > 0) {
        if (network->fails != RADIO_FAILS_ALWAYS)
            network->fails--;
        return RADIO_FAILED;
    }
    if (network->password[0] != '\0' && strcmp(network->password, request->password) != 0)
        return RADIO_WRONG_PASSWORD;
    return RADIO_JOINED;
}

static void air_join(struct radio_host *radio, const uint8_t *bytes, size_t size)
{
    static const enum radio_event events[] = {
        [RADIO_JOINED] = RADIO_EVENT_JOINED,
        [RADIO_WRONG_PASSWORD] = RADIO_EVENT_WRONG_PASSWORD,
        [RADIO_NOT_FOUND] = RADIO_EVENT_NOT_FOUND,
        [RADIO_FAILED] = RADIO_EVENT_FAILED,
    };
    struct join_request request;

    if (!air_take_text(&bytes, &size, request.ssid, sizeof(request.ssid)) ||
        !air_take_text(&bytes, &size, request.password, sizeof(request.password)))
        return;
    struct radio_network *network = air_network(radio, request.ssid);
    enum radio_join result = air_judge(network, &request);
    uint8_t answer = (uint8_t)result;
    radio->air.network = result == RADIO_JOINED ? network : NULL;
    radio->air.bytes_to_chip = 0;
    radio_send(radio, RADIO_JOIN_RESULT, &answer, 1);
    radio_tell(radio, events[result], request.ssid);
}

static void air_scan(struct radio_host *radio)
{
    for (size_t i = 0; i < radio->world.network_count; i++) {
        const struct radio_network *network = &radio->world.networks[i];
        uint8_t result[4 + RADIO_SSID_LENGTH_MAX];
        size_t length = strlen(network->ssid);
        if (!air_is_present(radio, network))
            continue;
        result[0] = (uint8_t)(network->signal + RADIO_SIGNAL_OFFSET);
        result[1] = network->channel;
        result[2] = network->password[0] != '\0';
        result[3] = (uint8_t)length;
        memcpy(result + 4, network->ssid, length);
        radio_send(radio, RADIO_SCAN_RESULT, result, 4 + length);
    }
    radio_send(radio, RADIO_SCAN_END, NULL, 0);
}

static void air_access_point(struct radio_host *radio, const uint8_t *bytes, size_t size)
{
    struct join_request request;

    if (size < 1)
        return;
    bytes++;
    size--;
    if (!air_take_text(&bytes, &size, request.ssid, sizeof(request.ssid)) ||
        !air_take_text(&bytes, &size, request.password, sizeof(request.password)))
        return;
    radio->air.is_access_point = true;
    radio_tell(radio, RADIO_EVENT_ACCESS_POINT, request.ssid);
}

void radio_air_take(struct radio_host *radio, uint8_t kind, const uint8_t *bytes, size_t size)
{
    const uint8_t no_stations = 0;

    switch (kind) {
    case RADIO_SCAN:
        air_scan(radio);
        break;
    case RADIO_JOIN:
        air_join(radio, bytes, size);
        break;
    case RADIO_LEAVE:
        radio->air.network = NULL;
        radio->air.is_access_point = false;
        break;
    case RADIO_ACCESS_POINT:
        air_access_point(radio, bytes, size);
        break;
    case RADIO_ACCESS_POINT_STOP:
        radio->air.is_access_point = false;
        break;
    case RADIO_STATIONS:
        radio_send(radio, RADIO_STATION_LIST, &no_stations, 1);
        break;
    default:
        break;
    }
}

bool radio_air_carries(struct radio_host *radio, size_t size)
{
    struct radio_air *air = &radio->air;
    struct radio_network *network = air->network;

    if (network == NULL)
        return false;
    air->bytes_to_chip += (uint32_t)size;
    if (network->lost_after == 0 || air->bytes_to_chip < network->lost_after)
        return true;
    network->lost_after = 0; /* once */
    air->lost = network;
    air->lost_until_ms = radio_now_ms() + network->lost_ms;
    air->network = NULL;
    radio_send(radio, RADIO_LOST, NULL, 0);
    radio_tell(radio, RADIO_EVENT_LOST, network->ssid);
    return false;
}
