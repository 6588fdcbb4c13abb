// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: who makes a mistake is told in one line what is wrong and how to mend it, and
 * nothing is done by halves: names that contradict the image, a version packed twice, a
 * trust sector that follows none, broken key files, misspelt settings, Ctrl-C.
 * Method: drives the real binary; a terminal is a pseudo terminal; exit codes and the
 * words a reader needs are compared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <fcntl.h>
#include <pty.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/pem.h>

#include "lcm/layout.h"
#include "tests/lib/lcm_run.h"

#define TRUST "trust build --owner owner.pem --release-key release.pem --ca ca.pem"
#define COMPOSE "flash compose -o f.bin --trust trust/certs.sector"

static struct lcm_run run;
static uint8_t bytes[LCM_FLASH_SIZE];
static char lcm_binary[4096];

static void test_image_names_the_release(void **state)
{
    (void)state;
    lcm_run_ok(&run, "release pack app0.bin --key app.pem --out named");
    assert_non_null(strstr(run.out, "app main.bin of me/lamp: version 1.2.0 (stable)"));
    assert_non_null(strstr(run.err, "wrote named/main.bin, main.bin.manifest, main.bin.sig"));
    assert_non_null(strstr(run.err, "next: "));
    lcm_run_ok(&run, "release verify named --file main.bin --repo me/lamp");
    lcm_run_refused(3, "--version 1.3.0: app0.bin says that it is 1.2.0",
                    "release pack app0.bin --version 1.3.0 --key app.pem --out no");
    lcm_run_refused(3, "--repo", "release pack app0.bin --repo me/x --key app.pem --out no");
    lcm_run_refused(3, "--file", "release pack app0.bin --file x.bin --key app.pem --out no");
    lcm_run_refused(3, "--type", "release pack app0.bin --type updater --key app.pem --out no");
    lcm_run_refused(3, "otamain.bin run in slot 1",
                    "release pack updater1.bin --slot 0 --key release.pem --out no");
    lcm_run_refused(3, "linked for slot 0",
                    "release pack plain0.bin --type updater --repo me/l --version 1.0.0 --file "
                    "otamain.bin --key release.pem --out no");
    lcm_run_refused(2, "--type, --repo, --version, --key, --out are missing",
                    "release pack plain0.bin");
    assert_false(workshop_exists("no"));
}

static void test_version_is_packed_once(void **state)
{
    static const char pack[] = "release pack %s --type app --repo me/lamp --file main.bin "
                               "--version 1.2.0 --key app.pem --out named";

    (void)state;
    lcm_run_ok(&run, pack, "app0.bin");
    lcm_run_refused(3, "named/main.bin is already 1.2.0 with other content", pack, "plain0.bin");
    lcm_run_ok(&run, "release verify named --file main.bin --repo me/lamp");
    workshop_read("app0.bin", bytes, sizeof(bytes));
    lcm_run(&run, "release pack plain0.bin --type app --repo me/lamp --file main.bin --version "
                  "1.2.0 --key app.pem --out named --force");
    assert_int_equal(run.code, 0);
}

static void test_prerelease_is_beta(void **state)
{
    static const char pack[] = "release pack plain0.bin --type app --repo me/lamp --file main.bin "
                               "--version 1.3.0-beta.1 --key app.pem --out beta %s";

    (void)state;
    lcm_run_refused(2, "pre-release", pack, "--channel stable");
    assert_false(workshop_exists("beta"));
    lcm_run_ok(&run, pack, "");
    lcm_run_refused(3, "another channel", "release verify beta --file main.bin --repo me/lamp");
    lcm_run_ok(&run, "release verify beta --file main.bin --repo me/lamp --channel beta");
}

/* The chain holds four; the fifth owner's devices would be lost without a word. */
static void test_full_handover_chain_warns(void **state)
{
    char previous[128] = "";

    (void)state;
    for (int i = 0; i < 6; i++) {
        lcm_run_ok(&run, "key new chain%d.pem", i);
        lcm_run_ok(&run,
                   "release pack plain0.bin --type app --repo me/lamp --file main.bin --version "
                   "1.%d.0 --key chain%d.pem --out chain%d %s",
                   i, i, i, previous);
        snprintf(previous, sizeof(previous),
                 "--handover chain%d.pem --previous chain%d/main.bin"
                 ".manifest",
                 i, i);
        assert_int_equal(strstr(run.err, "oldest") != NULL, i == 5);
    }
}

static void test_trust_build(void **state)
{
    (void)state;
    lcm_run_ok(&run, TRUST " --repo me/lifecycle --out deep/in/trust");
    lcm_run_refused(3, "--previous deep/in/trust/certs.sector",
                    TRUST " --repo me/lifecycle --out deep/in/trust");
    lcm_run_ok(&run, TRUST " --repo me/lifecycle --out deep/in/trust --previous "
                           "deep/in/trust/certs.sector");
    lcm_run_refused(2, "--repo lamp: write OWNER/NAME", TRUST " --repo lamp --out no");
    lcm_run_refused(2, "--host https://github.com",
                    TRUST " --repo a/b --host https://github.com --out no");
    lcm_run_refused(2, "--owner, --release-key, --ca, --repo are missing", "trust build");
    lcm_run_ok(&run, "trust build --owner owner.pem --release-key owner.pem --ca ca.pem --repo a/b "
                     "--out one-key");
    assert_non_null(strstr(run.err, "owner.pem is the owner key and a release key"));
    lcm_run_ok(&run, "trust build --help");
    assert_non_null(strstr(run.out, "signs the sector (required)"));
}

/* A key file with the private number of one key and the public point of another. */
static void write_mismatched_key(const char *name)
{
    FILE *file = fopen("app.pem", "r");
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    EVP_PKEY *other = EVP_EC_gen("P-256");
    unsigned char *ours = NULL;
    unsigned char *theirs = NULL;
    unsigned char point[65];
    size_t size = 0;
    int length = 0;
    PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(key);
    FILE *out = fopen(name, "w");

    fclose(file);
    length = i2d_PKCS8_PRIV_KEY_INFO(plain, &ours);
    assert_int_equal(EVP_PKEY_get_octet_string_param(other, "pub", point, sizeof(point), &size), 1);
    theirs = ours + length - sizeof(point); /* the point is the last thing in it */
    memcpy(theirs, point, sizeof(point));
    PEM_write(out, "PRIVATE KEY", "", ours, length);
    fclose(out);
    OPENSSL_free(ours);
    PKCS8_PRIV_KEY_INFO_free(plain);
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
}

static void test_key_files(void **state)
{
    static const char pack[] = "release pack app0.bin --out no --key %s";
    size_t size = workshop_read("app.pem", bytes, sizeof(bytes));

    (void)state;
    workshop_write("cut.pem", bytes, size / 2);
    bytes[60] ^= 1;
    workshop_write("bent.pem", bytes, size);
    workshop_write("empty.pem", "", 0);
    write_mismatched_key("pair.pem");
    lcm_run_ok(&run, "key show app.pem --public public.pem");
    lcm_run_refused(1, "ends early", pack, "cut.pem");
    lcm_run_refused(1, "damaged key file, restore your backup", pack, "pair.pem");
    lcm_run_refused(1, "damaged key file, restore your backup", "key show pair.pem");
    lcm_run_refused(1, "damaged", pack, "bent.pem");
    lcm_run_refused(1, "empty", pack, "empty.pem");
    lcm_run_refused(1, "a public key", pack, "public.pem");
    lcm_run_refused(1, "a certificate", pack, "ca.pem");
    lcm_run_refused(5, "a folder", pack, ".");
    lcm_run_refused(1, "keys are never overwritten", "key new app.pem");
    workshop_write("secret", "correct horse\n", 14);
    lcm_run_ok(&run, "key new closed.pem --encrypt --password-file secret");
    lcm_run_refused(4, "--password-file", "key show closed.pem");
    lcm_run_refused(5, "missing", "key show closed.pem --password-file missing");
    lcm_run_refused(5, "missing", "key new other.pem --encrypt --password-file missing");
}

/* Run on a terminal, answer each prompt, return the exit code; *seen is all it printed. */
static int on_terminal(const char *const words[], const char *const answers[], char *seen,
                       size_t seen_size)
{
    int terminal = -1;
    int status = 0;
    size_t used = 0;
    pid_t child = forkpty(&terminal, NULL, NULL, NULL);
    ssize_t count = 0;

    if (child == 0) {
        execv(lcm_binary, (char *const *)(uintptr_t)words);
        _exit(127);
    }
    alarm(20); /* a prompt that never comes ends the test */
    while (used + 1 < seen_size &&
           (count = read(terminal, seen + used, seen_size - used - 1)) > 0) {
        used += (size_t)count;
        seen[used] = '\0';
        if (*answers != NULL && used > 1 && strcmp(seen + used - 2, ": ") == 0) {
            usleep(50000); /* the prompt switches the echo off first */
            assert_true(write(terminal, *answers, strlen(*answers)) > 0);
            answers++;
        }
    }
    alarm(0);
    assert_int_equal(waitpid(child, &status, 0), child);
    close(terminal);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void test_password_prompt(void **state)
{
    static char seen[4096];
    const char *const new_key[] = {"lcm", "key", "new", "typed.pem", "--encrypt", NULL};
    const char *const show_key[] = {"lcm", "key", "show", "typed.pem", NULL};
    const char *const different[] = {"one horse\n", "two horses\n", NULL};
    const char *const equal[] = {"one horse\n", "one horse\n", NULL};
    const char *const interrupt[] = {"\x03", NULL};

    (void)state;
    assert_int_equal(on_terminal(new_key, different, seen, sizeof(seen)), 4);
    assert_non_null(strstr(seen, "the two passwords differ"));
    assert_null(strstr(seen, "horse"));
    assert_int_equal(on_terminal(new_key, interrupt, seen, sizeof(seen)), 130);
    assert_null(strstr(seen, "no password"));
    assert_false(workshop_exists("typed.pem"));
    assert_int_equal(on_terminal(new_key, equal, seen, sizeof(seen)), 0);
    assert_int_equal(on_terminal(show_key, equal, seen, sizeof(seen)), 0);
    assert_int_equal(on_terminal(show_key, interrupt, seen, sizeof(seen)), 130);
    assert_null(strstr(seen, "error"));
}

static void test_settings(void **state)
{
    static const char lines[] = "# home\nwifi_ssid=home\nled_pin=99\n";
    static const char stray[] = "wifi_ssid=home\ngeheim123\n";

    (void)state;
    lcm_run_ok(&run, TRUST " --repo me/lifecycle --out trust");
    lcm_run_ok(&run, COMPOSE " --set wifi_sid=home --set wifi_ssid=home");
    assert_non_null(strstr(run.err, "unknown setting wifi_sid: did you mean wifi_ssid?"));
    lcm_run_ok(&run, COMPOSE " --set colour=red");
    assert_non_null(strstr(run.err, "unknown setting colour: stored for the app"));
    lcm_run_ok(&run, COMPOSE " --set ota_file=x.bin --set lcm_syslog=10.0.0.1");
    assert_null(strstr(run.err, "unknown"));
    workshop_write("lines.conf", lines, sizeof(lines) - 1);
    lcm_run_refused(2, "lines.conf line 3: setting led_pin", COMPOSE " --settings lines.conf");
    workshop_write("stray.conf", stray, sizeof(stray) - 1);
    lcm_run_refused(2, "stray.conf line 2: a setting must be", COMPOSE " --settings stray.conf");
    lcm_run(&run, COMPOSE " --settings stray.conf");
    assert_null(strstr(run.err, "geheim"));
    lcm_run_refused(2, "ota_repo: a setting must be KEY=VALUE", COMPOSE " --set ota_repo");
}

/* Run 'lcm serve --help' with this standard output; the exit code, and stderr in run.err. */
static int with_output(int out)
{
    FILE *err = tmpfile();
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        dup2(out, STDOUT_FILENO);
        dup2(fileno(err), STDERR_FILENO);
        execl(lcm_binary, "lcm", "serve", "--help", NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    rewind(err);
    run.err[fread(run.err, 1, sizeof(run.err) - 1, err)] = '\0';
    fclose(err);
    return WEXITSTATUS(status);
}

/* A reader that has seen enough is no error; a full disk is one, with its reason. */
static void test_standard_output(void **state)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    int ends[2];

    (void)state;
    assert_int_equal(with_output(full), 1);
    assert_non_null(strstr(run.err, "standard output: No space left"));
    close(full);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_int_equal(with_output(ends[1]), 0);
    assert_string_equal(run.err, "");
    close(ends[1]);
}

static void test_small_things(void **state)
{
    (void)state;
    lcm_run_ok(&run, "version --json");
    assert_non_null(strstr(run.out, "{\"version\": \""));
    lcm_run_ok(&run, "completion --help");
    assert_non_null(strstr(run.out, "bash|zsh|fish"));
    lcm_run_ok(&run, "key show app.pem --no-color=1");
    lcm_run_refused(5, "lcm flash compose", "device --flash missing.bin");
    lcm_run_refused(5, "missing.bin", "flash inspect missing.bin");
    lcm_run_refused(2, "lcm serve --help", "serve --send slw=200");
    lcm_run_refused(2, "lcm serve --help", "serve --send clear_all");
    lcm_run_refused(5, "no server runs", "serve --state nobody --send slow=200");
    assert_int_equal(mkdir("hollow", 0777), 0);
    lcm_run_refused(5, "make it with 'lcm release pack'",
                    "release verify hollow --file main.bin --repo me/lamp");
    lcm_run_refused(5, "no such folder", "key new nowhere/x.pem");
    lcm_run_refused(5, "no such folder", "image build app0.elf -o nowhere/x.bin");
    lcm_run_refused(5, "no such folder", "flash compose -o nowhere/x --trust trust/certs.sector");
}

static int group_open(void **state)
{
    const char *path = getenv("LCM");

    (void)state;
    if (realpath(path != NULL ? path : "build/host/lcm", lcm_binary) == NULL)
        return -1;
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
        cmocka_unit_test(test_image_names_the_release),
        cmocka_unit_test(test_version_is_packed_once),
        cmocka_unit_test(test_prerelease_is_beta),
        cmocka_unit_test(test_full_handover_chain_warns),
        cmocka_unit_test(test_trust_build),
        cmocka_unit_test(test_key_files),
        cmocka_unit_test(test_password_prompt),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_standard_output),
        cmocka_unit_test(test_small_things),
    };

    return cmocka_run_group_tests(tests, group_open, group_close);
}
