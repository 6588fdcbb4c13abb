// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: what the command line makes, a device accepts; what the reference left on flash, it
 * keeps; what a device tells on the network holds no secret.
 * Method: keys, certificates, releases and the flash image by `lcm` commands as a user types
 * them; a settings area in the bytes of the reference; a socket for the plain-text log.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/update/keys.h"
#include "tests/lib/fixture_device.h"
#include "tests/lib/fixture_flash.h"
#include "tests/lib/fixture_image.h"
#include "tests/lib/fixture_release.h"
#include "tests/lib/fixture_syslog.h"

#define WORDS_MAX 32u
#define COMMAND_TIMEOUT_MS 20000u

/* Run "lcm" with the words of a line; paths in it must hold no space. The exit code. */
static int lcm_try(struct fixture_world *world, const char *line)
{
    const char *arguments[WORDS_MAX] = {fixture_lcm()};
    char words[4 * FIXTURE_PATH_SIZE], output[FIXTURE_PATH_SIZE], *rest = NULL;
    size_t count = 1;

    snprintf(words, sizeof(words), "%s", line);
    for (char *word = strtok_r(words, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        assert_true(count + 1 < WORDS_MAX);
        arguments[count++] = word;
    }
    arguments[count] = NULL;
    fixture_join(output, world->folder, "lcm.txt");
    return fixture_process_run(arguments, output, COMMAND_TIMEOUT_MS);
}

static void lcm(struct fixture_world *world, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void lcm(struct fixture_world *world, const char *format, ...)
{
    char line[4 * FIXTURE_PATH_SIZE];
    va_list values;

    va_start(values, format);
    vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    int code = lcm_try(world, line);
    if (code != 0)
        fail_msg("lcm %s: exit code %d, see %s/lcm.txt.err", line, code, world->folder);
}

/* An image as a linker would make it, in the test's folder. */
static void write_image(struct fixture_world *world, const struct fixture_file *file,
                        const char *name)
{
    char path[FIXTURE_PATH_SIZE];

    fixture_join(path, world->folder, name);
    fixture_write_file(path, file->image, file->spec.image_size);
}

static void make_folder(struct fixture_world *world, const char *name)
{
    char path[FIXTURE_PATH_SIZE];

    fixture_join(path, world->folder, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void make_keys_and_certificates(struct fixture_world *world)
{
    const char *here = world->folder, *base = world->base;

    lcm(world, "key new %s/owner.pem", here);
    lcm(world, "key new %s/release.pem", here);
    lcm(world, "key new %s/app.pem", here);
    make_folder(world, "suite");
    make_folder(world, "app");
    lcm(world,
        "trust build --owner %s/owner.pem --release-key %s/release.pem --ca "
        "%s/state/ca/ecc-root.pem "
        "--ca %s/state/ca/ecc-intermediate.pem --ca %s/state/ca/rsa-root.pem "
        "--repo %s --host github.com --host-suffix githubusercontent.com --out %s/suite",
        here, here, base, base, base, FIXTURE_SUITE_REPOSITORY, here);
}

static void pack(struct fixture_world *world, const struct fixture_file *file, const char *type,
                 const char *key, const char *folder)
{
    const char *here = world->folder;

    write_image(world, file, file->spec.file);
    lcm(world,
        "release pack %s/%s --type %s --repo %s --file %s --version %s --key %s/%s --slot %u "
        "--out %s/%s",
        here, file->spec.file, type, file->spec.repository, file->spec.file, file->spec.version,
        here, key, file->spec.slot_addr == LCM_SLOT0_ADDR ? 0u : 1u, here, folder);
}

/* Put what the commands made where the server finds it, as an upload would. */
static void upload(struct fixture_world *world, const char *folder, const char *repository,
                   const char *tag)
{
    char from[2 * FIXTURE_PATH_SIZE], to[2 * FIXTURE_PATH_SIZE];
    const char *const copy[] = {"cp", "-rT", from, to, NULL};

    snprintf(from, sizeof(from), "%s/%s", world->folder, folder);
    snprintf(to, sizeof(to), "%s/%s/%s", world->root, repository, tag);
    assert_int_equal(fixture_process_run(copy, "/dev/null", COMMAND_TIMEOUT_MS), 0);
}

/* Goal: from `lcm key new` to a running app with commands alone; a fault by `lcm serve --send`
 * keeps an update away until it is cleared. */
static void test_commands_alone(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;
    const char *here = world->folder;

    make_keys_and_certificates(world);
    for (unsigned slot = 0; slot < 2; slot++) {
        fixture_updater(world, &file, slot, "3.0.0", 1);
        pack(world, &file, "updater", "release.pem", "suite");
    }
    upload(world, "suite", FIXTURE_SUITE_REPOSITORY, "3.0.0");
    fixture_app(world, &file, "3.0.0", 1);
    pack(world, &file, "app", "app.pem", "app");
    upload(world, "app", FIXTURE_REPOSITORY, "3.0.0");
    lcm(world,
        "flash compose --out %s/flash.bin --slot0 %s/suite/otaboot.bin --trust "
        "%s/suite/certs.sector --set wifi_ssid=home --set ota_repo=%s",
        here, here, here, FIXTURE_REPOSITORY);
    fixture_device_run(world, NULL);
    fixture_expect_app(world, "3.0.0");

    fixture_app(world, &file, "3.1.0", 2);
    pack(world, &file, "app", "app.pem", "app");
    upload(world, "app", FIXTURE_REPOSITORY, "3.1.0");
    lcm(world, "serve --state %s/state --send 404@asset", world->base);
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, strcmp(fixture_device_result(world), "HTTP_NOT_FOUND") == 0);
    lcm(world, "serve --state %s/state --send clear", world->base);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "3.1.0");
}

/* ---- what the reference left ---- */

/* One entry of a sysparam region: u16 flags and id, u16 length, payload. */
static size_t put_entry(uint8_t *at, uint16_t flags, const char *text, size_t length)
{
    at[0] = (uint8_t)flags;
    at[1] = (uint8_t)(flags >> 8);
    at[2] = (uint8_t)length;
    at[3] = 0;
    memcpy(at + 4, text, length);
    return 4 + length;
}

static size_t put_text(uint8_t *at, uint16_t id, const char *key, const char *value)
{
    size_t used = put_entry(at, (uint16_t)(0x8000 | id), key, strlen(key));

    return used + put_entry(at + used, (uint16_t)(0xA000 | id), value, strlen(value));
}

/* A fresh area of the reference: header "EORp", first region active, keys of user and app. */
static void put_reference_settings(struct fixture_world *world)
{
    static uint8_t area[LCM_SETTINGS_SIZE];
    const uint8_t active[8] = {'E', 'O', 'R', 'p', 0x01, 0x40, 0, 0};
    const uint8_t second[8] = {'E', 'O', 'R', 'p', 0x01, 0x80, 0, 0};
    size_t used = sizeof(active);

    memset(area, 0xFF, sizeof(area));
    memcpy(area, active, sizeof(active));
    memcpy(area + LCM_SECTOR_SIZE, second, sizeof(second));
    used += put_text(area + used, 1, "wifi_ssid", "home");
    used += put_text(area + used, 2, "wifi_password", FIXTURE_PASSWORD);
    used += put_text(area + used, 3, "ota_repo", FIXTURE_REPOSITORY);
    used += put_entry(area + used, 0x8004, "led_pin", 7);
    used += put_entry(area + used, 0xB004, "\x0D", 1);
    used += put_entry(area + used, 0x8005, "hap_setup", 9);
    used += put_entry(area + used, 0xB005, "\x00\x01\x02\xFF\xFE", 5);
    fixture_flash_poke(world, LCM_SETTINGS_ADDR, area, sizeof(area));
}

static const struct lcm_setting *find_setting(const struct fixture_world *world, const char *key)
{
    for (size_t i = 0; i < world->view.setting_count; i++) {
        if (strcmp(world->view.settings[i].key, key) == 0)
            return &world->view.settings[i];
    }
    fail_msg("setting %s is gone", key);
    return NULL;
}

/* Goal: settings in the layout of the reference are understood, and survive an update and a key
 * being pinned; binary values too. */
static void test_settings_of_the_reference(void **state)
{
    struct fixture_world *world = *state;

    put_reference_settings(world);
    fixture_publish_app(world, "1.1.0", 2);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.1.0");
    const struct lcm_setting *led = find_setting(world, "led_pin");
    EXPECT(world, led->is_binary && led->size == 1 && led->value[0] == 13);
    const struct lcm_setting *app = find_setting(world, "hap_setup");
    EXPECT(world,
           app->is_binary && app->size == 5 && memcmp(app->value, "\x00\x01\x02\xFF\xFE", 5) == 0);
    EXPECT(world, strcmp(fixture_setting(world, LCM_KEY_WIFI_PASSWORD), FIXTURE_PASSWORD) == 0);
}

/* ---- reports ---- */

/* Goal: the plain-text lines that users of the reference watch tell the story, without secret. */
static void test_plain_text_log(void **state)
{
    static struct fixture_syslog lines;
    struct fixture_world *world = *state;

    fixture_publish_app(world, "1.1.0", 2);
    fixture_syslog_open(&lines);
    fixture_device_run(world, "--check", "--broadcast", lines.address, NULL);
    fixture_syslog_close(&lines);
    fixture_expect_app(world, "1.1.0");
    EXPECT(world, lines.count >= 3);
    EXPECT(world, fixture_syslog_contains(&lines, "LCM 5ccf7f000001 BOOT"));
    EXPECT(world, fixture_syslog_contains(&lines, "app installed"));
    EXPECT(world, !fixture_syslog_contains(&lines, FIXTURE_PASSWORD));
}

/* Goal: syslog tells an update from start to end, in RFC 5424, also without a clock. */
static void test_syslog_of_an_update(void **state)
{
    static struct fixture_syslog syslog;
    struct fixture_world *world = *state;
    char id[FIXTURE_SYSLOG_ID_SIZE];

    fixture_publish_app(world, "1.1.0", 2);
    fixture_syslog_open(&syslog);
    fixture_flash_set(world, LCM_KEY_SYSLOG, syslog.address);
    fixture_device_run(world, "--check", "--time", "none", NULL);
    fixture_syslog_close(&syslog);
    fixture_expect_app(world, "1.1.0");
    EXPECT(world, fixture_syslog_messages(&syslog, "BOOT") == 1);
    EXPECT(world, fixture_syslog_messages(&syslog, "UPDATE") >= 2);
    EXPECT(world, fixture_syslog_messages(&syslog, "CHECK") == 1);
    for (size_t i = 0; i < syslog.count; i++)
        EXPECT(world, fixture_syslog_parse(syslog.message[i], id));
    EXPECT(world, !fixture_syslog_contains(&syslog, FIXTURE_PASSWORD));
    EXPECT(world, !fixture_syslog_contains(&syslog, "home"));
}

/* Goal: a forged release is told with severity CRITICAL (facility local or user). */
static void test_syslog_of_a_forgery(void **state)
{
    static struct fixture_syslog syslog;
    struct fixture_world *world = *state;
    struct fixture_file file;
    unsigned priority = 99;

    fixture_app(world, &file, "1.1.0", 2);
    file.key = FIXTURE_THIEF;
    fixture_publish(world, &file);
    fixture_syslog_open(&syslog);
    fixture_flash_set(world, LCM_KEY_SYSLOG, syslog.address);
    fixture_device_run(world, "--check", NULL);
    fixture_syslog_close(&syslog);
    fixture_expect_kept(world, "KEY_UNKNOWN");
    EXPECT(world, fixture_syslog_messages(&syslog, "SIGINVALID") == 1);
    for (size_t i = 0; i < syslog.count; i++) {
        if (strstr(syslog.message[i], "SIGINVALID") != NULL)
            EXPECT(world, sscanf(syslog.message[i], "<%u>", &priority) == 1 && priority % 8 == 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_commands_alone),      FIXTURE_TEST(test_settings_of_the_reference),
        FIXTURE_TEST(test_plain_text_log),      FIXTURE_TEST(test_syslog_of_an_update),
        FIXTURE_TEST(test_syslog_of_a_forgery),
    };

    return FIXTURE_MAIN("tools", tests);
}
