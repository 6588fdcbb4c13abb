/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telling people: an alert goes to a webhook (POST, JSON) and to a command (JSON on its standard
 * input). On a thread of its own; a slow receiver delays alerts and nothing else.
 */
#ifndef LCM_COLLECTOR_NOTIFY_H
#define LCM_COLLECTOR_NOTIFY_H

#include "collector/alert.h"
#include "collector/collect.h"

#define NOTIFY_MAX 16u

struct notifier;

/* NULL without webhook and command, or without memory. */
struct notifier *notifier_start(struct collect *collect);
void notifier_stop(struct notifier *notifier);

/* true when the last batch is done and a new one may be given. */
bool notifier_is_idle(struct notifier *notifier);
/* Alerts that some way took since the last call, with what is known of them; at most NOTIFY_MAX. */
size_t notifier_take_done(struct notifier *notifier, struct alert alerts[NOTIFY_MAX]);
/* Tell these. Only when idle. */
void notifier_give(struct notifier *notifier, const struct alert *alerts, size_t count);

/* The JSON of an alert; the caller frees it. NULL without memory. */
char *notify_json(const struct alert *alert);

#endif
