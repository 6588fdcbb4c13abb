/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the chip's UART goes: this terminal, a pseudo-terminal, or one TCP client at a time.
 * Bytes to the chip wait in a ring until its program asks for them.
 */
#ifndef LCM_PORT_EMULATOR_UART_H
#define LCM_PORT_EMULATOR_UART_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

#define UART_RING_SIZE 4096u
#define UART_FDS_MAX 2u
#define UART_PLACE_SIZE 64u

enum uart_kind {
    UART_TERMINAL,
    UART_PTY,
    UART_TCP,
};

struct uart {
    enum uart_kind kind;
    int listen_fd;               /* TCP: waits for a client */
    int fd;                      /* bytes to the chip come from here; -1 = nobody */
    int keep_fd;                 /* PTY: keeps it alive without a user */
    bool is_quiet;               /* terminal: print nothing (JSON goes there) */
    bool is_raw;                 /* terminal: saved must be restored */
    bool has_keys;               /* Ctrl-A begins a command */
    bool is_command;             /* Ctrl-A was typed */
    struct termios saved;        /* of the terminal */
    char place[UART_PLACE_SIZE]; /* "/dev/pts/3", "tcp:127.0.0.1:4000", "" */
    uint8_t ring[UART_RING_SIZE];
    size_t ring_first, ring_count;
};

/* spec: NULL or "terminal", "pty", "tcp:PORT" (127.0.0.1; port 0 = any). With is_quiet the terminal
 * shows nothing. false after one error line; close in any case. */
bool uart_open(struct uart *uart, const char *spec, bool is_quiet);
void uart_close(struct uart *uart);

/* Bytes from the chip. Nobody there: they are lost, as on a wire. */
void uart_write(struct uart *uart, const uint8_t *bytes, size_t size);

/* Next byte for the chip; -1 = none. */
int uart_take(struct uart *uart);

/* Descriptors to wait for; at most UART_FDS_MAX. */
size_t uart_prepare(struct uart *uart, struct pollfd *fds);

/* Take what arrived. Returns the command key typed behind Ctrl-A, or 0. */
int uart_poll(struct uart *uart, const struct pollfd *fds, size_t count);

#endif
