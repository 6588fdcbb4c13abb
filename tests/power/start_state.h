/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What flash holds before a scenario: devices new, set up, half updated, damaged, or taken
 * over from the reference. Each function brings a subject with blank flash into one state.
 */
#ifndef LCM_TESTS_POWER_START_STATE_H
#define LCM_TESTS_POWER_START_STATE_H

#include "tests/power/subject.h"

#define START_OLD_PASSWORD "password-of-long-ago"

/* Make the states below. Once. */
void start_state_open(const struct field *field);
/* Fingerprint of the app's key as the device pins it, 64 hex digits. */
const char *start_state_key(void);

/* Boot program, updater, trust sector; all else blank, zero, or random. */
void start_blank(struct subject *subject);
void start_zeros(struct subject *subject);
void start_garbage(struct subject *subject);
/* Our boot program, updater and trust sector on a device of the reference's version 2.2.6:
 * its boot config, power-cycle marks, settings, certificates and the end of its updater. */
void start_reference(struct subject *subject);
/* Settings are there, slot 0 is blank; or the installer is in slot 0 and slot 1 is blank. */
void start_without_app(struct subject *subject);
void start_with_installer(struct subject *subject);
/* App 1 runs and everything is up to date. */
void start_set_up(struct subject *subject);
/* The same, and an update to app 2 was cut early, in the middle, at the end. */
void start_torn_early(struct subject *subject);
void start_torn_late(struct subject *subject);
/* The same as start_set_up, with one damaged sector: the boot program sees it, or not. */
void start_damaged_seen(struct subject *subject);
void start_damaged_unseen(struct subject *subject);
/* The settings region, the state log, the power-cycle marks are as good as full. */
void start_settings_full(struct subject *subject);
void start_state_full(struct subject *subject);
void start_state_full_without_app(struct subject *subject);
void start_marks_full(struct subject *subject);
/* Somebody switched the device off and on: next comes the 8th or 14th start in a row. */
void start_cycles_8(struct subject *subject);
void start_cycles_14(struct subject *subject);

#endif
