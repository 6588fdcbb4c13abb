// SPDX-License-Identifier: Apache-2.0
/*
 * The installation rules as a table, checked from top to bottom. It verifies nothing:
 * callers pass a manifest whose signature they have checked. Invariant: LCM_OK means
 * that no row of the table holds.
 */
#include "core/trust/rules.h"

#include <stddef.h>

#include "core/base/bytes.h"
#include "core/base/text.h"

struct rules_check {
    bool (*is_broken)(const struct lcm_manifest *manifest, const struct lcm_rules_target *target);
    enum lcm_err err;
};

static bool rules_other_type(const struct lcm_manifest *manifest,
                             const struct lcm_rules_target *target)
{
    return manifest->type != target->type;
}

static bool rules_other_repository(const struct lcm_manifest *manifest,
                                   const struct lcm_rules_target *target)
{
    return !lcm_text_equal_folded(manifest->repository, target->repository);
}

static bool rules_other_file(const struct lcm_manifest *manifest,
                             const struct lcm_rules_target *target)
{
    return !lcm_text_equal(manifest->file, target->file);
}

static bool rules_other_slot(const struct lcm_manifest *manifest,
                             const struct lcm_rules_target *target)
{
    return manifest->slot_addr != target->slot_addr;
}

static bool rules_other_flash(const struct lcm_manifest *manifest,
                              const struct lcm_rules_target *target)
{
    return manifest->flash_size != target->flash_size;
}

static bool rules_beta_on_stable(const struct lcm_manifest *manifest,
                                 const struct lcm_rules_target *target)
{
    return manifest->channel != LCM_CHANNEL_STABLE && !target->beta_allowed;
}

/* A version that cannot be compared counts as too old. */
static bool rules_updater_too_old(const struct lcm_manifest *manifest,
                                  const struct lcm_rules_target *target)
{
    struct lcm_version needed;
    struct lcm_version running;

    if (manifest->updater_min[0] == '\0')
        return false;
    if (lcm_version_parse(manifest->updater_min, &needed) != LCM_OK ||
        lcm_version_parse(target->updater_version, &running) != LCM_OK)
        return true;
    return lcm_version_compare(&running, &needed) < 0;
}

static bool rules_less_secure(const struct lcm_manifest *manifest,
                              const struct lcm_rules_target *target)
{
    if (manifest->security_version < target->security_floor)
        return true;
    return target->has_installed && manifest->security_version < target->installed.security_version;
}

/* Only a key that is still trusted, or that signs again, can hold others to its count. */
static bool rules_sequence_counts(const struct lcm_manifest *manifest,
                                  const struct lcm_rules_target *target)
{
    if (!target->has_installed)
        return false;
    return target->installed_key_trusted ||
           lcm_bytes_equal(manifest->key_id, target->installed.key_id, LCM_KEY_ID_SIZE);
}

static bool rules_older(const struct lcm_manifest *manifest, const struct lcm_rules_target *target)
{
    return rules_sequence_counts(manifest, target) &&
           manifest->sequence < target->installed.sequence;
}

static bool rules_equivocates(const struct lcm_manifest *manifest,
                              const struct lcm_rules_target *target)
{
    return rules_sequence_counts(manifest, target) &&
           manifest->sequence == target->installed.sequence &&
           !lcm_bytes_equal(manifest->sha256, target->installed.sha256, LCM_SHA256_SIZE);
}

static const struct rules_check rules_table[] = {
    {rules_other_type, LCM_ERR_WRONG_TYPE},
    {rules_other_repository, LCM_ERR_WRONG_REPOSITORY},
    {rules_other_file, LCM_ERR_WRONG_FILE},
    {rules_other_slot, LCM_ERR_WRONG_SLOT},
    {rules_other_flash, LCM_ERR_WRONG_FLASH},
    {rules_beta_on_stable, LCM_ERR_WRONG_CHANNEL},
    {rules_updater_too_old, LCM_ERR_UPDATER_TOO_OLD},
    {rules_less_secure, LCM_ERR_ROLLBACK},
    {rules_older, LCM_ERR_ROLLBACK},
    {rules_equivocates, LCM_ERR_EQUIVOCATION},
};

enum lcm_err lcm_rules_check(const struct lcm_manifest *manifest,
                             const struct lcm_rules_target *target)
{
    for (size_t i = 0; i < sizeof(rules_table) / sizeof(rules_table[0]); i++) {
        if (rules_table[i].is_broken(manifest, target))
            return rules_table[i].err;
    }
    return LCM_OK;
}
