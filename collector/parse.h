/* SPDX-License-Identifier: Apache-2.0 */
/* The parsers of one form each, and what they share. Inside the collector only. */
#ifndef LCM_COLLECTOR_PARSE_H
#define LCM_COLLECTOR_PARSE_H

#include "collector/message.h"
#include "collector/scan.h"

/* Behind "<PRI>1 ". LCM_ERR_FORMAT unless it is well-formed up to the structured data. */
LCM_MUST_CHECK enum lcm_err parse_rfc5424(struct scan *scan, const char *source,
                                          struct collect_message *message);

/* Behind "<PRI>": date, host and tag may be missing. Never fails. */
void parse_rfc3164(struct scan *scan, const char *source, struct collect_message *message);

/* "LCM ID MSGID PHASE ...: TEXT": LCM_ERR_FORMAT when it is none. */
LCM_MUST_CHECK enum lcm_err parse_line(struct scan scan, struct collect_message *message);

/* A line of the reference, or any text. */
void parse_raw(struct scan scan, const char *source, struct collect_message *message);

/* "lcm-5ccf7f123456" and "5CCF7F123456" name a device, any other host name itself, "-" and
 * nothing the address it came from. */
void parse_identity(struct scan_word host, const char *source, struct collect_message *message);

/* RFC 3339 as Unix seconds, 0 for what it is not. */
uint64_t parse_time(struct scan_word word);

#endif
