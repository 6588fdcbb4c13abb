// SPDX-License-Identifier: Apache-2.0
/*
 * Feeding rehearsal and sector engine from the network, for every slot. Both want
 * byte ranges and take bytes; a broken transfer is taken up again where they say, and
 * only transfers that bring no new byte count as failures.
 */
#include <string.h>

#include "core/update/states.h"

#define RETRIES_WITHOUT_PROGRESS_MAX 3u

enum install_sub_step {
    INSTALL_LOOK,     /* comparing, hashing, asking for the next range */
    INSTALL_TRANSFER, /* a range is on its way */
};

static enum lcm_region install_region(const struct lcm_lifecycle *lc)
{
    return lc->file.slot_addr == LCM_SLOT0_ADDR ? LCM_REGION_SLOT0 : LCM_REGION_SLOT1;
}

static void install_say(struct lcm_lifecycle *lc, const char *phase, const char *text)
{
    lifecycle_say(lc, &(struct lifecycle_message){
                          .id = LCM_EVENT_UPDATE,
                          .severity = LCM_SEVERITY_NOTICE,
                          .phase = phase,
                          .file = lc->file.name,
                          .from = lc->version_before,
                          .to = lc->manifest.version,
                          .text = text,
                      });
}

static void install_begin(struct lcm_lifecycle *lc, bool is_rehearsal)
{
    lc->is_rehearsal = is_rehearsal;
    lc->retries = 0;
    lc->retry_mark = 0;
}

/* Only an app that works is worth a rehearsal: a slot without one has nothing to lose. */
enum lcm_err state_rehearse_begin(struct lcm_lifecycle *lc)
{
    install_begin(lc, true);
    if (lc->is_app_bootable)
        install_say(lc, "check", "checking the release before anything is overwritten");
    return lcm_rehearsal_init(&lc->job.rehearsal, lifecycle_flash(lc), install_region(lc),
                              &lc->manifest, lc->work);
}

/* Code runs from flash: whatever led here, the slot of this program is not to be touched. */
static bool install_is_own_slot(const struct lcm_lifecycle *lc)
{
    return (lc->file.slot_addr == LCM_SLOT0_ADDR) == (lc->config.running_slot == 0);
}

/* Both programs must start again whatever happens next: this one, because the other slot will be
 * lost, and the other one as long as it stays as it is. That one may be past help: a mark that had
 * begun to go only an erase heals, and that comes now. */
static enum lcm_err install_keep_slots(const struct lcm_lifecycle *lc)
{
    enum lcm_region own = lc->config.running_slot == 0 ? LCM_REGION_SLOT0 : LCM_REGION_SLOT1;
    enum lcm_region other = lc->config.running_slot == 0 ? LCM_REGION_SLOT1 : LCM_REGION_SLOT0;
    enum lcm_err err = lcm_install_keep_slot(lifecycle_flash(lc), own);

    (void)!lcm_install_keep_slot(lifecycle_flash(lc), other);
    return err == LCM_ERR_IMAGE ? LCM_OK : err; /* nothing to keep */
}

enum lcm_err state_install_begin(struct lcm_lifecycle *lc)
{
    if (install_is_own_slot(lc))
        return LCM_ERR_GUARD;
    enum lcm_err err = install_keep_slots(lc);
    if (err != LCM_OK)
        return err;
    install_begin(lc, false);
    install_say(lc, "start", "installing");
    return lcm_install_init(&lc->job.install, lifecycle_flash(lc), install_region(lc),
                            &lc->manifest, lc->work);
}

void state_progress(struct lcm_lifecycle *lc, uint32_t done)
{
    const struct lcm_observer *observer = lc->config.observer;

    if (observer != NULL && observer->progress != NULL)
        observer->progress(observer->context, lc->file.name, done, lc->manifest.image_size);
}

/* The signed length is the length: a host that speaks of another total lies. */
static enum lcm_err install_take(void *context, const uint8_t *bytes, size_t size)
{
    struct lcm_lifecycle *lc = context;
    const struct lcm_http_response *response = lcm_fetch_response(&lc->fetch);

    if (response->has_range_total && response->range_total != lc->manifest.image_size)
        return LCM_ERR_RANGE;
    return lc->is_rehearsal ? lcm_rehearsal_write(&lc->job.rehearsal, bytes, size)
                            : lcm_install_write(&lc->job.install, bytes, size);
}

/* What no broken transfer takes away again: a sector that was begun is fetched anew. */
static uint32_t install_sectors_done(const struct lcm_lifecycle *lc)
{
    const struct lcm_install_counters *counters = &lc->job.install.counters;

    return lc->is_rehearsal ? lc->job.rehearsal.sector
                            : counters->sectors_changed + counters->sectors_matching;
}

static uint32_t install_bytes_present(const struct lcm_lifecycle *lc)
{
    return lc->is_rehearsal ? lcm_rehearsal_bytes_judged(&lc->job.rehearsal)
                            : lcm_install_bytes_present(&lc->job.install);
}

static enum lcm_err install_next(struct lcm_lifecycle *lc, struct lcm_install_range *range)
{
    return lc->is_rehearsal ? lcm_rehearsal_next(&lc->job.rehearsal, range)
                            : lcm_install_next(&lc->job.install, range);
}

static enum lcm_err install_look(struct lcm_lifecycle *lc)
{
    struct lcm_install_range range = {0, 0};
    struct lcm_sink sink = {lc, install_take};
    enum lcm_err err = install_next(lc, &range);

    if (err != LCM_OK || range.size == 0)
        return err;
    lc->sub_step = INSTALL_TRANSFER;
    err = lcm_download_get(&lc->download, LCM_PLACE_SECOND, range.first, range.size, &sink);
    return err == LCM_OK ? LCM_PENDING : err;
}

static bool install_is_transfer_error(enum lcm_err err)
{
    return err == LCM_ERR_CLOSED || err == LCM_ERR_TIMEOUT || err == LCM_ERR_TOO_SLOW ||
           err == LCM_ERR_CONNECT || err == LCM_ERR_DNS || err == LCM_ERR_TLS ||
           err == LCM_ERR_CORRUPT;
}

/* done counts what stays when a transfer breaks; a new highest value is progress. */
bool state_may_retry(struct lcm_lifecycle *lc, enum lcm_err err, uint32_t done)
{
    if (!install_is_transfer_error(err))
        return false;
    if (done > lc->retry_mark) {
        lc->retries = 0;
        lc->retry_mark = done;
    }
    return lc->retries++ < RETRIES_WITHOUT_PROGRESS_MAX;
}

static enum lcm_err install_transfer(struct lcm_lifecycle *lc)
{
    enum lcm_err err = lcm_download_step(&lc->download);

    if (err == LCM_PENDING)
        return err;
    if (err != LCM_OK) {
        lcm_fetch_close(&lc->fetch);
        if (!state_may_retry(lc, err, install_sectors_done(lc)))
            return err;
    }
    lc->sub_step = INSTALL_LOOK;
    return LCM_PENDING;
}

static bool install_has_erased_app(const struct lcm_lifecycle *lc)
{
    return !lc->is_rehearsal && lc->file.slot_addr == LCM_SLOT0_ADDR &&
           lc->job.install.counters.erases > 0;
}

static enum lcm_err install_step(struct lcm_lifecycle *lc)
{
    enum lcm_err err = lc->sub_step == INSTALL_LOOK ? install_look(lc) : install_transfer(lc);

    if (install_has_erased_app(lc))
        lc->is_app_bootable = false;
    state_progress(lc, err == LCM_OK ? lc->manifest.image_size : install_bytes_present(lc));
    return err;
}

enum lcm_err state_rehearse_step(struct lcm_lifecycle *lc)
{
    return lc->is_app_bootable ? install_step(lc) : LCM_OK;
}

enum lcm_err state_install_step(struct lcm_lifecycle *lc)
{
    return install_step(lc);
}
