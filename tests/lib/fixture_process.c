// SPDX-License-Identifier: Apache-2.0
/*
 * Children by fork and exec. Invariant: no child outlives the test program (Linux's
 * parent death signal), and no child writes to the test's own output.
 */
#include "tests/lib/fixture_process.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define POLL_MS 2u
#define STOP_TIMEOUT_MS 10000u
#define FILE_SIZE_MAX (64u * 1024 * 1024)

void fixture_pause(uint32_t duration_ms)
{
    struct timespec pause = {.tv_sec = duration_ms / 1000,
                             .tv_nsec = (long)(duration_ms % 1000) * 1000000};

    (void)nanosleep(&pause, NULL);
}

uint64_t fixture_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

const char *fixture_lcm(void)
{
    const char *path = getenv("LCM");

    return path != NULL ? path : "build/host/lcm";
}

/* In the child: put a new file in place of one of its descriptors. */
static void child_redirect(const char *path, int descriptor)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);

    if (file < 0 || dup2(file, descriptor) < 0)
        _exit(126);
    close(file);
}

_Noreturn static void child_become(const char *const *arguments, const char *output)
{
    char errors[FIXTURE_PATH_SIZE + 8];

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    snprintf(errors, sizeof(errors), strcmp(output, "/dev/null") == 0 ? "%s" : "%s.err", output);
    child_redirect("/dev/null", STDIN_FILENO);
    child_redirect(output, STDOUT_FILENO);
    child_redirect(errors, STDERR_FILENO);
    /* execvp does not change its arguments; its prototype is older than const. */
    execvp(arguments[0], (char *const *)(uintptr_t)arguments);
    _exit(127);
}

void fixture_process_start(struct fixture_process *process, const char *const *arguments,
                           const char *output)
{
    process->exit_code = 0;
    if (strcmp(output, "/dev/null") != 0)
        fixture_write_file(output, "", 0); /* there is something to read at once */
    process->pid = fork();
    if (process->pid == 0)
        child_become(arguments, output);
    assert_true(process->pid > 0);
}

static void process_note_end(struct fixture_process *process, int status)
{
    process->pid = 0;
    process->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

bool fixture_process_wait(struct fixture_process *process, uint32_t timeout_ms)
{
    uint64_t end_ms = fixture_now_ms() + timeout_ms;
    int status = 0;

    while (process->pid != 0) {
        if (waitpid(process->pid, &status, WNOHANG) == process->pid)
            process_note_end(process, status);
        else if (fixture_now_ms() >= end_ms)
            return false;
        else
            fixture_pause(POLL_MS);
    }
    return true;
}

void fixture_process_stop(struct fixture_process *process, int signal_number)
{
    if (process->pid == 0)
        return;
    kill(process->pid, signal_number);
    if (fixture_process_wait(process, STOP_TIMEOUT_MS))
        return;
    kill(process->pid, SIGKILL);
    (void)fixture_process_wait(process, STOP_TIMEOUT_MS);
}

int fixture_process_run(const char *const *arguments, const char *output, uint32_t timeout_ms)
{
    struct fixture_process process;

    fixture_process_start(&process, arguments, output);
    if (!fixture_process_wait(&process, timeout_ms)) {
        fixture_process_stop(&process, SIGKILL);
        fail_msg("%s %s: no end after %u ms, output in %s", arguments[0], arguments[1],
                 (unsigned)timeout_ms, output);
    }
    return process.exit_code;
}

char *fixture_read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    struct stat status;

    if (file == NULL || fstat(fileno(file), &status) != 0 || status.st_size > FILE_SIZE_MAX)
        fail_msg("cannot read %s", path);
    size_t length = (size_t)status.st_size;
    char *text = malloc(length + 1);
    assert_non_null(text);
    length = fread(text, 1, length, file);
    fclose(file);
    text[length] = '\0';
    if (size != NULL)
        *size = length;
    return text;
}

void fixture_write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");

    if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        fail_msg("cannot write %s", path);
}
