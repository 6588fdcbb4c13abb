/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May this device install what a verified manifest describes? The rules of
 * docs/SPEC.md in one table; no signature, no flash, no clock here.
 *
 * Sequence: a manifest older than the stored sequence is refused, and one that equals
 * it must describe the same image. The stored sequence counts only while the key that
 * set it is still trusted, or while that same key signs again: so a thief who signed
 * sequence 2^32-1 can be undone by revoking the key. After a factory reset nothing is
 * stored; then only the signed floors hold (has_installed = false).
 * Security version: never goes down, whoever signs.
 * Version texts decide nothing except the oldest updater allowed: a manifest with a
 * higher sequence and a lower version is a signed downgrade.
 */
#ifndef LCM_TRUST_RULES_H
#define LCM_TRUST_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/version.h"
#include "core/trust/manifest.h"
#include "lcm/err.h"

/* What the device last accepted for this place. */
struct lcm_installed {
    uint32_t sequence;
    uint32_t security_version;
    uint8_t key_id[LCM_KEY_ID_SIZE]; /* who signed it */
    uint8_t sha256[LCM_SHA256_SIZE];
    char version[LCM_VERSION_SIZE];
};

/* What the device wants and what it is. */
struct lcm_rules_target {
    enum lcm_file_type type;
    const char *repository; /* owner/name; ASCII case does not count */
    const char *file;       /* exact */
    uint32_t slot_addr;
    uint32_t flash_size; /* bytes */
    bool beta_allowed;
    const char *updater_version; /* of the LifeCycle Manager that runs now */
    uint32_t security_floor;     /* from the trust sector, by type */
    bool has_installed;
    struct lcm_installed installed;
    bool installed_key_trusted; /* installed.key_id is still a trusted key */
};

/*
 * The first rule that is broken, in this order: LCM_ERR_WRONG_TYPE, _WRONG_REPOSITORY,
 * _WRONG_FILE, _WRONG_SLOT, _WRONG_FLASH, _WRONG_CHANNEL, _UPDATER_TOO_OLD, _ROLLBACK
 * (security version, then sequence), _EQUIVOCATION. LCM_OK when none is; also for the
 * manifest that is installed already.
 */
LCM_MUST_CHECK enum lcm_err lcm_rules_check(const struct lcm_manifest *manifest,
                                            const struct lcm_rules_target *target);

#endif
