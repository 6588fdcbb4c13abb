/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the notBefore date of an X.509 certificate that streams by (RFC 5280, DER).
 *
 * A device without a clock cannot judge certificate dates, and the certificate engine
 * cannot be told to skip them: instead it is given the certificate's own notBefore as
 * the present (core/fetch/x509_dates.h). This walker only looks; it judges nothing, and on
 * anything unexpected it finds nothing.
 */
#ifndef LCM_FETCH_NOT_BEFORE_H
#define LCM_FETCH_NOT_BEFORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LCM_NOT_BEFORE_TEXT_SIZE 14u /* YYYYMMDDHHMMSS */

/* Days are counted from 1 January of the year 0, as BearSSL does. */
struct lcm_x509_time {
    uint32_t days;
    uint32_t seconds; /* of the day */
};

struct lcm_not_before {
    struct lcm_x509_time time; /* valid when is_found */
    bool is_found;
    bool is_lost; /* not the structure of a certificate */
    uint8_t step; /* place on the way to the date */
    uint8_t phase;
    uint8_t length_bytes; /* length bytes still to come */
    uint8_t text_length;
    uint32_t left; /* content bytes still to come */
    uint8_t tag;
    char text[LCM_NOT_BEFORE_TEXT_SIZE];
};

/* Start a certificate. */
void lcm_not_before_begin(struct lcm_not_before *walker);

/* Look at the next bytes; is_found turns true with the last byte of the date. */
void lcm_not_before_feed(struct lcm_not_before *walker, const uint8_t *bytes, size_t size);

/* Unix seconds as days and seconds; times past the year 2105 stay there. */
struct lcm_x509_time lcm_x509_time_from_unix(uint64_t unix_seconds);

#endif
