/* SPDX-License-Identifier: Apache-2.0 */
/* Names and passwords inside messages of radio_frame.h. */
#ifndef LCM_PORT_EMULATOR_RADIO_TEXT_H
#define LCM_PORT_EMULATOR_RADIO_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port/emulator/radio_frame.h"

struct radio_login {
    char ssid[RADIO_SSID_LENGTH_MAX + 1];
    char password[RADIO_PASSWORD_LENGTH_MAX + 1];
    uint8_t number; /* the byte behind them; 0 = none */
};

/* Read ssid and password, a length byte before each, and the number behind them. false when they do
 * not fit; more bytes are not looked at. */
bool radio_login_take(const uint8_t *bytes, size_t size, struct radio_login *login);

#endif
