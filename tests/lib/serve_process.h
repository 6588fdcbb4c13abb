/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A running `lcm serve` for tests: started on free ports in a temporary folder,
 * changed and stopped by the test.
 *
 * $LCM is the binary; without it the command runs in a forked child of the test. Every
 * function that cannot do its job prints why and aborts: the test cannot go on.
 */
#ifndef LCM_TESTS_SERVE_PROCESS_H
#define LCM_TESTS_SERVE_PROCESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SERVE_PROCESS_PATH_SIZE 512u

struct serve_process {
    pid_t pid;
    char folder[64]; /* temporary; holds all below */
    char root[SERVE_PROCESS_PATH_SIZE];
    char state[SERVE_PROCESS_PATH_SIZE];
    char log[SERVE_PROCESS_PATH_SIZE]; /* JSON lines of the server */
    uint16_t release_port, asset_port, plain_port;
};

/* Make the folders; nothing runs yet. Files go under root before or after start. */
void serve_process_init(struct serve_process *process);

/* Put a file at root/path with this content; folders are made. */
void serve_process_put(const struct serve_process *process, const char *path, const void *bytes,
                       size_t size);

/* Start (again: with the same keys, on other ports) and wait until it listens. */
void serve_process_start(struct serve_process *process);

/* Run `lcm serve` with more options and wait for its end; returns its exit code, or
 * -1 when it did not end within ten seconds (it is killed then). */
int serve_process_run(const struct serve_process *process, const char *const *options);

/* Send one control line and wait for its reply ("ok" or "error: ..."). */
const char *serve_process_tell(const struct serve_process *process, const char *line);

/* Number of log lines that contain text. */
unsigned serve_process_log_count(const struct serve_process *process, const char *text);

/* SIGTERM and wait; returns the exit code, or -1 when a signal ended it. */
int serve_process_stop(struct serve_process *process);

/* Remove the folders. */
void serve_process_free(struct serve_process *process);

#endif
