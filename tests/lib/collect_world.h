/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store of a test, messages through the collector's own batch, a clock of the test. Globals: a
 * test program has one.
 */
#ifndef LCM_TESTS_COLLECT_WORLD_H
#define LCM_TESTS_COLLECT_WORLD_H

#include "collector/batch.h"

#define NOW_MS 1795343230000
#define ID "5ccf7f000001"
#define SIGNED_SIZE 640u

extern struct collect collect;
extern struct store store;
extern char place[64];
extern int64_t clock_ms; /* of the next message */
extern unsigned sequence;

/* Setup and teardown of a test. */
int open_world(void **state);
int close_world(void **state);

/* A batch: begin, messages, commit (or store_rollback). */
void begin(void);
void add(const char *text);
void commit(void);

/* One report of a device in a batch of its own, with these parameters more; then a second passes.
 */
void say_of(const char *id, const char *app, const char *msgid, const char *rest);
void say(const char *msgid, const char *rest);

/* These devices (NULL ends them) have a telemetry key here from now on. */
void know_keys(const char *const *ids);
/* The text of a report with the right code, made at time_s. */
void sign_of(char text[SIGNED_SIZE], const char *id, const char *app, const char *msgid,
             const char *rest, int64_t time_s);
/* As say_of, with the right code of now. */
void say_signed_of(const char *id, const char *app, const char *msgid, const char *rest);

struct device load(const char *id);
const char *state_now(void);
/* The number a statement gives. */
int64_t number(const char *sql);

#endif
