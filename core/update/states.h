/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The states of the life cycle, private to core/update. Each state has one step
 * function (and a begin where it needs one); where it leads is in the table of
 * lifecycle.c, through a choose function where there is more than one way.
 */
#ifndef LCM_UPDATE_STATES_H
#define LCM_UPDATE_STATES_H

#include "core/update/lifecycle.h"

enum lcm_state {
    STATE_START,
    STATE_SLOT_CHECK,
    STATE_COUNTDOWN,
    STATE_MODE,
    STATE_HOLD_OFF,
    STATE_JOIN,
    STATE_CLOCK,
    STATE_SYSLOG,
    STATE_EMERGENCY,
    STATE_FIND_LCM,
    STATE_SERVER_INVALID,
    STATE_FIND_APP,
    STATE_TRUST_LOCATE,
    STATE_TRUST_POINTER,
    STATE_TRUST_SECTOR,
    STATE_TRUST_CHAIN,
    STATE_TRUST_CHANGED,
    STATE_BOOT_LOCATE,
    STATE_BOOT_MANIFEST,
    STATE_BOOT_INSTALL,
    STATE_SELF_LOCATE,
    STATE_SELF_MANIFEST,
    STATE_SELF_REHEARSE,
    STATE_SELF_INSTALL,
    STATE_INSTALLER_LOCATE,
    STATE_INSTALLER_MANIFEST,
    STATE_INSTALLER_REHEARSE,
    STATE_INSTALLER_INSTALL,
    STATE_LCM_DONE,
    STATE_APP_LOCATE,
    STATE_APP_MANIFEST,
    STATE_APP_SIGNATURE_LOCATE,
    STATE_APP_SIGNATURE,
    STATE_APP_SURVEY,
    STATE_APP_REHEARSE,
    STATE_APP_INSTALL,
    STATE_APP_RECORD,
    STATE_FINISH,
    STATE_TRIAL_END,
    STATE_FAILED,
    STATE_END,
    STATE_COUNT
};

/* state_start.c */
enum lcm_err state_start_step(struct lcm_lifecycle *lc);
enum lcm_state state_start_choose(struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_err state_slot_check_begin(struct lcm_lifecycle *lc);
enum lcm_err state_slot_check_step(struct lcm_lifecycle *lc);
enum lcm_state state_slot_check_choose(struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_err state_countdown_begin(struct lcm_lifecycle *lc);
enum lcm_err state_countdown_step(struct lcm_lifecycle *lc);
enum lcm_err state_mode_begin(struct lcm_lifecycle *lc);
enum lcm_err state_mode_step(struct lcm_lifecycle *lc);
enum lcm_state state_mode_choose(struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_err state_hold_off_begin(struct lcm_lifecycle *lc);
enum lcm_err state_hold_off_step(struct lcm_lifecycle *lc);
enum lcm_state state_hold_off_choose(struct lcm_lifecycle *lc, enum lcm_err result);

/* state_network.c */
enum lcm_err state_join_step(struct lcm_lifecycle *lc);
enum lcm_state state_join_choose(struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_err state_clock_step(struct lcm_lifecycle *lc);
enum lcm_state state_clock_choose(struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_err state_syslog_step(struct lcm_lifecycle *lc);
enum lcm_state state_syslog_choose(struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_err state_emergency_step(struct lcm_lifecycle *lc);

/* state_release.c */
enum lcm_err state_find_lcm_begin(struct lcm_lifecycle *lc);
enum lcm_err state_find_app_begin(struct lcm_lifecycle *lc);
enum lcm_err state_find_lcm_step(struct lcm_lifecycle *lc);
enum lcm_err state_find_app_step(struct lcm_lifecycle *lc);
enum lcm_state state_find_lcm_choose(struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_state state_find_app_choose(struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_err state_server_invalid_step(struct lcm_lifecycle *lc);

/* state_trust.c */
enum lcm_err state_trust_locate_begin(struct lcm_lifecycle *lc);
enum lcm_state state_trust_locate_choose(struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_err state_trust_pointer_begin(struct lcm_lifecycle *lc);
enum lcm_err state_trust_pointer_step(struct lcm_lifecycle *lc);
enum lcm_state state_trust_pointer_choose(struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_err state_trust_sector_begin(struct lcm_lifecycle *lc);
enum lcm_err state_trust_sector_step(struct lcm_lifecycle *lc);
enum lcm_state state_trust_sector_choose(struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_err state_trust_chain_begin(struct lcm_lifecycle *lc);
enum lcm_err state_trust_chain_step(struct lcm_lifecycle *lc);
enum lcm_state state_trust_chain_choose(struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_err state_trust_changed_step(struct lcm_lifecycle *lc);
enum lcm_state state_trust_changed_choose(struct lcm_lifecycle *lc, enum lcm_err result);

/* state_file.c: what all signed files have in common */
enum lcm_err state_locate_pair_step(struct lcm_lifecycle *lc);
bool state_is_first_missing(const struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_err state_manifest_begin(struct lcm_lifecycle *lc);
enum lcm_err state_manifest_step(struct lcm_lifecycle *lc);
enum lcm_err state_name_pair(struct lcm_lifecycle *lc, const char *tag, const char *suffix);
enum lcm_err state_get_small(struct lcm_lifecycle *lc, enum lcm_place place, uint32_t first,
                             uint32_t size, uint32_t size_max);
bool state_is_manifest_newer(struct lcm_lifecycle *lc, const char *running_version);

/* state_install.c */
enum lcm_err state_rehearse_begin(struct lcm_lifecycle *lc);
enum lcm_err state_rehearse_step(struct lcm_lifecycle *lc);
enum lcm_err state_install_begin(struct lcm_lifecycle *lc);
enum lcm_err state_install_step(struct lcm_lifecycle *lc);
bool state_may_retry(struct lcm_lifecycle *lc, enum lcm_err err, uint32_t done);
void state_progress(struct lcm_lifecycle *lc, uint32_t done);

/* state_self.c: boot program and LifeCycle Manager itself */
enum lcm_err state_boot_locate_begin(struct lcm_lifecycle *lc);
enum lcm_state state_boot_locate_choose(struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_state state_boot_manifest_choose(struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_err state_boot_install_begin(struct lcm_lifecycle *lc);
enum lcm_err state_boot_install_step(struct lcm_lifecycle *lc);
enum lcm_err state_self_locate_begin(struct lcm_lifecycle *lc);
enum lcm_state state_self_locate_choose(struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_state state_self_manifest_choose(struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_state state_self_install_choose(struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_err state_installer_locate_begin(struct lcm_lifecycle *lc);
enum lcm_state state_installer_manifest_choose(struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_state state_installer_install_choose(struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_err state_lcm_done_step(struct lcm_lifecycle *lc);
enum lcm_state state_lcm_done_choose(struct lcm_lifecycle *lc, enum lcm_err result);

/* state_app.c */
enum lcm_state state_app_decide(struct lcm_lifecycle *lc);
enum lcm_err state_app_locate_begin(struct lcm_lifecycle *lc);
enum lcm_state state_app_locate_choose(struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_state state_app_manifest_choose(struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_err state_app_signature_locate_begin(struct lcm_lifecycle *lc);
enum lcm_state state_app_signature_locate_choose(struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_err state_app_signature_begin(struct lcm_lifecycle *lc);
enum lcm_err state_app_signature_step(struct lcm_lifecycle *lc);
enum lcm_err state_app_survey_begin(struct lcm_lifecycle *lc);
enum lcm_err state_app_survey_step(struct lcm_lifecycle *lc);
enum lcm_err state_app_record_step(struct lcm_lifecycle *lc);

/* state_end.c */
enum lcm_err state_finish_step(struct lcm_lifecycle *lc);
enum lcm_err state_failed_step(struct lcm_lifecycle *lc);
enum lcm_state state_failed_choose(struct lcm_lifecycle *lc, enum lcm_err result);
enum lcm_err state_end_step(struct lcm_lifecycle *lc);

/* state_trial.c */
void state_trial_read(struct lcm_lifecycle *lc);
enum lcm_err state_trial_end_step(struct lcm_lifecycle *lc);

/* shared, lifecycle.c */
uint64_t lifecycle_now_ms(const struct lcm_lifecycle *lc);
const struct lcm_flash *lifecycle_flash(const struct lcm_lifecycle *lc);
uint32_t lifecycle_random(struct lcm_lifecycle *lc);
void lifecycle_store_failures(struct lcm_lifecycle *lc, uint8_t failures);

/* Emit an event about lc->file (file may be ""). */
struct lifecycle_message {
    enum lcm_event_id id;
    enum lcm_severity severity;
    const char *phase;
    const char *file;
    const char *from;
    const char *to;
    const char *text;
    enum lcm_err result;
};
void lifecycle_say(struct lcm_lifecycle *lc, const struct lifecycle_message *message);

#endif
