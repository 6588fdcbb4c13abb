/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults: what the server does wrong on purpose.
 *
 * Text form, at start (--fault) and at run time (control socket):
 *
 *   NAME[=VALUE][@HOST][~TEXT][*TIMES]
 *
 * HOST: release, asset, plain or any; without it, both TLS hosts and the plain one.
 * TEXT: only requests whose target contains it. TIMES: how often, then the fault
 * removes itself. Example: status=503:5@release~certs*2.
 *
 * A fault is looked up at the place where it acts, once per request (or handshake):
 * that is what TIMES counts. All functions may be called from any thread.
 */
#ifndef LCM_SERVER_FAULT_H
#define LCM_SERVER_FAULT_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"

#define SERVE_FAULT_ACTIVE_MAX 32u
#define SERVE_FAULT_TEXT_SIZE 128u /* bytes of a VALUE or TEXT, the NUL included */

/* What VALUE is: none; a number; a number with a default; a text; a text with "" as default. */
enum serve_fault_value {
    SERVE_VALUE_NONE,
    SERVE_VALUE_NUMBER,
    SERVE_VALUE_NUMBER_OPTIONAL,
    SERVE_VALUE_TEXT,
    SERVE_VALUE_TEXT_OPTIONAL,
    SERVE_VALUE_STATUS, /* CODE or CODE:RETRY_AFTER_S */
};

/* X(NAME, "name", "placeholder of VALUE", kind of VALUE, default number, "effect") */
#define SERVE_FAULT_TABLE(X) \
    X(LOWER_CASE_HEADERS, "lower-case-headers", "", NONE, 0, "header names in lower case") \
    X(SHUFFLED_HEADERS, "shuffled-headers", "", NONE, 0, "headers in another order each time") \
    X(HUGE_HEADERS, "huge-headers", "[=BYTES]", NUMBER_OPTIONAL, 65536, \
      "this many more bytes of headers, first") \
    X(CHUNKED, "chunked", "", NONE, 0, "bodies with Transfer-Encoding: chunked") \
    X(CONTENT_LENGTH, "content-length", "[=TEXT]", TEXT_OPTIONAL, 0, \
      "this Content-Length; none without value") \
    X(HANDSHAKE_LIMIT, "handshake-limit", "=SECONDS", NUMBER, 0, \
      "close when a handshake takes more seconds") \
    X(NEW_CA, "new-ca", "", NONE, 0, "certificates from a new CA (ca/new-*.pem)") \
    X(WRONG_CA, "wrong-ca", "", NONE, 0, "certificates from an impostor with the CA's names") \
    X(WRONG_NAME, "wrong-name", "", NONE, 0, "certificates for another host") \
    X(EXPIRED_CERT, "expired-cert", "", NONE, 0, "certificates that expired yesterday") \
    X(CLOSE_AFTER, "close-after", "=REQUESTS", NUMBER, 0, \
      "close after this many requests, unannounced") \
    X(URL_EXPIRY, "url-expiry", "=SECONDS", NUMBER, 0, "new asset URLs live this many seconds") \
    X(URL_NOT_BEFORE, "url-not-before", "=SECONDS", NUMBER, 0, \
      "new asset URLs are valid this many seconds later") \
    X(EXPIRED_URL, "expired-url", "", NONE, 0, "every asset URL has expired") \
    X(STATUS, "status", "=CODE[:RETRY_AFTER]", STATUS, 0, \
      "answer CODE, with Retry-After when given") \
    X(NOT_FOUND, "404", "", NONE, 0, "answer 404") \
    X(REDIRECT_HTTP, "redirect-http", "", NONE, 0, "redirects lead to http://") \
    X(REDIRECT_HOST, "redirect-host", "=NAME", TEXT, 0, "redirects lead to this host") \
    X(REDIRECT_LOOP, "redirect-loop", "", NONE, 0, "redirects lead back to the same URL") \
    X(NO_LOCATION, "no-location", "", NONE, 0, "redirects without Location") \
    X(WRONG_RANGE, "wrong-range", "[=total|=missing]", TEXT_OPTIONAL, 0, \
      "206 for another range, another total, or without Content-Range") \
    X(IGNORE_RANGE, "ignore-range", "", NONE, 0, "200 with the whole file for a range") \
    X(TRUNCATE, "truncate", "=BYTES", NUMBER, 0, "close after this many body bytes") \
    X(SLOW, "slow", "=BYTES", NUMBER, 0, "send this many bytes per second") \
    X(FLIP_BYTE, "flip-byte", "=OFFSET", NUMBER, 0, "the file's byte at this offset is wrong") \
    X(ENDLESS_BODY, "endless-body", "", NONE, 0, "the body never ends, no length")

enum serve_fault_kind {
#define SERVE_FAULT_ENUM(id, name, argument, value, number, help) SERVE_FAULT_##id,
    SERVE_FAULT_TABLE(SERVE_FAULT_ENUM)
#undef SERVE_FAULT_ENUM
        SERVE_FAULT_COUNT
};

enum serve_host { SERVE_RELEASE, SERVE_ASSET, SERVE_PLAIN, SERVE_HOST_COUNT };

/* "release", "asset", "plain", or "any" for SERVE_HOST_COUNT. */
const char *serve_host_name(enum serve_host host);

struct serve_fault {
    enum serve_fault_kind kind;
    enum serve_host host; /* SERVE_HOST_COUNT = any */
    long number;          /* value, or status code */
    long retry_after_s;   /* status only; -1 = no header */
    long times;           /* left; -1 = always */
    char text[SERVE_FAULT_TEXT_SIZE];
    char target[SERVE_FAULT_TEXT_SIZE]; /* "" = every request */
};

struct serve_faults {
    pthread_mutex_t lock;
    struct serve_fault active[SERVE_FAULT_ACTIVE_MAX];
    size_t count;
};

const char *serve_fault_name(enum serve_fault_kind kind);
const char *serve_fault_help(enum serve_fault_kind kind);

/* Kind of a name; LCM_ERR_NOT_FOUND. */
LCM_MUST_CHECK enum lcm_err serve_fault_find(const char *name, enum serve_fault_kind *kind);

/* Parse the text form. LCM_ERR_NOT_FOUND for an unknown name, LCM_ERR_TOO_LONG,
 * LCM_ERR_ARGUMENT for a missing or bad value, host or count. */
LCM_MUST_CHECK enum lcm_err serve_fault_parse(const char *text, struct serve_fault *fault);

void serve_faults_init(struct serve_faults *faults);

/* Add; a fault of the same kind, host and target is replaced. LCM_ERR_NO_SPACE when
 * SERVE_FAULT_ACTIVE_MAX are active. */
LCM_MUST_CHECK enum lcm_err serve_faults_set(struct serve_faults *faults,
                                             const struct serve_fault *fault);

/* Remove all of one kind; SERVE_FAULT_COUNT removes everything. */
void serve_faults_clear(struct serve_faults *faults, enum serve_fault_kind kind);

/* true when a fault of this kind is active for host and target (NULL: only faults
 * without a target match). Counts TIMES down. *fault is a copy; it may be NULL. */
bool serve_faults_take(struct serve_faults *faults, enum serve_fault_kind kind,
                       enum serve_host host, const char *target, struct serve_fault *fault);

/* As serve_faults_take, without counting. */
bool serve_faults_peek(struct serve_faults *faults, enum serve_fault_kind kind,
                       enum serve_host host, const char *target, struct serve_fault *fault);

#endif
