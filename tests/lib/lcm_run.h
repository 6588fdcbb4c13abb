/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the lcm binary (path in the environment variable LCM, default build/host/lcm)
 * for tests and catches what it prints. The child has no terminal and no input.
 */
#ifndef LCM_TESTS_LCM_RUN_H
#define LCM_TESTS_LCM_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LCM_RUN_TEXT_SIZE 65536u

struct lcm_run {
    int code; /* exit code, or 1000 + signal */
    char out[LCM_RUN_TEXT_SIZE];
    char err[LCM_RUN_TEXT_SIZE];
};

/* One line of arguments, split at spaces. */
void lcm_run(struct lcm_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same in a process that may write no file longer than file_size_max bytes. */
void lcm_run_limited(struct lcm_run *run, size_t file_size_max, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with a file as its standard input. */
void lcm_run_from(struct lcm_run *run, const char *input, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Run, and fail the test unless the exit code is 0. */
void lcm_run_ok(struct lcm_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Run, and fail the test unless it ends with this code and exactly one line on stderr
 * that contains hint. */
void lcm_run_refused(int code, const char *hint, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Start lcm in the background and wait (at most 60 s) for its first line, which goes to
 * line[LCM_RUN_TEXT_SIZE]. lcm_stop ends it; at most one runs at a time. */
void lcm_start(char *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
void lcm_stop(void);

/* A new empty folder, entered as the working folder; removed by workshop_close. Holds
 *   owner.pem owner2.pem release.pem app.pem app2.pem   keys
 *   ca.pem                                              four certificates
 *   app0.elf app0.bin      app 1.2.0 of me/lamp, main.bin, for slot 0
 *   updater1.bin           updater 1.0.0 of me/lifecycle, otamain.bin, for slot 1
 *   plain0.bin plain1.bin  images for slot 0 and 1 that do not say what they are
 *   boot.bin               boot program 1.0.0
 */
void workshop_open(void);

/* Whole path of the binary, once the workshop is open. */
const char *lcm_run_path(void);

void workshop_close(void);

/* Whole files in the working folder; they fail the test when it cannot be done. */
size_t workshop_read(const char *name, uint8_t *bytes, size_t size_max);
void workshop_write(const char *name, const void *bytes, size_t size);
bool workshop_exists(const char *name);
/* Flip one bit of a file. */
void workshop_damage(const char *name, size_t offset);
/* Number of entries of a folder, "." and ".." not counted. */
size_t workshop_count(const char *folder);

#endif
