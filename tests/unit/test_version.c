// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: versions are parsed strictly and ordered by their numbers.
 * Method: good and bad texts; an ascending list compared pair by pair.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/base/version.h"

static void test_good(void **state)
{
    struct lcm_version version;

    (void)state;
    assert_int_equal(lcm_version_parse("1.2.3", &version), LCM_OK);
    assert_int_equal(version.part[0], 1);
    assert_int_equal(version.part[1], 2);
    assert_int_equal(version.part[2], 3);
    assert_false(version.is_prerelease);
    assert_int_equal(lcm_version_parse("v0.10.999999", &version), LCM_OK);
    assert_int_equal(version.part[1], 10);
    assert_int_equal(version.part[2], 999999);
    assert_int_equal(lcm_version_parse("V3.0.0-rc.1-x", &version), LCM_OK);
    assert_int_equal(version.part[0], 3);
    assert_true(version.is_prerelease);
    assert_int_equal(lcm_version_parse("999999.999999.999999-a", &version), LCM_OK);
    assert_int_equal(lcm_version_parse("1.2.3-4567890123456789a", &version), LCM_OK);
}

static void test_bad(void **state)
{
    static const char *const bad[] = {
        "",
        "v",
        "1",
        "1.2",
        "1.2.",
        "1.2.3.",
        "1.2.3.4",
        ".1.2",
        "1..2",
        "1.2.x",
        "x1.2.3",
        "vv1.2.3",
        "1.2.3-",
        "1.2.3_",
        "1.2.3-a_",
        "1.2.3-a{",
        "1.2.3 ",
        " 1.2.3",
        "-1.2.3",
        "1.2.3+a",
        "1.2.3-\xC3",
        "1.2.1000000",
        "1.2.99999999999999999999",
        "1.2.3-45678901234567890a",
    };
    struct lcm_version version = {{7, 8, 9}, true};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (lcm_version_parse(bad[i], &version) != LCM_ERR_FORMAT)
            fail_msg("accepted \"%s\"", bad[i]);
    }
    assert_int_equal(version.part[0], 7); /* written only on success */
    assert_int_equal(version.part[2], 9);
}

static void test_order(void **state)
{
    static const char *const ascending[] = {"0.0.0-a", "0.0.0",    "0.0.9", "0.0.10-x", "0.0.10",
                                            "0.1.0",   "1.0.0-rc", "1.0.0", "v2.0.0",   "10.0.0"};
    struct lcm_version a, b;

    (void)state;
    for (int i = 0; i < 10; i++) {
        for (int j = 0; j < 10; j++) {
            assert_int_equal(lcm_version_parse(ascending[i], &a), LCM_OK);
            assert_int_equal(lcm_version_parse(ascending[j], &b), LCM_OK);
            int order = lcm_version_compare(&a, &b);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
    assert_int_equal(lcm_version_parse("1.0.0-a", &a), LCM_OK);
    assert_int_equal(lcm_version_parse("1.0.0-b", &b), LCM_OK);
    assert_int_equal(lcm_version_compare(&a, &b), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
