// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: whatever moment the power fails at while a trust sector is replaced, the device
 * finds a valid one, and finishes on the newest with the next try (V15).
 * Method: count the flash operations of an accept; repeat it with a cut at every one
 * (before, torn, after), then with a second cut at every operation of the recovery. After
 * each cut an independent look at the flash must find a valid active sector. Bits torn
 * inside the state byte are enumerated by value, and garbage is tried as the standby.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/trust/trust_store.h"
#include "tests/lib/ram_flash.h"
#include "tests/lib/trust_fixture.h"

#define SEQUENCE_OLD 1u
#define SEQUENCE_NEW 2u
#define OPERATIONS_EXPECTED 19u /* erase, 16 pages, activate, retire */
#define PAIRS_EXPECTED 686u     /* so that a lost cut is noticed */
#define GARBAGE_ROUNDS 50

static struct trust_fixture fixture;
static struct ram_flash flash;
static struct lcm_trust_store store;
static struct lcm_trust trust;
static uint8_t work[LCM_TRUST_SIZE];
static uint8_t first[LCM_TRUST_SIZE]; /* sequence 1 */
static uint8_t next[LCM_TRUST_SIZE];  /* sequence 2, owner changed */
static uint8_t snapshot[2 * LCM_TRUST_SIZE];

static int store_setup(void **state)
{
    (void)state;
    fixture_open(&fixture);
    fixture_sector(&fixture, SEQUENCE_OLD, FIXTURE_OWNER, FIXTURE_KEY_COUNT, first);
    fixture_sector(&fixture, SEQUENCE_NEW, FIXTURE_OWNER_2, FIXTURE_OWNER, next);
    return 0;
}

static int store_teardown(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

/* A device with sector 1 in force; garbage in the standby, as a torn write leaves it. */
static int store_fresh(void **state)
{
    (void)state;
    ram_flash_init(&flash);
    assert_int_equal(lcm_trust_store_install_first(&store, &flash.port, first, work, &trust),
                     LCM_OK);
    memset(flash.data + LCM_TRUST_B_ADDR, 0x5A, LCM_TRUST_SIZE);
    ram_flash_restore_power(&flash);
    return 0;
}

static enum lcm_err open_store(void)
{
    return lcm_trust_store_open(&store, &flash.port, work, &trust);
}

static bool is_valid_active(uint32_t addr)
{
    struct lcm_trust decoded;

    return flash.data[addr] == LCM_TRUST_ACTIVE &&
           lcm_trust_decode(&decoded, flash.data + addr) == LCM_OK &&
           lcm_trust_verify(&decoded, flash.data + addr) == LCM_OK;
}

static void assert_trust_on_flash(void)
{
    assert_true(is_valid_active(LCM_TRUST_A_ADDR) || is_valid_active(LCM_TRUST_B_ADDR));
}

static void snapshot_take(void)
{
    memcpy(snapshot, flash.data + LCM_TRUST_A_ADDR, sizeof(snapshot));
}

static void snapshot_restore(void)
{
    memcpy(flash.data + LCM_TRUST_A_ADDR, snapshot, sizeof(snapshot));
    ram_flash_restore_power(&flash);
}

static void arm(enum ram_flash_cut cut, uint32_t at)
{
    ram_flash_restore_power(&flash);
    flash.cut = cut;
    flash.cut_at = at;
}

/* What a device does at each start: open, and take the new sector if it is not there yet. */
static enum lcm_err start_device(void)
{
    enum lcm_err err = open_store();

    if (err == LCM_OK && trust.sequence == SEQUENCE_OLD)
        err = lcm_trust_store_accept(&store, &trust, next, &trust);
    return err;
}

static void assert_settled(void)
{
    uint8_t file[LCM_TRUST_SIZE];
    uint32_t other = store.addr == LCM_TRUST_A_ADDR ? LCM_TRUST_B_ADDR : (uint32_t)LCM_TRUST_A_ADDR;

    assert_int_equal(trust.sequence, SEQUENCE_NEW);
    assert_int_equal(flash.data[store.addr], LCM_TRUST_ACTIVE);
    assert_int_not_equal(flash.data[other], LCM_TRUST_ACTIVE);
    assert_int_equal(lcm_trust_store_read(&store, file), LCM_OK);
    assert_memory_equal(file, next, LCM_TRUST_SIZE);
}

static void test_accept_takes_over(void **state)
{
    (void)state;
    assert_int_equal(start_device(), LCM_OK);
    assert_int_equal(flash.operations, OPERATIONS_EXPECTED);
    assert_int_equal(store.addr, LCM_TRUST_B_ADDR);
    assert_int_equal(flash.data[LCM_TRUST_A_ADDR], LCM_TRUST_RETIRED);
    assert_settled();
    assert_int_equal(open_store(), LCM_OK);
    assert_int_equal(flash.operations, OPERATIONS_EXPECTED); /* nothing left to do */
    assert_settled();
    assert_int_equal(flash.erases[LCM_TRUST_B_ADDR / LCM_SECTOR_SIZE], 1);
}

/* One cut at every operation of every kind: power comes back, and the device gets there. */
static void test_every_single_cut(void **state)
{
    uint32_t paths = 0;

    (void)state;
    snapshot_take();
    for (uint32_t at = 0; at < OPERATIONS_EXPECTED; at++) {
        for (int cut = RAM_FLASH_CUT_BEFORE; cut <= RAM_FLASH_CUT_AFTER; cut++) {
            snapshot_restore();
            arm((enum ram_flash_cut)cut, at);
            enum lcm_err err = start_device();
            assert_true(flash.is_off); /* the cut did happen */
            assert_true(err == LCM_OK || err == LCM_ERR_FLASH);
            assert_trust_on_flash();
            ram_flash_restore_power(&flash);
            assert_int_equal(open_store(), LCM_OK);
            assert_true(err != LCM_OK || trust.sequence == SEQUENCE_NEW);
            assert_int_equal(start_device(), LCM_OK);
            assert_settled();
            paths++;
        }
    }
    assert_int_equal(paths, 3 * OPERATIONS_EXPECTED);
}

/* A second cut inside every operation of the recovery from the first. Cutting after
 * operation n leaves the same flash as cutting before n + 1, and a one-byte operation
 * torn is one not done, so these kinds are enough here. */
static void test_every_pair_of_cuts(void **state)
{
    uint8_t after_first[sizeof(snapshot)];
    uint32_t paths = 0;

    (void)state;
    snapshot_take();
    memcpy(after_first, snapshot, sizeof(snapshot));
    for (uint32_t at = 0; at < OPERATIONS_EXPECTED * 2; at++) {
        memcpy(snapshot, after_first, sizeof(snapshot));
        snapshot_restore();
        arm(at % 2 == 0 ? RAM_FLASH_CUT_BEFORE : RAM_FLASH_CUT_TORN, at / 2);
        (void)!start_device();
        snapshot_take();
        for (uint32_t second = 0;; second++) {
            snapshot_restore();
            arm(RAM_FLASH_CUT_TORN, second);
            (void)!start_device();
            if (!flash.is_off)
                break; /* past the last operation of this recovery */
            assert_trust_on_flash();
            ram_flash_restore_power(&flash);
            assert_int_equal(start_device(), LCM_OK);
            assert_settled();
            paths++;
        }
    }
    print_message("pairs of cuts: %u\n", (unsigned)paths);
    assert_int_equal(paths, PAIRS_EXPECTED);
}

/* The state byte torn on its way from 0xFF to 0x4C, and from 0x4C to 0x00: every value. */
static void test_every_state_byte(void **state)
{
    (void)state;
    assert_int_equal(start_device(), LCM_OK);
    snapshot_take();
    for (unsigned value = 0; value < 256; value++) {
        snapshot_restore(); /* old sector A on its way out, B active */
        flash.data[LCM_TRUST_A_ADDR] = (uint8_t)value;
        assert_int_equal(open_store(), LCM_OK);
        assert_int_equal(trust.sequence, SEQUENCE_NEW);
        assert_int_not_equal(flash.data[LCM_TRUST_A_ADDR], LCM_TRUST_ACTIVE);

        snapshot_restore(); /* new sector B on its way in, A active */
        flash.data[LCM_TRUST_A_ADDR] = LCM_TRUST_ACTIVE;
        flash.data[LCM_TRUST_B_ADDR] = (uint8_t)value;
        assert_int_equal(open_store(), LCM_OK);
        assert_int_equal(trust.sequence, value == LCM_TRUST_ACTIVE ? SEQUENCE_NEW : SEQUENCE_OLD);
        assert_trust_on_flash();
    }
}

/* Alone on the flash: all bits of "L" still there = accepted once, goes active. */
static void test_pending_alone(void **state)
{
    (void)state;
    snapshot_take();
    for (unsigned value = 0; value < 256; value++) {
        bool is_claim = (value & LCM_TRUST_ACTIVE) == LCM_TRUST_ACTIVE;
        snapshot_restore();
        flash.data[LCM_TRUST_A_ADDR] = (uint8_t)value;
        assert_int_equal(open_store(), is_claim ? LCM_OK : LCM_ERR_NO_TRUST);
        assert_int_equal(flash.data[LCM_TRUST_A_ADDR], is_claim ? LCM_TRUST_ACTIVE : value);
    }
    /* a pending sector whose signature is broken is nothing */
    snapshot_restore();
    flash.data[LCM_TRUST_A_ADDR] = LCM_TRUST_PENDING;
    flash.data[LCM_TRUST_A_ADDR + 0x14] ^= 1;
    assert_int_equal(open_store(), LCM_ERR_NO_TRUST);
}

/* The active sector rots: a pending one takes over, also when the active one still decodes. */
static void test_pending_beside_a_broken_active(void **state)
{
    (void)state;
    memcpy(flash.data + LCM_TRUST_B_ADDR, next, LCM_TRUST_SIZE);
    flash.data[LCM_TRUST_B_ADDR] = LCM_TRUST_PENDING;
    snapshot_take();
    assert_int_equal(open_store(), LCM_OK);
    assert_int_equal(trust.sequence, SEQUENCE_OLD); /* an active one goes first */
    assert_int_equal(flash.data[LCM_TRUST_B_ADDR], LCM_TRUST_PENDING);

    static const uint32_t offsets[] = {1, 12}; /* magic: no decode; sequence: no signature */
    for (size_t i = 0; i < 2; i++) {
        snapshot_restore();
        flash.data[LCM_TRUST_A_ADDR + offsets[i]] ^= 1;
        assert_int_equal(open_store(), LCM_OK);
        assert_int_equal(trust.sequence, SEQUENCE_NEW);
        assert_int_equal(store.addr, LCM_TRUST_B_ADDR);
        assert_int_equal(flash.data[LCM_TRUST_B_ADDR], LCM_TRUST_ACTIVE);
    }
}

/* Two active ones, as a cut between activation and retirement leaves them: in both places. */
static void test_two_active(void **state)
{
    (void)state;
    for (int swapped = 0; swapped < 2; swapped++) {
        uint32_t old_addr = swapped ? LCM_TRUST_B_ADDR : LCM_TRUST_A_ADDR;
        uint32_t new_addr = swapped ? LCM_TRUST_A_ADDR : LCM_TRUST_B_ADDR;
        memcpy(flash.data + old_addr, first, LCM_TRUST_SIZE);
        memcpy(flash.data + new_addr, next, LCM_TRUST_SIZE);
        assert_int_equal(open_store(), LCM_OK);
        assert_int_equal(store.addr, new_addr);
        assert_int_equal(flash.data[old_addr], LCM_TRUST_RETIRED);
        assert_settled();
        /* the newer one is a forgery: the older stays, the forgery goes out of use */
        memcpy(flash.data + old_addr, first, LCM_TRUST_SIZE);
        flash.data[new_addr + LCM_TLV_HEADER_SIZE + 4] = 9;
        assert_int_equal(open_store(), LCM_OK);
        assert_int_equal(store.addr, old_addr);
        assert_int_equal(trust.sequence, SEQUENCE_OLD);
        assert_int_equal(flash.data[new_addr], LCM_TRUST_RETIRED);
    }
}

/* Random garbage, and half a sector over garbage, never displaces the active one. */
static void test_garbage_standby(void **state)
{
    unsigned seed = (unsigned)time(NULL);

    (void)state;
    print_message("seed %u\n", seed);
    srand(seed);
    for (int round = 0; round < GARBAGE_ROUNDS; round++) {
        size_t good = (size_t)rand() % LCM_TRUST_SIZE;
        memcpy(flash.data + LCM_TRUST_B_ADDR, next, LCM_TRUST_SIZE);
        for (size_t i = good; i < LCM_TRUST_SIZE; i++)
            flash.data[LCM_TRUST_B_ADDR + i] = (uint8_t)rand();
        flash.data[LCM_TRUST_B_ADDR] = LCM_TRUST_ACTIVE;
        assert_int_equal(open_store(), LCM_OK);
        assert_int_equal(trust.sequence, SEQUENCE_OLD);
    }
}

/* Nothing that does not pass lcm_trust_verify_successor touches the flash. */
static void test_refusals_write_nothing(void **state)
{
    uint8_t file[LCM_TRUST_SIZE];
    struct lcm_trust accepted;
    struct lcm_trust untouched;

    (void)state;
    assert_int_equal(open_store(), LCM_OK);
    memset(&accepted, 0xA5, sizeof(accepted));
    memset(&untouched, 0xA5, sizeof(untouched));
    uint32_t operations = flash.operations;
    assert_int_equal(lcm_trust_store_accept(&store, &trust, first, &accepted), LCM_ERR_ROLLBACK);
    fixture_sector(&fixture, 9, FIXTURE_THIEF, FIXTURE_THIEF, file);
    assert_int_equal(lcm_trust_store_accept(&store, &trust, file, &accepted), LCM_ERR_KEY_UNKNOWN);
    memcpy(file, next, sizeof(file));
    file[LCM_TLV_HEADER_SIZE + 4] = 9;
    assert_int_equal(lcm_trust_store_accept(&store, &trust, file, &accepted), LCM_ERR_SIGNATURE);
    file[LCM_TRUST_SIZE - 1] = 0;
    assert_int_equal(lcm_trust_store_accept(&store, &trust, file, &accepted), LCM_ERR_FORMAT);
    assert_memory_equal(&accepted, &untouched, sizeof(accepted));
    assert_int_equal(lcm_trust_store_install_first(&store, &flash.port, next, work, &accepted),
                     LCM_ERR_ARGUMENT);
    assert_int_equal(accepted.sequence, SEQUENCE_OLD);
    assert_int_equal(flash.operations, operations);
}

static void test_no_trust(void **state)
{
    struct lcm_trust accepted;
    uint8_t file[LCM_TRUST_SIZE];

    (void)state;
    ram_flash_init(&flash);
    assert_int_equal(open_store(), LCM_ERR_NO_TRUST);
    assert_int_equal(lcm_trust_store_read(&store, file), LCM_ERR_NO_TRUST);
    assert_int_equal(lcm_trust_store_accept(&store, &trust, next, &accepted), LCM_ERR_NO_TRUST);
    memcpy(file, first, sizeof(file));
    file[LCM_TLV_HEADER_SIZE + 4] = 9;
    assert_int_equal(lcm_trust_store_install_first(&store, &flash.port, file, work, &trust),
                     LCM_ERR_SIGNATURE);
    assert_int_equal(flash.operations, 0);
}

/* The very first sector: a cut anywhere leaves no trust or the new one, and it can be redone. */
static void test_cuts_of_the_first_sector(void **state)
{
    (void)state;
    for (uint32_t at = 0; at < OPERATIONS_EXPECTED - 1; at++) {
        for (int cut = RAM_FLASH_CUT_BEFORE; cut <= RAM_FLASH_CUT_AFTER; cut++) {
            ram_flash_init(&flash);
            memset(flash.data + LCM_TRUST_A_ADDR, 0, 2 * LCM_TRUST_SIZE);
            arm((enum ram_flash_cut)cut, at);
            (void)!lcm_trust_store_install_first(&store, &flash.port, first, work, &trust);
            assert_true(flash.is_off);
            ram_flash_restore_power(&flash);
            enum lcm_err err =
                lcm_trust_store_install_first(&store, &flash.port, first, work, &trust);
            assert_true(err == LCM_OK || err == LCM_ERR_ARGUMENT); /* done, or was done */
            assert_int_equal(open_store(), LCM_OK);
            assert_int_equal(trust.sequence, SEQUENCE_OLD);
        }
    }
}

/* V13: years of key changes, one by one; a step left out is noticed. A and B take turns. */
static void test_walks_a_chain(void **state)
{
    static const enum fixture_key owners[] = {FIXTURE_OWNER, FIXTURE_OWNER_2, FIXTURE_OWNER_3,
                                              FIXTURE_APP, FIXTURE_APP_2};
    uint8_t file[LCM_TRUST_SIZE];

    (void)state;
    assert_int_equal(open_store(), LCM_OK);
    for (uint32_t i = 1; i < sizeof(owners) / sizeof(owners[0]); i++) {
        if (i + 1 < sizeof(owners) / sizeof(owners[0])) {
            fixture_sector(&fixture, 10 + i + 1, owners[i + 1], owners[i], file);
            assert_int_equal(lcm_trust_store_accept(&store, &trust, file, &trust),
                             LCM_ERR_KEY_UNKNOWN);
        }
        fixture_sector(&fixture, 10 + i, owners[i], owners[i - 1], file);
        assert_int_equal(lcm_trust_store_accept(&store, &trust, file, &trust), LCM_OK);
        assert_int_equal(store.addr, i % 2 == 1 ? LCM_TRUST_B_ADDR : LCM_TRUST_A_ADDR);
        assert_int_equal(trust.sequence, 10 + i);
        assert_trust_on_flash();
    }
    assert_int_equal(open_store(), LCM_OK);
    assert_int_equal(trust.sequence, 14);
}

/* The neighbours of the two sectors are never touched. */
static void test_neighbours(void **state)
{
    (void)state;
    memset(flash.data + LCM_SETTINGS_ADDR, 0x11, LCM_SETTINGS_SIZE);
    memset(flash.data + LCM_STATE_ADDR, 0x22, LCM_STATE_SIZE);
    assert_int_equal(start_device(), LCM_OK);
    for (uint32_t sector = 0; sector < LCM_FLASH_SIZE / LCM_SECTOR_SIZE; sector++) {
        uint32_t addr = sector * LCM_SECTOR_SIZE;
        if (addr != LCM_TRUST_A_ADDR && addr != LCM_TRUST_B_ADDR)
            assert_int_equal(flash.erases[sector], 0);
    }
    for (uint32_t i = 0; i < LCM_SETTINGS_SIZE; i++)
        assert_int_equal(flash.data[LCM_SETTINGS_ADDR + i], 0x11);
    for (uint32_t i = 0; i < LCM_STATE_SIZE; i++)
        assert_int_equal(flash.data[LCM_STATE_ADDR + i], 0x22);
}

#define FRESH(test) cmocka_unit_test_setup(test, store_fresh)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(test_accept_takes_over),
        FRESH(test_every_single_cut),
        FRESH(test_every_pair_of_cuts),
        FRESH(test_every_state_byte),
        FRESH(test_pending_alone),
        FRESH(test_pending_beside_a_broken_active),
        FRESH(test_two_active),
        FRESH(test_garbage_standby),
        FRESH(test_refusals_write_nothing),
        FRESH(test_no_trust),
        FRESH(test_cuts_of_the_first_sector),
        FRESH(test_walks_a_chain),
        FRESH(test_neighbours),
    };
    return cmocka_run_group_tests(tests, store_setup, store_teardown);
}
