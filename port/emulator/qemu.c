// SPDX-License-Identifier: Apache-2.0
/*
 * Starting and ending QEMU; see the header. What goes over the channels is not known here.
 *
 * Invariant: the process never outlives this one, and gets no descriptor but 0, 1, 2 and the
 * channels; its standard input and output are /dev/null.
 */
#include "port/emulator/qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/cli.h"
#include "port/emulator/wire.h"

#define PATH_SIZE 4096
#define SPARE_FD 10 /* above the descriptors of the guest */
#define CANNOT_START 127

static bool qemu_is_installed(void)
{
    const char *path = getenv("PATH");
    char file[PATH_SIZE];

    while (path != NULL && *path != '\0') {
        int length = (int)strcspn(path, ":");

        snprintf(file, sizeof(file), "%.*s/%s", length, path, QEMU_PROGRAM);
        if (access(file, X_OK) == 0)
            return true;
        path += length + (path[length] == ':');
    }
    return false;
}

bool qemu_is_usable(const char *rom_path)
{
    if (!qemu_is_installed()) {
        cli_error("%s is not installed: it is in the Debian package %s", QEMU_PROGRAM,
                  QEMU_PACKAGE);
        return false;
    }
    if (access(rom_path, R_OK) != 0) {
        cli_error("cannot read the ROM program '%s': %s. Build it with 'make build/lx106/rom.elf' "
                  "or name it with --rom FILE",
                  rom_path, strerror(errno));
        return false;
    }
    return true;
}

/* Put the channels where the guest expects them. They are moved out of the way first. */
static bool qemu_place_channels(int wire_fd, int radio_fd)
{
    int wire = fcntl(wire_fd, F_DUPFD_CLOEXEC, SPARE_FD);
    int radio = radio_fd < 0 ? -1 : fcntl(radio_fd, F_DUPFD_CLOEXEC, SPARE_FD);
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (wire < 0 || nothing < 0 || (radio_fd >= 0 && radio < 0))
        return false;
    if (dup2(nothing, STDIN_FILENO) < 0 || dup2(nothing, STDOUT_FILENO) < 0)
        return false;
    if (dup2(wire, LCM_WIRE_FD) < 0)
        return false;
    if (radio < 0) {
        close(LCM_WIRE_RADIO_FD);
        return true;
    }
    return dup2(radio, LCM_WIRE_RADIO_FD) >= 0;
}

_Noreturn static void qemu_become(const char *rom_path, bool is_counted, pid_t parent)
{
    const char *arguments[] = {
        QEMU_PROGRAM, "-M",          "sim",
        "-cpu",       "lx106",       "-display",
        "none",       "-monitor",    "none",
        "-serial",    "none",        "-parallel",
        "none",       "-nodefaults", "-semihosting",
        "-kernel",    rom_path,      is_counted ? "-icount" : NULL,
        "shift=0",    NULL,
    };

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent)
        execvp(QEMU_PROGRAM, (char *const *)(uintptr_t)arguments);
    _exit(CANNOT_START);
}

bool qemu_start(struct qemu *qemu, const char *rom_path, bool is_counted, int radio_fd)
{
    int pair[2];
    pid_t parent = getpid();

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        cli_error("cannot make a channel to the emulator: %s", strerror(errno));
        return false;
    }
    qemu->pid = fork();
    if (qemu->pid == 0) {
        /* Ctrl-C is for us; we end the guest. */
        (void)setpgid(0, 0);
        if (qemu_place_channels(pair[1], radio_fd))
            qemu_become(rom_path, is_counted, parent);
        _exit(CANNOT_START);
    }
    close(pair[1]);
    if (qemu->pid < 0) {
        cli_error("cannot start %s: %s", QEMU_PROGRAM, strerror(errno));
        close(pair[0]);
        qemu->pid = 0;
        return false;
    }
    qemu->wire_fd = pair[0];
    return true;
}

void qemu_stop(struct qemu *qemu)
{
    if (qemu->pid > 0) {
        kill(qemu->pid, SIGKILL);
        while (waitpid(qemu->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    if (qemu->wire_fd >= 0)
        close(qemu->wire_fd);
    qemu->pid = 0;
    qemu->wire_fd = -1;
}
