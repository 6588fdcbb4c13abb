/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running the virtual device on the world's flash file, and what must be true after it.
 * Extra options end with NULL: fixture_device_run(world, "--check", NULL).
 */
#ifndef LCM_TESTS_FIXTURE_DEVICE_H
#define LCM_TESTS_FIXTURE_DEVICE_H

#include "tests/lib/fixture_world.h"

#define FIXTURE_DEVICE_TIMEOUT_MS 60000u

/* Power on and wait for the end; then lines, flash and view are loaded. The server's
 * requests are counted from here on. */
void fixture_device_run(struct fixture_world *world, ...);

/* Power on and return at once. */
void fixture_device_start(struct fixture_world *world, ...);

/* Wait until a line was printed whose member key is text (type "event", key "result", text
 * "TLS"), for the count-th time. Fails the test after 30 s or when the device ends before. */
void fixture_device_wait_for(struct fixture_world *world, const char *type, const char *key,
                             const char *text, unsigned count);

/* Wait until the flash file holds size bytes of the image at addr. As above. */
void fixture_device_wait_written(struct fixture_world *world, uint32_t addr, const uint8_t *bytes,
                                 size_t size);

/* End it by a signal (SIGKILL is a power cut); then everything is loaded as after a run. */
void fixture_device_stop(struct fixture_world *world, int signal_number);

/* Lines of a type whose members have these texts; NULL = any. */
unsigned fixture_device_events(const struct fixture_world *world, const char *id, const char *phase,
                               const char *file);
unsigned fixture_device_lines(const struct fixture_world *world, const char *type, const char *key,
                              const char *text);

/* Result of the last event that was not OK; "OK" when there was none. */
const char *fixture_device_result(const struct fixture_world *world);
/* How the run ended: "app", "setup", ... */
const char *fixture_device_end(const struct fixture_world *world);

/* The app runs, slot 0 holds the published app of this version, and the device knows it. */
void fixture_expect_app(struct fixture_world *world, const char *version);

/* The check failed with this result, and nothing of slots and certificates changed: the app
 * of the baseline runs. */
void fixture_expect_kept(struct fixture_world *world, const char *result);

/* Device file and server log for a message that tells where a check failed. */
void fixture_expect(struct fixture_world *world, bool is_true, const char *what, const char *file,
                    int line);
#define EXPECT(world, condition) \
    fixture_expect(world, (condition) ? true : false, #condition, __FILE__, __LINE__)

#endif
