/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the bytes of a response body go: flash, a buffer, a hash.
 */
#ifndef LCM_FETCH_SINK_H
#define LCM_FETCH_SINK_H

#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"

struct lcm_sink {
    void *context;

    /* Take size (> 0) bytes, in order; the bytes are the caller's again afterwards.
     * Anything but LCM_OK stops the transfer and becomes its result: this is how
     * a sink ends a body that is longer than it may be. */
    enum lcm_err (*write)(void *context, const uint8_t *bytes, size_t size);
};

#endif
