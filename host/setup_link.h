/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP to a device in set-up: one request, one answer, everything bounded. It goes straight to the
 * address given, through no proxy and to no other place.
 */
#ifndef LCM_HOST_SETUP_LINK_H
#define LCM_HOST_SETUP_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "host/failure.h"
#include "lcm/err.h"

#define SETUP_LINK_BODY_MAX 2048u /* bytes; the longest answer has 1,056 */

struct setup_link;

struct setup_reply {
    long status; /* of HTTP */
    size_t size;
    uint8_t body[SETUP_LINK_BODY_MAX + 1]; /* with a NUL behind it */
    unsigned retry_after_s;                /* 0 = the header is not there */
};

/* url: http://HOST[:PORT]. LCM_ERR_ARGUMENT: another form. LCM_ERR_NO_SPACE. */
LCM_MUST_CHECK enum lcm_err setup_link_open(struct setup_link **link, const char *url,
                                            struct lcm_failure *failure);
void setup_link_close(struct setup_link *link);

/*
 * GET (body NULL) or POST path. LCM_OK with any HTTP status. Otherwise no whole answer came:
 * LCM_ERR_CONNECT nobody is there, LCM_ERR_TIMEOUT, LCM_ERR_CLOSED; LCM_ERR_HTTP it was none, or a
 * longer one.
 */
LCM_MUST_CHECK enum lcm_err setup_link_exchange(struct setup_link *link, const char *path,
                                                const void *body, size_t size,
                                                struct setup_reply *reply,
                                                struct lcm_failure *failure);

#endif
