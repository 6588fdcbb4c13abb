/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One report, whatever form it came in: RFC 5424, RFC 3164, our broadcast lines, the raw
 * lines of the reference (docs/SPEC.md section 10).
 *
 * A parser fills a message from bytes of a stranger. Every text in it is valid UTF-8
 * without control characters and cut at its size; what was not becomes '?'.
 */
#ifndef LCM_COLLECTOR_MESSAGE_H
#define LCM_COLLECTOR_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"

#define COLLECT_MESSAGE_SIZE_MAX 8192u /* bytes on the wire; the rest of a longer one is cut */
#define COLLECT_ID_SIZE 64u            /* sizes of texts count their NUL */
#define COLLECT_NAME_SIZE 64u
#define COLLECT_VERSION_SIZE 24u
#define COLLECT_WORD_SIZE 24u
#define COLLECT_TEXT_SIZE 1024u
#define COLLECT_MAC_SIZE 8u /* bytes */

enum collect_form { COLLECT_RFC5424, COLLECT_RFC3164, COLLECT_LINE, COLLECT_RAW };

/* What the authentication code says. The numbers are stored. */
enum collect_verdict {
    COLLECT_NO_KEY = 0,     /* this device's key is not known here */
    COLLECT_VERIFIED = 1,   /* code right, and newer than the last one */
    COLLECT_UNVERIFIED = 2, /* the key is known, but no code, or one that came before */
    COLLECT_FORGED = 3,     /* the code is wrong */
};

struct collect_message {
    enum collect_form form;
    enum collect_verdict verdict;
    unsigned severity; /* 0..7 */
    unsigned priority; /* facility * 8 + severity, as sent */
    uint64_t time_s;   /* the sender's clock, Unix seconds; 0 = unknown */
    int32_t result;    /* number of enum lcm_err; -1 = not told */
    uint32_t sequence; /* 0 = not told */
    uint32_t uptime_s; /* has_uptime */
    bool has_uptime;
    bool is_lcm;              /* spoken by LifeCycle Manager: its words mean what the SPEC says */
    char id[COLLECT_ID_SIZE]; /* 12 hex digits, a host name, or ip-ADDRESS */
    char msgid[COLLECT_WORD_SIZE];
    char phase[COLLECT_WORD_SIZE];
    char file[COLLECT_NAME_SIZE];
    char channel[COLLECT_WORD_SIZE];
    char lcm[COLLECT_VERSION_SIZE];
    char app[COLLECT_VERSION_SIZE];
    char boot[COLLECT_VERSION_SIZE];
    char repo[COLLECT_NAME_SIZE];
    char from[COLLECT_VERSION_SIZE];
    char to[COLLECT_VERSION_SIZE];
    char rssi[COLLECT_WORD_SIZE];
    char text[COLLECT_TEXT_SIZE];
    /* Authentication (docs/SPEC.md 10.4): where the element stands in the bytes that were parsed.
     */
    bool has_mac;
    uint64_t mac_time_s;
    uint8_t mac[COLLECT_MAC_SIZE];
    const char *sd; /* structured data, without the element that carries the code */
    size_t sd_size;
    const char *raw_text; /* MSG */
    size_t raw_text_size;
};

/*
 * Parse one message. source is the sender's address as text: the name of a device that tells
 * no other. LCM_ERR_FORMAT when nothing can be made of it; *message is then undefined. The
 * message points into bytes (sd, raw_text). Cost: one pass.
 */
LCM_MUST_CHECK enum lcm_err collect_parse(const char *bytes, size_t size, const char *source,
                                          struct collect_message *message);

/* Bytes of the first message of a datagram that begins at bytes: syslog takes all of it, plain
 * text is one message a line. At least 1 of size > 0. */
size_t collect_parse_extent(const char *bytes, size_t size);

/* The number of a result's name ("ROLLBACK"), or -1. */
int32_t collect_result_number(const char *name, size_t size);

#endif
