/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The world of a system test: keys, a running release server, a flash file, folders.
 *
 * A test program opens one world (fixture_world_main does it all); every test starts from
 * the same baseline: LifeCycle Manager 1.0.0 and app 1.0.0 are published and installed, no
 * fault is set. The baseline is made once per program, by a device that starts with
 * nothing but an installer.
 *
 * Replay: every device command goes to commands.txt of the test's folder. Folders are kept
 * when a test failed. LCM_TEST=name runs one test alone.
 */
#ifndef LCM_TESTS_FIXTURE_WORLD_H
#define LCM_TESTS_FIXTURE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/flash_view.h"
#include "host/pem.h"
#include "tests/lib/fixture_server.h"
#include "tests/lib/trust_fixture.h"

#define FIXTURE_ARENA_SIZE (6u * 1024 * 1024) /* images of one test */

/* One run of `lcm device`. */
struct fixture_run {
    struct fixture_process process;
    char output[FIXTURE_PATH_SIZE];
    struct fixture_lines lines;
};

struct fixture_world {
    char base[FIXTURE_PATH_SIZE];   /* of the program */
    char root[FIXTURE_PATH_SIZE];   /* what the server serves */
    char folder[FIXTURE_PATH_SIZE]; /* of the test */
    char flash_path[FIXTURE_PATH_SIZE];
    struct trust_fixture keys;
    struct pem_certificates anchors; /* ECC root and intermediate, RSA root and intermediate */
    struct fixture_server server;
    struct fixture_run run;
    unsigned test_count, run_count;
    uint64_t now; /* Unix seconds: when everything was signed */
    uint8_t baseline[LCM_FLASH_SIZE];
    uint8_t before[LCM_FLASH_SIZE]; /* what `kept` means: the baseline, unless a test says */
    uint8_t flash[LCM_FLASH_SIZE];  /* as the last run left it */
    struct flash_view view;         /* of it */
    uint8_t arena[FIXTURE_ARENA_SIZE];
    size_t arena_used;
};

/* Run the tests of a program in one world. The exit code for main. */
int fixture_world_main(const char *name, const struct CMUnitTest *tests, size_t count);

/* The same from another baseline: prepare publishes app 1.0.0 and what else there shall be, and
 * stores the flash that the device starts with. */
int fixture_world_main_from(const char *name, const struct CMUnitTest *tests, size_t count,
                            void (*prepare)(struct fixture_world *world));

/* Setup of each test: back to the baseline. */
int fixture_world_reset(void **state);

#define FIXTURE_TEST(function) cmocka_unit_test_setup(function, fixture_world_reset)
#define FIXTURE_MAIN(name, tests) \
    fixture_world_main(name, tests, sizeof(tests) / sizeof((tests)[0]))

/* "folder/name" */
void fixture_join(char path[FIXTURE_PATH_SIZE], const char *folder, const char *name);

#endif
