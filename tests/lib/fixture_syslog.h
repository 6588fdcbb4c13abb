/* SPDX-License-Identifier: Apache-2.0 */
/* A UDP socket on loopback that keeps what a device reports: RFC 5424 or plain lines. */
#ifndef LCM_TESTS_FIXTURE_SYSLOG_H
#define LCM_TESTS_FIXTURE_SYSLOG_H

#include <stdbool.h>
#include <stddef.h>

#define FIXTURE_SYSLOG_MESSAGES_MAX 64u
#define FIXTURE_SYSLOG_ID_SIZE 33u

struct fixture_syslog {
    int socket;
    char address[32]; /* "127.0.0.1:PORT" */
    char message[FIXTURE_SYSLOG_MESSAGES_MAX][1500];
    size_t count;
};

/* Bind a free port. */
void fixture_syslog_open(struct fixture_syslog *syslog);

/* Take everything that arrived and close. Call it when the sender is done: datagrams on
 * loopback have arrived then. */
void fixture_syslog_close(struct fixture_syslog *syslog);

/* true when the message has the form of RFC 5424 and at most 480 bytes; id is its MSGID. */
bool fixture_syslog_parse(const char *message, char id[FIXTURE_SYSLOG_ID_SIZE]);

/* Well-formed messages with this MSGID. */
unsigned fixture_syslog_messages(const struct fixture_syslog *syslog, const char *id);

/* Does any message contain the text? */
bool fixture_syslog_contains(const struct fixture_syslog *syslog, const char *text);

#endif
