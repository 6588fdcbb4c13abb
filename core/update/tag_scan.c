// SPDX-License-Identifier: Apache-2.0
/*
 * Streaming search in a feed; see the header. It is no XML parser: a tag holds only
 * [A-Za-z0-9._-], so whatever ends it, ends the search.
 */
#include "core/update/tag_scan.h"

#include "core/base/text.h"

static const char tag_scan_mark[] = "/releases/tag/";
#define TAG_SCAN_MARK_LENGTH (sizeof(tag_scan_mark) - 1)

void lcm_tag_scan_init(struct lcm_tag_scan *scan, char *tag, uint32_t tag_size)
{
    scan->tag = tag;
    scan->tag_size = tag_size;
    scan->length = 0;
    scan->received = 0;
    scan->matched = 0;
    scan->is_complete = false;
    tag[0] = '\0';
}

static bool tag_scan_is_tag_character(char c)
{
    char lower = lcm_text_lower(c);

    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
}

/* Every '/' of the mark can be the first one of a new match: when one that was already
 * taken turns out not to belong, what follows it is looked at again. */
static void tag_scan_match(struct lcm_tag_scan *scan, char c)
{
    uint32_t matched = scan->matched;

    if (c != tag_scan_mark[matched] && matched > 0 && tag_scan_mark[matched - 1] == '/')
        matched = 1;
    if (c == tag_scan_mark[matched])
        matched++;
    else
        matched = c == '/' ? 1 : 0;
    scan->matched = (uint8_t)matched;
}

static void tag_scan_collect(struct lcm_tag_scan *scan, char c)
{
    if (tag_scan_is_tag_character(c) && scan->length + 1 < scan->tag_size) {
        scan->tag[scan->length++] = c;
        scan->tag[scan->length] = '\0';
    } else if (tag_scan_is_tag_character(c) || c == '+' || c == '%') {
        /* too long, or goes on with what no tag of ours has: "1.0.0+1" is not "1.0.0" */
        scan->tag[0] = '\0';
        scan->length = 0;
        scan->matched = 0;
    } else if (scan->length > 0) {
        scan->is_complete = true;
    } else { /* nothing behind the mark */
        scan->matched = 1;
        tag_scan_match(scan, c);
    }
}

static enum lcm_err tag_scan_write(void *context, const uint8_t *bytes, size_t size)
{
    struct lcm_tag_scan *scan = context;

    if (size > LCM_FEED_SIZE_MAX - scan->received)
        return LCM_ERR_TOO_LONG;
    scan->received += (uint32_t)size;
    for (size_t i = 0; i < size && !scan->is_complete; i++) {
        if (scan->matched == TAG_SCAN_MARK_LENGTH)
            tag_scan_collect(scan, (char)bytes[i]);
        else
            tag_scan_match(scan, (char)bytes[i]);
    }
    return LCM_OK;
}

struct lcm_sink lcm_tag_scan_sink(struct lcm_tag_scan *scan)
{
    return (struct lcm_sink){scan, tag_scan_write};
}

enum lcm_err lcm_tag_scan_finish(struct lcm_tag_scan *scan)
{
    if (scan->is_complete)
        return LCM_OK;
    scan->tag[0] = '\0';
    return LCM_ERR_NO_VERSION;
}
