// SPDX-License-Identifier: Apache-2.0
/*
 * The two trust sectors on flash; see the header for states and their order. Nothing is
 * fetched here, and no key is chosen: what may follow what is decided by
 * lcm_trust_verify_successor. Invariant: between any two flash operations, one valid
 * sector with the active state byte exists (once there has been one).
 */
#include "core/trust/trust_store.h"

#include <stdbool.h>
#include <stddef.h>

#include "core/base/region.h"

#define PAGE_SIZE 256u /* programmed at once, so that no call blocks for long */
#define SECTORS 2u

/* How strong a claim a sector has by its state byte. */
enum store_rank {
    STORE_RANK_NONE,
    STORE_RANK_PENDING,
    STORE_RANK_ACTIVE,
};

struct store_candidate {
    uint32_t addr;
    enum store_rank rank;
    uint32_t sequence;
};

static uint32_t store_other(uint32_t addr)
{
    return addr == LCM_TRUST_A_ADDR ? LCM_TRUST_B_ADDR : LCM_TRUST_A_ADDR;
}

/* A cut can leave bits between two states: see the header. */
static enum store_rank store_rank_of(uint8_t state)
{
    if (state == LCM_TRUST_ACTIVE)
        return STORE_RANK_ACTIVE;
    return (state & LCM_TRUST_ACTIVE) == LCM_TRUST_ACTIVE ? STORE_RANK_PENDING : STORE_RANK_NONE;
}

static enum lcm_err store_load(const struct lcm_flash *flash, uint32_t addr, uint8_t *work)
{
    return flash->read(flash->context, addr, work, LCM_TRUST_SIZE);
}

/* Cheap look at one sector: its claim, no signature. */
static enum lcm_err store_look(const struct lcm_flash *flash, uint8_t *work,
                               struct store_candidate *candidate)
{
    struct lcm_trust trust;
    enum lcm_err err = store_load(flash, candidate->addr, work);

    if (err != LCM_OK)
        return err;
    candidate->rank = STORE_RANK_NONE;
    if (lcm_trust_decode(&trust, work) == LCM_OK) {
        candidate->rank = store_rank_of(work[0]);
        candidate->sequence = trust.sequence;
    }
    return LCM_OK;
}

static bool store_is_better(const struct store_candidate *a, const struct store_candidate *b)
{
    if (a->rank != b->rank)
        return a->rank > b->rank;
    return a->sequence > b->sequence;
}

/* Both sectors, the better claim first. */
static enum lcm_err store_list(const struct lcm_flash *flash, uint8_t *work,
                               struct store_candidate list[SECTORS])
{
    list[0] = (struct store_candidate){LCM_TRUST_A_ADDR, STORE_RANK_NONE, 0};
    list[1] = (struct store_candidate){LCM_TRUST_B_ADDR, STORE_RANK_NONE, 0};
    for (uint32_t i = 0; i < SECTORS; i++) {
        enum lcm_err err = store_look(flash, work, &list[i]);
        if (err != LCM_OK)
            return err;
    }
    if (store_is_better(&list[1], &list[0])) {
        struct store_candidate better = list[1];
        list[1] = list[0];
        list[0] = better;
    }
    return LCM_OK;
}

/* LCM_ERR_NO_TRUST when this sector is not valid after all. */
static enum lcm_err store_verify(const struct lcm_flash *flash, uint32_t addr, uint8_t *work,
                                 struct lcm_trust *trust)
{
    struct lcm_trust decoded;
    enum lcm_err err = store_load(flash, addr, work);

    if (err != LCM_OK)
        return err;
    if (lcm_trust_decode(&decoded, work) != LCM_OK || lcm_trust_verify(&decoded, work) != LCM_OK)
        return LCM_ERR_NO_TRUST;
    *trust = decoded;
    return LCM_OK;
}

static enum lcm_err store_set_state(const struct lcm_flash *flash, uint32_t addr,
                                    enum lcm_trust_state state)
{
    const uint8_t byte = (uint8_t)state;

    return lcm_region_program(flash, LCM_REGION_TRUST, addr, &byte, 1);
}

/* A failure here changes nothing that counts: the higher sequence wins until the next try. */
static void store_retire(const struct lcm_flash *flash, uint32_t addr)
{
    enum lcm_err err = store_set_state(flash, addr, LCM_TRUST_RETIRED);

    (void)err;
}

/* Bring the state bytes to what was decided: winner active, the other not. */
static void store_tidy(const struct lcm_flash *flash, const struct store_candidate *winner,
                       const struct store_candidate *other)
{
    if (winner->rank == STORE_RANK_PENDING) {
        enum lcm_err err = store_set_state(flash, winner->addr, LCM_TRUST_ACTIVE);
        if (err != LCM_OK)
            return; /* it stays the only valid one; the next open tries again */
    }
    if (other->rank == STORE_RANK_ACTIVE)
        store_retire(flash, other->addr);
}

enum lcm_err lcm_trust_store_open(struct lcm_trust_store *store, const struct lcm_flash *flash,
                                  uint8_t work[LCM_TRUST_SIZE], struct lcm_trust *trust)
{
    struct store_candidate list[SECTORS];

    store->flash = flash;
    store->addr = 0;
    enum lcm_err err = store_list(flash, work, list);
    if (err != LCM_OK)
        return err;
    for (uint32_t i = 0; i < SECTORS && list[i].rank != STORE_RANK_NONE; i++) {
        err = store_verify(flash, list[i].addr, work, trust);
        if (err == LCM_ERR_NO_TRUST)
            continue;
        if (err != LCM_OK)
            return err;
        store->addr = list[i].addr;
        store_tidy(flash, &list[i], &list[1 - i]);
        return LCM_OK;
    }
    return LCM_ERR_NO_TRUST;
}

enum lcm_err lcm_trust_store_read(const struct lcm_trust_store *store, uint8_t file[LCM_TRUST_SIZE])
{
    if (store->addr == 0)
        return LCM_ERR_NO_TRUST;
    enum lcm_err err = store_load(store->flash, store->addr, file);
    if (err != LCM_OK)
        return err;
    file[0] = LCM_TRUST_ACTIVE;
    return LCM_OK;
}

/* Everything but the state byte, read back page by page. */
static enum lcm_err store_program_body(const struct lcm_flash *flash, uint32_t addr,
                                       const uint8_t *file)
{
    uint32_t offset = 1;

    while (offset < LCM_TRUST_SIZE) {
        uint32_t step = PAGE_SIZE - offset % PAGE_SIZE;
        enum lcm_err err =
            lcm_region_program(flash, LCM_REGION_TRUST, addr + offset, file + offset, step);
        if (err != LCM_OK)
            return err;
        offset += step;
    }
    /* Once more as a whole, so that no page was disturbed by its neighbours. */
    enum lcm_err err = lcm_flash_compare(flash, addr + 1, file + 1, LCM_TRUST_SIZE - 1);
    return err == LCM_ERR_CORRUPT ? LCM_ERR_FLASH : err;
}

static enum lcm_err store_write(const struct lcm_flash *flash, uint32_t addr, const uint8_t *file)
{
    enum lcm_err err = lcm_region_erase(flash, LCM_REGION_TRUST, addr);

    if (err == LCM_OK)
        err = store_program_body(flash, addr, file);
    if (err == LCM_OK)
        err = store_set_state(flash, addr, LCM_TRUST_ACTIVE);
    return err;
}

enum lcm_err lcm_trust_store_accept(struct lcm_trust_store *store, const struct lcm_trust *active,
                                    const uint8_t file[LCM_TRUST_SIZE], struct lcm_trust *accepted)
{
    struct lcm_trust next;
    enum lcm_err err;

    if (store->addr == 0)
        return LCM_ERR_NO_TRUST;
    err = lcm_trust_decode(&next, file);
    if (err == LCM_OK)
        err = lcm_trust_verify_successor(active, &next, file);
    if (err != LCM_OK)
        return err;
    uint32_t old_addr = store->addr;
    uint32_t new_addr = store_other(old_addr);
    err = store_write(store->flash, new_addr, file);
    if (err != LCM_OK)
        return err;
    store->addr = new_addr;
    store_retire(store->flash, old_addr);
    *accepted = next;
    return LCM_OK;
}

enum lcm_err lcm_trust_store_install_first(struct lcm_trust_store *store,
                                           const struct lcm_flash *flash,
                                           const uint8_t file[LCM_TRUST_SIZE],
                                           uint8_t work[LCM_TRUST_SIZE], struct lcm_trust *trust)
{
    struct lcm_trust first;
    enum lcm_err err = lcm_trust_store_open(store, flash, work, trust);

    if (err == LCM_OK)
        return LCM_ERR_ARGUMENT;
    if (err != LCM_ERR_NO_TRUST)
        return err;
    err = lcm_trust_decode(&first, file);
    if (err == LCM_OK)
        err = lcm_trust_verify(&first, file);
    if (err == LCM_OK)
        err = store_write(flash, LCM_TRUST_A_ADDR, file);
    if (err != LCM_OK)
        return err;
    store->addr = LCM_TRUST_A_ADDR;
    *trust = first;
    return LCM_OK;
}
