// SPDX-License-Identifier: Apache-2.0
/* Power-cycle modes; see the header. The countdown before them is the life cycle's. */
#include "core/update/modes.h"

#include "core/base/bytes.h"
#include "core/base/region.h"
#include "core/update/install.h"
#include "core/update/keys.h"
#include "lcm/layout.h"

enum lcm_mode lcm_mode_of_count(uint32_t count, uint32_t step)
{
    if (step < 1 || step > 3)
        step = LCM_MODE_STEP_DEFAULT;
    if (count < LCM_MODE_COUNT_MIN)
        return LCM_MODE_NONE;
    if (count < LCM_MODE_COUNT_MIN + step)
        return LCM_MODE_CHECK;
    if (count < LCM_MODE_COUNT_MIN + 2 * step)
        return LCM_MODE_ERASE_WIFI;
    if (count < LCM_MODE_COUNT_MIN + 3 * step)
        return LCM_MODE_ERASE_WIFI_BETA;
    return LCM_MODE_FACTORY_RESET;
}

const char *lcm_mode_text(enum lcm_mode mode)
{
    switch (mode) {
    case LCM_MODE_CHECK:
        return "check for updates";
    case LCM_MODE_ERASE_WIFI:
        return "erase Wi-Fi settings";
    case LCM_MODE_ERASE_WIFI_BETA:
        return "erase Wi-Fi settings and enter beta mode";
    case LCM_MODE_FACTORY_RESET:
        return "factory reset";
    case LCM_MODE_NONE:
    default:
        return "nothing";
    }
}

static const enum lcm_region mode_erased_regions[] = {LCM_REGION_SLOT0, LCM_REGION_APP_DATA,
                                                      LCM_REGION_SCRATCH, LCM_REGION_RADIO};

#define ERASED_REGION_COUNT (sizeof(mode_erased_regions) / sizeof(mode_erased_regions[0]))
#define FORGET_STEPS 4u /* two settings regions: break the magic, erase */
#define BLANK_CHUNK_SIZE 64u

/* The switch comes last: it is the only thing that needs space, and by then there is some. */
static enum lcm_err mode_erase_wifi(struct lcm_settings *settings, bool is_beta)
{
    enum lcm_err err = lcm_settings_delete(settings, LCM_KEY_WIFI_SSID);

    if (err == LCM_OK)
        err = lcm_settings_delete(settings, LCM_KEY_WIFI_PASSWORD);
    if (err == LCM_OK)
        err = lcm_settings_delete(settings, LCM_KEY_LCM_BETA);
    /* Twice: the deleted password is still readable in the region left behind. */
    if (err == LCM_OK)
        err = lcm_settings_compact(settings);
    if (err == LCM_OK)
        err = lcm_settings_compact(settings);
    if (err == LCM_OK && is_beta)
        err = lcm_settings_set_bool(settings, LCM_KEY_LCM_BETA, true);
    return err;
}

static enum lcm_err mode_is_blank(const struct lcm_flash *flash, uint32_t addr, bool *is_blank)
{
    uint8_t chunk[BLANK_CHUNK_SIZE];

    *is_blank = true;
    for (uint32_t i = 0; i < LCM_SECTOR_SIZE && *is_blank; i += BLANK_CHUNK_SIZE) {
        enum lcm_err err = flash->read(flash->context, addr + i, chunk, sizeof(chunk));
        if (err != LCM_OK)
            return err;
        *is_blank = lcm_bytes_all(chunk, sizeof(chunk), 0xFF);
    }
    return LCM_OK;
}

/* The next sector of the region of this stage. */
static enum lcm_err mode_erase_step(struct lcm_mode_job *job)
{
    enum lcm_region region = mode_erased_regions[job->stage];
    uint32_t addr = lcm_region_addr(region) + job->offset;
    bool is_blank = false;

    if ((region == LCM_REGION_SLOT0 && job->target.keeps_slot0) ||
        job->offset >= lcm_region_size(region)) {
        job->stage++;
        job->offset = 0;
        return LCM_PENDING;
    }
    enum lcm_err err = mode_is_blank(job->target.flash, addr, &is_blank);
    if (err == LCM_OK && !is_blank)
        err = lcm_region_erase(job->target.flash, region, addr);
    if (err != LCM_OK)
        return err;
    job->offset += LCM_SECTOR_SIZE;
    return LCM_PENDING;
}

/*
 * One sector of the settings: its magic first, because an erase that is cut short can leave any
 * bits. The region that is not active goes first: after a cut it would bring back what it held
 * before the last compaction.
 */
static enum lcm_err mode_forget_step(struct lcm_mode_job *job)
{
    static const uint8_t no_magic[4] = {0};
    uint32_t base = lcm_region_addr(LCM_REGION_SETTINGS);
    uint32_t active = job->target.settings->region_addr;
    uint32_t addr = active;
    bool is_erase = job->forgotten % 2 == 1;

    if (job->forgotten < 2)
        addr = active == base ? base + LCM_SECTOR_SIZE : base;
    enum lcm_err err = is_erase ? lcm_region_erase(job->target.flash, LCM_REGION_SETTINGS, addr)
                                : lcm_region_program(job->target.flash, LCM_REGION_SETTINGS, addr,
                                                     no_magic, sizeof(no_magic));
    if (err != LCM_OK)
        return err;
    job->forgotten++;
    return LCM_PENDING;
}

/* The app ends before its sectors go: what an erase that is cut short leaves must not start. */
static enum lcm_err mode_end_app(struct lcm_mode_job *job)
{
    bool is_blank = false;
    enum lcm_err err =
        mode_is_blank(job->target.flash, lcm_region_addr(LCM_REGION_SLOT0), &is_blank);

    if (err == LCM_OK && !is_blank && !job->target.keeps_slot0)
        err = lcm_install_end_slot(job->target.flash, LCM_REGION_SLOT0);
    if (err != LCM_OK)
        return err;
    job->is_app_ended = true;
    return LCM_PENDING;
}

static enum lcm_err mode_factory_reset_step(struct lcm_mode_job *job)
{
    if (job->forgotten < FORGET_STEPS)
        return mode_forget_step(job);
    if (!job->is_app_ended)
        return mode_end_app(job);
    if (job->stage < ERASED_REGION_COUNT)
        return mode_erase_step(job);
    enum lcm_err err = lcm_state_reset(job->target.state);
    return err == LCM_OK ? lcm_settings_format(job->target.settings, job->target.flash) : err;
}

void lcm_mode_begin(struct lcm_mode_job *job, enum lcm_mode mode,
                    const struct lcm_mode_target *target)
{
    job->target = *target;
    job->mode = mode;
    job->forgotten = 0;
    job->is_app_ended = false;
    job->stage = 0;
    job->offset = 0;
}

enum lcm_err lcm_mode_step(struct lcm_mode_job *job)
{
    switch (job->mode) {
    case LCM_MODE_ERASE_WIFI:
    case LCM_MODE_ERASE_WIFI_BETA:
        return mode_erase_wifi(job->target.settings, job->mode == LCM_MODE_ERASE_WIFI_BETA);
    case LCM_MODE_FACTORY_RESET:
        return mode_factory_reset_step(job);
    case LCM_MODE_NONE:
    case LCM_MODE_CHECK:
    default:
        return LCM_OK;
    }
}
