// SPDX-License-Identifier: Apache-2.0
/*
 * RFC 5424 behind "<PRI>1 ": header, structured data, text. The element lcm@32473 says what a
 * device reports, meta how it counts, auth@32473 who it is; others are read over.
 */
#include "collector/parse.h"

#include <string.h>

#include "core/base/text.h"

#define VALUE_SIZE_MAX 256u /* of a parameter that is read; longer ones are cut */
#define ELEMENTS_MAX 32u
#define PARAMETERS_MAX 64u /* of one element */

#define ELEMENT_LCM "lcm@32473"
#define ELEMENT_AUTH "auth@32473"

struct element {
    struct scan_word id;
    const char *begin; /* at its '[' */
};

static uint64_t value_number(const char *value)
{
    uint64_t number = 0;

    return lcm_text_parse_u64(value, strlen(value), &number) == LCM_OK ? number : 0;
}

static uint32_t value_u32(const char *value)
{
    uint64_t number = value_number(value);

    return number <= UINT32_MAX ? (uint32_t)number : 0;
}

static void store_text(char *text, size_t size, const char *value)
{
    scan_copy(text, size, (struct scan_word){value, strlen(value)});
}

static void store_lcm(struct collect_message *message, struct scan_word name, const char *value)
{
    const struct {
        const char *name;
        char *text;
        size_t size;
    } fields[] = {
        {"lcm", message->lcm, sizeof(message->lcm)},
        {"app", message->app, sizeof(message->app)},
        {"boot", message->boot, sizeof(message->boot)},
        {"repo", message->repo, sizeof(message->repo)},
        {"file", message->file, sizeof(message->file)},
        {"chan", message->channel, sizeof(message->channel)},
        {"ph", message->phase, sizeof(message->phase)},
        {"from", message->from, sizeof(message->from)},
        {"to", message->to, sizeof(message->to)},
        {"rssi", message->rssi, sizeof(message->rssi)},
    };
    uint64_t number;

    message->is_lcm = true;
    if (scan_word_is(name, "dev") && scan_is_device_id(value, strlen(value)))
        parse_identity((struct scan_word){value, strlen(value)}, "", message);
    if (scan_word_is(name, "rc") && lcm_text_parse_u64(value, strlen(value), &number) == LCM_OK &&
        number <= INT32_MAX)
        message->result = (int32_t)number;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (scan_word_is(name, fields[i].name))
            store_text(fields[i].text, fields[i].size, value);
    }
}

static void store_meta(struct collect_message *message, struct scan_word name, const char *value)
{
    if (scan_word_is(name, "sequenceId"))
        message->sequence = value_u32(value);
    if (!scan_word_is(name, "sysUpTime"))
        return;
    message->uptime_s = value_u32(value) / 100;
    message->has_uptime = true;
}

static void store_auth(struct collect_message *message, struct scan_word name, const char *value)
{
    if (scan_word_is(name, "t"))
        message->mac_time_s = value_number(value);
    if (scan_word_is(name, "mac") && strlen(value) == 2 * COLLECT_MAC_SIZE)
        message->has_mac = lcm_text_parse_hex(value, message->mac, COLLECT_MAC_SIZE) == LCM_OK;
}

/* "..." with \" \\ \] inside; other backslashes stand for themselves. */
static bool value_take(struct scan *scan, char value[VALUE_SIZE_MAX])
{
    size_t length = 0;

    if (!scan_take(scan, '"'))
        return false;
    while (scan->at < scan->end && *scan->at != '"') {
        char c = *scan->at++;

        if (c == ']' || c == '\0')
            return false;
        if (c == '\\' && scan->at < scan->end &&
            (*scan->at == '"' || *scan->at == '\\' || *scan->at == ']'))
            c = *scan->at++;
        if (length + 1 < VALUE_SIZE_MAX)
            value[length++] = c;
    }
    value[length] = '\0';
    return scan_take(scan, '"');
}

static struct scan_word name_take(struct scan *scan)
{
    struct scan_word name = {scan->at, 0};

    while (scan->at<scan->end && * scan->at> ' ' && *scan->at <= '~' && *scan->at != '=' &&
           *scan->at != ']' && *scan->at != '"')
        scan->at++;
    name.size = (size_t)(scan->at - name.bytes);
    return name;
}

static bool element_take(struct scan *scan, struct collect_message *message,
                         struct element *element)
{
    char value[VALUE_SIZE_MAX];

    element->begin = scan->at;
    if (!scan_take(scan, '['))
        return false;
    element->id = name_take(scan);
    if (element->id.size == 0)
        return false;
    for (unsigned i = 0; !scan_take(scan, ']'); i++) {
        if (i == PARAMETERS_MAX || !scan_take(scan, ' '))
            return false;
        struct scan_word name = name_take(scan);
        if (name.size == 0 || !scan_take(scan, '=') || !value_take(scan, value))
            return false;
        if (scan_word_is(element->id, ELEMENT_LCM))
            store_lcm(message, name, value);
        else if (scan_word_is(element->id, "meta"))
            store_meta(message, name, value);
        else if (scan_word_is(element->id, ELEMENT_AUTH))
            store_auth(message, name, value);
    }
    return true;
}

/* The code stands in the last element: what is before it is what it speaks for. */
static bool elements_take(struct scan *scan, struct collect_message *message)
{
    struct element element = {{NULL, 0}, NULL};

    message->sd = scan->at;
    if (scan_take(scan, '-')) {
        message->sd_size = 1;
        return true;
    }
    for (unsigned i = 0; i == 0 || scan_peek(scan) == '['; i++) {
        if (i == ELEMENTS_MAX || !element_take(scan, message, &element))
            return false;
    }
    bool is_last = scan_word_is(element.id, ELEMENT_AUTH);
    message->sd_size = (size_t)((is_last ? element.begin : scan->at) - message->sd);
    message->has_mac = message->has_mac && is_last;
    return true;
}

static void text_take(struct scan *scan, struct collect_message *message)
{
    (void)scan_take(scan, ' ');
    (void)scan_take_text(scan, "\xEF\xBB\xBF");
    message->raw_text = scan->at;
    message->raw_text_size = (size_t)(scan->end - scan->at);
    scan_copy(message->text, sizeof(message->text),
              (struct scan_word){message->raw_text, message->raw_text_size});
}

enum lcm_err parse_rfc5424(struct scan *scan, const char *source, struct collect_message *message)
{
    struct scan_word field[5]; /* TIMESTAMP HOSTNAME APP-NAME PROCID MSGID */

    message->form = COLLECT_RFC5424;
    for (size_t i = 0; i < 5; i++) {
        field[i] = scan_word(scan);
        if (field[i].size == 0 || !scan_take(scan, ' '))
            return LCM_ERR_FORMAT;
    }
    message->time_s = parse_time(field[0]);
    parse_identity(field[1], source, message);
    if (!scan_word_is(field[4], "-"))
        scan_copy(message->msgid, sizeof(message->msgid), field[4]);
    if (!elements_take(scan, message))
        return LCM_ERR_FORMAT;
    if (scan->at < scan->end && scan_peek(scan) != ' ')
        return LCM_ERR_FORMAT;
    text_take(scan, message);
    return LCM_OK;
}
