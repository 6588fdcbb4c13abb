// SPDX-License-Identifier: Apache-2.0
/*
 * Frames and Wi-Fi control over the inherited channel. One buffer serves both directions; a frame
 * received is gone when the next one is read or sent.
 */
#include "port/emulator/guest/guest_radio.h"

#include <string.h>

#include "core/base/text.h"
#include "port/emulator/guest/simcall.h"
#include "port/lx106/clock.h"

#define RETRY_CYCLES (500u * 1000u * 40u) /* 500 ms of the emulator's CCOUNT */
#define MESSAGE_SIZE (1u + GUEST_RADIO_FRAME_SIZE_MAX)
#define DRAIN_MAX 1024u

/* Section .page starts DRAM: the emulator splits a read that crosses a page. */
__attribute__((section(".page"),
               aligned(4096))) static uint8_t guest_radio_buffer[MESSAGE_SIZE + 3];

static void radio_tell(struct guest_radio *radio, uint8_t kind)
{
    radio->buffer[0] = kind;
    (void)simcall_write(RADIO_FD, radio->buffer, 1);
}

static void radio_ask_join(struct guest_radio *radio)
{
    memcpy(radio->buffer, radio->join, radio->join_size);
    (void)simcall_write(RADIO_FD, radio->buffer, radio->join_size);
    radio->retry_ccount = lx106_ccount();
}

static enum lcm_err radio_join_result(uint8_t result)
{
    switch (result) {
    case RADIO_WRONG_PASSWORD:
        return LCM_ERR_WIFI_PASSWORD;
    case RADIO_NOT_FOUND:
        return LCM_ERR_WIFI_NOT_FOUND;
    default:
        return LCM_ERR_WIFI;
    }
}

static void radio_take_join_result(struct guest_radio *radio, uint8_t result, uint8_t number)
{
    if (radio->state == GUEST_RADIO_OFF || number != radio->join_number)
        return;
    if (result == RADIO_JOINED) {
        radio->state = GUEST_RADIO_JOINED;
    } else if (radio->state == GUEST_RADIO_JOINING) {
        radio->state = GUEST_RADIO_OFF;
        radio->result = radio_join_result(result);
    }
}

static void radio_take_control(struct guest_radio *radio, size_t size)
{
    if (radio->buffer[0] == RADIO_JOIN_RESULT && size >= 3)
        radio_take_join_result(radio, radio->buffer[1], radio->buffer[2]);
    if (radio->buffer[0] == RADIO_LOST && radio->state == GUEST_RADIO_JOINED) {
        radio->state = GUEST_RADIO_LOST;
        radio->retry_ccount = lx106_ccount();
    }
}

size_t guest_radio_read(struct guest_radio *radio)
{
    if (radio->state == GUEST_RADIO_LOST && lx106_ccount() - radio->retry_ccount > RETRY_CYCLES)
        radio_ask_join(radio);
    if (!simcall_is_readable(RADIO_FD))
        return 0;
    int32_t size = simcall_read(RADIO_FD, radio->buffer, MESSAGE_SIZE + 1);
    if (size <= 0)
        return 0;
    radio_take_control(radio, (size_t)size);
    return (size_t)size;
}

size_t guest_radio_receive(void *context, const uint8_t **frame)
{
    struct guest_radio *radio = context;
    size_t size = 0;

    while ((size = guest_radio_read(radio)) != 0) {
        if (radio->buffer[0] == RADIO_ETHERNET && size <= MESSAGE_SIZE) {
            *frame = radio->buffer + 1;
            return size - 1;
        }
    }
    return 0;
}

static uint8_t *radio_send_buffer(void *context, size_t size)
{
    struct guest_radio *radio = context;

    return size <= GUEST_RADIO_FRAME_SIZE_MAX ? radio->buffer + 1 : NULL;
}

static void radio_send(void *context, size_t size)
{
    struct guest_radio *radio = context;

    radio->buffer[0] = RADIO_ETHERNET;
    (void)simcall_write(RADIO_FD, radio->buffer, size + 1);
}

static bool radio_is_joined(void *context)
{
    const struct guest_radio *radio = context;

    return radio->state == GUEST_RADIO_JOINED;
}

static bool radio_put_text(struct guest_radio *radio, const char *text, size_t length_max)
{
    size_t length = strlen(text);

    if (length > length_max)
        return false;
    radio->join[radio->join_size++] = (uint8_t)length;
    memcpy(radio->join + radio->join_size, text, length);
    radio->join_size = (uint8_t)(radio->join_size + length);
    return true;
}

static enum lcm_err radio_join(void *context, const char *ssid, const char *password)
{
    struct guest_radio *radio = context;

    if (radio->state == GUEST_RADIO_JOINED)
        return LCM_OK;
    if (radio->state != GUEST_RADIO_OFF)
        return LCM_PENDING;
    if (radio->result != LCM_OK) {
        enum lcm_err result = radio->result;
        radio->result = LCM_OK;
        return result;
    }
    radio->join[0] = RADIO_JOIN;
    radio->join_size = 1;
    if (!radio_put_text(radio, ssid, RADIO_SSID_LENGTH_MAX) ||
        !radio_put_text(radio, password, RADIO_PASSWORD_LENGTH_MAX))
        return LCM_ERR_WIFI;
    radio->join[radio->join_size++] = ++radio->join_number;
    radio->state = GUEST_RADIO_JOINING;
    radio_ask_join(radio);
    return LCM_PENDING;
}

static void radio_leave(void *context)
{
    struct guest_radio *radio = context;

    radio->state = GUEST_RADIO_OFF;
    radio->result = LCM_OK;
    radio_tell(radio, RADIO_LEAVE);
}

void guest_radio_init(struct guest_radio *radio)
{
    memset(radio, 0, sizeof(*radio));
    radio->buffer = guest_radio_buffer;
    radio->port = (struct lwip_radio){
        .context = radio,
        .join = radio_join,
        .leave = radio_leave,
        .is_joined = radio_is_joined,
        .receive = guest_radio_receive,
        .send_buffer = radio_send_buffer,
        .send = radio_send,
    };
    radio_tell(radio, RADIO_RESET);
    for (uint32_t i = 0; i < DRAIN_MAX && guest_radio_read(radio) != 0; i++) {
    }
}
