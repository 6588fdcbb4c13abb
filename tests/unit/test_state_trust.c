// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the trust sector changes only by whole files, a chain of key changes is followed to
 * its end and no further, and each way it can break off has its own reason.
 * Method: the states are called one by one on the fake device, with what a transfer would
 * have left: bytes in the work buffer and the fields of the answer. Real hosts that change
 * keys are in the system tests.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/update/states.h"
#include "tests/lib/device_parts.h"
#include "tests/lib/fake_device.h"

#define ADDRESS "https://objects.githubusercontent.com/chain"

static struct fake_device device;
static struct lcm_lifecycle *const lc = &device.lifecycle;

/* Sector 1 is in force, and the transfer of something is over. */
static int set_up(void **state)
{
    (void)state;
    fake_device_init(&device);
    fake_device_begin(&device, 1);
    assert_int_equal(lcm_trust_store_install_first(&lc->trust_store, &device.flash.port,
                                                   parts.sector, lc->work, &lc->trust),
                     LCM_OK);
    lc->buffer.length = LCM_TRUST_SIZE;
    strcpy(lc->download.address[LCM_PLACE_FIRST], ADDRESS);
    return 0;
}

/* This sector arrived; so says the pointer. */
static void receive(uint32_t sequence, enum fixture_key owner, enum fixture_key before)
{
    fixture_sector(&parts.keys, sequence, owner, before, lc->work);
    lcm_trust_hash(lc->work, lc->pointer.sha256);
}

static void answer_of(uint32_t sectors)
{
    struct lcm_http_response *response = &lc->fetch.parser.response;

    response->has_range_total = sectors > 0;
    response->range_total = (uint64_t)sectors * LCM_TRUST_SIZE;
}

/* A release may have no certificates; one with half of them is broken. */
static void test_missing_certificates(void **state)
{
    (void)state;
    lc->sub_step = 1; /* the pointer is being located */
    assert_int_equal(state_trust_locate_choose(lc, LCM_ERR_HTTP_NOT_FOUND), STATE_BOOT_LOCATE);
    lc->sub_step = 3; /* the sector */
    assert_int_equal(state_trust_locate_choose(lc, LCM_ERR_HTTP_NOT_FOUND), STATE_FAILED);
    assert_int_equal(state_trust_locate_choose(lc, LCM_ERR_DNS), STATE_FAILED);
}

/* Less than a sector is none, even if the rest of it is still in memory. */
static void test_short_sector(void **state)
{
    (void)state;
    receive(2, FIXTURE_OWNER, FIXTURE_KEY_COUNT);
    lc->buffer.length = LCM_TRUST_SIZE - 1;
    assert_int_equal(state_trust_sector_step(lc), LCM_ERR_FORMAT);
    answer_of(1);
    assert_int_equal(state_trust_chain_step(lc), LCM_ERR_FORMAT);
    assert_int_equal(lc->trust.sequence, 1);
    lc->buffer.length = LCM_TRUST_SIZE;
    assert_int_equal(state_trust_sector_step(lc), LCM_OK);
    assert_int_equal(lc->trust.sequence, 2);
}

/* The owner in force announced a sector of another owner: only the chain can tell who it is. */
static void test_sector_of_a_new_owner(void **state)
{
    (void)state;
    receive(2, FIXTURE_OWNER_2, FIXTURE_KEY_COUNT);
    enum lcm_err err = state_trust_sector_step(lc);
    assert_int_equal(err, LCM_ERR_KEY_UNKNOWN);
    assert_int_equal(state_trust_sector_choose(lc, err), STATE_TRUST_CHAIN);
    assert_int_equal(state_trust_sector_choose(lc, LCM_ERR_SIGNATURE), STATE_FAILED);
    assert_int_equal(state_trust_sector_choose(lc, LCM_OK), STATE_TRUST_CHANGED);
}

/* How long the chain is, only the host knows: one that does not say so ends at once, one that
 * has no end, at the bound. */
static void test_length_of_the_chain(void **state)
{
    (void)state;
    receive(2, FIXTURE_OWNER, FIXTURE_KEY_COUNT);
    answer_of(0);
    assert_int_equal(state_trust_chain_step(lc), LCM_OK);
    assert_int_equal(lc->trust.sequence, 2);

    answer_of(1000);
    lc->chain_index = LCM_TRUST_CHAIN_SECTORS_MAX - 2;
    assert_int_equal(state_trust_chain_step(lc), LCM_PENDING); /* known: passed over */
    assert_int_equal(lc->download.range_first, (LCM_TRUST_CHAIN_SECTORS_MAX - 1) * LCM_TRUST_SIZE);
    lcm_fetch_close(&lc->fetch);
    lc->download.phase = LCM_DOWNLOAD_IDLE;
    lc->buffer.length = LCM_TRUST_SIZE;
    answer_of(1000);
    assert_int_equal(state_trust_chain_step(lc), LCM_OK);
}

/* From the moment it is accepted on a sector decides which hosts may be asked: also for the
 * rest of the chain it came with. */
static void test_sector_that_forbids_the_host(void **state)
{
    struct lcm_trust_spec spec =
        fixture_trust_spec(&parts.keys, 2, FIXTURE_OWNER, FIXTURE_KEY_COUNT);

    (void)state;
    spec.suffix[0] = "example.org";
    assert_int_equal(lcm_trust_encode(&spec, lc->work, NULL), LCM_OK);
    answer_of(5);
    assert_int_equal(state_trust_chain_step(lc), LCM_ERR_REDIRECT);
    assert_int_equal(lc->trust.sequence, 2);
}

/* Only a chain that led on is worth another look at the pointer; else it goes in circles. */
static void test_where_the_chain_leads(void **state)
{
    (void)state;
    lc->chain_start_sequence = 1;
    lc->trust.sequence = 2;
    assert_int_equal(state_trust_chain_choose(lc, LCM_OK), STATE_TRUST_LOCATE);
    lc->trust.sequence = 1;
    assert_int_equal(state_trust_chain_choose(lc, LCM_OK), STATE_FAILED);
    assert_int_equal(lc->failure, LCM_ERR_KEY_UNKNOWN);
    lc->failure = LCM_ERR_HTTP_NOT_FOUND;
    assert_int_equal(state_trust_chain_choose(lc, LCM_ERR_HTTP_NOT_FOUND), STATE_FAILED);
    assert_int_equal(lc->failure, LCM_ERR_KEY_UNKNOWN);
    lc->failure = LCM_ERR_DNS;
    assert_int_equal(state_trust_chain_choose(lc, LCM_ERR_DNS), STATE_FAILED);
    assert_int_equal(lc->failure, LCM_ERR_DNS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_missing_certificates, set_up),
        cmocka_unit_test_setup(test_short_sector, set_up),
        cmocka_unit_test_setup(test_sector_of_a_new_owner, set_up),
        cmocka_unit_test_setup(test_length_of_the_chain, set_up),
        cmocka_unit_test_setup(test_sector_that_forbids_the_host, set_up),
        cmocka_unit_test_setup(test_where_the_chain_leads, set_up),
    };
    return cmocka_run_group_tests(tests, device_parts_open, device_parts_close);
}
