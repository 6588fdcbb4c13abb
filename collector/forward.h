/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passing messages on to another collector or log engine, as RFC 5424 by UDP or TCP (octet
 * counting). Best effort: while the other side is away a bounded ring fills, then messages are
 * dropped and counted; the own store is never held up.
 */
#ifndef LCM_COLLECTOR_FORWARD_H
#define LCM_COLLECTOR_FORWARD_H

#include "collector/collect.h"

struct forwarder;

/* true for "udp:HOST:PORT" and "tcp:HOST:PORT". */
bool forward_is_place(const char *place);

/* NULL without a place in the options, or without memory. */
struct forwarder *forwarder_start(struct collect *collect);
void forwarder_stop(struct forwarder *forwarder);
void forwarder_give(struct forwarder *forwarder, const struct collect_record *record);

/* The message as RFC 5424: unchanged when it is, else wrapped. Bytes written, 0 when it cannot be
 * parsed. */
size_t forward_format(const struct collect_record *record, char *text, size_t size);

#endif
