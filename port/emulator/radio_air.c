// SPDX-License-Identifier: Apache-2.0
/*
 * Wi-Fi control: scan, join, leave, access point, as the world says. The chip's messages are
 * untrusted: a malformed one is ignored.
 */
#include <string.h>

#include "port/emulator/radio_parts.h"
#include "port/emulator/radio_text.h"

_Static_assert(RADIO_SSID_LENGTH_MAX == LCM_SSID_SIZE_MAX, "the world's names fit the messages");

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

static enum radio_join air_judge(struct radio_network *network, const char *password)
{
    switch ((int)radio_network_join(network, password)) {
    case LCM_OK:
        return RADIO_JOINED;
    case LCM_ERR_WIFI_PASSWORD:
        return RADIO_WRONG_PASSWORD;
    case LCM_ERR_WIFI_NOT_FOUND:
        return RADIO_NOT_FOUND;
    default:
        return RADIO_FAILED;
    }
}

static void air_join(struct radio_host *radio, const uint8_t *bytes, size_t size)
{
    static const enum radio_event events[] = {
        [RADIO_JOINED] = RADIO_EVENT_JOINED,
        [RADIO_WRONG_PASSWORD] = RADIO_EVENT_WRONG_PASSWORD,
        [RADIO_NOT_FOUND] = RADIO_EVENT_NOT_FOUND,
        [RADIO_FAILED] = RADIO_EVENT_FAILED,
    };
    struct radio_login request;

    if (!radio_login_take(bytes, size, &request))
        return;
    struct radio_network *network = air_network(radio, request.ssid);
    enum radio_join result = air_judge(network, request.password);
    const uint8_t answer[2] = {(uint8_t)result, request.number};
    radio->air.network = result == RADIO_JOINED ? network : NULL;
    radio->air.bytes_to_chip = 0;
    radio_send(radio, RADIO_JOIN_RESULT, answer, sizeof(answer));
    radio_tell(radio, events[result], request.ssid);
}

static void air_scan(struct radio_host *radio)
{
    for (size_t i = 0; i < radio->world.network_count; i++) {
        const struct radio_network *network = &radio->world.networks[i];
        uint8_t result[4 + RADIO_SSID_LENGTH_MAX];
        struct lcm_network shown;
        if (!air_is_present(radio, network))
            continue;
        radio_network_show(network, &shown);
        result[0] = (uint8_t)(shown.signal_dbm + RADIO_SIGNAL_OFFSET);
        result[1] = shown.channel;
        result[2] = shown.is_secured;
        result[3] = shown.ssid_size;
        memcpy(result + 4, shown.ssid, shown.ssid_size);
        radio_send(radio, RADIO_SCAN_RESULT, result, 4u + shown.ssid_size);
    }
    radio_send(radio, RADIO_SCAN_END, NULL, 0);
}

static void air_open_portal(struct radio_host *radio)
{
    const struct radio_forward *forward = &radio->world.portal;
    char text[RADIO_PORTAL_TEXT_SIZE];

    if (forward->host_port == 0)
        return;
    radio->is_broken = !radio_portal_open(&radio->portal, forward);
    radio_portal_text(forward, text);
    if (!radio->is_broken)
        radio_tell(radio, RADIO_EVENT_PORTAL, text);
}

static void air_access_point(struct radio_host *radio, const uint8_t *bytes, size_t size)
{
    struct radio_access_point access_point = {.is_on = true};
    struct radio_login login;

    if (size < 1 || !radio_login_take(bytes + 1, size - 1, &login))
        return;
    access_point.channel = bytes[0];
    memcpy(access_point.ssid, login.ssid, sizeof(access_point.ssid));
    memcpy(access_point.password, login.password, sizeof(access_point.password));
    radio_stations_set(&radio->stations, &access_point);
    radio_tell(radio, RADIO_EVENT_ACCESS_POINT, login.ssid);
    air_open_portal(radio);
}

static void air_stop_access_point(struct radio_host *radio)
{
    radio_portal_close(&radio->portal);
    radio_stations_set(&radio->stations, NULL);
}

static void air_stations(struct radio_host *radio)
{
    uint8_t list[1 + RADIO_STATIONS_MAX * RADIO_MAC_SIZE];
    size_t count = radio_stations_macs(&radio->stations, list + 1);

    list[0] = (uint8_t)count;
    radio_send(radio, RADIO_STATION_LIST, list, 1 + count * RADIO_MAC_SIZE);
}

void radio_air_take(struct radio_host *radio, uint8_t kind, const uint8_t *bytes, size_t size)
{
    switch (kind) {
    case RADIO_SCAN:
        air_scan(radio);
        break;
    case RADIO_JOIN:
        air_join(radio, bytes, size);
        break;
    case RADIO_LEAVE:
        radio->air.network = NULL;
        break;
    case RADIO_RESET:
        radio->air.network = NULL;
        air_stop_access_point(radio);
        break;
    case RADIO_ACCESS_POINT:
        air_access_point(radio, bytes, size);
        break;
    case RADIO_ACCESS_POINT_STOP:
        air_stop_access_point(radio);
        break;
    case RADIO_STATIONS:
        air_stations(radio);
        break;
    case RADIO_STATION_ETHERNET:
        radio_stations_take(&radio->stations, bytes, size);
        radio_portal_take(&radio->portal, bytes, size);
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
