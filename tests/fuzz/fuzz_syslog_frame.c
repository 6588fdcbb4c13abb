// SPDX-License-Identifier: Apache-2.0
/* Any byte stream in two pieces gives the messages it gives in one, none longer than the limit. */
#include <stdlib.h>
#include <string.h>

#include "collector/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Count and sum of the messages: enough to tell two ways of cutting apart. */
static uint64_t feed(const char *bytes, size_t size, size_t cut)
{
    static struct collect_frame frame;
    uint64_t sum = 1;

    collect_frame_init(&frame);
    for (size_t at = 0; at < size;) {
        size_t part = at < cut ? cut - at : size - at, used = 0;
        bool is_complete = false;

        if (collect_frame_feed(&frame, bytes + at, part, &used, &is_complete) != LCM_OK)
            return sum * 31;
        if (used == 0 || used > part || frame.length > COLLECT_MESSAGE_SIZE_MAX)
            abort();
        at += used;
        for (size_t i = 0; is_complete && i < frame.length; i++)
            sum = sum * 1099511628211u + (uint8_t)frame.bytes[i];
        sum += is_complete;
    }
    return sum + collect_frame_end(&frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    size_t cut = size > 0 ? data[0] % size : 0;

    if (feed(bytes, size, size) != feed(bytes, size, cut))
        abort();
    return 0;
}
