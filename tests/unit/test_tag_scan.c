// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the first release tag of a feed is found whatever the pieces it arrives in,
 * whatever stands before it, and nothing that is no tag is taken for one.
 * Method: feeds shaped like GitHub's, split at every byte and fed byte by byte; names
 * that look like the mark itself; tags at and over the length limit; an endless feed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/fetch/url.h"
#include "core/update/tag_scan.h"

static const char feed[] =
    "<?xml version=\"1.0\"?><feed><id>tag:github.com,2008:https://github.com/o/lamp/releases</id>"
    "<link rel=\"alternate\" href=\"https://github.com/o/lamp/releases\"/><entry>"
    "<id>tag:github.com,2008:Repository/1/v2.0.0-beta_1</id>"
    "<link rel=\"alternate\" href=\"https://github.com/o/lamp/releases/tag/v2.0.0-beta_1\"/>"
    "<content>see /releases/tag/v1.0.0</content></entry></feed>";

struct scan_run {
    struct lcm_tag_scan scan;
    struct lcm_sink sink;
    char tag[LCM_TAG_SIZE];
};

static void scan_begin(struct scan_run *run)
{
    memset(run->tag, 'x', sizeof(run->tag));
    lcm_tag_scan_init(&run->scan, run->tag, sizeof(run->tag));
    run->sink = lcm_tag_scan_sink(&run->scan);
    assert_string_equal(run->tag, "");
}

static enum lcm_err scan_write(struct scan_run *run, const char *bytes, size_t size)
{
    return size == 0 ? LCM_OK : run->sink.write(run->sink.context, (const uint8_t *)bytes, size);
}

static void assert_tag(const char *text, const char *expected)
{
    struct scan_run run;

    scan_begin(&run);
    assert_int_equal(scan_write(&run, text, strlen(text)), LCM_OK);
    assert_int_equal(lcm_tag_scan_finish(&run.scan),
                     expected[0] != '\0' ? LCM_OK : LCM_ERR_NO_VERSION);
    assert_string_equal(run.tag, expected);
}

static void test_split_everywhere(void **state)
{
    struct scan_run run;

    (void)state;
    for (size_t at = 0; at <= sizeof(feed) - 1; at++) {
        scan_begin(&run);
        assert_int_equal(scan_write(&run, feed, at), LCM_OK);
        assert_int_equal(scan_write(&run, feed + at, sizeof(feed) - 1 - at), LCM_OK);
        assert_int_equal(lcm_tag_scan_finish(&run.scan), LCM_OK);
        assert_string_equal(run.tag, "v2.0.0-beta_1");
    }
}

/* A tag that goes on with a character that none of ours has is not cut to one of ours. */
static void test_foreign_characters(void **state)
{
    (void)state;
    assert_tag("/releases/tag/1.0.0+1\"/>", "");
    assert_tag("/releases/tag/1.0.0%2B1\"/>", "");
    assert_tag("/releases/tag/1.0.0+1\"/> /releases/tag/0.9.0\"", "0.9.0");
}

static void test_byte_by_byte(void **state)
{
    struct scan_run run;

    (void)state;
    scan_begin(&run);
    for (size_t i = 0; i < sizeof(feed) - 1; i++)
        assert_int_equal(scan_write(&run, feed + i, 1), LCM_OK);
    assert_int_equal(lcm_tag_scan_finish(&run.scan), LCM_OK);
    assert_string_equal(run.tag, "v2.0.0-beta_1");
}

static void test_no_tag(void **state)
{
    (void)state;
    assert_tag("", "");
    assert_tag("<feed></feed>", "");
    assert_tag("/releases/tag", "");
    assert_tag("/releases/tag/", "");
    assert_tag("/releases/tag/\"", "");
    assert_tag("/releases/tag/1.0.0", ""); /* the feed may be cut in the middle of a tag */
    assert_tag("/Releases/tag/1.0.0\"", "");
    assert_tag("/releases/tags/1.0.0\"", "");
    assert_tag("/releases/tag/{tag}\" /releases/tag/v1.0.0\"", "v1.0.0"); /* a placeholder */
}

/* A repository may be called "releases"; slashes may double; a mark may break off. */
static void test_look_alikes(void **state)
{
    (void)state;
    assert_tag("https://github.com/o/releases/releases/tag/v1.0.0\"", "v1.0.0");
    assert_tag("/releases/releases/releases/tag/v1.0.0\"", "v1.0.0");
    assert_tag("//releases/tag/v1.0.0\"", "v1.0.0");
    assert_tag("/releases//releases/tag/v1.0.0\"", "v1.0.0");
    assert_tag("/releases/tag /releases/tag/v1.0.0\"", "v1.0.0");
    assert_tag("/releases/t/releases/tag/v1.0.0\"", "v1.0.0");
    assert_tag("/releases/tag//releases/tag/v1.0.0\"", "v1.0.0");
    assert_tag("/releases/tag/\"/releases/tag/v1.0.0\"", "v1.0.0");
    assert_tag("/rel/releas/releases/tag/v1.0.0<", "v1.0.0");
}

/* What is too long to be a tag of ours is passed over. */
static void test_length_limit(void **state)
{
    (void)state;
    assert_tag("/releases/tag/0123456789012345678901234567890\"",
               "0123456789012345678901234567890");
    assert_tag("/releases/tag/01234567890123456789012345678901\"", "");
    assert_tag("/releases/tag/01234567890123456789012345678901\" /releases/tag/v3\"", "v3");
}

static void test_endless_feed(void **state)
{
    static char piece[4096];
    struct scan_run run;

    (void)state;
    memset(piece, '/', sizeof(piece));
    scan_begin(&run);
    for (uint32_t i = 0; i < LCM_FEED_SIZE_MAX / sizeof(piece); i++)
        assert_int_equal(scan_write(&run, piece, sizeof(piece)), LCM_OK);
    assert_int_equal(scan_write(&run, piece, 1), LCM_ERR_TOO_LONG);
    assert_int_equal(lcm_tag_scan_finish(&run.scan), LCM_ERR_NO_VERSION);
}

/* The tag came early: that the feed is longer than anybody reads takes nothing away. */
static void test_tag_survives_a_long_feed(void **state)
{
    static char piece[4096];
    struct scan_run run;

    (void)state;
    memset(piece, 'x', sizeof(piece));
    scan_begin(&run);
    assert_int_equal(scan_write(&run, feed, sizeof(feed) - 1), LCM_OK);
    while (scan_write(&run, piece, sizeof(piece)) == LCM_OK)
        assert_in_range(run.scan.received, 0, LCM_FEED_SIZE_MAX);
    assert_int_equal(lcm_tag_scan_finish(&run.scan), LCM_OK);
    assert_string_equal(run.tag, "v2.0.0-beta_1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split_everywhere), cmocka_unit_test(test_foreign_characters),
        cmocka_unit_test(test_byte_by_byte),     cmocka_unit_test(test_no_tag),
        cmocka_unit_test(test_look_alikes),      cmocka_unit_test(test_length_limit),
        cmocka_unit_test(test_endless_feed),     cmocka_unit_test(test_tag_survives_a_long_feed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
