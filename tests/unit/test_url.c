// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: URLs are split byte for byte or refused, and redirects lead only where they may.
 * Method: tables of good and bad addresses, among them real shapes of GitHub's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/fetch/url.h"

static void good_urls(void **state)
{
    const struct {
        const char *url;
        const char *host;
        uint16_t port;
        bool is_plain;
        const char *path;
    } cases[] = {
        {"https://github.com/a/b/releases/latest", "github.com", 443, false,
         "/a/b/releases/latest"},
        {"http://192.168.1.2:8080/otaboot.bin", "192.168.1.2", 8080, true, "/otaboot.bin"},
        {"HTTPS://GitHub.com", "GitHub.com", 443, false, "/"},
        {"https://h/", "h", 443, false, "/"},
        {"https://h:1/x", "h", 1, false, "/x"},
        {"https://h:65535/x", "h", 65535, false, "/x"},
        {"https://release-assets.githubusercontent.com/p/1?sp=r&sig=a%2Bb%3D&jwt=e.y-_~:@!$'()*,;",
         "release-assets.githubusercontent.com", 443, false,
         "/p/1?sp=r&sig=a%2Bb%3D&jwt=e.y-_~:@!$'()*,;"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct lcm_url url;

        if (lcm_url_split(cases[i].url, &url) != LCM_OK)
            fail_msg("%s", cases[i].url);
        assert_string_equal(url.host, cases[i].host);
        assert_string_equal(url.path, cases[i].path);
        assert_int_equal(url.port, cases[i].port);
        assert_int_equal(url.is_plain, cases[i].is_plain);
        if (url.path[1] != '\0') /* points into the URL: nothing was copied */
            assert_ptr_equal(url.path, cases[i].url + strlen(cases[i].url) - strlen(url.path));
    }
}

static void bad_urls(void **state)
{
    const char *const urls[] = {
        "",
        "/releases/latest",
        "ftp://h/",
        "https:/h/",
        "https://",
        "https:///x",
        "h/x",
        "https://user@h/",
        "https://user:pw@h/",
        "https://h:/x",
        "https://h:0/",
        "https://h:65536/",
        "https://h:123456/",
        "https://h:8x/",
        "https://h?q",
        "https://h/a b",
        "https://h/a\tb",
        "https://h/a\r\nX: y",
        "https://h/\x7F",
        "https://h/\xC3\xA9",
        "https://h/a#b",
        "https://h#b",
        "https://-h/",
        "https://h-/",
        "https://h..i/",
        "https://.h/",
        "https://h./",
        "https://h%2e/",
        "https://[::1]/",
        "https://h\\/",
        "https://h /",
        "https://a23456789012345678901234567890.222222222222222222222222222222222/",
    };

    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct lcm_url url = {.port = 77};

        if (lcm_url_split(urls[i], &url) != LCM_ERR_FORMAT)
            fail_msg("%s", urls[i]);
        assert_int_equal(url.port, 77); /* not written */
    }
}

static void longest_host_and_url(void **state)
{
    static char text[LCM_URL_SIZE + 1];
    struct lcm_url url;

    (void)state;
    assert_int_equal(
        lcm_url_split("https://a23456789012345678901234567890.22222222222222222222222222222222/",
                      &url),
        LCM_OK);
    assert_int_equal(strlen(url.host), 63);
    assert_true(lcm_url_host_is_valid(url.host));
    assert_false(
        lcm_url_host_is_valid("a23456789012345678901234567890.222222222222222222222222222222222"));
    memset(text, 'a', sizeof text);
    memcpy(text, "https://h/", 10);
    text[LCM_URL_SIZE - 1] = '\0';
    assert_int_equal(lcm_url_split(text, &url), LCM_OK);
    text[LCM_URL_SIZE - 1] = 'a';
    text[LCM_URL_SIZE] = '\0';
    assert_int_equal(lcm_url_split(text, &url), LCM_ERR_TOO_LONG);
}

static void tags(void **state)
{
    const struct {
        const char *url;
        const char *tag; /* NULL = LCM_ERR_NO_VERSION */
    } cases[] = {
        {"https://github.com/o/r/releases/tag/v1.2.3", "v1.2.3"},
        {"https://github.com/o/r/releases/tag/2.2.6-rc_1", "2.2.6-rc_1"},
        {"https://h/releases/tag/a/releases/tag/b", "b"},
        {"https://h/o/r/releases/tag/0123456789012345678901234567890",
         "0123456789012345678901234567890"},
        {"https://h/o/r/releases/tag/01234567890123456789012345678901", NULL},
        {"https://github.com/o/r/releases", NULL},
        {"https://github.com/o/r/releases/tag/", NULL},
        {"https://github.com/o/r/releases/tag", NULL},
        {"https://github.com/o/r/releases/tag/v1/x", NULL},
        {"https://github.com/o/r/releases/tag/v1?x=1", NULL},
        {"https://github.com/o/r/releases/tag/v1%2F", NULL},
        {"https://github.com/o/r/releases/tag/v1~2", NULL},
        {"https://github.com/o/r/releases/tags/v1", NULL},
        {"tag/v1", NULL},
        {"v1", NULL},
        {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char tag[LCM_TAG_SIZE] = "before";
        enum lcm_err err = lcm_url_parse_tag(cases[i].url, tag);

        if (err != (cases[i].tag != NULL ? LCM_OK : LCM_ERR_NO_VERSION))
            fail_msg("%s gave %s", cases[i].url, lcm_err_name(err));
        assert_string_equal(tag, cases[i].tag != NULL ? cases[i].tag : "");
    }
}

static void release_paths(void **state)
{
    char path[LCM_PATH_SIZE];
    char name[LCM_PATH_SIZE + 3] = "o/";

    (void)state;
    assert_int_equal(lcm_url_latest_path(path, "owner/name"), LCM_OK);
    assert_string_equal(path, "/owner/name/releases/latest");
    assert_int_equal(lcm_url_download_path(path, "o/r", "v1.0.0", "main.bin"), LCM_OK);
    assert_string_equal(path, "/o/r/releases/download/v1.0.0/main.bin");
    assert_int_equal(lcm_url_latest_path(path, "owner"), LCM_ERR_FORMAT);
    assert_string_equal(path, "");
    assert_int_equal(lcm_url_latest_path(path, "o/r\r\nX: y"), LCM_ERR_FORMAT);
    assert_int_equal(lcm_url_latest_path(path, "../.."), LCM_ERR_FORMAT);
    assert_int_equal(lcm_url_download_path(path, "o/r", "v 1", "f"), LCM_ERR_FORMAT);
    assert_int_equal(lcm_url_download_path(path, "o/r", "v1", "a/b"), LCM_ERR_FORMAT);
    memset(name + 2, 'n', LCM_PATH_SIZE);
    assert_int_equal(lcm_url_latest_path(path, name), LCM_ERR_TOO_LONG);
    assert_int_equal(lcm_url_download_path(path, name, "v1", "f"), LCM_ERR_TOO_LONG);
}

/* The longest names a signed file may carry still fit. */
static void longest_release_path_fits(void **state)
{
    char repository[LCM_REPOSITORY_SIZE] = "o/";
    char tag[LCM_TAG_SIZE] = "";
    char file[LCM_FILE_SIZE + 9] = "";
    char path[LCM_PATH_SIZE];

    (void)state;
    memset(repository + 2, 'r', sizeof repository - 3);
    memset(tag, '1', sizeof tag - 1);
    memset(file, 'f', LCM_FILE_SIZE - 1);
    strcat(file, ".manifest");
    assert_int_equal(lcm_url_download_path(path, repository, tag, file), LCM_OK);
}

static void redirects(void **state)
{
    const struct lcm_trust trust = {
        .host = "github.com", .suffix_count = 1, .suffix = {"githubusercontent.com"}};
    const struct {
        const char *location;
        enum lcm_err err;
    } cases[] = {
        {"https://github.com/o/r/releases/tag/v1", LCM_OK},
        {"https://release-assets.githubusercontent.com/x?y", LCM_OK},
        {"https://GITHUBUSERCONTENT.com/x", LCM_OK},
        {"http://github.com/o/r", LCM_ERR_REDIRECT},
        {"https://evil.example/x", LCM_ERR_REDIRECT},
        {"https://evilgithubusercontent.com/x", LCM_ERR_REDIRECT},
        {"https://githubusercontent.com.evil.example/x", LCM_ERR_REDIRECT},
        {"https://github.com@evil.example/x", LCM_ERR_REDIRECT},
        {"https://evil.example/https://github.com/", LCM_ERR_REDIRECT},
        {"/o/r/releases/tag/v1", LCM_ERR_REDIRECT},
        {"//github.com/x", LCM_ERR_REDIRECT},
        {"", LCM_ERR_REDIRECT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct lcm_url url = {.port = 77};

        if (lcm_redirect_check(&trust, cases[i].location, &url) != cases[i].err)
            fail_msg("%s", cases[i].location);
        assert_int_equal(url.port, cases[i].err == LCM_OK ? 443 : 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_urls),
        cmocka_unit_test(bad_urls),
        cmocka_unit_test(longest_host_and_url),
        cmocka_unit_test(tags),
        cmocka_unit_test(release_paths),
        cmocka_unit_test(longest_release_path_fits),
        cmocka_unit_test(redirects),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
