/* SPDX-License-Identifier: Apache-2.0 */
/* What apps and users do in the scenarios. */
#ifndef LCM_TESTS_POWER_ACTS_H
#define LCM_TESTS_POWER_ACTS_H

#include "tests/power/subject.h"

#define ACT_LONG_VALUE "a new value that needs the space of several others, which it finds"

/* New network, new password, one setting more, written one after the other. */
void act_write_settings(struct subject *subject);
/* One value that only fits after a compaction. */
void act_write_long_setting(struct subject *subject);
/* The set-up page: network and repository at once; another network for a device that has one. */
void act_set_up(struct subject *subject);
void act_change_network(struct subject *subject);
/* An app that calls rboot_set_config: reads 4 KiB, erases, writes 4 KiB, in the pieces of 32
 * bytes in which the mask ROM programs. */
void act_rewrite_config(struct subject *subject);

#endif
