// SPDX-License-Identifier: Apache-2.0
/* A terminal with a person at it; see the header. */
#include "tests/lib/pty_run.h"

#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/lcm_run.h"

#define SCREEN_SIZE 65536u
#define LINE_SIZE 4096
#define WORDS_MAX 64
#define TIMEOUT_MS 30000

static int pty_descriptor;
static pid_t pty_child;
static char screen[SCREEN_SIZE];
static size_t screen_size; /* bytes so far */
static size_t screen_seen; /* behind what the last wait found */

static void pty_exec(char *line)
{
    char *words[WORDS_MAX] = {strdup(lcm_run_path())};
    int count = 1;

    for (char *word = strtok(line, " "); word != NULL && count < WORDS_MAX - 1;
         word = strtok(NULL, " "))
        words[count++] = word;
    setenv("LC_ALL", "C.UTF-8", 1);
    execv(words[0], words);
    _exit(127);
}

void pty_start(const char *format, ...)
{
    static char line[LINE_SIZE];
    va_list list;

    va_start(list, format);
    vsnprintf(line, sizeof(line), format, list);
    va_end(list);
    screen_size = 0;
    screen_seen = 0;
    memset(screen, 0, sizeof(screen));
    pty_child = forkpty(&pty_descriptor, NULL, NULL, NULL);
    assert_true(pty_child >= 0);
    if (pty_child == 0)
        pty_exec(line);
}

static long pty_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* More of what the program prints; false at its end, or after the time. */
static bool pty_read(long deadline_ms)
{
    struct pollfd ready = {.fd = pty_descriptor, .events = POLLIN};
    long left = deadline_ms - pty_now_ms();

    if (left <= 0 || poll(&ready, 1, (int)left) != 1)
        return false;
    ssize_t count = read(pty_descriptor, screen + screen_size, SCREEN_SIZE - 1 - screen_size);
    if (count <= 0)
        return false;
    screen_size += (size_t)count;
    screen[screen_size] = '\0';
    return true;
}

void pty_expect(const char *text)
{
    long deadline_ms = pty_now_ms() + TIMEOUT_MS;
    const char *found = NULL;

    while ((found = strstr(screen + screen_seen, text)) == NULL) {
        if (!pty_read(deadline_ms))
            fail_msg("\"%s\" did not appear:\n%s", text, screen);
    }
    screen_seen = (size_t)(found - screen) + strlen(text);
}

void pty_type(const char *line)
{
    /* A prompt without echo throws away what was typed before it. */
    const struct timespec pause = {0, 50 * 1000000};

    nanosleep(&pause, NULL);
    assert_int_equal(write(pty_descriptor, line, strlen(line)), strlen(line));
    assert_int_equal(write(pty_descriptor, "\n", 1), 1);
}

void pty_answer(const char *prompt, const char *line)
{
    pty_expect(prompt);
    pty_type(line);
}

void pty_press(char key)
{
    const struct timespec pause = {0, 50 * 1000000};

    nanosleep(&pause, NULL);
    assert_int_equal(write(pty_descriptor, &key, 1), 1);
}

int pty_end(void)
{
    long deadline_ms = pty_now_ms() + TIMEOUT_MS;
    int status = 0;

    while (pty_read(deadline_ms))
        continue;
    while (waitpid(pty_child, &status, WNOHANG) == 0) {
        if (pty_now_ms() > deadline_ms) {
            kill(pty_child, SIGKILL);
            fail_msg("it does not end:\n%s", screen);
        }
        usleep(10000);
    }
    close(pty_descriptor);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

bool pty_showed(const char *text)
{
    return strstr(screen, text) != NULL;
}
