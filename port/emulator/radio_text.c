// SPDX-License-Identifier: Apache-2.0
/* Texts of messages: a length byte and that many bytes, untrusted. */
#include "port/emulator/radio_text.h"

#include <string.h>

/* Moves *bytes behind the text. */
static bool text_take(const uint8_t **bytes, size_t *size, char *text, size_t text_size)
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

bool radio_login_take(const uint8_t *bytes, size_t size, struct radio_login *login)
{
    if (!text_take(&bytes, &size, login->ssid, sizeof(login->ssid)) ||
        !text_take(&bytes, &size, login->password, sizeof(login->password)))
        return false;
    login->number = size > 0 ? bytes[0] : 0;
    return true;
}
