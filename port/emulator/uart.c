// SPDX-License-Identifier: Apache-2.0
/*
 * UART to terminal, pseudo-terminal or TCP; see the header. It does not know what the bytes say.
 *
 * Invariant: a slow or absent reader never stops the chip: what it does not take is lost.
 */
#include "port/emulator/uart.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/cli.h"

#define KEY_COMMAND 0x01 /* Ctrl-A */
#define PORT_MAX 65535ul

static void uart_make_raw(struct uart *uart)
{
    struct termios raw;

    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &uart->saved) != 0)
        return;
    raw = uart->saved;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_iflag &= ~(tcflag_t)ICRNL;
    uart->is_raw = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
    uart->has_keys = uart->is_raw;
}

static bool uart_open_pty(struct uart *uart)
{
    struct termios raw;

    uart->kind = UART_PTY;
    uart->fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (uart->fd < 0 || grantpt(uart->fd) != 0 || unlockpt(uart->fd) != 0 ||
        ptsname_r(uart->fd, uart->place, sizeof(uart->place)) != 0 ||
        fcntl(uart->fd, F_SETFL, O_NONBLOCK) != 0) {
        cli_error("cannot make a pseudo-terminal: %s", strerror(errno));
        return false;
    }
    uart->keep_fd = open(uart->place, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (uart->keep_fd >= 0 && tcgetattr(uart->keep_fd, &raw) == 0) {
        cfmakeraw(&raw);
        (void)tcsetattr(uart->keep_fd, TCSANOW, &raw);
    }
    return true;
}

static bool uart_open_tcp(struct uart *uart, const char *port_text)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    char *end;
    unsigned long port = strtoul(port_text, &end, 10);
    int yes = 1;

    uart->kind = UART_TCP;
    if (end == port_text || *end != '\0' || port > PORT_MAX) {
        cli_error("--uart 'tcp:%s' is malformed: write tcp:PORT", port_text);
        return false;
    }
    address.sin_port = htons((uint16_t)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    uart->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (uart->listen_fd < 0 ||
        setsockopt(uart->listen_fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
        bind(uart->listen_fd, (struct sockaddr *)&address, size) != 0 ||
        listen(uart->listen_fd, 1) != 0 ||
        getsockname(uart->listen_fd, (struct sockaddr *)&address, &size) != 0) {
        cli_error("cannot listen on 127.0.0.1:%lu for the UART: %s", port, strerror(errno));
        return false;
    }
    snprintf(uart->place, sizeof(uart->place), "tcp:127.0.0.1:%u",
             (unsigned)ntohs(address.sin_port));
    return true;
}

bool uart_open(struct uart *uart, const char *spec, bool is_quiet)
{
    memset(uart, 0, sizeof(*uart));
    uart->listen_fd = -1;
    uart->keep_fd = -1;
    uart->fd = -1;
    uart->is_quiet = is_quiet;
    if (spec == NULL || strcmp(spec, "terminal") == 0) {
        uart->fd = STDIN_FILENO;
        uart_make_raw(uart);
        return true;
    }
    if (strcmp(spec, "pty") == 0)
        return uart_open_pty(uart);
    if (strncmp(spec, "tcp:", 4) == 0)
        return uart_open_tcp(uart, spec + 4);
    cli_error("--uart '%s' is unknown: use terminal, pty or tcp:PORT", spec);
    return false;
}

static void uart_close_fd(int *fd)
{
    if (*fd > STDERR_FILENO)
        close(*fd);
    *fd = -1;
}

void uart_close(struct uart *uart)
{
    if (uart->is_raw)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &uart->saved);
    uart->is_raw = false;
    uart_close_fd(&uart->fd);
    uart_close_fd(&uart->keep_fd);
    uart_close_fd(&uart->listen_fd);
}

void uart_write(struct uart *uart, const uint8_t *bytes, size_t size)
{
    if (uart->kind == UART_TERMINAL) {
        if (!uart->is_quiet) {
            (void)!fwrite(bytes, 1, size, stdout);
            fflush(stdout);
        }
        return;
    }
    if (uart->kind == UART_TCP && uart->fd >= 0)
        (void)!send(uart->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    else if (uart->fd >= 0)
        (void)!write(uart->fd, bytes, size);
}

int uart_take(struct uart *uart)
{
    int byte = -1;

    if (uart->ring_count > 0) {
        byte = uart->ring[uart->ring_first];
        uart->ring_first = (uart->ring_first + 1) % UART_RING_SIZE;
        uart->ring_count--;
    }
    return byte;
}

size_t uart_prepare(struct uart *uart, struct pollfd *fds)
{
    size_t count = 0;

    if (uart->listen_fd >= 0)
        fds[count++] = (struct pollfd){.fd = uart->listen_fd, .events = POLLIN};
    if (uart->fd >= 0)
        fds[count++] = (struct pollfd){.fd = uart->fd, .events = POLLIN};
    return count;
}

static void uart_put(struct uart *uart, uint8_t byte)
{
    if (uart->ring_count < UART_RING_SIZE)
        uart->ring[(uart->ring_first + uart->ring_count++) % UART_RING_SIZE] = byte;
}

/* Ctrl-A twice sends one to the chip. */
static int uart_sort_key(struct uart *uart, uint8_t byte)
{
    if (!uart->has_keys) {
        uart_put(uart, byte);
        return 0;
    }
    if (!uart->is_command && byte == KEY_COMMAND) {
        uart->is_command = true;
        return 0;
    }
    if (uart->is_command && byte != KEY_COMMAND) {
        uart->is_command = false;
        return byte;
    }
    uart->is_command = false;
    uart_put(uart, byte);
    return 0;
}

static int uart_receive(struct uart *uart)
{
    uint8_t bytes[256];
    int command = 0;
    ssize_t got = read(uart->fd, bytes, sizeof(bytes));

    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        uart_close_fd(&uart->fd);
        return 0;
    }
    for (ssize_t i = 0; i < got; i++) {
        int key = uart_sort_key(uart, bytes[i]);

        if (key != 0)
            command = key;
    }
    return command;
}

static void uart_accept(struct uart *uart)
{
    int client = accept4(uart->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (client < 0)
        return;
    uart_close_fd(&uart->fd); /* the newest client has it */
    uart->fd = client;
}

int uart_poll(struct uart *uart, const struct pollfd *fds, size_t count)
{
    int command = 0;

    for (size_t i = 0; i < count; i++) {
        if (fds[i].revents == 0)
            continue;
        if (fds[i].fd == uart->listen_fd)
            uart_accept(uart);
        else if (fds[i].fd == uart->fd)
            command = uart_receive(uart);
    }
    return command;
}
