// SPDX-License-Identifier: Apache-2.0
/*
 * lcm flash compose: a whole 1 MiB flash image for the first flashing of a device:
 * boot program, images, settings, trust sector, set-up code.
 *
 * Everything is written through the device's own code into a flash in memory, with
 * its address guard; the file is written last and whole.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/base/region.h"
#include "core/store/bootconf.h"
#include "core/store/settings.h"
#include "core/store/setup_code.h"
#include "core/store/state_log.h"
#include "core/trust/trust_store.h"
#include "host/image_view.h"
#include "host/memory_flash.h"
#include "host/settings_input.h"
#include "port/host/host_system.h"
#include "tools/commands.h"
#include "tools/common.h"

struct compose_job {
    const struct cli_args *args;
    struct memory_flash flash;
    struct lcm_settings settings;
    char code[LCM_SETUP_CODE_SIZE]; /* "" = none */
};

static int compose_program(struct compose_job *job, enum lcm_region region, uint32_t addr,
                           const struct file_content *file)
{
    enum lcm_err err =
        lcm_region_program(&job->flash.port, region, addr, file->bytes, (uint32_t)file->size);

    return err == LCM_OK ? CLI_OK : tool_fail(err, NULL);
}

static int compose_boot(struct compose_job *job)
{
    const char *path = cli_get(job->args, "boot");
    struct file_content file = {NULL, 0};
    struct image_view view;
    char have[TEXT_NUMBER_SIZE];
    char limit[TEXT_NUMBER_SIZE];
    int result = path != NULL ? file_read(path, LCM_FLASH_SIZE, &file) : CLI_OK;

    if (path == NULL || result != CLI_OK)
        return result;
    if (image_view_parse(&view, file.bytes, file.size) != LCM_OK || view.verdict != LCM_OK ||
        view.format != IMAGE_V1) {
        cli_error("%s: not a boot program (v1 image): make it with 'lcm image build --format v1'",
                  path);
        result = CLI_VERIFY;
    } else if (file.size > LCM_BOOT_SIZE || view.size > LCM_BOOT_IMAGE_SIZE_MAX) {
        cli_error("%s: %s bytes do not fit: the boot program has %s, its version text 16 more",
                  path, text_thousands(have, file.size),
                  text_thousands(limit, LCM_BOOT_IMAGE_SIZE_MAX));
        result = CLI_VERIFY;
    } else {
        result = compose_program(job, LCM_REGION_BOOT, LCM_BOOT_ADDR, &file);
    }
    file_free(&file);
    return result;
}

static int compose_check_slot(const char *path, const struct file_content *file, int slot)
{
    size_t room = slot == 0 ? LCM_SLOT0_IMAGE_SIZE_MAX : LCM_SLOT1_IMAGE_SIZE_MAX;
    struct image_view view;
    char have[TEXT_NUMBER_SIZE];
    char limit[TEXT_NUMBER_SIZE];

    if (image_view_parse(&view, file->bytes, file->size) != LCM_OK || view.verdict != LCM_OK) {
        cli_error("%s: not an image a device can start: make it with 'lcm image build'", path);
        return CLI_VERIFY;
    }
    if (file->size > room) {
        cli_error("%s: %s bytes do not fit: slot %d holds %s", path,
                  text_thousands(have, file->size), slot, text_thousands(limit, room));
        return CLI_VERIFY;
    }
    if ((int)view.slot == 1 - slot) {
        cli_error("%s: is linked for slot %d, not for slot %d", path, 1 - slot, slot);
        return CLI_VERIFY;
    }
    return CLI_OK;
}

static int compose_slot(struct compose_job *job, int slot)
{
    const char *path = cli_get(job->args, slot == 0 ? "slot0" : "slot1");
    struct file_content file = {NULL, 0};
    int result = path != NULL ? file_read(path, LCM_FLASH_SIZE, &file) : CLI_OK;

    if (path == NULL || result != CLI_OK)
        return result;
    result = compose_check_slot(path, &file, slot);
    if (result == CLI_OK)
        result = compose_program(job, slot == 0 ? LCM_REGION_SLOT0 : LCM_REGION_SLOT1,
                                 slot == 0 ? LCM_SLOT0_ADDR : LCM_SLOT1_ADDR, &file);
    file_free(&file);
    return result;
}

static int compose_slots(struct compose_job *job)
{
    int result = compose_slot(job, 0);

    return result == CLI_OK ? compose_slot(job, 1) : result;
}

static int compose_trust(struct compose_job *job)
{
    const char *path = cli_get(job->args, "trust");
    struct lcm_trust_store store;
    struct lcm_trust trust;
    uint8_t file[LCM_TRUST_SIZE];
    uint8_t work[LCM_TRUST_SIZE];
    enum lcm_err err = LCM_OK;
    int result = tool_load_trust(path, file, &trust);

    if (result != CLI_OK)
        return result;
    err = lcm_trust_store_install_first(&store, &job->flash.port, file, work, &trust);
    return err == LCM_OK ? CLI_OK : tool_fail(err, NULL);
}

static int compose_settings(struct compose_job *job)
{
    enum lcm_err err = lcm_settings_format(&job->settings, &job->flash.port);

    return err == LCM_OK ? settings_input_apply(&job->settings, job->args) : tool_fail(err, NULL);
}

/* --code: one that is given, or a new one. Without it the device makes its own. */
static int compose_code(struct compose_job *job)
{
    const char *text = cli_get(job->args, "code");
    enum lcm_err err;

    if (text == NULL)
        return CLI_OK;
    if (strcmp(text, "new") == 0)
        err = lcm_setup_code_make(&host_entropy, job->code);
    else
        err = lcm_setup_code_parse(text, job->code);
    if (err == LCM_ERR_FORMAT) {
        cli_error("--code: not a set-up code. Give 'new', or 12 letters and digits as on a label: "
                  "XXXX-XXXX-XXXX");
        return CLI_USAGE;
    }
    if (err == LCM_OK)
        err = lcm_setup_code_store(&job->flash.port, job->code);
    return err == LCM_OK ? CLI_OK : tool_fail(err, NULL);
}

/* The only time a new code is shown: it must go onto the label. */
static void compose_tell_code(const struct compose_job *job, const char *out)
{
    char text[LCM_SETUP_CODE_TEXT_SIZE];

    if (strcmp(cli_get(job->args, "code"), "new") != 0)
        return;
    lcm_setup_code_format(job->code, text);
    printf("%s\n", text);
    lcm_bytes_wipe(text, sizeof(text));
    cli_note(
        "this set-up code belongs on the device's label: 'lcm label --flash %s --id MAC' makes it",
        out);
}

static int compose_records(struct compose_job *job)
{
    struct lcm_bootconf config;
    struct lcm_state_log log;
    int8_t led_pin = 0;
    enum lcm_err err = lcm_bootconf_load(&job->flash.port, &config);

    if (err != LCM_OK && err != LCM_ERR_NOT_FOUND)
        return tool_fail(err, NULL);
    if (lcm_settings_get_int8(&job->settings, "led_pin", &led_pin) == LCM_OK)
        config.led = lcm_bootconf_led_encode(led_pin);
    err = lcm_bootconf_store(&job->flash.port, &config);
    if (err == LCM_OK)
        err = lcm_state_open(&log, &job->flash.port);
    return err == LCM_OK ? CLI_OK : tool_fail(err, NULL);
}

static int compose_write(struct compose_job *job)
{
    const char *out = cli_get(job->args, "out");
    /* Settings hold the Wi-Fi password. */
    bool has_secret = settings_input_is_given(job->args) || job->code[0] != '\0';
    int result = file_write(out, job->flash.bytes, LCM_FLASH_SIZE,
                            has_secret ? FILE_MODE_SECRET : FILE_MODE_PUBLIC);

    if (result != CLI_OK)
        return result;
    cli_note("wrote %s (1,048,576 bytes): 'lcm flash inspect %s' shows it", out, out);
    if (job->code[0] != '\0')
        compose_tell_code(job, out);
    cli_note("next: 'lcm device --flash %s' runs it on this machine", out);
    return CLI_OK;
}

static int flash_compose(const struct cli_args *args)
{
    static int (*const steps[])(struct compose_job *) = {
        compose_boot, compose_slots,   compose_trust, compose_settings,
        compose_code, compose_records, compose_write,
    };
    struct compose_job job = {.args = args};
    int result = CLI_OK;

    if (!memory_flash_open(&job.flash)) {
        cli_error("out of memory");
        return CLI_ERROR;
    }
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && result == CLI_OK; i++)
        result = steps[i](&job);
    lcm_bytes_wipe(job.code, sizeof(job.code));
    lcm_bytes_wipe(job.flash.bytes, LCM_FLASH_SIZE);
    memory_flash_close(&job.flash);
    return result;
}

static const struct cli_option flash_compose_options[] = {
    {"out", "FILE", "flash image to write (also -o)"},
    {"trust", "FILE", "certs.sector the device starts with"},
    {"boot", "FILE", "boot program (v1 image)"},
    {"slot0", "FILE", "otaboot, or an app"},
    {"slot1", "FILE", "otamain"},
    {"code", "CODE|new", "set-up code for the label; without one the device makes its own"},
    {"set", "KEY=VALUE", "a setting (repeatable): " SETTINGS_HELP_KEYS},
    {"settings", "FILE", "settings, one KEY=VALUE per line; the place for passwords"},
    {NULL, NULL, NULL},
};

static const char *const flash_compose_required[] = {"out", "trust", NULL};

const struct cli_command lcm_flash_compose_command = {
    .name = "flash compose",
    .summary = "Make a whole 1 MiB flash image: boot program, images, settings, trust",
    .usage = "lcm flash compose --out FILE --trust certs.sector [options]",
    .examples = "lcm flash compose --out lamp.flash --boot boot.bin --slot0 otaboot.bin \\\n"
                "    --trust certs.sector --set wifi_ssid=home --set ota_repo=me/lamp\n"
                "lcm flash compose --out lamp.flash --boot boot.bin --slot0 otaboot.bin \\\n"
                "    --trust certs.sector --code new    # prints the set-up code once\n"
                "lcm flash compose --out lamp.flash --boot boot.bin --slot1 otamain.bin \\\n"
                "    --trust certs.sector --settings lamp.conf    # the updater is in it already\n"
                "\n"
                "'make firmware' of the project builds boot.bin, otaboot.bin and otamain.bin.",
    .options = flash_compose_options,
    .required = flash_compose_required,
    .run = flash_compose,
};
