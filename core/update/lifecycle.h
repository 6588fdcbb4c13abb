/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life cycle of a device: from the moment the updater starts to the hand-over.
 *
 * The composition root fills a config, calls lcm_lifecycle_init once and
 * lcm_lifecycle_step again and again until it returns LCM_OK; then it does what the
 * outcome says (reset, and let the boot program choose). Every step is bounded: one
 * flash sector, or at most a few KB of network data, or one TLS computation.
 *
 * The states and where they lead are the table in lifecycle.c; docs/DESIGN.md has the
 * picture. Nothing here blocks, allocates or keeps data outside struct lcm_lifecycle.
 */
#ifndef LCM_UPDATE_LIFECYCLE_H
#define LCM_UPDATE_LIFECYCLE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/fetch/fetch.h"
#include "core/log/report.h"
#include "core/store/settings.h"
#include "core/store/state_log.h"
#include "core/trust/trust_store.h"
#include "core/update/boot_program.h"
#include "core/update/download.h"
#include "core/update/install.h"
#include "core/update/modes.h"
#include "core/update/records.h"
#include "core/update/rehearsal.h"
#include "core/update/slot_check.h"
#include "core/update/survey.h"
#include "core/update/tag_scan.h"
#include "core/update/trial.h"
#include "lcm/ports.h"
#include "lcm/setup.h"

#define LCM_BASE_SIZE 128u     /* bytes with NUL: address of an emergency server */
#define LCM_LOCATION_SIZE 256u /* bytes with NUL: redirect to a release page */
#define LCM_LENT_SIZE 2016u    /* bytes a trial lends, see struct lcm_lifecycle */

enum lcm_outcome {
    LCM_OUTCOME_NONE,       /* still running */
    LCM_OUTCOME_BOOT_APP,   /* reset: RTC asks for slot 0 once, it holds the app */
    LCM_OUTCOME_BOOT_SLOT0, /* reset: the same, it holds the installer */
    LCM_OUTCOME_BOOT_SLOT1, /* reset: RTC asks for slot 1 once */
    LCM_OUTCOME_SETUP,      /* a person has to enter or mend network or repository */
    LCM_OUTCOME_TRIED,      /* the trial is over: result says how */
};

struct lcm_lifecycle_config {
    const struct lcm_ports *ports;
    const struct lcm_observer *observer; /* may be NULL */
    const struct lcm_crypto *crypto;
    uint8_t *tls_buffer;   /* LCM_TLS_BUFFER_SIZE bytes */
    const char *version;   /* of the running updater */
    uint32_t running_slot; /* 0: otaboot, 1: otamain */

    /* Somebody can open set-up: a network that cannot be joined leads there, too: the second time
     * in a row when no app can run, at once when a person is there (the power-cycle gesture). */
    bool has_setup;
    const struct lcm_trial *trial; /* not NULL: try these values (trial.h) */
};

/* One file the device keeps up to date: what to ask for and what was accepted. */
struct lcm_release_file {
    enum lcm_file_type type;
    enum lcm_state_kind record;
    uint32_t slot_addr;
    const char *name;
    const char *repository;
    bool is_beta_allowed;
};

struct lcm_lifecycle {
    struct lcm_lifecycle_config config;
    enum lcm_outcome outcome;
    enum lcm_err result; /* of the run: LCM_OK or why it failed */

    /* the state machine */
    uint8_t state;
    uint8_t sub_step; /* inside the state; 0 on entry */
    bool is_entered;
    bool is_started; /* settings, state and trust sector are open, and flash did not fail since */
    uint64_t entered_ms;
    uint64_t started_ms;
    uint64_t wait_until_ms; /* pure waiting until then; 0 = none */
    enum lcm_err failure;   /* of the state that failed last */
    uint8_t failed_state;
    uint8_t failed_phase; /* enum lcm_setup_phase */

    /* what the device is told to do */
    char app_repository[LCM_REPOSITORY_SIZE]; /* "" = none */
    char app_file[LCM_FILE_SIZE];
    char app_version[LCM_VERSION_SIZE]; /* in slot 0; "" = unknown */
    bool is_app_beta;
    bool is_lcm_beta;
    bool is_unsigned_allowed;
    bool has_pinned_key;
    uint8_t pinned_key[LCM_FINGERPRINT_SIZE];
    uint8_t signer[LCM_FINGERPRINT_SIZE]; /* of the manifest judged last */
    enum lcm_mode mode;
    uint32_t countdown_s;

    /* what it found out */
    bool is_app_bootable;
    bool is_app_as_recorded;
    bool is_server_invalid;
    bool is_person_there;     /* this run began with a gesture */
    bool is_setup_due;        /* the failure is one that set-up can mend */
    bool is_rehearsal;        /* the transfer is judged, not written */
    bool has_release_updater; /* the release of LifeCycle Manager carries one */
    uint8_t failures;         /* in a row, as kept in RTC memory */
    uint8_t trust_changes;    /* sectors accepted in this run */
    uint8_t trust_announced;  /* of those, reported */
    uint32_t chain_start_sequence;
    uint8_t retries;     /* transfers without progress */
    uint32_t retry_mark; /* sectors (unsigned app: bytes) when a transfer last made progress */
    uint32_t retry_after_s;
    uint32_t chain_index;
    uint32_t installer_sequence; /* the otaboot that belongs to the new otamain; 0 = any */
    enum lcm_err app_failure;    /* why there is no app_tag */
    char lcm_tag[LCM_TAG_SIZE];
    char app_tag[LCM_TAG_SIZE];
    char version_before[LCM_VERSION_SIZE];

    /* its parts */
    struct lcm_settings settings;
    struct lcm_state_log state_log;
    struct lcm_trust_store trust_store;
    struct lcm_trust trust;
    struct lcm_trust_pointer pointer;
    struct lcm_report report;
    char user_agent[LCM_VERSION_SIZE + 4];
    struct lcm_fetch_config fetch_config;
    struct lcm_fetch fetch;
    struct lcm_download download;
    struct lcm_release_file file; /* the one being looked at */
    struct lcm_buffer_sink buffer;
    struct lcm_tag_scan tag_scan;
    char path[LCM_PATH_SIZE];
    char location[LCM_LOCATION_SIZE]; /* of a releases/latest redirect */
    uint8_t work[LCM_SECTOR_SIZE];    /* sector, small file, or trust sector during a handshake */

    /* What a trial never reaches. It lends this memory: neither lcm_lifecycle_init nor a step of a
     * trial touches it, so that the program that started it may keep its own state there. Last. */
    union {
        uint8_t lent[LCM_LENT_SIZE];
        struct {
            struct lcm_manifest manifest;
            struct lcm_url base; /* emergency server */
            char base_text[LCM_BASE_SIZE];
            union {
                struct lcm_mode_job mode;
                struct lcm_install install;
                struct lcm_rehearsal rehearsal;
                struct lcm_survey survey;
                struct lcm_slot_check slot_check;
            } job; /* one at a time */
        };
    };
};

/* Prepare a run; nothing is read or written yet. config's pointers must live as long. */
void lcm_lifecycle_init(struct lcm_lifecycle *lifecycle, const struct lcm_lifecycle_config *config);

/* Go on. LCM_PENDING until the outcome is known, then LCM_OK (again and again). */
LCM_MUST_CHECK enum lcm_err lcm_lifecycle_step(struct lcm_lifecycle *lifecycle);

/* While the machine only waits (countdown, hold-off): the clock reading at which the
 * next step makes sense. 0 when it is working. */
uint64_t lcm_lifecycle_waits_until_ms(const struct lcm_lifecycle *lifecycle);

/* How far a trial is; after its end the phase in which it failed, or LCM_SETUP_PHASE_DONE. */
enum lcm_setup_phase lcm_lifecycle_trial_phase(const struct lcm_lifecycle *lifecycle);

/* true from the moment on at which config.tls_buffer is in use, to the end of the run. */
bool lcm_lifecycle_uses_tls_buffer(const struct lcm_lifecycle *lifecycle);

/* Name of the current state, for logs and tests. */
const char *lcm_lifecycle_state_name(const struct lcm_lifecycle *lifecycle);

#endif
