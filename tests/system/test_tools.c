// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the lcm commands for keys, images and flash do what they promise, refuse what
 * they must with one line and the right exit code, never show a secret and never
 * leave a half-written file.
 * Method: drives the real binary in an empty folder; results are checked by OpenSSL
 * and by reading bytes at fixed places, not by lcm itself where that is possible.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <cjson/cJSON.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "lcm/layout.h"
#include "tests/lib/lcm_run.h"

static struct lcm_run run;
static uint8_t bytes[LCM_FLASH_SIZE + 16];

static const char p384_key[] = "-----BEGIN PUBLIC KEY-----\n"
                               "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEqofKIr6LBTeOscce8yCtdG4dO2KLp5uY\n"
                               "WfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3NhfeSpYmLG9dnpi/kpLcKfj0Hb0omhR8\n"
                               "6doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f\n"
                               "-----END PUBLIC KEY-----\n";

static unsigned mode_of(const char *name)
{
    struct stat status;

    assert_int_equal(stat(name, &status), 0);
    return status.st_mode & 0777;
}

static void test_key_new(void **state)
{
    FILE *file = NULL;
    EVP_PKEY *key = NULL;
    char group[32] = "";

    (void)state;
    lcm_run_ok(&run, "key new fresh.pem --json");
    assert_int_equal(mode_of("fresh.pem"), 0600);
    assert_non_null(strstr(run.out, "\"fingerprint\""));
    file = fopen("fresh.pem", "r");
    key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    fclose(file);
    assert_non_null(key);
    assert_int_equal(EVP_PKEY_get_group_name(key, group, sizeof(group), NULL), 1);
    assert_string_equal(group, "prime256v1");
    EVP_PKEY_free(key);
    lcm_run_refused(1, "exists", "key new fresh.pem");
    lcm_run_refused(5, "no such folder", "key new nowhere/fresh.pem");
}

static void test_key_show(void **state)
{
    char text[LCM_RUN_TEXT_SIZE];

    (void)state;
    lcm_run_ok(&run, "key show app.pem --public app.pub.pem");
    memcpy(text, run.out, sizeof(text));
    lcm_run_ok(&run, "key show app.pub.pem");
    assert_string_equal(text, run.out);
    assert_null(strstr(run.out, "PRIVATE"));
    lcm_run_refused(5, "No such", "key show missing.pem");
    lcm_run_refused(1, "no key", "key show ca.pem");
    workshop_write("p384.pem", p384_key, sizeof(p384_key) - 1);
    lcm_run_refused(1, "P-256", "key show p384.pem");
}

static void test_encrypted_key(void **state)
{
    (void)state;
    lcm_run_refused(4, "no password", "key new locked.pem --encrypt");
    assert_false(workshop_exists("locked.pem"));
    workshop_write("password", "correct horse\n", 14);
    lcm_run_ok(&run, "key new locked.pem --encrypt --password-file password");
    assert_true(workshop_read("locked.pem", bytes, sizeof(bytes)) > 0);
    assert_non_null(strstr((const char *)bytes, "BEGIN ENCRYPTED PRIVATE KEY"));
    lcm_run_refused(4, "password is needed", "key show locked.pem");
    lcm_run_ok(&run, "key show locked.pem --password-file password");
    setenv("LCM_KEY_PASSWORD", "wrong", 1);
    lcm_run_refused(4, "wrong password", "key show locked.pem");
    setenv("LCM_KEY_PASSWORD", "correct horse", 1);
    lcm_run_ok(&run, "key show locked.pem");
    unsetenv("LCM_KEY_PASSWORD");
}

static void test_image_inspect(void **state)
{
    cJSON *json = NULL;

    (void)state;
    lcm_run_ok(&run, "image inspect app0.bin --json");
    json = cJSON_Parse(run.out);
    assert_string_equal(cJSON_GetObjectItem(json, "slot")->valuestring, "slot 0");
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(json, "bootable")));
    assert_string_equal(
        cJSON_GetObjectItem(cJSON_GetObjectItem(json, "identity"), "version")->valuestring,
        "1.2.0");
    cJSON_Delete(json);
    lcm_run_refused(3, "no image", "image inspect ca.pem");
    lcm_run_refused(5, "No such", "image inspect missing.bin");
    workshop_write("empty", "", 0);
    lcm_run_refused(3, "no image", "image inspect empty");
    lcm_run_refused(1, "ELF", "image build app0.bin -o x.bin");
    lcm_run_refused(1, "v1 cannot hold", "image build app0.elf -o x.bin --format v1");
    lcm_run_refused(2, "--out is missing", "image build app0.elf");
    lcm_run_refused(2, "--flash-mode", "image build app0.elf -o x.bin --flash-mode fast");
    assert_false(workshop_exists("x.bin"));
}

static void compose(const char *more)
{
    lcm_run_ok(&run,
               "flash compose -o flash.bin --boot boot.bin --slot0 app0.bin --slot1 updater1.bin "
               "--trust trust/certs.sector %s",
               more);
}

static void build_trust(void)
{
    if (!workshop_exists("trust/certs.sector"))
        lcm_run_ok(&run, "trust build --owner owner.pem --release-key release.pem --ca ca.pem "
                         "--repo me/lifecycle --out trust");
}

static void test_flash_compose(void **state)
{
    static const uint8_t config[16] = {0xE1, 1,    0, 0, 0,    2,    0,    0x52,
                                       0,    0x20, 0, 0, 0x00, 0xD0, 0x08, 0};
    static uint8_t image[65536];
    size_t size = 0;

    (void)state;
    build_trust();
    compose("--set led_pin=-2 --set ota_repo=me/lamp");
    assert_int_equal(workshop_read("flash.bin", bytes, sizeof(bytes)), LCM_FLASH_SIZE);
    size = workshop_read("boot.bin", image, sizeof(image));
    assert_memory_equal(bytes, image, size);
    assert_memory_equal(bytes + LCM_BOOTCONF_ADDR, config, sizeof(config));
    size = workshop_read("app0.bin", image, sizeof(image));
    assert_memory_equal(bytes + LCM_SLOT0_ADDR, image, size);
    assert_int_equal(bytes[LCM_SLOT0_ADDR + size], 0xFF);
    size = workshop_read("updater1.bin", image, sizeof(image));
    assert_memory_equal(bytes + LCM_SLOT1_ADDR, image, size);
    size = workshop_read("trust/certs.sector", image, sizeof(image));
    assert_memory_equal(bytes + LCM_TRUST_A_ADDR, image, size);
    /* the sysparam magic and the first key, as the stock API of apps reads them */
    assert_memory_equal(bytes + LCM_SETTINGS_ADDR, "EORp", 4);
    assert_memory_equal(bytes + LCM_SETTINGS_ADDR + 12, "led_pin", 7);
}

static void test_flash_compose_refusals(void **state)
{
    static uint8_t zeros[LCM_SLOT1_IMAGE_SIZE_MAX + 16];
    size_t size = 0;

    (void)state;
    build_trust();
    lcm_run_refused(2, "--trust", "flash compose -o no.bin");
    lcm_run_refused(3, "linked for slot 1",
                    "flash compose -o no.bin --trust trust/certs.sector --slot0 updater1.bin");
    lcm_run_refused(3, "not an image",
                    "flash compose -o no.bin --trust trust/certs.sector --slot0 ca.pem");
    lcm_run_refused(3, "not a boot program",
                    "flash compose -o no.bin --trust trust/certs.sector --boot app0.bin");
    size = workshop_read("updater1.bin", zeros, sizeof(zeros));
    assert_true(size > 0);
    workshop_write("long.bin", zeros, sizeof(zeros));
    lcm_run_refused(3, "do not fit",
                    "flash compose -o no.bin --trust trust/certs.sector --slot1 long.bin");
    lcm_run_refused(2, "KEY=VALUE",
                    "flash compose -o no.bin --trust trust/certs.sector --set ota_repo");
    lcm_run_refused(2, "led_pin",
                    "flash compose -o no.bin --trust trust/certs.sector --set "
                    "led_pin=99");
    lcm_run_refused(3, "trust sector", "flash compose -o no.bin --trust boot.bin");
    assert_false(workshop_exists("no.bin"));
}

#define TELEMETRY_KEY "5e00000000000000000000000000000000000000000000000000000000000000"

static void test_flash_inspect_hides_secrets(void **state)
{
    static const char settings[] = "# home\nwifi_ssid=home\nwifi_password=geheim123\n\n"
                                   "setup_code=4711-0815\nota_repo=me/lamp\n"
                                   "lcm_telemetry=" TELEMETRY_KEY "\n";
    static const char *const views[] = {"", "--json", "--style plain", "--style color"};

    (void)state;
    build_trust();
    workshop_write("lamp.conf", settings, sizeof(settings) - 1);
    compose("--settings lamp.conf");
    assert_int_equal(mode_of("flash.bin"), 0600);
    for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
        lcm_run_ok(&run, "flash inspect flash.bin %s", views[i]);
        assert_null(strstr(run.out, "geheim123"));
        assert_null(strstr(run.out, "4711"));
        assert_null(strstr(run.out, TELEMETRY_KEY));
        assert_non_null(strstr(run.out, "set (9 characters)"));
        assert_non_null(strstr(run.out, "1.2.0"));
        assert_non_null(strstr(run.out, "me/lifecycle"));
    }
    assert_non_null(strstr(run.out, "\033["));
    lcm_run_ok(&run, "flash inspect flash.bin");
    assert_null(strstr(run.out, "\033["));
}

/* Any content of a flash must be drawn without harm: noise, zeros, every bit damaged. */
static void test_flash_inspect_any_content(void **state)
{
    unsigned noise = 1;

    (void)state;
    memset(bytes, 0, LCM_FLASH_SIZE);
    workshop_write("zeros.bin", bytes, LCM_FLASH_SIZE);
    lcm_run_ok(&run, "flash inspect zeros.bin --json");
    for (size_t i = 0; i < LCM_FLASH_SIZE; i++) {
        noise = noise * 1103515245u + 12345u;
        bytes[i] = (uint8_t)(noise >> 16);
    }
    workshop_write("noise.bin", bytes, LCM_FLASH_SIZE);
    lcm_run_ok(&run, "flash inspect noise.bin --style box");
    workshop_write("short.bin", bytes, 4096);
    lcm_run_refused(3, "4,096 bytes", "flash inspect short.bin");
    workshop_write("long.bin", bytes, LCM_FLASH_SIZE + 1);
    lcm_run_refused(1, "larger", "flash inspect long.bin");
}

/* A disk that fills up: exit code 1, the old file whole, no temporary file. */
static void test_no_half_written_output(void **state)
{
    static const char *const lines[] = {
        "flash compose -o out/f --trust trust/certs.sector --boot boot.bin",
        "image build app0.elf -o out/f",
        "release pack plain0.bin --type app --repo me/lamp --file f --version 1.0.0 --key app.pem "
        "--out out",
        "trust build --owner owner.pem --release-key release.pem --ca ca.pem --repo me/x "
        "--out out",
    };

    (void)state;
    build_trust();
    assert_int_equal(mkdir("out", 0777), 0);
    workshop_write("out/f", "old", 3);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        lcm_run_limited(&run, 2000, "%s", lines[i]);
        assert_int_equal(run.code, 1);
        assert_non_null(strstr(run.err, "File too large"));
        assert_int_equal(workshop_count("out"), 1);
        assert_int_equal(workshop_read("out/f", bytes, 16), 3);
        assert_memory_equal(bytes, "old", 3);
    }
    /* the last file of a set is the one that does not fit: none of the set changes */
    memset(bytes, 'x', 20000);
    workshop_write("out/SHA256SUMS", bytes, 20000);
    lcm_run_limited(&run, 12000, "%s", lines[2]);
    assert_int_equal(run.code, 1);
    assert_int_equal(workshop_count("out"), 2);
    assert_int_equal(workshop_read("out/f", bytes, 16), 3);
    lcm_run_refused(5, "no such folder", "image build app0.elf -o missing/folder/x");
    lcm_run_refused(5, "Not a directory", "image build app0.elf -o ca.pem/x");
    if (geteuid() != 0) {
        assert_int_equal(chmod("out", 0555), 0);
        lcm_run_refused(4, "Permission denied", "image build app0.elf -o out/x");
        assert_int_equal(chmod("out", 0777), 0);
    }
}

static int group_open(void **state)
{
    (void)state;
    workshop_open();
    return 0;
}

static int group_close(void **state)
{
    (void)state;
    workshop_close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key_new),
        cmocka_unit_test(test_key_show),
        cmocka_unit_test(test_encrypted_key),
        cmocka_unit_test(test_image_inspect),
        cmocka_unit_test(test_flash_compose),
        cmocka_unit_test(test_flash_compose_refusals),
        cmocka_unit_test(test_flash_inspect_hides_secrets),
        cmocka_unit_test(test_flash_inspect_any_content),
        cmocka_unit_test(test_no_half_written_output),
    };

    return cmocka_run_group_tests(tests, group_open, group_close);
}
