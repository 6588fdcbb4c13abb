// SPDX-License-Identifier: Apache-2.0
/* Start states; see the header. Nothing is cut here but what start_torn_* says. */
#include "tests/power/start_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot/select.h"
#include "core/base/bytes.h"
#include "core/store/settings_area.h"
#include "core/store/state_log.h"
#include "core/update/keys.h"
#include "core/update/records.h"

#define MARKS_KEEP_ADDR (LCM_BOOTCONF_ADDR + 32u)
#define MARKS_SIZE 0x7F0u
#define APP_DATA_ADDR 0x8C000u
#define TORN_EARLY 5u /* flash operation at which the earlier update was cut */
#define TORN_LATE 9u
#define STATE_FILL 50u /* records, of 63 */
#define SETTINGS_LEFT_MAX 120u

static const struct field *start_field;
static struct nor_image start_set_up_image;
static char start_key[2 * LCM_FINGERPRINT_SIZE + 1];

static const struct field_offer first_offer = {
    FIELD_APP_1, FIELD_OTABOOT_1, FIELD_OTAMAIN_1, FIELD_BOOT_1, FIELD_TRUST_1,
};

static void start_require(bool is_ok, const char *what)
{
    if (is_ok)
        return;
    fprintf(stderr, "start_state: %s failed\n", what);
    exit(2);
}

const char *start_state_key(void)
{
    return start_key;
}

/* ---- pieces ---- */

static void put_program(struct subject *subject, enum field_program program)
{
    const struct field_file *file = &start_field->program[program];

    nor_image_put(&subject->flash.image, field_slot_addr(program), file->bytes, file->size);
}

static void put_filled(struct subject *subject, uint32_t addr, uint32_t size, uint64_t seed)
{
    uint8_t sector[LCM_SECTOR_SIZE];

    for (uint32_t done = 0; done < size; done += sizeof(sector)) {
        for (uint32_t i = 0; i < sizeof(sector); i++)
            sector[i] = seed == 0 ? 0 : (uint8_t)nor_random(&seed);
        nor_image_put(&subject->flash.image, addr + done, sector, sizeof(sector));
    }
}

/* Data of the app and of the radio: nobody may touch it. */
static void put_common(struct subject *subject)
{
    put_program(subject, FIELD_BOOT_1); /* by cable: without its version */
    put_program(subject, FIELD_OTAMAIN_1);
    nor_image_put(&subject->flash.image, LCM_TRUST_A_ADDR, start_field->trust[FIELD_TRUST_1].bytes,
                  LCM_TRUST_SIZE);
    put_filled(subject, APP_DATA_ADDR, LCM_SECTOR_SIZE, 31);
    put_filled(subject, LCM_RADIO_ADDR, LCM_RADIO_SIZE, 32);
}

static void put_setting(struct subject *subject, const char *key, const char *value)
{
    struct lcm_settings settings;
    enum lcm_err err = lcm_settings_open(&settings, &subject->flash.port);

    if (err == LCM_ERR_NOT_FOUND)
        err = lcm_settings_format(&settings, &subject->flash.port);
    start_require(err == LCM_OK && lcm_settings_set(&settings, key, value) == LCM_OK, key);
}

static void put_settings(struct subject *subject)
{
    struct lcm_settings settings;

    put_setting(subject, LCM_KEY_WIFI_PASSWORD, START_OLD_PASSWORD);
    put_setting(subject, LCM_KEY_WIFI_SSID, "home");
    put_setting(subject, LCM_KEY_OTA_REPO, FIELD_APP_REPOSITORY);
    /* The region left behind still holds what must never come back. */
    start_require(lcm_settings_open(&settings, &subject->flash.port) == LCM_OK &&
                      lcm_settings_compact(&settings) == LCM_OK,
                  "compaction");
    put_setting(subject, LCM_KEY_WIFI_PASSWORD, "correct horse");
}

/* ---- states ---- */

void start_blank(struct subject *subject)
{
    put_common(subject);
}

static void put_everywhere(struct subject *subject, uint64_t seed)
{
    put_filled(subject, LCM_BOOTCONF_ADDR, LCM_BOOTCONF_SIZE, seed);
    put_filled(subject, LCM_SLOT0_ADDR, 0x8000, seed);
    put_filled(subject, LCM_SCRATCH_ADDR, LCM_SCRATCH_SIZE, seed);
    put_filled(subject, LCM_SETTINGS_ADDR, LCM_SETTINGS_SIZE, seed);
    put_filled(subject, LCM_TRUST_B_ADDR, LCM_TRUST_SIZE, seed);
    put_filled(subject, LCM_STATE_ADDR, LCM_STATE_SIZE, seed);
    put_common(subject);
}

void start_zeros(struct subject *subject)
{
    put_everywhere(subject, 0);
}

void start_garbage(struct subject *subject)
{
    put_everywhere(subject, 4711);
}

/* Sysparam entries as its version 2.2.6 leaves them: a key replaced once, none compacted. */
static void put_reference_settings(struct subject *subject)
{
    static const uint8_t region[] =
        "EORp\x01\x40\x00\x00"
        "\x01\x80\x09\x00wifi_ssid\x01\xA0\x04\x00home"
        "\x02\x80\x0D\x00wifi_password\x02\x20\x14\x00" START_OLD_PASSWORD "\x02\xA0\x0D\x00"
        "correct horse"
        "\x03\x80\x08\x00ota_repo\x03\xA0\x0C\x00someone/lamp"
        "\x04\x80\x0B\x00ota_version\x04\xA0\x05\x00"
        "0.9.0"
        "\x05\x80\x07\x00led_pin\x05\xB0\x01\x00\x02";
    static const uint8_t second[] = "EORp\x01\x80\x00";

    nor_image_put(&subject->flash.image, LCM_SETTINGS_ADDR, region, sizeof(region) - 1);
    nor_image_put(&subject->flash.image, LCM_SETTINGS_ADDR + LCM_SECTOR_SIZE, second,
                  sizeof(second));
}

/* Config of 24 bytes without a checksum, 40 power-ons survived. */
static void put_reference_config(struct subject *subject)
{
    static const uint8_t config[24] = {0xE1, 0x01, 0,    0,    0,    2,    0,    0x42,
                                       0x00, 0x20, 0x00, 0x00, 0x00, 0xD0, 0x08, 0};
    static const uint8_t marks[5] = {0, 0, 0, 0, 0};

    nor_image_put(&subject->flash.image, LCM_BOOTCONF_ADDR, config, sizeof(config));
    nor_image_put(&subject->flash.image, MARKS_KEEP_ADDR, marks, sizeof(marks));
    nor_image_put(&subject->flash.image, MARKS_KEEP_ADDR + MARKS_SIZE, marks, sizeof(marks));
}

void start_reference(struct subject *subject)
{
    static const uint8_t certificate[] = {0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2A, 0x86};

    put_common(subject);
    put_filled(subject, LCM_SCRATCH_ADDR, LCM_SCRATCH_SIZE, 226); /* the end of its updater */
    put_filled(subject, LCM_TRUST_B_ADDR, LCM_TRUST_SIZE, 227);
    nor_image_put(&subject->flash.image, LCM_TRUST_B_ADDR, certificate, sizeof(certificate));
    put_filled(subject, LCM_STATE_ADDR, LCM_STATE_SIZE, 228); /* its spare sector */
    put_reference_settings(subject);
    put_reference_config(subject);
    put_program(subject, FIELD_APP_REFERENCE);
}

void start_without_app(struct subject *subject)
{
    put_common(subject);
    put_settings(subject);
}

void start_with_installer(struct subject *subject)
{
    static uint8_t blank[FIELD_IMAGE_SIZE_MAX];

    memset(blank, 0xFF, sizeof(blank));
    start_without_app(subject);
    nor_image_put(&subject->flash.image, LCM_SLOT1_ADDR, blank, sizeof(blank));
    put_program(subject, FIELD_OTABOOT_1);
}

void start_set_up(struct subject *subject)
{
    nor_image_free(&subject->flash.image);
    nor_image_copy(&subject->flash.image, &start_set_up_image);
}

/* ---- an update that was cut ---- */

struct torn {
    struct subject *subject;
    struct nor_image image;
    uint32_t at;
};

static void torn_observe(void *observer, const struct nor_operation *operation, uint32_t number)
{
    struct torn *torn = observer;

    if (number != torn->at)
        return;
    nor_image_copy(&torn->image, &torn->subject->flash.image);
    nor_cut(&torn->image, operation, NOR_BITS, 99);
}

static void start_torn(struct subject *subject, uint32_t at)
{
    struct torn torn = {.subject = subject, .at = at};
    struct field_offer offer = subject->net.offer;

    start_set_up(subject);
    subject->net.offer = first_offer;
    subject->net.offer.app = FIELD_APP_2;
    subject->flash.observer = &torn;
    subject->flash.observe = torn_observe;
    start_require(subject_run(subject, true) == SUBJECT_APP, "update to be torn");
    start_require(subject->flash.operations > at, "cut of the update to be torn");
    subject->flash.observe = NULL;
    subject->net.offer = offer;
    nor_image_free(&subject->flash.image);
    subject->flash.image = torn.image;
    subject_lose_power(subject);
}

void start_torn_early(struct subject *subject)
{
    start_torn(subject, TORN_EARLY);
}

void start_torn_late(struct subject *subject)
{
    start_torn(subject, TORN_LATE);
}

/* ---- damage ---- */

void start_damaged_seen(struct subject *subject)
{
    const struct field_file *app = &start_field->program[FIELD_APP_1];
    uint8_t byte = app->bytes[app->size - 5] ^ 0x01; /* of the RAM segment */

    start_set_up(subject);
    nor_image_put(&subject->flash.image, LCM_SLOT0_ADDR + app->size - 5, &byte, 1);
}

void start_damaged_unseen(struct subject *subject)
{
    start_set_up(subject);
    put_program(subject, FIELD_APP_1_DAMAGED);
}

/* ---- full ---- */

void start_settings_full(struct subject *subject)
{
    struct lcm_settings settings;
    char value[80];
    uint32_t turn = 0;

    start_set_up(subject);
    do {
        snprintf(value, sizeof(value), "turn %03u of a value that is rather long: %s",
                 (unsigned)turn++ % 1000u, "0123456789abcdefghij");
        put_setting(subject, LCM_KEY_OTA_STRING, value);
        start_require(lcm_settings_open(&settings, &subject->flash.port) == LCM_OK, "settings");
    } while (lcm_settings_area_free_size(&settings) > SETTINGS_LEFT_MAX);
    put_setting(subject, LCM_KEY_OTA_STRING, "old");
}

static void fill_state_log(struct subject *subject)
{
    struct lcm_state_log log;

    start_require(lcm_state_open(&log, &subject->flash.port) == LCM_OK, "state log");
    uint64_t floor_s = lcm_record_time_floor(&log);
    for (uint32_t i = 0; log.next < STATE_FILL + 12u; i++)
        start_require(lcm_record_time_floor_raise(&log, floor_s + 1 + i) == LCM_OK, "time floor");
}

void start_state_full(struct subject *subject)
{
    start_set_up(subject);
    fill_state_log(subject);
}

void start_state_full_without_app(struct subject *subject)
{
    start_without_app(subject);
    fill_state_log(subject);
}

/* The last mark is used up: the next power-on rewrites the sector. */
void start_marks_full(struct subject *subject)
{
    static const uint8_t zeros[MARKS_SIZE] = {0};
    static const uint8_t one[4] = {1, 0, 0, 0};
    static const uint8_t led = 0x42;

    start_set_up(subject);
    nor_image_put(&subject->flash.image, LCM_BOOTCONF_ADDR + 7, &led, 1);
    nor_image_put(&subject->flash.image, MARKS_KEEP_ADDR, zeros, sizeof(zeros));
    nor_image_put(&subject->flash.image, MARKS_KEEP_ADDR + MARKS_SIZE, zeros, sizeof(zeros));
    nor_image_put(&subject->flash.image, MARKS_KEEP_ADDR + 2 * MARKS_SIZE - 4, one, sizeof(one));
}

/* ---- gestures ---- */

static void start_cycles(struct subject *subject, uint32_t cycles)
{
    struct lcm_boot_choice choice;

    start_set_up(subject);
    for (uint32_t i = 1; i < cycles; i++) {
        subject_lose_power(subject);
        start_require(lcm_boot_select(&subject->flash.port, &subject->system, true, &choice) ==
                          LCM_OK,
                      "short power cycle");
    }
}

void start_cycles_8(struct subject *subject)
{
    start_cycles(subject, 8);
}

void start_cycles_14(struct subject *subject)
{
    start_cycles(subject, 14);
}

/* ---- once ---- */

void start_state_open(const struct field *field)
{
    static struct subject subject;

    start_field = field;
    for (uint32_t i = 0; i < LCM_FINGERPRINT_SIZE; i++)
        snprintf(start_key + 2 * i, 3, "%02x", field->keys.fingerprint[FIXTURE_APP][i]);
    subject_init(&subject, field, &first_offer);
    start_without_app(&subject);
    start_require(subject_run(&subject, true) == SUBJECT_APP, "first installation");
    start_require(subject_program_at(&subject, LCM_SLOT0_ADDR) == FIELD_APP_1, "app 1");
    nor_image_copy(&start_set_up_image, &subject.flash.image);
}
