// SPDX-License-Identifier: Apache-2.0
/* Datagrams of a device; see the header. */
#include "tests/lib/fixture_syslog.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define SYSLOG_SIZE_MAX 480u

void fixture_syslog_open(struct fixture_syslog *syslog)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);

    syslog->count = 0;
    syslog->socket = socket(AF_INET, SOCK_DGRAM, 0);
    assert_true(syslog->socket >= 0);
    assert_int_equal(bind(syslog->socket, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(syslog->socket, (struct sockaddr *)&address, &size), 0);
    snprintf(syslog->address, sizeof(syslog->address), "127.0.0.1:%u",
             (unsigned)ntohs(address.sin_port));
}

void fixture_syslog_close(struct fixture_syslog *syslog)
{
    ssize_t size;

    while (syslog->count < FIXTURE_SYSLOG_MESSAGES_MAX &&
           (size = recv(syslog->socket, syslog->message[syslog->count],
                        sizeof(syslog->message[0]) - 1, MSG_DONTWAIT)) > 0)
        syslog->message[syslog->count++][size] = '\0';
    close(syslog->socket);
}

static bool syslog_is_time(const char *text)
{
    unsigned year, month, day, hour, minute;

    return strcmp(text, "-") == 0 ||
           sscanf(text, "%4u-%2u-%2uT%2u:%2u", &year, &month, &day, &hour, &minute) == 5;
}

/* "<PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID [..." or "... -" */
bool fixture_syslog_parse(const char *message, char id[FIXTURE_SYSLOG_ID_SIZE])
{
    unsigned priority = 0;
    char when[64], host[256], app[64], process[64], next[8];
    int matched = sscanf(message, "<%3u>1 %63s %255s %63s %63s %32s %1s", &priority, when, host,
                         app, process, id, next);

    return matched == 7 && priority <= 191 && strlen(message) <= SYSLOG_SIZE_MAX &&
           syslog_is_time(when) && (next[0] == '[' || next[0] == '-');
}

unsigned fixture_syslog_messages(const struct fixture_syslog *syslog, const char *id)
{
    unsigned count = 0;
    char found[FIXTURE_SYSLOG_ID_SIZE];

    for (size_t i = 0; i < syslog->count; i++)
        count += fixture_syslog_parse(syslog->message[i], found) && strcmp(found, id) == 0;
    return count;
}

bool fixture_syslog_contains(const struct fixture_syslog *syslog, const char *text)
{
    for (size_t i = 0; i < syslog->count; i++) {
        if (strstr(syslog->message[i], text) != NULL)
            return true;
    }
    return false;
}
