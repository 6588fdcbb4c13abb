// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the ports of the emulated chip keep the contracts of include/lcm, and the checks notice
 * when the world around them does not play along. Method: device/lx106/conformance.c runs in slot 0
 * under `lcm emu`, in a small world whose host echo.test is an echo service of this process; every
 * line it tells is counted. Then the service garbles a byte, and the closed port is open.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <pthread.h>

#include "core/store/settings.h"
#include "lcm/layout.h"
#include "port/host/host_flash.h"
#include "tests/lib/fixture_chip.h"
#include "tests/lib/fixture_process.h"

#define CHECKS 20 /* of port/conformance */
#define GARBLED_AT 7001u
#define WORLD "network home password open-sesame\nresolve echo.test 127.0.0.1\ntime now\n"

struct echo {
    pthread_t thread;
    int listener;
    uint16_t port;
    bool is_garbling;
};

static int bind_loopback(uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static void *echo_run(void *context)
{
    const struct echo *echo = context;
    char bytes[4096];
    int fd;

    while ((fd = accept(echo->listener, NULL, NULL)) >= 0) {
        size_t at = 0;
        ssize_t size;
        while ((size = recv(fd, bytes, sizeof(bytes), 0)) > 0) {
            if (echo->is_garbling && GARBLED_AT >= at && GARBLED_AT - at < (size_t)size)
                bytes[GARBLED_AT - at] ^= 0x04;
            at += (size_t)size;
            (void)!send(fd, bytes, (size_t)size, MSG_NOSIGNAL);
        }
        close(fd);
    }
    return NULL;
}

static void echo_open(struct echo *echo, bool is_garbling)
{
    echo->is_garbling = is_garbling;
    echo->listener = bind_loopback(&echo->port);
    assert_int_equal(listen(echo->listener, 4), 0);
    assert_int_equal(pthread_create(&echo->thread, NULL, echo_run, echo), 0);
}

static void echo_close(struct echo *echo)
{
    shutdown(echo->listener, SHUT_RDWR);
    pthread_join(echo->thread, NULL);
    close(echo->listener);
}

static void set_number(struct lcm_settings *settings, const char *key, unsigned number)
{
    char text[12];

    snprintf(text, sizeof(text), "%u", number);
    assert_int_equal(lcm_settings_set(settings, key, text), LCM_OK);
}

static void chip_open(struct fixture_chip *chip, uint16_t echo_port, uint16_t closed_port)
{
    struct host_flash flash;
    struct lcm_settings settings;

    fixture_chip_open(chip);
    fixture_chip_place(chip, "conformance.bin", LCM_SLOT0_ADDR);
    assert_true(host_flash_open(&flash, chip->flash_path));
    assert_int_equal(lcm_settings_format(&settings, &flash.port), LCM_OK);
    assert_int_equal(lcm_settings_set(&settings, "wifi_ssid", "home"), LCM_OK);
    assert_int_equal(lcm_settings_set(&settings, "wifi_password", "open-sesame"), LCM_OK);
    set_number(&settings, "echo_port", echo_port);
    set_number(&settings, "closed_port", closed_port);
    host_flash_close(&flash);
}

static void chip_run(struct fixture_chip *chip)
{
    char path[128];
    char options[256];

    snprintf(path, sizeof(path), "%s/world", chip->folder);
    fixture_write_file(path, (const uint8_t *)WORLD, strlen(WORLD));
    snprintf(options, sizeof(options), "--world|%s|--until|the end|--timeout|28", path);
    fixture_chip_run(chip, options);
    unlink(path);
}

static unsigned lines_with(const struct fixture_chip *chip, const char *text)
{
    unsigned count = 0;

    for (int line = 0; (line = fixture_chip_find(chip, line, "uart", "line", text)) >= 0; line++)
        count++;
    return count;
}

static void test_the_chip_conforms(void **state)
{
    struct fixture_chip chip;
    struct echo echo;
    uint16_t closed_port;

    (void)state;
    echo_open(&echo, false);
    close(bind_loopback(&closed_port));
    chip_open(&chip, echo.port, closed_port);
    chip_run(&chip);
    fixture_chip_expect(&chip, "conformance: 0 contracts broken, the end");
    assert_int_equal(lines_with(&chip, ": kept"), CHECKS);
    fixture_chip_close(&chip);
    echo_close(&echo);
}

static void test_a_garbled_byte_is_noticed(void **state)
{
    struct fixture_chip chip;
    struct echo echo;
    uint16_t closed_port;

    (void)state;
    echo_open(&echo, true);
    close(bind_loopback(&closed_port));
    chip_open(&chip, echo.port, closed_port);
    chip_run(&chip);
    fixture_chip_expect(&chip, "every byte comes back in order: CORRUPT");
    fixture_chip_expect(&chip, "conformance: 1 contracts broken, the end");
    assert_int_equal(lines_with(&chip, ": kept"), CHECKS - 1);
    fixture_chip_close(&chip);
    echo_close(&echo);
}

static void test_an_open_port_is_noticed(void **state)
{
    struct fixture_chip chip;
    struct echo echo;

    (void)state;
    echo_open(&echo, false);
    chip_open(&chip, echo.port, echo.port);
    chip_run(&chip);
    fixture_chip_expect(&chip, "net: refused connection: CORRUPT");
    fixture_chip_expect(&chip, "conformance: 1 contracts broken, the end");
    fixture_chip_close(&chip);
    echo_close(&echo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_chip_conforms),
        cmocka_unit_test(test_a_garbled_byte_is_noticed),
        cmocka_unit_test(test_an_open_port_is_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
