// SPDX-License-Identifier: Apache-2.0
/*
 * The control socket; see the header.
 *
 * Sockets are bound and reached from inside the state folder, because a socket's path
 * may have 107 bytes only and folders may be deeper. Serves one client at a time.
 */
#include "server/control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/text.h"
#include "server/access_log.h"
#include "server/credentials.h"

#define CONTROL_NAME "control"
#define CONTROL_LINES_MAX 1000u /* of one client */
#define CONTROL_WAIT_MS 1000
#define CONTROL_REPLY_MS 60000 /* making an RSA authority takes a while */

static enum serve_variant fault_variant(enum serve_fault_kind kind)
{
    if (kind == SERVE_FAULT_NEW_CA)
        return SERVE_NEW_CA;
    if (kind == SERVE_FAULT_WRONG_CA)
        return SERVE_WRONG_CA;
    if (kind == SERVE_FAULT_WRONG_NAME)
        return SERVE_WRONG_NAME;
    return kind == SERVE_FAULT_EXPIRED_CERT ? SERVE_EXPIRED : SERVE_REAL;
}

/* Make the certificates a fault needs before it acts. */
static bool fault_prepare(struct serve_site *site, const struct serve_fault *fault)
{
    enum serve_variant variant = fault_variant(fault->kind);

    for (unsigned i = 0; i < SERVE_TLS_HOSTS; i++) {
        enum serve_host host = (enum serve_host)i;
        bool concerns = fault->host == host || fault->host == SERVE_HOST_COUNT;
        if (concerns && serve_credentials_get(site->credentials, host, variant) == NULL)
            return false;
    }
    return true;
}

static enum lcm_err fault_set(struct serve_site *site, const char *line)
{
    struct serve_fault fault;
    enum lcm_err err = serve_fault_parse(line, &fault);

    if (err != LCM_OK)
        return err;
    if (!fault_prepare(site, &fault))
        return LCM_ERR_CERTIFICATE;
    return serve_faults_set(&site->faults, &fault);
}

static enum lcm_err fault_clear(struct serve_site *site, const char *name)
{
    enum serve_fault_kind kind = SERVE_FAULT_COUNT;

    if (*name != '\0') {
        enum lcm_err err = serve_fault_find(name, &kind);
        if (err != LCM_OK)
            return err;
    }
    serve_faults_clear(&site->faults, kind);
    return LCM_OK;
}

enum lcm_err serve_control_apply(struct serve_site *site, const char *line,
                                 char reply[SERVE_CONTROL_LINE_SIZE])
{
    enum lcm_err err;

    if (strncmp(line, "clear", 5) == 0 && (line[5] == '\0' || line[5] == ' '))
        err = fault_clear(site, line[5] == ' ' ? line + 6 : "");
    else
        err = fault_set(site, line);
    if (err == LCM_OK)
        snprintf(reply, SERVE_CONTROL_LINE_SIZE, "ok");
    else
        snprintf(reply, SERVE_CONTROL_LINE_SIZE, "error: fault \"%.120s\": %s", line,
                 err == LCM_ERR_NOT_FOUND ? "there is no fault of this name" : lcm_err_text(err));
    return err;
}

/* Bind or connect the socket "control" inside a folder. The working folder is the
 * process's: call this while no other thread opens paths. */
static bool socket_place(const char *state, int fd,
                         int (*action)(int, const struct sockaddr *, socklen_t))
{
    struct sockaddr_un place = {.sun_family = AF_UNIX, .sun_path = CONTROL_NAME};
    int back = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = back >= 0 && chdir(state) == 0;

    if (ok)
        ok = action(fd, (const struct sockaddr *)&place, sizeof(place)) == 0;
    int reason = errno;
    if (back >= 0 && fchdir(back) != 0)
        ok = false;
    if (back >= 0)
        close(back);
    errno = reason;
    return ok;
}

static int control_connect(const char *state)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    if (fd >= 0 && !socket_place(state, fd, connect)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

enum lcm_err serve_control_listen(const char *state, int *fd)
{
    int other = control_connect(state);

    if (other >= 0) {
        close(other);
        return LCM_ERR_NO_SPACE;
    }
    serve_control_unlink(state);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (listener < 0)
        return LCM_ERR_CONNECT;
    fcntl(listener, F_SETFD, FD_CLOEXEC);
    if (!socket_place(state, listener, bind) || listen(listener, 8) != 0) {
        close(listener);
        return LCM_ERR_CONNECT;
    }
    *fd = listener;
    return LCM_OK;
}

void serve_control_unlink(const char *state)
{
    int folder = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (folder < 0)
        return;
    unlinkat(folder, CONTROL_NAME, 0);
    close(folder);
}

/* Receive one line byte by byte: lines are short and rare. */
static enum lcm_err line_receive(int fd, int wait_ms, char line[SERVE_CONTROL_LINE_SIZE])
{
    struct pollfd item = {.fd = fd, .events = POLLIN};

    for (size_t used = 0; used < SERVE_CONTROL_LINE_SIZE; used++) {
        if (poll(&item, 1, wait_ms) != 1 || read(fd, line + used, 1) != 1)
            return LCM_ERR_CLOSED;
        if (line[used] == '\n') {
            line[used] = '\0';
            return LCM_OK;
        }
    }
    return LCM_ERR_TOO_LONG;
}

static bool line_send(int fd, const char *line)
{
    char text[SERVE_CONTROL_LINE_SIZE + 2];
    int length = snprintf(text, sizeof(text), "%s\n", line);

    return send(fd, text, (size_t)length, MSG_NOSIGNAL) == length;
}

static bool is_printable(const char *line)
{
    for (; *line != '\0'; line++) {
        if (*line < ' ' || *line > '~')
            return false;
    }
    return true;
}

void serve_control_accept(struct serve_site *site, int listener)
{
    char line[SERVE_CONTROL_LINE_SIZE], reply[SERVE_CONTROL_LINE_SIZE];
    int fd = accept(listener, NULL, NULL);

    if (fd < 0)
        return;
    for (unsigned i = 0; i < CONTROL_LINES_MAX; i++) {
        if (line_receive(fd, CONTROL_WAIT_MS, line) != LCM_OK || !is_printable(line))
            break;
        if (serve_control_apply(site, line, reply) == LCM_OK)
            serve_log_control(site->log, line);
        if (!line_send(fd, reply))
            break;
    }
    close(fd);
}

enum lcm_err serve_control_send(const char *state, const char *line,
                                char reply[SERVE_CONTROL_LINE_SIZE])
{
    int fd = control_connect(state);
    enum lcm_err err = LCM_ERR_CLOSED;

    if (fd < 0)
        return LCM_ERR_CONNECT;
    if (line_send(fd, line))
        err = line_receive(fd, CONTROL_REPLY_MS, reply);
    close(fd);
    return err;
}
