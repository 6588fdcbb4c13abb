/* SPDX-License-Identifier: Apache-2.0 */
/* Sends the body of a response, with the faults of bodies. */
#ifndef LCM_SERVER_BODY_H
#define LCM_SERVER_BODY_H

#include "server/response.h"

#define SERVE_ENDLESS_SIZE_MAX (1ull << 30) /* even an endless body ends here */

/* How a body is to be sent; decided before the headers, which must agree with it. */
struct serve_body_plan {
    bool is_chunked;
    bool is_endless;
    bool is_flipped;
    uint64_t flip_offset;
    uint64_t size_max; /* bytes until the connection is cut; UINT64_MAX = none */
};

/* Ask the faults; an answer without a body uses none up. */
struct serve_body_plan serve_body_plan(const struct serve_response *response,
                                       struct serve_exchange *exchange);

/* Send the body; sets body_size, and is_broken when the connection must end now. */
void serve_body_send(const struct serve_response *response, const struct serve_body_plan *plan,
                     struct serve_exchange *exchange);

#endif
