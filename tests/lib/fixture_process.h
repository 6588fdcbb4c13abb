/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Child processes of a test: started with their output in files, waited for with a
 * deadline, and gone when the test program is gone. A failure here fails the test.
 */
#ifndef LCM_TESTS_FIXTURE_PROCESS_H
#define LCM_TESTS_FIXTURE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define FIXTURE_PATH_SIZE 512u
#define FIXTURE_ARGUMENTS_MAX 48u

struct fixture_process {
    pid_t pid;     /* 0 = not running */
    int exit_code; /* 0..255, or minus the signal that ended it */
};

/* Start arguments[0] (looked up in PATH) with stdout in the file output, stderr in
 * output.err; both are emptied first. arguments ends with NULL. */
void fixture_process_start(struct fixture_process *process, const char *const *arguments,
                           const char *output);

/* Wait for the end. false after timeout_ms: it still runs. */
bool fixture_process_wait(struct fixture_process *process, uint32_t timeout_ms);

/* Send a signal and wait for the end; one that does not end within 10 s is killed. Safe when it
 * has ended already. */
void fixture_process_stop(struct fixture_process *process, int signal_number);

/* Start, wait, and return the exit code. A child that takes longer than timeout_ms is
 * killed and fails the test. */
int fixture_process_run(const char *const *arguments, const char *output, uint32_t timeout_ms);

/* Sleep for some milliseconds. */
void fixture_pause(uint32_t duration_ms);

/* Milliseconds of a clock that only goes forward. */
uint64_t fixture_now_ms(void);

/* The whole file as a text, NUL-terminated; the caller frees it. size may be NULL. */
char *fixture_read_file(const char *path, size_t *size);
void fixture_write_file(const char *path, const void *bytes, size_t size);

/* Path of the lcm binary under test: the environment's LCM, else build/host/lcm. */
const char *fixture_lcm(void);

#endif
