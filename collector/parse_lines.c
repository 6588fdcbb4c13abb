// SPDX-License-Identifier: Apache-2.0
/*
 * Plain text: our own broadcast lines (docs/SPEC.md 10.2) and what the reference prints. The
 * reference says who it is by its address alone, and one fact a line.
 */
#include "collector/parse.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/log/event.h"

#define WORDS_MAX 6u /* between PHASE and the colon: FILE FROM -> TO */

static const char *const msgids[] = {
#define PARSE_MSGID(name) #name,
    LCM_EVENT_TABLE(PARSE_MSGID)
#undef PARSE_MSGID
};

static bool word_is_msgid(struct scan_word word)
{
    for (size_t i = 0; i < sizeof(msgids) / sizeof(msgids[0]); i++) {
        if (scan_word_is(word, msgids[i]))
            return true;
    }
    return false;
}

static unsigned line_severity(const struct collect_message *message)
{
    if (strcmp(message->msgid, "SIGINVALID") == 0 || strcmp(message->msgid, "PANIC") == 0)
        return LCM_SEVERITY_CRITICAL;
    if (strcmp(message->msgid, "CERTINVALID") == 0)
        return LCM_SEVERITY_WARNING;
    if (strcmp(message->phase, "failed") == 0)
        return LCM_SEVERITY_ERROR;
    return message->result > 0 ? LCM_SEVERITY_WARNING : LCM_SEVERITY_INFO;
}

/* A file or a host begins with a letter more often than a version does: "main.bin" against
 * "1.2.0" and "v2". */
static bool word_is_version(struct scan_word word)
{
    size_t at = word.size > 1 && (word.bytes[0] == 'v' || word.bytes[0] == 'V') ? 1 : 0;

    return word.size > at && isdigit((unsigned char)word.bytes[at]);
}

/* "[ FILE][ FROM -> TO | FROM | TO]" */
static void line_subject(struct collect_message *message, const struct scan_word *words,
                         size_t count)
{
    size_t at = 0;

    if (count > 0 && !word_is_version(words[0]) && !scan_word_is(words[0], "->")) {
        scan_copy(message->file, sizeof(message->file), words[0]);
        at = 1;
    }
    if (count - at == 3 && scan_word_is(words[at + 1], "->")) {
        scan_copy(message->from, sizeof(message->from), words[at]);
        scan_copy(message->to, sizeof(message->to), words[at + 2]);
    } else if (count - at == 1) {
        bool is_old = strcmp(message->phase, "failed") == 0;

        scan_copy(is_old ? message->from : message->to, COLLECT_VERSION_SIZE, words[at]);
    }
}

/* "TEXT [RESULT]": the result is taken off. */
static void line_text(struct collect_message *message, struct scan scan)
{
    const char *end = scan.end;

    message->result = 0;
    if (end > scan.at && end[-1] == ']') {
        const char *open = end - 1;
        while (open > scan.at && open[-1] != '[')
            open--;
        int32_t result = collect_result_number(open, (size_t)(end - 1 - open));
        if (result > 0 && open > scan.at) {
            message->result = result;
            end = open - 1;
            while (end > scan.at && end[-1] == ' ')
                end--;
        }
    }
    scan_copy(message->text, sizeof(message->text),
              (struct scan_word){scan.at, (size_t)(end - scan.at)});
}

enum lcm_err parse_line(struct scan scan, struct collect_message *message)
{
    struct scan_word words[WORDS_MAX];
    size_t count = 0;
    bool has_colon = false;

    if (!scan_take_text(&scan, "LCM "))
        return LCM_ERR_FORMAT;
    struct scan_word id = scan_word(&scan);
    if (!scan_is_device_id(id.bytes, id.size) || !scan_take(&scan, ' '))
        return LCM_ERR_FORMAT;
    struct scan_word msgid = scan_word(&scan);
    if (!word_is_msgid(msgid) || !scan_take(&scan, ' '))
        return LCM_ERR_FORMAT;
    while (!has_colon && count < WORDS_MAX) {
        words[count] = scan_word(&scan);
        has_colon = words[count].size > 0 && words[count].bytes[words[count].size - 1] == ':';
        words[count].size -= has_colon ? 1 : 0;
        count++;
        if (!scan_take(&scan, ' '))
            break;
    }
    if (!has_colon)
        return LCM_ERR_FORMAT;
    message->form = message->form == COLLECT_RFC3164 ? COLLECT_RFC3164 : COLLECT_LINE;
    message->is_lcm = true;
    parse_identity(id, "", message);
    scan_copy(message->msgid, sizeof(message->msgid), msgid);
    scan_copy(message->phase, sizeof(message->phase), words[0]);
    line_subject(message, words + 1, count - 1);
    line_text(message, scan);
    message->severity = line_severity(message);
    message->priority = 16 * 8 + message->severity;
    return LCM_OK;
}

/* ---- the reference ---- */

static const char *find(struct scan scan, const char *text)
{
    return memmem(scan.at, (size_t)(scan.end - scan.at), text, strlen(text));
}

/* What stands between quotes behind key: user_repo='a/b' or bootloader version:"1.0" */
static bool quoted(struct scan scan, const char *key, char *text, size_t size)
{
    const char *at = find(scan, key);

    if (at == NULL)
        return false;
    at += strlen(key);
    if (at >= scan.end || (*at != '\'' && *at != '"'))
        return false;
    const char *end = memchr(at + 1, *at, (size_t)(scan.end - at - 1));
    if (end == NULL)
        return false;
    scan_copy(text, size, (struct scan_word){at + 1, (size_t)(end - at - 1)});
    return true;
}

static void raw_set(struct collect_message *message, const char *msgid, const char *phase,
                    enum lcm_err result, unsigned severity)
{
    strncpy(message->msgid, msgid, sizeof(message->msgid) - 1);
    strncpy(message->phase, phase, sizeof(message->phase) - 1);
    message->result = (int32_t)result;
    message->severity = severity;
    message->is_lcm = true;
}

static void raw_http(struct scan scan, struct collect_message *message)
{
    const char *at = find(scan, "HTTP returns ");
    struct scan rest = {at, scan.end};
    uint64_t status = 0;

    if (at == NULL || !scan_take_text(&rest, "HTTP returns ") || !scan_number(&rest, 3, &status) ||
        status < 400)
        return;
    raw_set(message, "CHECK", "failed",
            status == 404 ? LCM_ERR_HTTP_NOT_FOUND : LCM_ERR_HTTP_STATUS, LCM_SEVERITY_ERROR);
}

static void raw_verdict(struct scan scan, struct collect_message *message)
{
    static const char *const keys[] = {
        "signature valid: ", "signature valid:", "key valid: ", "key valid:"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *at = find(scan, keys[i]);

        if (at == NULL || at + strlen(keys[i]) >= scan.end)
            continue;
        if (at[strlen(keys[i])] == '0')
            raw_set(message, "SIGINVALID", "failed", LCM_ERR_SIGNATURE, LCM_SEVERITY_CRITICAL);
        return;
    }
}

static void raw_version(struct scan scan, struct collect_message *message)
{
    const char *at = find(scan, "VERSION: ");
    struct scan rest = {at, scan.end};

    if (at == NULL || !scan_take_text(&rest, "VERSION: "))
        return;
    scan_copy(message->lcm, sizeof(message->lcm), scan_word(&rest));
    raw_set(message, "BOOT", "updater", LCM_OK, LCM_SEVERITY_INFO);
}

void parse_raw(struct scan scan, const char *source, struct collect_message *message)
{
    message->form = COLLECT_RAW;
    parse_identity((struct scan_word){NULL, 0}, source, message);
    scan_copy(message->text, sizeof(message->text),
              (struct scan_word){scan.at, (size_t)(scan.end - scan.at)});
    raw_version(scan, message);
    raw_http(scan, message);
    raw_verdict(scan, message);
    if (find(scan, "--- running ota-main") != NULL)
        raw_set(message, "BOOT", "updater", LCM_OK, LCM_SEVERITY_INFO);
    if (find(scan, "--- running ota-boot") != NULL)
        raw_set(message, "BOOT", "installer", LCM_OK, LCM_SEVERITY_INFO);
    if (find(scan, "SSL") != NULL && find(scan, "failed") != NULL)
        raw_set(message, "CHECK", "failed", LCM_ERR_TLS, LCM_SEVERITY_ERROR);
    if (quoted(scan, "bootloader version:", message->boot, sizeof(message->boot)) ||
        quoted(scan, "user_repo=", message->repo, sizeof(message->repo)))
        message->is_lcm = true;
    (void)quoted(scan, "user_file=", message->file, sizeof(message->file));
    (void)quoted(scan, "new_version=", message->to, sizeof(message->to));
    (void)quoted(scan, "current_version=", message->app, sizeof(message->app));
}
