// SPDX-License-Identifier: Apache-2.0
/*
 * Any datagram: split into messages, parsed, folded into a device, wrapped for another collector.
 * Every text must end, and what is passed on must be RFC 5424 that the parser takes again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/device.h"
#include "collector/forward.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool is_true)
{
    if (!is_true)
        abort();
}

static void try_message(const char *bytes, size_t size)
{
    static struct device device;
    struct collect_message message, again;
    struct device_change change;
    char text[COLLECT_MESSAGE_SIZE_MAX + 512];
    struct collect_record record = {
        .bytes = bytes, .size = size, .at_ms = 1795343230000, .source = "192.0.2.1"};

    if (collect_parse(bytes, size, "192.0.2.1", &message) != LCM_OK)
        return;
    require(message.severity < 8 && message.id[0] != '\0');
    require(strnlen(message.text, sizeof(message.text)) < sizeof(message.text));
    device_fold(&device, &message, "192.0.2.1", 1795343230000, &change);
    require(device.state >= 0 && device.state < DEVICE_STATE_COUNT);
    size_t length = forward_format(&record, text, sizeof(text));
    require(length > 0 && length <= sizeof(text));
    require(collect_parse(text, length, "192.0.2.1", &again) == LCM_OK);
    require(again.form == COLLECT_RFC5424);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;

    if (size > COLLECT_MESSAGE_SIZE_MAX)
        size = COLLECT_MESSAGE_SIZE_MAX;
    for (size_t at = 0; at < size;) {
        size_t extent = collect_parse_extent(bytes + at, size - at);

        require(extent > 0 && extent <= size - at);
        try_message(bytes + at, extent);
        at += extent;
    }
    return 0;
}
