/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The newest release of a repository, pre-releases included: the first
 * "/releases/tag/TAG" in its releases.atom feed. The feed is made by the host for
 * every repository, so no published file ever has to be edited.
 */
#ifndef LCM_UPDATE_TAG_SCAN_H
#define LCM_UPDATE_TAG_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/fetch/sink.h"

#define LCM_FEED_SIZE_MAX 262144u /* bytes; GitHub's feed has ten entries */

struct lcm_tag_scan {
    char *tag; /* the caller's, LCM_TAG_SIZE bytes */
    uint32_t tag_size;
    uint32_t length; /* characters of the tag so far */
    uint32_t received;
    uint8_t matched; /* characters of "/releases/tag/" seen */
    bool is_complete;
};

/* Begin; *tag becomes "". */
void lcm_tag_scan_init(struct lcm_tag_scan *scan, char *tag, uint32_t tag_size);

/* Sink of the feed. LCM_ERR_TOO_LONG past LCM_FEED_SIZE_MAX. */
struct lcm_sink lcm_tag_scan_sink(struct lcm_tag_scan *scan);

/* LCM_OK when a whole tag was found, else LCM_ERR_NO_VERSION (and *tag = ""). */
LCM_MUST_CHECK enum lcm_err lcm_tag_scan_finish(struct lcm_tag_scan *scan);

#endif
