// SPDX-License-Identifier: Apache-2.0
/*
 * TCP and TLS input and output with deadlines; see the header.
 *
 * TLS 1.2 and 1.3 with the suites of github.com: ECDHE only, ChaCha20 and AES-GCM, X25519 and
 * the NIST curves, in this order whatever the client's: devices name P-256 first although
 * X25519 is cheaper for them. ALPN answers http/1.1 only.
 */
#include "server/transport.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DRAIN_MS 200
#define DRAIN_READS_MAX 64u
#define PACE_PARTS 10u /* pieces per second of a slowed connection */

static const char priorities[] =
    "NONE:%SERVER_PRECEDENCE:+VERS-TLS1.3:+VERS-TLS1.2:+CHACHA20-POLY1305:+AES-128-GCM:"
    "+AES-256-GCM:+AEAD:"
    "+ECDHE-ECDSA:+ECDHE-RSA:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:+COMP-NULL:"
    "+SIGN-ECDSA-SHA256:+SIGN-ECDSA-SHA384:+SIGN-ECDSA-SECP256R1-SHA256:"
    "+SIGN-ECDSA-SECP384R1-SHA384:+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-RSA-PSS-RSAE-SHA384:"
    "+SIGN-RSA-SHA256:+SIGN-RSA-SHA384";

int64_t serve_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

enum lcm_err serve_transport_init(struct serve_transport *transport, int fd,
                                  gnutls_certificate_credentials_t credentials)
{
    const gnutls_datum_t protocol = {(unsigned char[]){"http/1.1"}, 8};
    int on = 1;

    *transport = (struct serve_transport){.fd = fd};
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (credentials == NULL)
        return LCM_OK;
    if (gnutls_init(&transport->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) != 0)
        return LCM_ERR_TLS;
    if (gnutls_priority_set_direct(transport->session, priorities, NULL) != 0 ||
        gnutls_credentials_set(transport->session, GNUTLS_CRD_CERTIFICATE, credentials) != 0 ||
        gnutls_alpn_set_protocols(transport->session, &protocol, 1, 0) != 0)
        return LCM_ERR_TLS;
    gnutls_transport_set_int(transport->session, fd);
    return LCM_OK;
}

/* Wait until the socket can be read or written. */
static enum lcm_err socket_wait(int fd, short events, int64_t deadline_ms)
{
    struct pollfd item = {.fd = fd, .events = events};
    int64_t left = deadline_ms - serve_now_ms();
    int ready = left > 0 ? poll(&item, 1, (int)left) : 0;

    if (ready < 0 && errno == EINTR)
        return LCM_OK;
    return ready > 0 ? LCM_OK : ready == 0 ? LCM_ERR_TIMEOUT : LCM_ERR_CLOSED;
}

static short wanted_events(const struct serve_transport *transport)
{
    return gnutls_record_get_direction(transport->session) == 1 ? POLLOUT : POLLIN;
}

static bool is_again(ssize_t result)
{
    return result == GNUTLS_E_AGAIN || result == GNUTLS_E_INTERRUPTED;
}

enum lcm_err serve_transport_handshake(struct serve_transport *transport, int limit_ms,
                                       const char **reason)
{
    int64_t deadline_ms = serve_now_ms() + limit_ms;
    int result;

    if (transport->session == NULL)
        return LCM_OK;
    while ((result = gnutls_handshake(transport->session)) != 0) {
        if (gnutls_error_is_fatal(result)) {
            *reason = result == GNUTLS_E_FATAL_ALERT_RECEIVED
                          ? gnutls_alert_get_name(gnutls_alert_get(transport->session))
                          : gnutls_strerror(result);
            return LCM_ERR_TLS;
        }
        if (is_again(result) &&
            socket_wait(transport->fd, wanted_events(transport), deadline_ms) != LCM_OK) {
            *reason = "time limit";
            return LCM_ERR_TIMEOUT;
        }
    }
    return LCM_OK;
}

/* One attempt; *again when nothing can move now. */
static ssize_t receive_once(struct serve_transport *transport, char *bytes, size_t size,
                            bool *again, short *events)
{
    ssize_t result;

    *events = POLLIN;
    if (transport->session != NULL) {
        result = gnutls_record_recv(transport->session, bytes, size);
        *again = is_again(result);
        if (*again)
            *events = wanted_events(transport);
    } else {
        result = recv(transport->fd, bytes, size, 0);
        *again = result < 0 && (errno == EAGAIN || errno == EINTR);
    }
    return result;
}

enum lcm_err serve_transport_receive(struct serve_transport *transport, char *bytes, size_t size,
                                     int64_t deadline_ms, size_t *received)
{
    for (;;) {
        bool again;
        short events;
        ssize_t result = receive_once(transport, bytes, size, &again, &events);
        if (result > 0) {
            *received = (size_t)result;
            return LCM_OK;
        }
        if (!again)
            return LCM_ERR_CLOSED;
        enum lcm_err err = socket_wait(transport->fd, events, deadline_ms);
        if (err != LCM_OK)
            return err;
    }
}

static ssize_t send_once(struct serve_transport *transport, const char *bytes, size_t size,
                         bool *again)
{
    ssize_t result;

    if (transport->session != NULL) {
        result = gnutls_record_send(transport->session, bytes, size);
        *again = is_again(result);
    } else {
        result = send(transport->fd, bytes, size, MSG_NOSIGNAL);
        *again = result < 0 && (errno == EAGAIN || errno == EINTR);
    }
    return result;
}

/* Send one piece of at most SERVE_SEND_SIZE bytes. */
static enum lcm_err piece_send(struct serve_transport *transport, const char *bytes, size_t size)
{
    while (size > 0) {
        bool again;
        ssize_t result = send_once(transport, bytes, size, &again);
        if (result > 0) {
            bytes += result;
            size -= (size_t)result;
        } else if (!again) {
            return LCM_ERR_CLOSED;
        } else {
            enum lcm_err err = socket_wait(transport->fd, POLLOUT, serve_now_ms() + SERVE_SEND_MS);
            if (err != LCM_OK)
                return err;
        }
    }
    return LCM_OK;
}

/* Wait as long as size bytes take at the rate; ends early when the peer is gone. */
static void pace_wait(const struct serve_transport *transport, size_t size)
{
    struct pollfd item = {.fd = transport->fd, .events = POLLRDHUP};
    int64_t wait_ms = (int64_t)(size * 1000u / transport->rate);

    poll(&item, 1, wait_ms < SERVE_SEND_MS ? (int)wait_ms : SERVE_SEND_MS);
}

enum lcm_err serve_transport_send(struct serve_transport *transport, const char *bytes, size_t size)
{
    size_t piece_max = SERVE_SEND_SIZE;

    if (transport->rate > 0 && transport->rate / PACE_PARTS < piece_max)
        piece_max = transport->rate / PACE_PARTS > 0 ? transport->rate / PACE_PARTS : 1;
    while (size > 0) {
        size_t piece = size < piece_max ? size : piece_max;
        enum lcm_err err = piece_send(transport, bytes, piece);
        if (err != LCM_OK)
            return err;
        if (transport->rate > 0)
            pace_wait(transport, piece);
        bytes += piece;
        size -= piece;
    }
    return LCM_OK;
}

/* Read away what the peer still sends, briefly: closing a socket with unread bytes
 * resets the connection and may destroy the answer on its way. */
static void input_drain(int fd)
{
    char bytes[1024];
    int64_t deadline_ms = serve_now_ms() + DRAIN_MS;

    for (unsigned i = 0; i < DRAIN_READS_MAX; i++) {
        if (socket_wait(fd, POLLIN, deadline_ms) != LCM_OK ||
            recv(fd, bytes, sizeof(bytes), 0) <= 0)
            return;
    }
}

void serve_transport_close(struct serve_transport *transport, bool polite)
{
    if (transport->session != NULL) {
        if (polite)
            gnutls_bye(transport->session, GNUTLS_SHUT_WR);
        gnutls_deinit(transport->session);
    }
    shutdown(transport->fd, SHUT_WR);
    if (polite)
        input_drain(transport->fd);
    close(transport->fd);
    *transport = (struct serve_transport){.fd = -1};
}
