// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: certificates: new ones are taken over, also through a connection that is not trusted;
 * owner-key changes are followed link by link; forged ones change nothing; no app ever
 * comes through a connection that is not trusted, and the device says so by syslog.
 * Method: certificate faults of the server, trust sectors signed by chosen keys, a UDP socket
 * of the test as the syslog server.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/update/keys.h"
#include "tests/lib/fixture_device.h"
#include "tests/lib/fixture_flash.h"
#include "tests/lib/fixture_image.h"
#include "tests/lib/fixture_release.h"
#include "tests/lib/fixture_syslog.h"

static void syslog_check(struct fixture_world *world, const struct fixture_syslog *syslog)
{
    char id[FIXTURE_SYSLOG_ID_SIZE];

    for (size_t i = 0; i < syslog->count; i++) {
        if (!fixture_syslog_parse(syslog->message[i], id))
            fail_msg("not RFC 5424: %s", syslog->message[i]);
    }
    EXPECT(world, !fixture_syslog_contains(syslog, FIXTURE_PASSWORD));
    EXPECT(world, !fixture_syslog_contains(syslog, "sig="));
}

/* ---- a host that is not trusted ---- */

static void untrusted_host(struct fixture_world *world, const char *fault, const char *option,
                           const char *value)
{
    print_message("fault: %s\n", fault);
    fixture_publish_app(world, "1.1.0", 2);
    fixture_server_fault(&world->server, fault);
    fixture_device_run(world, "--check", option, value, NULL);
}

/* Goal: an impostor with the right names, a certificate for another host, one that expired:
 * the app runs, nothing is installed, CERTINVALID is told. */
static void test_impostor(void **state)
{
    untrusted_host(*state, "wrong-ca@release", NULL, NULL);
    fixture_expect_kept(*state, "CERTIFICATE");
    EXPECT((struct fixture_world *)*state,
           fixture_device_events(*state, "CERTINVALID", NULL, NULL) == 1);
}

static void test_certificate_for_other_host(void **state)
{
    untrusted_host(*state, "wrong-name@release", NULL, NULL);
    fixture_expect_kept(*state, "CERTIFICATE");
}

static void test_expired_certificate(void **state)
{
    untrusted_host(*state, "expired-cert@release", NULL, NULL);
    fixture_expect_kept(*state, "CERTIFICATE");
}

/* Goal: without a trusted time dates are not judged, everything else is. */
static void test_expired_certificate_without_clock(void **state)
{
    untrusted_host(*state, "expired-cert@release", "--time", "none");
    fixture_expect_app(*state, "1.1.0");
}

static void test_impostor_without_clock(void **state)
{
    untrusted_host(*state, "wrong-ca@release", "--time", "none");
    fixture_expect_kept(*state, "CERTIFICATE");
}

static void test_other_host_without_clock(void **state)
{
    untrusted_host(*state, "wrong-name@release", "--time", "none");
    fixture_expect_kept(*state, "CERTIFICATE");
}

/* Goal: the release host is trusted, the asset host is not: no app. */
static void test_untrusted_asset_host(void **state)
{
    untrusted_host(*state, "wrong-name@asset", NULL, NULL);
    fixture_expect_kept(*state, "CERTIFICATE");
}

/* Goal: clocks that are hostile or lost do not stop updates. */
static void clock_says(struct fixture_world *world, const char *time_text)
{
    fixture_publish_app(world, "1.1.0", 2);
    fixture_device_run(world, "--check", "--time", time_text, NULL);
    fixture_expect_app(world, "1.1.0");
}

static void test_clock_says_1970(void **state)
{
    clock_says(*state, "0");
}

static void test_clock_says_2106(void **state)
{
    clock_says(*state, "4294967295");
}

static void test_clock_says_nothing(void **state)
{
    clock_says(*state, "none");
}

/* Goal: a clock some years ahead, where all certificates have expired, is believed as far as
 * it can be: no app, and the app that is there runs. */
static void test_clock_four_years_ahead(void **state)
{
    struct fixture_world *world = *state;
    char ahead[24];

    snprintf(ahead, sizeof(ahead), "%llu", (unsigned long long)world->now + 4u * 31557600u);
    fixture_publish_app(world, "1.1.0", 2);
    fixture_device_run(world, "--check", "--time", ahead, NULL);
    fixture_expect_kept(world, "CERTIFICATE");
}

/* ---- new certificates ---- */

/* Goal: a new sector on a trusted host is taken over and the app is updated in the same run;
 * the other sector is retired. */
static void test_new_certificates(void **state)
{
    struct fixture_world *world = *state;
    struct lcm_trust_spec spec = fixture_anchored_spec(world, 2, FIXTURE_OWNER, FIXTURE_KEY_COUNT);

    fixture_publish_trust(world, "1.0.1", &spec);
    fixture_publish_updaters(world, "1.0.1", 1);
    fixture_publish_app(world, "1.1.0", 2);
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, fixture_trust_sequence(world) == 2);
    EXPECT(world, world->flash[LCM_TRUST_A_ADDR] == 0x00 &&
                      world->flash[LCM_TRUST_B_ADDR] == LCM_TRUST_ACTIVE);
    EXPECT(world, fixture_device_events(world, "UPDATE", "done", "certs.sector") == 1);
}

/* Goal: the host changes its certificate authority. First nothing is installed and CERTINVALID
 * goes out by syslog; then the owner publishes new certificates, which come through the very
 * connection that is not trusted, and the app is updated in the same run. */
static void test_new_authority(void **state)
{
    static struct fixture_syslog syslog;
    struct fixture_world *world = *state;

    fixture_syslog_open(&syslog);
    fixture_flash_set(world, LCM_KEY_SYSLOG, syslog.address);
    fixture_publish_app(world, "1.1.0", 2);
    fixture_server_fault(&world->server, "new-ca");
    fixture_device_run(world, "--check", NULL);
    fixture_expect_kept(world, "CERTIFICATE");
    fixture_syslog_close(&syslog);
    syslog_check(world, &syslog);
    EXPECT(world, fixture_syslog_messages(&syslog, "BOOT") == 1);
    EXPECT(world, fixture_syslog_messages(&syslog, "CERTINVALID") == 1);

    fixture_publish_new_anchors(world, "1.0.1", FIXTURE_OWNER);
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, fixture_trust_sequence(world) == 2);
    EXPECT(world, fixture_flash_holds(world, LCM_SLOT0_ADDR, FIXTURE_REPOSITORY, "1.1.0",
                                      FIXTURE_APP_FILE));
    EXPECT(world, world->run.process.exit_code == 0);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.1.0");
}

/* Goal: through an untrusted connection a thief's certificates are no certificates. */
static void test_forged_authority(void **state)
{
    struct fixture_world *world = *state;

    fixture_publish_new_anchors(world, "1.0.1", FIXTURE_THIEF);
    fixture_publish_app(world, "1.1.0", 2);
    fixture_server_fault(&world->server, "new-ca");
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, strcmp(fixture_device_result(world), "OK") != 0);
    fixture_expect_kept(world, fixture_device_result(world));
}

/* ---- owner keys ---- */

/* Sector `sequence` signed by owner and (for the change) by the owner before. */
static void chain_sector(struct fixture_world *world, uint32_t sequence, enum fixture_key owner,
                         enum fixture_key before, uint8_t *sector)
{
    struct lcm_trust_spec spec = fixture_anchored_spec(world, sequence, owner, before);

    fixture_encode_trust(world, &spec, sector);
}

static const enum fixture_key owners[] = {
    FIXTURE_OWNER, FIXTURE_OWNER_2, FIXTURE_OWNER_3, FIXTURE_APP_2, FIXTURE_APP_3, FIXTURE_APP_4,
    FIXTURE_APP_5, FIXTURE_OWNER_2, FIXTURE_OWNER_3, FIXTURE_APP_2, FIXTURE_APP_3, FIXTURE_APP_4};
#define OWNERS_MAX (sizeof(owners) / sizeof(owners[0]))

/* Release 1.0.1 after `changes` changes of the owner key; the last sector is the newest. */
static void publish_chain(struct fixture_world *world, size_t changes)
{
    static uint8_t chain[OWNERS_MAX][LCM_TRUST_SIZE];
    struct lcm_trust_spec spec =
        fixture_anchored_spec(world, (uint32_t)changes + 1, owners[changes], owners[changes - 1]);

    assert_true(changes < OWNERS_MAX);
    for (size_t i = 1; i <= changes; i++)
        chain_sector(world, (uint32_t)i + 1, owners[i], owners[i - 1], chain[i - 1]);
    fixture_publish_trust(world, "1.0.1", &spec);
    /* The newest sector must be the same bytes in both places. */
    fixture_put(world, FIXTURE_SUITE_REPOSITORY, "1.0.1", "trust-chain", chain,
                changes * LCM_TRUST_SIZE);
}

/* Sector bytes of the release and of the chain's end must agree: copy the former. */
static void align_chain_end(struct fixture_world *world, size_t changes)
{
    size_t size = 0, sector_size = 0;
    uint8_t *chain =
        fixture_published(world, FIXTURE_SUITE_REPOSITORY, "1.0.1", "trust-chain", &size);
    uint8_t *sector =
        fixture_published(world, FIXTURE_SUITE_REPOSITORY, "1.0.1", "certs.sector", &sector_size);

    memcpy(chain + (changes - 1) * LCM_TRUST_SIZE, sector, LCM_TRUST_SIZE);
    fixture_put(world, FIXTURE_SUITE_REPOSITORY, "1.0.1", "trust-chain", chain, size);
    free(chain);
    free(sector);
}

/* Goal: one change of the owner key; the device knows the key before. */
static void test_one_key_change(void **state)
{
    struct fixture_world *world = *state;

    publish_chain(world, 1);
    align_chain_end(world, 1);
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, fixture_trust_sequence(world) == 2);
    EXPECT(world, strcmp(fixture_device_end(world), "app") == 0);
    EXPECT(world, world->run.process.exit_code == 0);
}

/* Goal: a device that was off during three key changes walks up the chain, and the app is
 * updated in the same run. */
static void test_three_key_changes(void **state)
{
    struct fixture_world *world = *state;

    publish_chain(world, 3);
    align_chain_end(world, 3);
    fixture_publish_app(world, "1.1.0", 2);
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, fixture_trust_sequence(world) == 4);
    EXPECT(world, fixture_flash_holds(world, LCM_SLOT0_ADDR, FIXTURE_REPOSITORY, "1.1.0",
                                      FIXTURE_APP_FILE));
}

/* Goal: more changes than one run follows: it stops, the app runs, and the next check goes on to
 * the end. */
static void test_chain_longer_than_one_run(void **state)
{
    struct fixture_world *world = *state;
    size_t changes = OWNERS_MAX - 1;

    publish_chain(world, changes);
    align_chain_end(world, changes);
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, strcmp(fixture_device_end(world), "app") == 0);
    uint32_t reached = fixture_trust_sequence(world);
    EXPECT(world, reached > 1 && reached < changes + 1);
    EXPECT(world, strcmp(fixture_device_result(world), "CHAIN_TOO_LONG") == 0);
    for (unsigned i = 0; i < 2 && fixture_trust_sequence(world) < changes + 1; i++)
        fixture_device_run(world, "--check", NULL);
    EXPECT(world, fixture_trust_sequence(world) == changes + 1);
    EXPECT(world, strcmp(fixture_device_end(world), "app") == 0);
}

/* Goal: a chain with a link that the key before did not sign changes nothing. */
static void test_forged_chain(void **state)
{
    struct fixture_world *world = *state;
    struct lcm_trust_spec spec = fixture_anchored_spec(world, 3, FIXTURE_THIEF, FIXTURE_OWNER_2);
    uint8_t sector[LCM_TRUST_SIZE];

    fixture_publish_trust(world, "1.0.1", &spec);
    fixture_encode_trust(world, &spec, sector);
    fixture_put(world, FIXTURE_SUITE_REPOSITORY, "1.0.1", "trust-chain", sector, sizeof(sector));
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, strcmp(fixture_device_result(world), "OK") != 0);
    fixture_expect_kept(world, fixture_device_result(world));
    EXPECT(world, fixture_trust_sequence(world) == 1);
}

/* Goal: a new owner without a chain: the device stays as it is. */
static void test_missing_chain(void **state)
{
    struct fixture_world *world = *state;
    struct lcm_trust_spec spec = fixture_anchored_spec(world, 2, FIXTURE_OWNER_2, FIXTURE_OWNER);

    fixture_publish_trust(world, "1.0.1", &spec);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_kept(world, "KEY_UNKNOWN");
}

/* Goal: an older sector than the active one is passed over with a warning, and the app is
 * updated all the same; the same sequence with other content is equivocation. */
static void test_old_certificates_are_ignored(void **state)
{
    struct fixture_world *world = *state;
    struct lcm_trust_spec spec = fixture_anchored_spec(world, 5, FIXTURE_OWNER, FIXTURE_KEY_COUNT);

    fixture_publish_trust(world, "1.0.1", &spec);
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, fixture_trust_sequence(world) == 5);
    fixture_flash_remember(world);
    spec.sequence = 4;
    fixture_publish_trust(world, "1.0.2", &spec);
    fixture_publish_app(world, "1.1.0", 2);
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, fixture_trust_sequence(world) == 5);
    EXPECT(world, world->run.process.exit_code == 0);
    EXPECT(world, strcmp(fixture_setting(world, LCM_KEY_OTA_VERSION), "1.1.0") == 0);
    EXPECT(world, fixture_flash_changes(world, LCM_TRUST_A_ADDR, 2 * LCM_TRUST_SIZE) == 0);
}

static void test_two_sectors_of_one_sequence(void **state)
{
    struct fixture_world *world = *state;
    struct lcm_trust_spec spec = fixture_anchored_spec(world, 1, FIXTURE_OWNER, FIXTURE_KEY_COUNT);

    spec.anchor_count--;
    fixture_publish_trust(world, "1.0.1", &spec);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_kept(world, "EQUIVOCATION");
}

/* Goal: the sector that arrives is not the one the pointer signed for. */
static void test_damaged_sector_file(void **state)
{
    struct fixture_world *world = *state;
    struct lcm_trust_spec spec = fixture_anchored_spec(world, 2, FIXTURE_OWNER, FIXTURE_KEY_COUNT);

    fixture_publish_trust(world, "1.0.1", &spec);
    fixture_server_fault(&world->server, "flip-byte=2000@asset~certs.sector");
    fixture_device_run(world, "--check", NULL);
    fixture_expect_kept(world, "CORRUPT");
}

/* Goal: a release key that the new sector does not list any more signs nothing. */
static void test_revoked_release_key(void **state)
{
    struct fixture_world *world = *state;
    struct lcm_trust_spec spec = fixture_anchored_spec(world, 2, FIXTURE_OWNER, FIXTURE_KEY_COUNT);

    memcpy(spec.release_key[0], world->keys.point[FIXTURE_APP_5], LCM_KEY_SIZE);
    fixture_publish_trust(world, "1.0.1", &spec);
    fixture_publish_updaters(world, "1.0.1", 2);
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, fixture_trust_sequence(world) == 2);
    EXPECT(world, strcmp(fixture_device_result(world), "KEY_UNKNOWN") == 0);
    EXPECT(world, strcmp(fixture_device_end(world), "app") == 0);
    EXPECT(world, fixture_flash_changes(world, LCM_SLOT0_ADDR, LCM_SLOT0_SIZE) == 0);
}

/* Goal: both trust sectors are lost: the device does nothing but run its app. */
static void test_no_trust_sector(void **state)
{
    struct fixture_world *world = *state;
    static uint8_t zeros[2 * LCM_TRUST_SIZE];

    fixture_flash_poke(world, LCM_TRUST_A_ADDR, zeros, sizeof(zeros));
    fixture_flash_remember(world);
    fixture_publish_app(world, "1.1.0", 2);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_kept(world, "NO_TRUST");
    EXPECT(world, fixture_server_requests(&world->server, NULL) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_impostor),
        FIXTURE_TEST(test_certificate_for_other_host),
        FIXTURE_TEST(test_expired_certificate),
        FIXTURE_TEST(test_expired_certificate_without_clock),
        FIXTURE_TEST(test_impostor_without_clock),
        FIXTURE_TEST(test_other_host_without_clock),
        FIXTURE_TEST(test_untrusted_asset_host),
        FIXTURE_TEST(test_clock_says_1970),
        FIXTURE_TEST(test_clock_says_2106),
        FIXTURE_TEST(test_clock_says_nothing),
        FIXTURE_TEST(test_clock_four_years_ahead),
        FIXTURE_TEST(test_new_certificates),
        FIXTURE_TEST(test_new_authority),
        FIXTURE_TEST(test_forged_authority),
        FIXTURE_TEST(test_one_key_change),
        FIXTURE_TEST(test_three_key_changes),
        FIXTURE_TEST(test_chain_longer_than_one_run),
        FIXTURE_TEST(test_forged_chain),
        FIXTURE_TEST(test_missing_chain),
        FIXTURE_TEST(test_old_certificates_are_ignored),
        FIXTURE_TEST(test_two_sectors_of_one_sequence),
        FIXTURE_TEST(test_damaged_sector_file),
        FIXTURE_TEST(test_revoked_release_key),
        FIXTURE_TEST(test_no_trust_sector),
    };

    return FIXTURE_MAIN("trust", tests);
}
