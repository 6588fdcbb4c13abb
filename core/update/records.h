/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the install state log remembers: the meaning of its 56-byte payloads
 * (docs/SPEC.md section 5).
 *
 *   installed app / updater / boot: what was accepted last, and by whose key
 *   processed tag of the app / of LifeCycle Manager: that release holds nothing new
 *   time floor: the newest signed time seen
 *
 * Records of an app carry a hash of repository and file: another app starts afresh.
 */
#ifndef LCM_UPDATE_RECORDS_H
#define LCM_UPDATE_RECORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/fetch/url.h"
#include "core/store/state_log.h"
#include "core/trust/manifest.h"
#include "core/trust/rules.h"

/* CRC-32 over the lower-cased repository name: tells repositories apart, no security. */
uint32_t lcm_record_repository_hash(const char *repository);

/* The same over "repository/file", the file's case kept: each file of an app's repository has
 * records, and so a sequence, of its own. */
uint32_t lcm_record_app_hash(const char *repository, const char *file);

/* The installed record of a kind for a repository (or app file). LCM_ERR_NOT_FOUND when there is
 * none or it belongs to another repository. installed->version stays "" (it is not kept). sequence
 * 0 = an unsigned app. */
LCM_MUST_CHECK enum lcm_err lcm_record_installed_load(struct lcm_state_log *log,
                                                      enum lcm_state_kind kind,
                                                      uint32_t repository_hash,
                                                      struct lcm_installed *installed,
                                                      uint32_t *image_size);

LCM_MUST_CHECK enum lcm_err lcm_record_installed_store(struct lcm_state_log *log,
                                                       enum lcm_state_kind kind,
                                                       const struct lcm_manifest *manifest);

/* true when this tag of this repository was processed in full while the trust
 * sector with trust_sequence was active. */
bool lcm_record_tag_is_processed(struct lcm_state_log *log, enum lcm_state_kind kind,
                                 uint32_t repository_hash, const char *tag,
                                 uint32_t trust_sequence);

LCM_MUST_CHECK enum lcm_err lcm_record_tag_store(struct lcm_state_log *log,
                                                 enum lcm_state_kind kind, uint32_t repository_hash,
                                                 const char *tag, uint32_t trust_sequence);

/* The newest signed time accepted so far, Unix seconds; 0 = none, or it cannot be read. */
uint64_t lcm_record_time_floor(struct lcm_state_log *log);
/* Raise it; a lower or equal time changes nothing. LCM_ERR_FLASH: it could not be read, then it is
 * as before, or not be written. */
LCM_MUST_CHECK enum lcm_err lcm_record_time_floor_raise(struct lcm_state_log *log,
                                                        uint64_t unix_seconds);

#endif
