// SPDX-License-Identifier: Apache-2.0
/* The framing; see the header. Knows no socket. Invariant: length <= COLLECT_MESSAGE_SIZE_MAX. */
#include "collector/frame.h"

#define COUNT_MAX (1024u * 1024u) /* a larger size is an error, not a long message */

void collect_frame_init(struct collect_frame *frame)
{
    frame->state = FRAME_START;
    frame->missing = 0;
    frame->length = 0;
}

static void frame_keep(struct collect_frame *frame, char c)
{
    if (frame->length < sizeof(frame->bytes))
        frame->bytes[frame->length++] = c;
}

/* The first byte of a message tells how its end is marked. Blank lines between are nothing. */
static void frame_start(struct collect_frame *frame, char c)
{
    if (c == '\n' || c == '\r' || c == '\0')
        return;
    frame->length = 0;
    if (c >= '1' && c <= '9') {
        frame->state = FRAME_SIZE;
        frame->missing = (size_t)(c - '0');
        return;
    }
    frame->state = FRAME_LINE;
    frame_keep(frame, c);
}

static enum lcm_err frame_size(struct collect_frame *frame, char c)
{
    if (c == ' ') {
        frame->state = FRAME_COUNTED;
        return LCM_OK;
    }
    if (c < '0' || c > '9')
        return LCM_ERR_FORMAT;
    frame->missing = frame->missing * 10 + (size_t)(c - '0');
    return frame->missing <= COUNT_MAX ? LCM_OK : LCM_ERR_FORMAT;
}

enum lcm_err collect_frame_feed(struct collect_frame *frame, const char *bytes, size_t size,
                                size_t *used, bool *is_complete)
{
    *is_complete = false;
    for (*used = 0; *used < size && !*is_complete; ++*used) {
        char c = bytes[*used];

        switch (frame->state) {
        case FRAME_SIZE:
            if (frame_size(frame, c) != LCM_OK)
                return LCM_ERR_FORMAT;
            break;
        case FRAME_COUNTED:
            frame_keep(frame, c);
            *is_complete = --frame->missing == 0;
            break;
        case FRAME_LINE:
            if (c == '\n')
                *is_complete = true;
            else
                frame_keep(frame, c);
            break;
        case FRAME_START:
        default:
            frame_start(frame, c);
            break;
        }
    }
    if (*is_complete)
        frame->state = FRAME_START;
    return LCM_OK;
}

bool collect_frame_end(struct collect_frame *frame)
{
    bool is_message = frame->state == FRAME_LINE && frame->length > 0;

    frame->state = FRAME_START;
    return is_message;
}
