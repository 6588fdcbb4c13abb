/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 5424 syslog messages from events, at most 480 bytes (section 6.1: every
 * receiver takes those). Facility local0; structured data as docs/SPEC.md section 10.
 */
#ifndef LCM_LOG_RFC5424_H
#define LCM_LOG_RFC5424_H

#include <stddef.h>
#include <stdint.h>

#include "core/log/event.h"

#define LCM_RFC5424_SIZE_MAX 480u /* bytes, without a NUL */

struct lcm_event_stamp {
    uint64_t utc_seconds; /* 0 = unknown: the timestamp is NILVALUE */
    uint64_t uptime_ms;
    uint32_t sequence; /* counts messages since power-on, from 1 */
};

/*
 * Encode one message into buffer (LCM_RFC5424_SIZE_MAX + 1 bytes, NUL-terminated);
 * returns its length. Quotes, backslashes and brackets in values are escaped,
 * control characters become '?'. A message that does not fit loses the end of its
 * free text. Values as long as their types allow fit; where escaping makes them longer
 * than that, whole parameters are left out (of file, repo, app, lcm, from and to), so that
 * the message is well-formed in any case. With a telemetry key and a known time it carries a code
 * (docs/SPEC.md section 10.4), which takes 52 of its bytes.
 */
size_t lcm_rfc5424_encode(char *buffer, const struct lcm_event *event,
                          const struct lcm_event_source *source,
                          const struct lcm_event_stamp *stamp);

#endif
