// SPDX-License-Identifier: Apache-2.0
/*
 * The channel's messages that are not about the chip as a station. Takes the place of the radio's
 * receive function: what belongs to the station goes on as before.
 */
#include "port/emulator/guest/guest_air.h"

#include <string.h>

#include "port/emulator/guest/simcall.h"
#include "port/lx106/clock.h"

#define ANSWER_CYCLES (3000u * 1000u * 40u) /* 3 s of the emulator's CCOUNT */
#define FRAMES_PER_RECEIVE 4u               /* of stations, until others get their turn */
#define SCAN_SSID_OFFSET 5u                 /* in RADIO_SCAN_RESULT */
#define MAC_SIZE 6u

static struct guest_air
    *guest_air_only; /* the chip has one radio; its functions get their own context */

/* Where the next network found goes: behind the last, or in place of a weaker one. NULL = nowhere.
 */
static struct lcm_network *air_place(struct guest_air *air, int8_t signal_dbm)
{
    struct lcm_network *weakest = NULL;

    if (air->scan.count < air->networks_size && air->scan.count < UINT8_MAX)
        return &air->networks[air->scan.count++];
    for (size_t i = 0; i < air->scan.count; i++) {
        if (weakest == NULL || air->networks[i].signal_dbm < weakest->signal_dbm)
            weakest = &air->networks[i];
    }
    return weakest != NULL && weakest->signal_dbm < signal_dbm ? weakest : NULL;
}

static void air_take_network(struct guest_air *air, const uint8_t *message, size_t size)
{
    if (size < SCAN_SSID_OFFSET || message[4] > LCM_SSID_SIZE_MAX ||
        size - SCAN_SSID_OFFSET < message[4])
        return;
    int8_t signal_dbm = (int8_t)(message[1] - RADIO_SIGNAL_OFFSET);
    struct lcm_network *network = air_place(air, signal_dbm);
    if (network == NULL)
        return;
    network->signal_dbm = signal_dbm;
    network->channel = message[2];
    network->is_secured = message[3] != 0;
    network->ssid_size = message[4];
    memcpy(network->ssid, message + SCAN_SSID_OFFSET, message[4]);
}

static void air_take_stations(struct guest_air *air, const uint8_t *message, size_t size)
{
    if (size < 2 || message[1] > LWIP_AIR_STATIONS_MAX || size - 2 < message[1] * MAC_SIZE)
        return;
    air->stations.count = message[1];
    memcpy(air->macs[0], message + 2, message[1] * MAC_SIZE);
    air->stations.is_answered = true;
}

static void air_take_control(struct guest_air *air, size_t size)
{
    const uint8_t *message = air->radio->buffer;

    if (air->scan.is_asked && message[0] == RADIO_SCAN_RESULT)
        air_take_network(air, message, size);
    if (air->scan.is_asked && message[0] == RADIO_SCAN_END)
        air->scan.is_answered = true;
    if (air->stations.is_asked && message[0] == RADIO_STATION_LIST)
        air_take_stations(air, message, size);
}

/* As the radio's own, with the frames of stations going to their sink. */
static size_t air_receive(void *context, const uint8_t **frame)
{
    struct guest_air *air = guest_air_only;
    size_t size = 0;
    uint32_t frames = 0;

    (void)context;
    while (frames < FRAMES_PER_RECEIVE && (size = guest_radio_read(air->radio)) != 0) {
        bool is_whole = size <= 1u + GUEST_RADIO_FRAME_SIZE_MAX;
        *frame = air->radio->buffer + 1;
        if (air->radio->buffer[0] == RADIO_ETHERNET && is_whole)
            return size - 1;
        if (air->radio->buffer[0] == RADIO_STATION_ETHERNET && is_whole && air->sink != NULL) {
            air->sink->take(air->sink->context, *frame, size - 1);
            frames++;
        } else {
            air_take_control(air, size);
        }
    }
    return 0;
}

static void air_tell(struct guest_air *air, uint8_t kind)
{
    air->radio->buffer[0] = kind;
    (void)simcall_write(RADIO_FD, air->radio->buffer, 1);
}

/* Ask, wait, be done: LCM_OK once answered. A question that is done may be asked again. */
static enum lcm_err air_follow(struct guest_air *air, struct guest_question *question, uint8_t kind)
{
    if (!question->is_asked) {
        *question = (struct guest_question){.is_asked = true, .asked_ccount = lx106_ccount()};
        air_tell(air, kind);
        return LCM_PENDING;
    }
    if (!question->is_answered && lx106_ccount() - question->asked_ccount < ANSWER_CYCLES)
        return LCM_PENDING;
    question->is_asked = false;
    return question->is_answered ? LCM_OK : LCM_ERR_TIMEOUT;
}

static enum lcm_err air_scan(void *context, struct lcm_network *networks, size_t size,
                             size_t *count)
{
    struct guest_air *air = context;

    air->networks = networks;
    air->networks_size = size;
    enum lcm_err err = air_follow(air, &air->scan, RADIO_SCAN);
    if (err == LCM_OK)
        *count = air->scan.count;
    return err;
}

static enum lcm_err air_stations(void *context, uint8_t macs[LWIP_AIR_STATIONS_MAX][6],
                                 size_t *count)
{
    struct guest_air *air = context;

    air->macs = macs;
    enum lcm_err err = air_follow(air, &air->stations, RADIO_STATIONS);
    if (err == LCM_OK)
        *count = air->stations.count;
    return err;
}

static bool air_is_possible(const struct lcm_access_point_config *config)
{
    size_t ssid_size = strlen(config->ssid);
    size_t password_length = strlen(config->password);

    return ssid_size >= 1 && ssid_size <= LCM_SSID_SIZE_MAX && config->channel >= 1 &&
           config->channel <= LCM_AP_CHANNEL_MAX &&
           (password_length == 0 || (password_length >= LCM_AP_PASSWORD_LENGTH_MIN &&
                                     password_length <= LCM_AP_PASSWORD_LENGTH_MAX));
}

static uint8_t *air_put_text(uint8_t *at, const char *text)
{
    size_t length = strlen(text);

    at[0] = (uint8_t)length;
    memcpy(at + 1, text, length);
    return at + 1 + length;
}

static enum lcm_err air_start(void *context, const struct lcm_access_point_config *config,
                              const struct lwip_air_sink *sink)
{
    struct guest_air *air = context;
    uint8_t *message = air->radio->buffer;

    if (!air_is_possible(config))
        return LCM_ERR_ARGUMENT;
    message[0] = RADIO_ACCESS_POINT;
    message[1] = config->channel;
    uint8_t *end = air_put_text(air_put_text(message + 2, config->ssid), config->password);
    (void)simcall_write(RADIO_FD, message, (size_t)(end - message));
    air->sink = sink;
    return LCM_OK;
}

static void air_stop(void *context)
{
    struct guest_air *air = context;

    air->sink = NULL;
    air_tell(air, RADIO_ACCESS_POINT_STOP);
}

static uint8_t *air_send_buffer(void *context, size_t size)
{
    struct guest_air *air = context;

    return size <= GUEST_RADIO_FRAME_SIZE_MAX ? air->radio->buffer + 1 : NULL;
}

static void air_send(void *context, size_t size)
{
    struct guest_air *air = context;

    air->radio->buffer[0] = RADIO_STATION_ETHERNET;
    (void)simcall_write(RADIO_FD, air->radio->buffer, size + 1);
}

void guest_air_init(struct guest_air *air, struct guest_radio *radio)
{
    memset(air, 0, sizeof(*air));
    air->radio = radio;
    air->port = (struct lwip_air){
        .context = air,
        .scan = air_scan,
        .start = air_start,
        .stop = air_stop,
        .stations = air_stations,
        .send_buffer = air_send_buffer,
        .send = air_send,
    };
    guest_air_only = air;
    radio->port.receive = air_receive;
}

void guest_air_close(struct guest_air *air)
{
    air->radio->port.receive = guest_radio_receive;
    guest_air_only = NULL;
}
