// SPDX-License-Identifier: Apache-2.0
/* zbarimg as a process; see the header. */
#include "tests/lib/label_scan.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void scan_child(const char *path, int out)
{
    dup2(out, STDOUT_FILENO);
    dup2(open("/dev/null", O_WRONLY), STDERR_FILENO); /* it misses a message bus */
    execlp("zbarimg", "zbarimg", "-q", "--raw", path, (char *)NULL);
    _exit(127);
}

void label_scan(const char *path, char *text, size_t size)
{
    int pipes[2];
    size_t length = 0;
    ssize_t count = 0;
    int status = 0;

    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0)
        scan_child(path, pipes[1]);
    close(pipes[1]);
    while ((count = read(pipes[0], text + length, size - 1 - length)) > 0)
        length += (size_t)count;
    text[length] = '\0';
    close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
