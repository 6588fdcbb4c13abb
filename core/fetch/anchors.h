/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TLS anchors of a trust sector, in the form BearSSL takes.
 */
#ifndef LCM_FETCH_ANCHORS_H
#define LCM_FETCH_ANCHORS_H

#include <stddef.h>
#include <stdint.h>

#include <bearssl.h>

#include "core/trust/sector.h"
#include "lcm/err.h"

/*
 * Fill anchors (LCM_ANCHORS_MAX entries) from a sector file of LCM_TRUST_SIZE bytes that
 * decoded and verified without error. Names and keys point into the file, which must be
 * in byte-readable memory and stay as it is while the anchors are used.
 * LCM_ERR_NO_TRUST when there is none, LCM_ERR_FORMAT for one BearSSL cannot use; *count is 0 then.
 */
LCM_MUST_CHECK enum lcm_err lcm_anchors_load(br_x509_trust_anchor *anchors, size_t *count,
                                             const uint8_t *file);

#endif
