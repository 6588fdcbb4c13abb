// SPDX-License-Identifier: Apache-2.0
/*
 * States that keep the trust sector current: pointer first, the sector only when it
 * is another one, the chain of key changes when the owner's key is not the one we know.
 */
#include <string.h>

#include "core/update/states.h"

#define TRUST_FILE "certs.sector"
#define TRUST_CHAIN_FILE "trust-chain"
#define TRUST_CHANGES_MAX 8u /* sectors accepted in one run; the next run goes on */

enum lcm_err state_trust_locate_begin(struct lcm_lifecycle *lc)
{
    lc->file = (struct lcm_release_file){.name = TRUST_FILE, .repository = lc->trust.repository};
    enum lcm_err err = lcm_download_name(&lc->download, LCM_PLACE_FIRST, lc->trust.repository,
                                         lc->lcm_tag, TRUST_FILE, ".sig");

    if (err != LCM_OK)
        return err;
    return lcm_download_name(&lc->download, LCM_PLACE_SECOND, lc->trust.repository, lc->lcm_tag,
                             TRUST_FILE, "");
}

/* A release without certificates leaves the ones we have. */
enum lcm_state state_trust_locate_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    if (result == LCM_ERR_HTTP_NOT_FOUND && state_is_first_missing(lc, result))
        return STATE_BOOT_LOCATE;
    return result == LCM_OK ? STATE_TRUST_POINTER : STATE_FAILED;
}

enum lcm_err state_trust_pointer_begin(struct lcm_lifecycle *lc)
{
    return state_get_small(lc, LCM_PLACE_FIRST, 0, 0, LCM_TRUST_POINTER_SIZE_MAX);
}

/* LCM_ERR_SIGNATURE here may only mean that the owner's key changed. */
enum lcm_err state_trust_pointer_step(struct lcm_lifecycle *lc)
{
    enum lcm_err err = lcm_download_step(&lc->download);

    if (err != LCM_OK)
        return err;
    return lcm_trust_pointer_open(&lc->pointer, lc->work, lc->buffer.length, lc->trust.owner_key);
}

static bool trust_is_current(struct lcm_lifecycle *lc)
{
    uint8_t sha256[LCM_SHA256_SIZE];

    if (lc->pointer.sequence != lc->trust.sequence ||
        lcm_trust_store_read(&lc->trust_store, lc->work) != LCM_OK)
        return false;
    lcm_trust_hash(lc->work, sha256);
    return memcmp(sha256, lc->pointer.sha256, sizeof(sha256)) == 0;
}

/* Nothing newer is on offer: go on, after telling of what was accepted before. */
static enum lcm_state trust_settled(const struct lcm_lifecycle *lc)
{
    return lc->trust_changes > lc->trust_announced ? STATE_TRUST_CHANGED : STATE_BOOT_LOCATE;
}

/* An old pointer is an old release on a host that is slow or lies: nothing happens. */
static enum lcm_state trust_pointer_is_old(struct lcm_lifecycle *lc)
{
    lifecycle_say(lc, &(struct lifecycle_message){
                          .id = LCM_EVENT_CHECK,
                          .severity = LCM_SEVERITY_WARNING,
                          .phase = "certificates",
                          .file = TRUST_FILE,
                          .text = "offered certificates are older than the ones in use: ignored",
                          .result = LCM_ERR_ROLLBACK,
                      });
    return trust_settled(lc);
}

enum lcm_state state_trust_pointer_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    if (result == LCM_ERR_SIGNATURE)
        return STATE_TRUST_CHAIN;
    if (result != LCM_OK)
        return STATE_FAILED;
    if (trust_is_current(lc))
        return trust_settled(lc);
    if (lc->pointer.sequence < lc->trust.sequence)
        return trust_pointer_is_old(lc);
    if (lc->pointer.sequence == lc->trust.sequence) {
        lc->failure = LCM_ERR_EQUIVOCATION;
        return STATE_FAILED;
    }
    return STATE_TRUST_SECTOR;
}

enum lcm_err state_trust_sector_begin(struct lcm_lifecycle *lc)
{
    return state_get_small(lc, LCM_PLACE_SECOND, 0, LCM_TRUST_SIZE, LCM_TRUST_SIZE);
}

static enum lcm_err trust_accept(struct lcm_lifecycle *lc)
{
    if (lc->buffer.length != LCM_TRUST_SIZE)
        return LCM_ERR_FORMAT;
    if (lc->trust_changes >= TRUST_CHANGES_MAX)
        return LCM_ERR_CHAIN_TOO_LONG;
    enum lcm_err err = lcm_trust_store_accept(&lc->trust_store, &lc->trust, lc->work, &lc->trust);
    if (err == LCM_OK)
        lc->trust_changes++;
    return err;
}

enum lcm_err state_trust_sector_step(struct lcm_lifecycle *lc)
{
    uint8_t sha256[LCM_SHA256_SIZE];
    enum lcm_err err = lcm_download_step(&lc->download);

    if (err != LCM_OK)
        return err;
    lcm_trust_hash(lc->work, sha256);
    if (memcmp(sha256, lc->pointer.sha256, sizeof(sha256)) != 0)
        return LCM_ERR_CORRUPT;
    return trust_accept(lc);
}

enum lcm_state state_trust_sector_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    (void)lc;
    if (result == LCM_ERR_KEY_UNKNOWN)
        return STATE_TRUST_CHAIN;
    return result == LCM_OK ? STATE_TRUST_CHANGED : STATE_FAILED;
}

static enum lcm_err trust_chain_get(struct lcm_lifecycle *lc)
{
    return state_get_small(lc, LCM_PLACE_FIRST, lc->chain_index * LCM_TRUST_SIZE, LCM_TRUST_SIZE,
                           LCM_TRUST_SIZE);
}

enum lcm_err state_trust_chain_begin(struct lcm_lifecycle *lc)
{
    enum lcm_err err = lcm_download_name(&lc->download, LCM_PLACE_FIRST, lc->trust.repository,
                                         lc->lcm_tag, TRUST_CHAIN_FILE, "");

    lc->chain_index = 0;
    lc->chain_start_sequence = lc->trust.sequence;
    return err == LCM_OK ? trust_chain_get(lc) : err;
}

/* The sectors of the chain, oldest first: those we already have are passed over, the
 * next one we can verify is accepted, and so on to the end of the file. */
enum lcm_err state_trust_chain_step(struct lcm_lifecycle *lc)
{
    const struct lcm_http_response *response = lcm_fetch_response(&lc->fetch);
    enum lcm_err err = lcm_download_step(&lc->download);

    if (err != LCM_OK)
        return err;
    uint64_t total = response->has_range_total ? response->range_total : 0;
    err = trust_accept(lc);
    if (err != LCM_OK && err != LCM_ERR_ROLLBACK)
        return err;
    lc->chain_index++;
    if ((uint64_t)lc->chain_index * LCM_TRUST_SIZE >= total ||
        lc->chain_index >= LCM_TRUST_CHAIN_SECTORS_MAX)
        return LCM_OK;
    err = trust_chain_get(lc);
    return err == LCM_OK ? LCM_PENDING : err;
}

/* Look at the pointer again only when the chain moved us forward. */
enum lcm_state state_trust_chain_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    if (result == LCM_OK && lc->trust.sequence > lc->chain_start_sequence)
        return STATE_TRUST_LOCATE;
    if (result == LCM_OK || result == LCM_ERR_HTTP_NOT_FOUND)
        lc->failure = LCM_ERR_KEY_UNKNOWN;
    return STATE_FAILED;
}

enum lcm_err state_trust_changed_step(struct lcm_lifecycle *lc)
{
    lc->trust_announced = lc->trust_changes;
    lifecycle_say(lc, &(struct lifecycle_message){
                          .id = LCM_EVENT_UPDATE,
                          .severity = LCM_SEVERITY_NOTICE,
                          .phase = "done",
                          .file = TRUST_FILE,
                          .text = "new certificates are in use",
                      });
    return LCM_OK;
}

/* New anchors, perhaps another repository: the host gets another chance to prove
 * itself, from the start. Bounded by TRUST_CHANGES_MAX. */
enum lcm_state state_trust_changed_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    (void)result;
    lc->is_server_invalid = false;
    lc->download.mode = LCM_TLS_VERIFY;
    lcm_fetch_close(&lc->fetch);
    return STATE_FIND_LCM;
}
