// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: what lcm publishes is what devices accept and nothing else: trust sectors that
 * follow each other, releases with correct hashes and signatures, and a verdict of
 * `release verify` that falls with every damaged byte.
 * Method: drives the real binary; hashes are checked against OpenSSL, refusals by exit
 * code and message; the URL mode runs against
 * the release host of `lcm serve`, over TLS and with faults.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <cjson/cJSON.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "lcm/layout.h"
#include "tests/lib/lcm_run.h"
#include "tests/lib/trust_fixture.h"

#define TRUST "--release-key release.pem --ca ca.pem --repo me/lifecycle"
#define PACK "release pack plain0.bin --type app --repo me/lamp --file main.bin"
#define VERIFY "release verify %s --file main.bin --repo me/lamp"

static struct lcm_run run;
static uint8_t bytes[LCM_FLASH_SIZE];

static void test_trust_build(void **state)
{
    uint8_t hash[32];
    uint8_t pointer[256];
    size_t size = 0;
    cJSON *json = NULL;
    bool has_hash = false;

    (void)state;
    lcm_run_ok(&run, "trust build --owner owner.pem %s --out trust --security-floor updater=3",
               TRUST);
    assert_non_null(strstr(run.out, "bytes free: about"));
    assert_int_equal(workshop_read("trust/certs.sector", bytes, sizeof(bytes)), LCM_TRUST_SIZE);
    assert_memory_equal(bytes, "LCT1", 4);
    assert_false(workshop_exists("trust/trust-chain"));
    /* the pointer announces exactly these bytes */
    assert_int_equal(EVP_Digest(bytes, LCM_TRUST_SIZE, hash, NULL, EVP_sha256(), NULL), 1);
    size = workshop_read("trust/certs.sector.sig", pointer, sizeof(pointer));
    for (size_t i = 0; i + sizeof(hash) <= size; i++)
        has_hash = has_hash || memcmp(pointer + i, hash, sizeof(hash)) == 0;
    assert_true(has_hash);
    lcm_run_ok(&run, "trust inspect trust/certs.sector --json");
    json = cJSON_Parse(run.out);
    assert_int_equal(cJSON_GetObjectItem(json, "sequence")->valueint, 1);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "anchors")), 4);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(
        cJSON_GetArrayItem(cJSON_GetObjectItem(json, "anchors"), 3), "intermediate")));
    assert_string_equal(
        cJSON_GetArrayItem(cJSON_GetObjectItem(json, "host_suffixes"), 0)->valuestring,
        "githubusercontent.com");
    cJSON_Delete(json);
}

static void test_trust_successors(void **state)
{
    static const char previous[] = "--previous trust/certs.sector";

    (void)state;
    lcm_run_refused(3, "not above", "trust build --owner owner.pem %s %s --sequence 1 --out no",
                    TRUST, previous);
    lcm_run_refused(3, "--owner-before", "trust build --owner owner2.pem %s %s --out no", TRUST,
                    previous);
    lcm_run_refused(3, "app.pem is not the owner key",
                    "trust build --owner owner2.pem --owner-before app.pem %s %s --out no", TRUST,
                    previous);
    assert_false(workshop_exists("no"));
    lcm_run_ok(&run, "trust build --owner owner2.pem --owner-before owner.pem %s %s --out trust2",
               TRUST, previous);
    assert_non_null(strstr(run.out, "sequence     2"));
    assert_int_equal(workshop_read("trust2/trust-chain", bytes, sizeof(bytes)), LCM_TRUST_SIZE);
    lcm_run_refused(3, "already ends at sequence 2",
                    "trust build --owner owner2.pem --owner-before owner.pem %s %s --out trust2",
                    TRUST, previous);
    lcm_run_ok(&run,
               "trust build --owner owner.pem --owner-before owner2.pem %s --out trust2 "
               "--previous trust2/certs.sector",
               TRUST);
    assert_int_equal(workshop_read("trust2/trust-chain", bytes, sizeof(bytes)), 2 * LCM_TRUST_SIZE);
}

static void test_trust_refusals(void **state)
{
    (void)state;
    lcm_run_refused(2, "--owner is missing", "trust build %s", TRUST);
    lcm_run_refused(1, "no certificate",
                    "trust build --owner owner.pem --release-key app.pem --ca app.pem --repo a/b");
    lcm_run_refused(2, "TYPE=NUMBER", "trust build --owner owner.pem %s --security-floor 3", TRUST);
    lcm_run_refused(3, "no valid trust", "trust build --owner owner.pem %s --previous ca.pem",
                    TRUST);
    lcm_run_refused(3, "4,096", "trust inspect boot.elf");
    workshop_read("trust/certs.sector", bytes, LCM_TRUST_SIZE);
    workshop_write("bad.sector", bytes, LCM_TRUST_SIZE);
    workshop_damage("bad.sector", 20); /* the time floor */
    lcm_run(&run, "trust inspect bad.sector");
    assert_int_equal(run.code, 3);
    assert_non_null(strstr(run.err, "not valid"));
}

/* The reference's sector: DER key of P-384, PEM certificates, 0xFF. */
static void test_trust_inspect_reference(void **state)
{
    X509 *certificate = fixture_certificate("P-384", "Old Owner", "Old Owner");
    uint8_t *cursor = bytes;
    FILE *pem = tmpfile();
    size_t size = 0;

    (void)state;
    memset(bytes, 0xFF, LCM_TRUST_SIZE);
    assert_int_equal(i2d_PUBKEY(X509_get0_pubkey(certificate), &cursor), 120);
    assert_int_equal(PEM_write_X509(pem, certificate), 1);
    rewind(pem);
    size = fread(bytes + 120, 1, LCM_TRUST_SIZE - 120, pem);
    fclose(pem);
    X509_free(certificate);
    workshop_write("reference.sector", bytes, LCM_TRUST_SIZE);
    lcm_run_ok(&run, "trust inspect reference.sector");
    assert_non_null(strstr(run.out, "reference"));
    assert_non_null(strstr(run.out, "active"));
    assert_non_null(strstr(run.out, "Old Owner"));
    lcm_run_ok(&run, "trust inspect reference.sector --json");
    workshop_damage("reference.sector", 120 + size - 5); /* the end line */
    lcm_run(&run, "trust inspect reference.sector");
    assert_int_equal(run.code, 3);
}

/* Every line of v1/SHA256SUMS is "HASH  NAME" of a file in v1 with that hash. */
static void check_sums(size_t lines)
{
    FILE *sums = fopen("v1/SHA256SUMS", "r");
    char line[512];

    assert_non_null(sums);
    for (; fgets(line, sizeof(line), sums) != NULL; lines--) {
        char path[520];
        char hex[65];
        uint8_t hash[32];
        size_t size = 0;

        line[strcspn(line, "\n")] = '\0';
        assert_memory_equal(line + 64, "  ", 2);
        snprintf(path, sizeof(path), "v1/%s", line + 66);
        size = workshop_read(path, bytes, sizeof(bytes));
        assert_int_equal(EVP_Digest(bytes, size, hash, NULL, EVP_sha256(), NULL), 1);
        for (size_t i = 0; i < sizeof(hash); i++)
            snprintf(hex + 2 * i, 3, "%02x", hash[i]);
        assert_memory_equal(line, hex, 64);
    }
    fclose(sums);
    assert_int_equal(lines, 0);
}

static void test_pack(void **state)
{
    static uint8_t image[65536];
    uint8_t hash[48];
    uint8_t sig[64];
    size_t size = 0;

    (void)state;
    lcm_run_ok(&run, PACK " --version 1.2.0 --key app.pem --out v1");
    size = workshop_read("plain0.bin", image, sizeof(image));
    assert_int_equal(workshop_read("v1/main.bin", bytes, sizeof(bytes)), size);
    assert_memory_equal(bytes, image, size);
    /* the reference's signature file: SHA-384, length big-endian */
    assert_int_equal(EVP_Digest(image, size, hash, NULL, EVP_sha384(), NULL), 1);
    assert_int_equal(workshop_read("v1/main.bin.sig", sig, sizeof(sig)), 52);
    assert_memory_equal(sig, hash, 48);
    assert_int_equal((size_t)sig[48] << 24 | (size_t)sig[49] << 16 | (size_t)sig[50] << 8 | sig[51],
                     size);
    check_sums(3);
    /* a second file of the same release joins the list */
    lcm_run_ok(&run,
               "release pack updater1.bin --type updater --repo me/lifecycle --file otamain.bin "
               "--version 1.0.0 --key release.pem --out v1");
    lcm_run_refused(3, "older", /* the trust sector asks for security version 3 */
                    "release verify v1 --file otamain.bin --type updater --repo me/lifecycle "
                    "--trust trust/certs.sector");
    lcm_run_ok(&run,
               "release pack updater1.bin --type updater --repo me/lifecycle --file otamain.bin "
               "--version 1.0.0 --key release.pem --out v1 --security-version 3");
    lcm_run_ok(&run, "release pack boot.bin --type boot --repo me/lifecycle "
                     "--version 1.0.0 --key release.pem --out v1");
    check_sums(9);
    lcm_run_ok(&run, "release verify v1 --file otamain.bin --type updater --repo me/lifecycle "
                     "--trust trust/certs.sector");
    lcm_run_ok(&run, "release verify v1 --file boot.bin --type boot --repo me/lifecycle "
                     "--trust trust/certs.sector");
}

static void test_pack_refusals(void **state)
{
    static const char key[] = "--key app.pem --out no";
    static const char previous[] = "--previous v1/main.bin.manifest";

    (void)state;
    lcm_run_refused(3, "linked for slot 1",
                    "release pack plain1.bin --type app --repo a/b --version 1.0.0 %s", key);
    lcm_run_refused(3, "not a bootable image",
                    "release pack ca.pem --type app --repo a/b --version 1.0.0 %s", key);
    lcm_run_refused(3, "v1 image",
                    "release pack plain0.bin --type boot --repo a/b --version 1.0.0 %s", key);
    lcm_run_refused(3, "version 1.0.0, not 1.0.1",
                    "release pack boot.bin --type boot --repo a/b --version 1.0.1 %s", key);
    lcm_run_refused(3, "not above 1.2.0", PACK " --version 1.2.0 %s %s", key, previous);
    lcm_run_refused(3, "not above 1.2.0", PACK " --version 1.2.0-beta.1 %s %s", key, previous);
    lcm_run_refused(3, "older", PACK " --version 1.3.0 --sequence 5 %s %s", key, previous);
    lcm_run_refused(3, "previous is about",
                    "release pack plain0.bin --type app --repo me/other "
                    "--file main.bin --version 1.3.0 %s %s",
                    key, previous);
    lcm_run_refused(3, "--handover", PACK " --version 1.3.0 --key app2.pem --out no %s", previous);
    lcm_run_refused(2, "MAJOR.MINOR.PATCH", PACK " --version one %s", key);
    lcm_run_refused(2, "--sequence", PACK " --version 2026.1.0 %s", key);
    lcm_run_refused(2, "--type", "release pack plain0.bin --type x --repo a/b --version 1.0.0 %s",
                    key);
    workshop_read("plain0.bin", bytes, sizeof(bytes));
    memset(bytes + 9200, 0, sizeof(bytes) - 9200);
    workshop_write("long.bin", bytes, LCM_SLOT0_IMAGE_SIZE_MAX + 16);
    lcm_run_refused(3, "too long", "release pack long.bin --type app --repo a/b --version 1.0.0 %s",
                    key);
    assert_false(workshop_exists("no"));
}

static void test_pack_next(void **state)
{
    cJSON *json = NULL;
    int first = 0;

    (void)state;
    lcm_run_ok(&run, PACK " --version 1.3.0-beta.2 --channel beta --key app.pem --out beta --json "
                          "--previous v1/main.bin.manifest");
    json = cJSON_Parse(run.out);
    first = cJSON_GetObjectItem(json, "sequence")->valueint;
    cJSON_Delete(json);
    lcm_run_ok(&run, PACK " --version 1.3.0 --key app2.pem --handover app.pem --out v2 --json "
                          "--previous beta/main.bin.manifest");
    json = cJSON_Parse(run.out);
    assert_true(cJSON_GetObjectItem(json, "sequence")->valueint > first);
    cJSON_Delete(json);
    /* a device that pinned the first key follows the hand-over, one that pinned none of them not */
    lcm_run_ok(&run, VERIFY " --key app.pem --installed v1/main.bin.manifest", "v2");
    lcm_run_ok(&run, VERIFY " --key app2.pem", "v2");
    lcm_run_refused(3, "unknown key", VERIFY " --key owner.pem", "v2");
    /* and the next release keeps the hand-over */
    lcm_run_ok(&run, PACK " --version 1.3.1 --key app2.pem --out v3 "
                          "--previous v2/main.bin.manifest");
    lcm_run_ok(&run, VERIFY " --key app.pem", "v3");
    lcm_run_refused(3, "older", VERIFY " --installed v3/main.bin.manifest", "v1");
    lcm_run_refused(3, "another channel", VERIFY, "beta");
    lcm_run_ok(&run, VERIFY " --channel beta", "beta");
}

static void test_verify_refusals(void **state)
{
    (void)state;
    lcm_run_ok(&run, PACK " --version 1.2.0 --key app.pem --out bad");
    lcm_run_refused(3, "another repository", "release verify bad --file main.bin --repo me/x");
    lcm_run_refused(5, "lcm release pack", "release verify bad --file other.bin --repo me/lamp");
    lcm_run_refused(2, "--fingerprint", VERIFY " --fingerprint 12", "bad");
    lcm_run_refused(2, "--trust", VERIFY " --type boot", "bad");
    for (size_t offset = 0; offset < 300; offset += 37) {
        workshop_damage("bad/main.bin", offset);
        lcm_run_refused(3, "hashes", VERIFY, "bad");
        workshop_damage("bad/main.bin", offset);
        workshop_damage("bad/main.bin.manifest", offset);
        lcm_run_refused(3, "a device refuses", VERIFY, "bad");
        workshop_damage("bad/main.bin.manifest", offset);
    }
    lcm_run_ok(&run, VERIFY, "bad");
    workshop_read("bad/main.bin", bytes, sizeof(bytes));
    workshop_write("bad/main.bin", bytes, 9000);
    lcm_run_refused(3, "length", VERIFY, "bad");
}

/* The release host shows an elliptic-curve certificate, the asset host an RSA one. */
static void join_roots(void)
{
    size_t size = workshop_read("serve/ca/ecc-root.pem", bytes, sizeof(bytes));

    size += workshop_read("serve/ca/rsa-root.pem", bytes + size, sizeof(bytes) - size);
    workshop_write("roots.pem", bytes, size);
}

/* Start the release host over site/ and write the options that lead to it. */
static void serve(char *options, size_t size)
{
    static char line[LCM_RUN_TEXT_SIZE];
    cJSON *json = NULL;

    lcm_start(line, "serve site --port 0 --json --state serve");
    json = cJSON_Parse(line);
    assert_non_null(json);
    join_roots();
    snprintf(options, size, "--cacert roots.pem %s",
             cJSON_GetObjectItem(json, "device_options")->valuestring);
    cJSON_Delete(json);
}

static void test_verify_by_https(void **state)
{
    static const char url[] = "https://github.com/me/lamp/";
    char options[512];

    (void)state;
    assert_int_equal(mkdir("site", 0777) + mkdir("site/me", 0777) + mkdir("site/me/lamp", 0777), 0);
    assert_int_equal(rename("v1", "site/me/lamp/1.2.0"), 0);
    serve(options, sizeof(options));
    lcm_run_ok(&run, VERIFY " --key app.pem --trust trust/certs.sector %s", url, options);
    assert_non_null(strstr(run.out, "1.2.0"));
    lcm_run_refused(5, "404", "release verify %s --file other.bin --repo me/lamp %s", url, options);
    lcm_run_refused(3, "certificate", VERIFY " %s", url, strstr(options, "--resolve"));
    lcm_run_ok(&run, "trust build --owner owner.pem %s --host-suffix example.org --out narrow",
               TRUST);
    lcm_run_refused(3, "does not allow this host", VERIFY " --trust narrow/certs.sector %s", url,
                    options);
    /* the query of the address grants access: no message shows it */
    lcm_run(&run, VERIFY " --trust narrow/certs.sector %s", url, options);
    assert_null(strstr(run.err, "sig="));
    assert_null(strchr(run.err, '?'));
    lcm_run_ok(&run, "serve --state serve --send flip-byte=100~main.bin");
    lcm_run(&run, VERIFY " %s", url, options);
    assert_int_equal(run.code, 3);
    lcm_run_ok(&run, "serve --state serve --send clear");
    lcm_run_ok(&run, "serve --state serve --send redirect-loop");
    lcm_run_refused(3, "redirects", VERIFY " %s", url, options);
    lcm_run_ok(&run, "serve --state serve --send clear");
    lcm_run_ok(&run, "serve --state serve --send endless-body~.manifest");
    lcm_run_refused(3, "larger than", VERIFY " %s", url, options);
    lcm_stop();
    lcm_run_refused(5, "onnect", VERIFY " %s", url, options);
}

static int group_open(void **state)
{
    (void)state;
    workshop_open();
    return 0;
}

static int group_close(void **state)
{
    (void)state;
    workshop_close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trust_build),
        cmocka_unit_test(test_trust_successors),
        cmocka_unit_test(test_trust_refusals),
        cmocka_unit_test(test_trust_inspect_reference),
        cmocka_unit_test(test_pack),
        cmocka_unit_test(test_pack_refusals),
        cmocka_unit_test(test_pack_next),
        cmocka_unit_test(test_verify_refusals),
        cmocka_unit_test(test_verify_by_https),
    };

    return cmocka_run_group_tests(tests, group_open, group_close);
}
