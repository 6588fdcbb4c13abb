// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: every system of tests/lib/detection.c takes a real device's network for a portal and is led
 * to the page; what it tries by HTTPS fails at once.
 * Method: the updater's firmware on the emulated chip, and the Linux device on an interface; a
 * phone in front of it asks each probe: the name by dig, then HTTP at the address it got. The
 * system's own rule judges what came back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lcm/layout.h"
#include "tests/lib/detection.h"
#include "tests/lib/fixture_visit.h"
#include "tests/lib/trust_fixture.h"

#define NAME "LCM-000001"
#define PAGE "http://192.168.4.1/"
#define CODE_LINE "LCM setup code: "
#define ANSWER_SIZE 4096u
#define ANSWER_MS 5000
#define REFUSED_MS 1000u /* a phone waits ten seconds for a port that is silent */
#define READY_MS 30000u

static struct fixture_chip chip;
static struct fixture_phone phone;
static struct fixture_process device;

/* The set-up code in what a device printed, without dashes; false while it is not there. */
static bool find_code(const char *path, char code[16])
{
    char *text = fixture_read_file(path, NULL);
    const char *at = strstr(text, CODE_LINE);
    size_t length = 0;

    for (at = at == NULL ? "" : at + strlen(CODE_LINE); *at != '\0' && *at != '"' && length < 15;
         at++) {
        if (*at != '-')
            code[length++] = *at;
    }
    code[length] = '\0';
    free(text);
    return length == 12;
}

static void wait_for_code(const char *path, char code[16])
{
    uint64_t end_ms = fixture_now_ms() + READY_MS;

    while (!find_code(path, code)) {
        if (fixture_now_ms() > end_ms)
            fail_msg("set-up does not open: %s", path);
        fixture_pause(50);
    }
}

/* ---- the two devices ---- */

/* A device as it is sold: the installer, a trust sector, no settings. */
static int open_flash(void)
{
    static struct trust_fixture keys;
    uint8_t sector[LCM_TRUST_SIZE];

    fixture_open(&keys);
    fixture_sector(&keys, 1, FIXTURE_OWNER, FIXTURE_KEY_COUNT, sector);
    fixture_close(&keys);
    fixture_chip_open(&chip);
    fixture_chip_place(&chip, "1.0.0/otaboot.bin", LCM_SLOT0_ADDR);
    fixture_chip_write(&chip, LCM_TRUST_A_ADDR, sector, sizeof(sector));
    fixture_phone_open(&phone, 1);
    return 0;
}

static int open_chip(void **state)
{
    char socket_path[128];
    char options[200];
    char code[16];

    (void)state;
    open_flash();
    snprintf(socket_path, sizeof(socket_path), "%s/air", chip.folder);
    snprintf(options, sizeof(options), "--station|%s|--timeout|120", socket_path);
    fixture_chip_start(&chip, options);
    wait_for_code(chip.output_path, code);
    assert_string_equal(fixture_phone_join(&phone, socket_path, NAME, code), "joined");
    assert_true(fixture_phone_lease(&phone));
    return 0;
}

static int close_chip(void **state)
{
    (void)state;
    fixture_phone_close(&phone);
    fixture_chip_stop(&chip);
    assert_false(fixture_chip_printed(&chip, "crash"));
    fixture_chip_close(&chip);
    return 0;
}

static int open_host(void **state)
{
    const char *arguments[] = {
        fixture_lcm(),        "device",  "--json", "--flash", chip.flash_path,
        "--portal-interface", phone.air, NULL};
    char code[16];

    (void)state;
    open_flash();
    fixture_phone_attach(&phone);
    fixture_process_start(&device, arguments, chip.output_path);
    wait_for_code(chip.output_path, code);
    assert_true(fixture_phone_lease(&phone));
    return 0;
}

static int close_host(void **state)
{
    (void)state;
    fixture_process_stop(&device, SIGTERM);
    fixture_phone_close(&phone);
    fixture_chip_close(&chip);
    return 0;
}

/* ---- one probe ---- */

/* The value of a header field, NUL-terminated in place; "" = there is none. */
static const char *field_of(char *head, const char *name)
{
    char *line = head;
    size_t length = strlen(name);

    while ((line = strstr(line, "\r\n")) != NULL) {
        line += 2;
        if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
            line += length + 1 + strspn(line + length + 1, " ");
            line[strcspn(line, "\r")] = '\0';
            return line;
        }
    }
    return "";
}

/* Ask as the system does. bytes holds what answer points to. */
static void ask(const struct detection_probe *probe, struct detection_answer *answer,
                char bytes[ANSWER_SIZE])
{
    char head[ANSWER_SIZE];
    char request[512];
    char address[16];

    assert_int_equal(fixture_phone_run(&phone, "dig|+short|+tries=2|+time=3|%s", probe->host), 0);
    snprintf(address, sizeof(address), "%.*s", (int)strcspn(phone.output, "\n"), phone.output);
    assert_int_equal(inet_pton(AF_INET, address, answer->address), 1);
    int fd = fixture_visit_begin(&phone, address);
    assert_true(fixture_visit_is_connected(fd, ANSWER_MS));
    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\n\r\n",
             probe->path, probe->host, probe->user_agent);
    fixture_visit_send(fd, request);
    ssize_t size = fixture_visit_read(fd, bytes, ANSWER_SIZE - 1);
    close(fd);
    assert_in_range(size, 12, ANSWER_SIZE - 1);
    bytes[size] = '\0';
    char *end = strstr(bytes, "\r\n\r\n");
    assert_non_null(end);
    *end = '\0';
    memcpy(head, bytes, (size_t)(end - bytes) + 1);
    answer->status = (uint16_t)atoi(bytes + 9);
    answer->body = end + 4;
    answer->body_size = (size_t)(bytes + size - answer->body);
    answer->has_length = strtoul(field_of(head, "Content-Length"), NULL, 10) == answer->body_size;
    answer->location = field_of(bytes, "Location");
}

static void test_every_system_finds_the_portal(void **state)
{
    static char bytes[ANSWER_SIZE];

    (void)state;
    for (size_t i = 0; i < detection_probe_count; i++) {
        const struct detection_probe *probe = &detection_probes[i];
        struct detection_answer answer = {.status = 0};
        print_message("%s: %s%s\n", probe->system, probe->host, probe->path);
        ask(probe, &answer, bytes);
        assert_true(answer.has_length);
        assert_string_equal(answer.location, PAGE);
        assert_int_equal(detection_judge(probe, &answer), DETECTION_PORTAL);
    }
}

/* HTTPS and DNS over TLS, which systems try at the same time. */
static void test_https_fails_at_once(void **state)
{
    static const uint16_t ports[] = {443, 853};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(ports[i % 2])};
        int fd = fixture_phone_socket(&phone, AF_INET, SOCK_STREAM, 0);
        uint64_t began_ms = fixture_now_ms();
        const char *address = i < 2 ? "192.168.4.1" : "192.0.2.1";
        assert_int_equal(inet_pton(AF_INET, address, &to.sin_addr), 1);
        assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), -1);
        assert_int_equal(errno, ECONNREFUSED);
        assert_in_range(fixture_now_ms() - began_ms, 0, REFUSED_MS);
        close(fd);
    }
}

#define TEST(function, kind) \
    { \
#function " (" #kind ")", function, open_##kind, close_##kind, NULL \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_system_finds_the_portal, chip),
        TEST(test_https_fails_at_once, chip),
        TEST(test_every_system_finds_the_portal, host),
        TEST(test_https_fails_at_once, host),
    };

    if (!fixture_phone_enter())
        return geteuid() == 0; /* root must be able to; others may not be */
    cmocka_set_test_filter(getenv("LCM_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
