/* SPDX-License-Identifier: Apache-2.0 */
/* The emulator process: QEMU with our ROM program and the chip's two channels. */
#ifndef LCM_PORT_EMULATOR_QEMU_H
#define LCM_PORT_EMULATOR_QEMU_H

#include <stdbool.h>
#include <sys/types.h>

#define QEMU_PROGRAM "qemu-system-xtensa"
#define QEMU_PACKAGE "qemu-system-misc"

struct qemu {
    pid_t pid;   /* 0 = not running */
    int wire_fd; /* our end of the channel of wire.h; -1 = closed */
};

/* Is QEMU installed and the ROM program readable? false after one error line. */
bool qemu_is_usable(const char *rom_path);

/*
 * Power on. radio_fd becomes descriptor 3 of the process (-1: none); it stays the caller's. With
 * is_counted one instruction is one nanosecond of the chip's time. false after one error line.
 */
bool qemu_start(struct qemu *qemu, const char *rom_path, bool is_counted, int radio_fd);

/* The power goes: end the process at once and wait for it. */
void qemu_stop(struct qemu *qemu);

#endif
