/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages out of a byte stream (RFC 6587): "SIZE SP MESSAGE" when a message begins with a digit,
 * else everything up to a line feed. A message longer than the limit is cut, its rest is
 * stepped over; a size that is none is an error of the stream.
 */
#ifndef LCM_COLLECTOR_FRAME_H
#define LCM_COLLECTOR_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "collector/message.h"

enum frame_state { FRAME_START, FRAME_SIZE, FRAME_COUNTED, FRAME_LINE };

struct collect_frame {
    enum frame_state state;
    size_t missing; /* FRAME_SIZE: the number so far; FRAME_COUNTED: bytes to come */
    size_t length;
    char bytes[COLLECT_MESSAGE_SIZE_MAX];
};

void collect_frame_init(struct collect_frame *frame);

/* Take bytes until one message is complete (*is_complete; it is bytes[0..length)) or all are
 * used. *used tells how many. LCM_ERR_FORMAT: the stream cannot be read on. */
LCM_MUST_CHECK enum lcm_err collect_frame_feed(struct collect_frame *frame, const char *bytes,
                                               size_t size, size_t *used, bool *is_complete);

/* The stream ended: true when what is there is a message (a line without its line feed). */
bool collect_frame_end(struct collect_frame *frame);

#endif
