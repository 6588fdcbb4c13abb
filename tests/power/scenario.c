// SPDX-License-Identifier: Apache-2.0
/* The scenarios as a table, and the judgement; see the header. */
#include "tests/power/scenario.h"

#include <stdio.h>
#include <string.h>

#include "core/update/keys.h"
#include "core/update/records.h"
#include "tests/lib/stock_sysparam.h"
#include "tests/power/acts.h"
#include "tests/power/start_state.h"

#define CONFIG_MAGIC 0xE1u
#define CONFIG_LED_OFFSET 7u
#define NETWORK_SETTINGS 2u /* the first ones of every scenario */
#define LONG_VALUE ACT_LONG_VALUE

/* The settings of a device that was set up; the key is known once the field is. */
static char pinned_key[2 * LCM_FINGERPRINT_SIZE + 1];

#define SET_UP_BUT(version_before, version_after) \
    {LCM_KEY_WIFI_SSID, "home", "home"}, \
        {LCM_KEY_WIFI_PASSWORD, "correct horse", "correct horse"}, \
        {LCM_KEY_OTA_REPO, FIELD_APP_REPOSITORY, FIELD_APP_REPOSITORY}, \
    { \
        LCM_KEY_OTA_VERSION, version_before, version_after \
    }
#define SET_UP \
    SET_UP_BUT("1.0.0", "1.0.0"), \
    { \
        LCM_KEY_APP_KEY, pinned_key, pinned_key \
    }
#define INSTALLING \
    SET_UP_BUT(NULL, "1.0.0"), \
    { \
        LCM_KEY_APP_KEY, NULL, pinned_key \
    }
#define UPDATING \
    SET_UP_BUT("1.0.0", "2.0.0"), \
    { \
        LCM_KEY_APP_KEY, pinned_key, pinned_key \
    }
#define BEING_SET_UP \
    {LCM_KEY_WIFI_SSID, NULL, "home"}, {LCM_KEY_WIFI_PASSWORD, NULL, "correct horse"}, \
        {LCM_KEY_OTA_REPO, NULL, FIELD_APP_REPOSITORY}, {LCM_KEY_OTA_STRING, NULL, "for the app"}, \
        {LCM_KEY_OTA_VERSION, NULL, "1.0.0"}, \
    { \
        LCM_KEY_APP_KEY, NULL, pinned_key \
    }

#define OFFER(app, updater, boot, trust) \
    { \
        FIELD_APP_##app, FIELD_OTABOOT_##updater, FIELD_OTAMAIN_##updater, FIELD_BOOT_##boot, \
            FIELD_TRUST_##trust \
    }
#define GOAL(app_, updater_, boot_, trust_) \
    .app = FIELD_APP_##app_, .updater = FIELD_OTAMAIN_##updater_, .boot = FIELD_BOOT_##boot_, \
    .trust = FIELD_TRUST_##trust_

#include "tests/power/scenario_table.h"

const uint32_t scenario_count = sizeof(scenario_table) / sizeof(scenario_table[0]);

void scenario_list(FILE *out)
{
    for (uint32_t i = 0; i < scenario_count; i++)
        fprintf(out, "%s%s", i % 8 == 0 ? "\n    " : " ", scenario_table[i].name);
    fprintf(out, "\n");
}

void scenario_open(const struct field *field)
{
    start_state_open(field);
    snprintf(pinned_key, sizeof(pinned_key), "%s", start_state_key());
}

/* ---- settings ---- */

static const char *setting_or_nothing(const char *value)
{
    return value != NULL ? value : "";
}

/* An app reads what it finds: old or new, and never old after new. */
static void scenario_look_at(const struct scenario *scenario, struct subject *subject)
{
    char value[LCM_SETTING_TEXT_SIZE];

    for (uint32_t i = 0; scenario->setting[i].key != NULL; i++) {
        const struct scenario_setting *setting = &scenario->setting[i];
        const char *before = setting_or_nothing(setting->before);
        const char *after = setting_or_nothing(setting->after);

        (void)stock_sysparam_get(&subject->flash.port, setting->key, value);
        if (strcmp(value, after) == 0 && strcmp(before, after) != 0)
            subject->seen_after |= 1u << i;
        else if (strcmp(value, before) == 0 && (subject->seen_after & 1u << i) != 0 &&
                 !subject->is_weak)
            subject_fail(subject, "setting %s came back from the dead", setting->key);
    }
}

/* All settings, by the stock reader, after the updater had them open. */
void scenario_judge_settings(const struct scenario *scenario, struct subject *subject,
                             bool is_complete)
{
    char value[LCM_SETTING_TEXT_SIZE];
    uint32_t before_count = 0;
    uint32_t after_count = 0;
    uint32_t gone_count = 0; /* of the settings behind the network's two */
    uint32_t count = 0;

    for (; scenario->setting[count].key != NULL; count++) {
        const struct scenario_setting *setting = &scenario->setting[count];
        bool is_before, is_after;

        (void)stock_sysparam_get(&subject->flash.port, setting->key, value);
        is_before = strcmp(value, setting_or_nothing(setting->before)) == 0;
        is_after = strcmp(value, setting_or_nothing(setting->after)) == 0;
        before_count += is_before;
        after_count += is_after;
        gone_count += count >= NETWORK_SETTINGS && value[0] == '\0';
        if (!is_after && (is_complete || !is_before))
            subject_fail(subject, "setting %s is \"%.40s\"", setting->key, value);
    }
    if (scenario->goal.is_atomic && before_count != count && after_count != count)
        subject_fail(subject, "some settings are new and some are not");
    if (scenario->goal.is_reset && gone_count != 0 && gone_count != count - NETWORK_SETTINGS)
        subject_fail(subject, "some settings are gone and some are not");
    scenario_look_at(scenario, subject);
}

static const struct scenario *look_scenario;

static void scenario_look(struct subject *subject)
{
    scenario_look_at(look_scenario, subject);
}

/* ---- the rest of flash ---- */

static void judge_trust(const struct scenario *scenario, struct subject *subject)
{
    static const uint32_t addr[] = {LCM_TRUST_A_ADDR, LCM_TRUST_B_ADDR};
    const struct field_file *wanted = &subject->field->trust[scenario->goal.trust];
    uint32_t active = 0;

    for (uint32_t i = 0; i < 2; i++) {
        /* An older sector whose end had begun: the newer one counts, whatever this one reads as. */
        if (nor_image_byte(&subject->flash.image, addr[i]) != LCM_TRUST_ACTIVE ||
            (nor_image_is_weak(&subject->flash.image, addr[i], 1) &&
             !nor_image_equals(&subject->flash.image, addr[i], wanted->bytes, LCM_TRUST_SIZE)))
            continue;
        active++;
        if (!nor_image_equals(&subject->flash.image, addr[i], wanted->bytes, LCM_TRUST_SIZE))
            subject_fail(subject, "another trust sector is in force");
    }
    if (active != 1)
        subject_fail(subject, "%u trust sectors are in force", (unsigned)active);
}

static void judge_untouched(const struct scenario *scenario, struct subject *subject,
                            const struct nor_image *start)
{
    uint32_t data = (LCM_SLOT0_ADDR + LCM_SLOT0_IMAGE_SIZE_MAX) / LCM_SECTOR_SIZE;

    if (scenario->may_erase_radio)
        return;
    if (!nor_image_same_sector(&subject->flash.image, start, data))
        subject_fail(subject, "the app's data was touched");
    for (uint32_t i = LCM_RADIO_ADDR / LCM_SECTOR_SIZE; i < NOR_SECTORS; i++)
        if (!nor_image_same_sector(&subject->flash.image, start, i))
            subject_fail(subject, "radio data in sector %02x was touched", (unsigned)i);
}

/* But for the version text, which names the release that brought the program, if any. */
static void judge_boot_program(const struct scenario *scenario, struct subject *subject)
{
    uint8_t sector[LCM_SECTOR_SIZE];

    field_boot_sector(subject->field, (enum field_program)scenario->goal.boot, sector);
    if (!nor_image_equals(&subject->flash.image, LCM_BOOT_ADDR, sector, LCM_BOOT_VERSION_OFFSET))
        subject_fail(subject, "the boot program is not the wanted one");
}

static void judge_programs(const struct scenario *scenario, struct subject *subject)
{
    int app = subject_program_at(subject, LCM_SLOT0_ADDR);

    judge_boot_program(scenario, subject);
    if (subject_program_at(subject, LCM_SLOT1_ADDR) != scenario->goal.updater)
        subject_fail(subject, "the updater is not the wanted one");
    /* A mark that had begun to go in a reset that was cut: the app starts or not, both are right,
     * until somebody has an app installed. */
    uint32_t skip = scenario->goal.app < 0 ? SUBJECT_MARK_SIZE : 0;
    if (app >= 0 && nor_image_is_weak(&subject->flash.image, LCM_SLOT0_ADDR + skip,
                                      subject->field->program[app].size - skip))
        subject_fail(subject, "the app in slot 0 has bits that read differently each time");
    if (scenario->goal.app >= 0 && app != scenario->goal.app)
        subject_fail(subject, "program %d is in slot 0, wanted was %d", app, scenario->goal.app);
}

/* The newest signed time that this flash knows of, without touching it: 0 = none. */
static uint64_t time_floor_of(const struct nor_image *image)
{
    static struct nor_flash flash;
    struct lcm_state_log log;
    uint64_t floor_s = 0;

    nor_flash_init(&flash);
    nor_image_free(&flash.image);
    nor_image_copy(&flash.image, image);
    if (lcm_state_open(&log, &flash.port) == LCM_OK)
        floor_s = lcm_record_time_floor(&log);
    nor_image_free(&flash.image);
    return floor_s;
}

/* The LED that the user chose, when the start state has a boot config at all. */
static void judge_config(const struct scenario *scenario, struct subject *subject,
                         const struct nor_image *start)
{
    uint32_t led = LCM_BOOTCONF_ADDR + CONFIG_LED_OFFSET;

    if (scenario->act == act_rewrite_config ||
        nor_image_byte(start, LCM_BOOTCONF_ADDR) != CONFIG_MAGIC)
        return;
    if (nor_image_byte(&subject->flash.image, led) != nor_image_byte(start, led))
        subject_fail(subject, "the boot config was lost");
}

/* What was accepted is never forgotten, or older files would be accepted again. */
static void judge_state(const struct scenario *scenario, struct subject *subject,
                        const struct nor_image *start)
{
    if (!scenario->goal.is_reset && time_floor_of(&subject->flash.image) < time_floor_of(start))
        subject_fail(subject, "the install state was lost");
}

void scenario_judge(const struct scenario *scenario, struct subject *subject, enum subject_end end,
                    const struct nor_image *start)
{
    static const char *const names[] = {"app", "waiting", "set-up", "dead", "wrong"};
    bool is_end_good = end == SUBJECT_APP || (scenario->goal.app < 0 && end == SUBJECT_SETUP);

    if (!is_end_good)
        subject_fail(subject, "ended in: %s (%s)", names[end],
                     lcm_err_name(subject->lifecycle.result));
    if (subject->wrong[0] != '\0')
        return;
    judge_programs(scenario, subject);
    judge_trust(scenario, subject);
    judge_untouched(scenario, subject, start);
    judge_state(scenario, subject, start);
    judge_config(scenario, subject, start);
    scenario_judge_settings(scenario, subject, scenario->goal.is_complete);
}

void scenario_begin(const struct scenario *scenario, struct subject *subject,
                    const struct field *field)
{
    subject_init(subject, field, &scenario->offer);
    look_scenario = scenario;
    scenario->prepare(subject);
    memset(subject->flash.erases, 0, sizeof(subject->flash.erases));
    subject->act = scenario->act;
    subject->set_up = scenario->set_up;
    subject->look = scenario_look;
}
