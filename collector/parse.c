// SPDX-License-Identifier: Apache-2.0
/*
 * Which form a message has, and RFC 3164; the other forms have files of their own. A date of
 * RFC 3164 has no year and no zone: it is read over, the time of receipt counts.
 */
#include "collector/parse.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PRIORITY_MAX 191u
#define PRIORITY_DEFAULT 134u /* local0.info */
#define HOST_PREFIX "lcm-"

static const char *const result_names[] = {
#define PARSE_NAME(number, name, text) [number] = #name,
    LCM_ERR_TABLE(PARSE_NAME)
#undef PARSE_NAME
};

int32_t collect_result_number(const char *name, size_t size)
{
    struct scan_word word = {name, size};

    for (size_t i = 0; i < sizeof(result_names) / sizeof(result_names[0]); i++) {
        if (scan_word_is(word, result_names[i]))
            return (int32_t)i;
    }
    return -1;
}

static bool host_is_plain(struct scan_word host)
{
    for (size_t i = 0; i < host.size; i++) {
        unsigned char c = (unsigned char)host.bytes[i];

        if (!isalnum(c) && c != '.' && c != '-' && c != '_' && c != ':')
            return false;
    }
    return host.size > 0 && host.size < COLLECT_ID_SIZE && !scan_word_is(host, "-");
}

void parse_identity(struct scan_word host, const char *source, struct collect_message *message)
{
    struct scan_word id = host;
    size_t prefix = sizeof(HOST_PREFIX) - 1;

    if (host.size > prefix && memcmp(host.bytes, HOST_PREFIX, prefix) == 0 &&
        scan_is_device_id(host.bytes + prefix, host.size - prefix))
        id = (struct scan_word){host.bytes + prefix, host.size - prefix};
    if (!host_is_plain(id)) {
        snprintf(message->id, sizeof(message->id), "ip-%s", source);
        return;
    }
    scan_copy(message->id, sizeof(message->id), id);
    for (char *c = message->id; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
}

static bool time_digits(const char *bytes, size_t digits, int *value)
{
    *value = 0;
    for (size_t i = 0; i < digits; i++) {
        if (bytes[i] < '0' || bytes[i] > '9')
            return false;
        *value = *value * 10 + (bytes[i] - '0');
    }
    return true;
}

/* "+02:00", "-07:30" or "Z", behind an optional fraction. */
static bool time_zone(struct scan_word rest, int *offset_s)
{
    int hours, minutes;
    size_t at = 0;

    if (at < rest.size && rest.bytes[at] == '.') {
        do {
            at++;
        } while (at < rest.size && isdigit((unsigned char)rest.bytes[at]));
    }
    *offset_s = 0;
    if (rest.size - at == 1)
        return rest.bytes[at] == 'Z';
    if (rest.size - at != 6 || rest.bytes[at + 3] != ':' ||
        !time_digits(rest.bytes + at + 1, 2, &hours) ||
        !time_digits(rest.bytes + at + 4, 2, &minutes))
        return false;
    *offset_s = (rest.bytes[at] == '-' ? -60 : 60) * (hours * 60 + minutes);
    return rest.bytes[at] == '-' || rest.bytes[at] == '+';
}

uint64_t parse_time(struct scan_word word)
{
    struct tm tm = {.tm_isdst = 0};
    const char *b = word.bytes;
    int offset_s = 0;

    if (word.size < 20 || !time_digits(b, 4, &tm.tm_year) || b[4] != '-' ||
        !time_digits(b + 5, 2, &tm.tm_mon) || b[7] != '-' || !time_digits(b + 8, 2, &tm.tm_mday) ||
        b[10] != 'T' || !time_digits(b + 11, 2, &tm.tm_hour) || b[13] != ':' ||
        !time_digits(b + 14, 2, &tm.tm_min) || b[16] != ':' ||
        !time_digits(b + 17, 2, &tm.tm_sec) ||
        !time_zone((struct scan_word){b + 19, word.size - 19}, &offset_s))
        return 0;
    if (tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_year < 1970)
        return 0;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    int64_t seconds = (int64_t)timegm(&tm) - offset_s;
    return seconds > 0 ? (uint64_t)seconds : 0;
}

/* "Nov 28 04:53:40 " */
static void date_skip(struct scan *scan)
{
    static const char pattern[] = "Aaa 99 99:99:99 ";
    const char *at = scan->at;

    if ((size_t)(scan->end - scan->at) < sizeof(pattern) - 1)
        return;
    for (const char *p = pattern; *p != '\0'; p++, at++) {
        unsigned char c = (unsigned char)*at;
        bool fits = *p == 'A' || *p == 'a' ? isalpha(c) != 0
                    : *p == '9'            ? isdigit(c) != 0 || (c == ' ' && p == pattern + 4)
                                           : c == (unsigned char)*p;

        if (!fits)
            return;
    }
    scan->at = at;
}

/* A tag ends in ':' or "[pid]:". */
static bool word_is_tag(struct scan_word word)
{
    return word.size > 1 && word.bytes[word.size - 1] == ':';
}

void parse_rfc3164(struct scan *scan, const char *source, struct collect_message *message)
{
    struct scan_word host = {NULL, 0};

    message->form = COLLECT_RFC3164;
    date_skip(scan);
    struct scan begin = *scan;
    struct scan_word word = scan_word(scan);
    if (!word_is_tag(word) && scan_take(scan, ' ')) {
        struct scan behind_host = *scan;
        if (word_is_tag(scan_word(scan))) {
            host = word;
            (void)scan_take(scan, ' ');
        } else {
            /* "host text" without a tag, or no host at all: only our own names are believed */
            bool is_ours = word.size > 4 && memcmp(word.bytes, HOST_PREFIX, 4) == 0;

            *scan = is_ours ? behind_host : begin;
            if (is_ours)
                host = word;
        }
    } else {
        (void)scan_take(scan, ' ');
    }
    /* One of our lines behind somebody's header: the line knows better. */
    if (parse_line(*scan, message) == LCM_OK)
        return;
    parse_identity(host, source, message);
    scan_copy(message->text, sizeof(message->text),
              (struct scan_word){scan->at, (size_t)(scan->end - scan->at)});
}

static bool priority_take(struct scan *scan, uint64_t *priority)
{
    struct scan begin = *scan;
    uint64_t number = 0;

    if (scan_take(scan, '<') && scan_number(scan, 3, &number) && number <= PRIORITY_MAX &&
        scan_take(scan, '>')) {
        *priority = number;
        return true;
    }
    *scan = begin;
    return false;
}

static bool is_blank(const struct scan *scan)
{
    for (const char *at = scan->at; at < scan->end; at++) {
        if ((unsigned char)*at > ' ')
            return false;
    }
    return true;
}

size_t collect_parse_extent(const char *bytes, size_t size)
{
    const char *end;

    if (bytes[0] == '<')
        return size;
    end = memchr(bytes, '\n', size);
    return end == NULL ? size : (size_t)(end - bytes) + 1;
}

enum lcm_err collect_parse(const char *bytes, size_t size, const char *source,
                           struct collect_message *message)
{
    struct scan scan = {bytes, bytes + size};
    uint64_t priority = PRIORITY_DEFAULT;

    memset(message, 0, sizeof(*message));
    message->result = -1;
    while (scan.end > scan.at && (scan.end[-1] == '\n' || scan.end[-1] == '\r' ||
                                  scan.end[-1] == '\0' || scan.end[-1] == ' '))
        scan.end--;
    bool has_priority = priority_take(&scan, &priority);
    message->priority = (unsigned)priority;
    message->severity = (unsigned)priority % 8;
    if (is_blank(&scan))
        return LCM_ERR_FORMAT;
    if (has_priority && scan_take_text(&scan, "1 "))
        return parse_rfc5424(&scan, source, message);
    if (has_priority)
        parse_rfc3164(&scan, source, message);
    else if (parse_line(scan, message) != LCM_OK)
        parse_raw(scan, source, message);
    return LCM_OK;
}
