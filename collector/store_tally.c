// SPDX-License-Identifier: Apache-2.0
/*
 * Tallies: how many devices run what, in which state, added up while devices change. The tiles and
 * the releases page read these few rows and not the whole fleet.
 *
 * Invariant: after every commit the tallies are what adding up all devices would give.
 */
#include <string.h>

#include "collector/store.h"

void store_tally_of(const struct device *device, struct store_tally *tally)
{
    memset(tally, 0, sizeof(*tally)); /* padding too: tallies are compared as bytes */
    memcpy(tally->repo, device->repo, sizeof(tally->repo));
    memcpy(tally->channel, device->channel, sizeof(tally->channel));
    memcpy(tally->app, device->app, sizeof(tally->app));
    memcpy(tally->lcm, device->lcm, sizeof(tally->lcm));
    tally->state = device->state;
    tally->lost = device->lost;
    tally->reboots = device->reboots;
    tally->installed = device->installed;
    tally->failed = device->failed;
    tally->rollbacks = device->rollbacks;
    tally->verified = device->verdict == COLLECT_VERIFIED;
}

static enum lcm_err tally_add(struct store *store, const struct store_tally *tally, int64_t sign)
{
    char key[VERSION_KEY_SIZE];
    const struct engine_value values[] = {
        ENGINE_TEXT(tally->repo),
        ENGINE_TEXT(tally->channel),
        ENGINE_TEXT(tally->app),
        ENGINE_TEXT(tally->lcm),
        ENGINE_INTEGER(tally->state),
        ENGINE_TEXT(key),
        ENGINE_INTEGER(sign),
        ENGINE_INTEGER(sign * tally->lost),
        ENGINE_INTEGER(sign * tally->reboots),
        ENGINE_INTEGER(sign * tally->installed),
        ENGINE_INTEGER(sign * tally->failed),
        ENGINE_INTEGER(sign * tally->rollbacks),
        ENGINE_INTEGER(sign * tally->verified),
    };

    version_key(tally->app, key);
    return STORE_WRITE(store,
                       "INSERT INTO tallies (repo, channel, app, lcm, state, app_key, n, lost, "
                       "reboots, installed, failed, rollbacks, verified) VALUES ($1, $2, $3, $4, "
                       "$5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (repo, channel, app, "
                       "lcm, state) DO UPDATE SET n = tallies.n + excluded.n, "
                       "lost = tallies.lost + excluded.lost, "
                       "reboots = tallies.reboots + excluded.reboots, "
                       "installed = tallies.installed + excluded.installed, "
                       "failed = tallies.failed + excluded.failed, "
                       "rollbacks = tallies.rollbacks + excluded.rollbacks, "
                       "verified = tallies.verified + excluded.verified",
                       values);
}

enum lcm_err store_tally_change(struct store *store, const struct store_tally *before,
                                const struct store_tally *after)
{
    enum lcm_err err = LCM_OK;

    if (before != NULL && after != NULL && memcmp(before, after, sizeof(*after)) == 0)
        return LCM_OK;
    if (before != NULL)
        err = tally_add(store, before, -1);
    return err == LCM_OK && after != NULL ? tally_add(store, after, 1) : err;
}
