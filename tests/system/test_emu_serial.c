// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the chip's console port says, hears and lights what it is told to. Method:
 * tests/chip/visitors.c on the emulated chip, with its UART on a TCP port and an LED in its boot
 * configuration; the LED is seen by `lcm emu`, from outside.
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
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lcm/layout.h"
#include "tests/lib/fixture_chip.h"

#define LED_OFFSET 7u
#define LED_SET 0x40u
#define LED_ACTIVE_HIGH 0x10u
#define TIMEOUT_MS 10000u

static struct fixture_chip chip;

/* A boot configuration that the boot program takes as it is. */
static void open_chip(uint8_t led)
{
    uint8_t config[24];

    fixture_chip_open(&chip);
    fixture_chip_place(&chip, "chip/visitors.bin", LCM_SLOT0_ADDR);
    fixture_chip_run(&chip, "--until|boot: slot 0|--timeout|20");
    fixture_chip_read(&chip, LCM_BOOTCONF_ADDR, config, sizeof(config));
    config[LED_OFFSET] = led;
    fixture_chip_write(&chip, LCM_BOOTCONF_ADDR + LED_OFFSET, &config[LED_OFFSET], 1);
    fixture_chip_start(&chip, "--uart|tcp:0|--timeout|60");
    fixture_chip_wait_for(&chip, "access point: result 0", 1);
}

static int connect_uart(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int line = fixture_chip_find(&chip, 0, "uart-place", NULL, NULL);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(line >= 0);
    const char *place = fixture_text(chip.lines.list[line], "place");
    to.sin_port = htons((uint16_t)strtoul(strrchr(place, ':') + 1, NULL, 10));
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

static void type(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static unsigned count_leds(const cJSON **last)
{
    unsigned count = 0;

    fixture_lines_load(&chip.lines, chip.output_path, 0);
    for (size_t i = 0; i < chip.lines.count; i++) {
        if (!fixture_has(chip.lines.list[i], "type", "led"))
            continue;
        *last = chip.lines.list[i];
        count++;
    }
    return count;
}

/* Type something that changes the LED once. */
static void expect_led(int fd, const char *text, uint8_t gpio, bool is_lit)
{
    uint64_t end_ms = fixture_now_ms() + TIMEOUT_MS;
    const cJSON *change = NULL;
    unsigned before = count_leds(&change); /* the boot program has one too */

    type(fd, text);
    while (count_leds(&change) == before && fixture_now_ms() < end_ms)
        fixture_pause(20);
    assert_int_equal(count_leds(&change), before + 1);
    assert_int_equal((int)fixture_number(change, "gpio"), gpio);
    assert_int_equal(fixture_is_true(change, "lit"), is_lit);
}

static void close_chip(int fd)
{
    close(fd);
    fixture_chip_stop(&chip);
    assert_false(fixture_chip_printed(&chip, "crash"));
    fixture_chip_close(&chip);
}

static void test_echo_and_light(void **state)
{
    static const uint8_t leds[] = {LED_SET | 2, LED_SET | LED_ACTIVE_HIGH | 4,
                                   LED_SET | LED_ACTIVE_HIGH | 12, LED_SET | 14};

    (void)state;
    for (size_t i = 0; i < sizeof(leds); i++) {
        open_chip(leds[i]);
        int fd = connect_uart();
        type(fd, "Q");
        fixture_chip_wait_for(&chip, "Q", 1);
        expect_led(fd, "l", leds[i] & 0x0F, true);
        expect_led(fd, "d", leds[i] & 0x0F, false);
        expect_led(fd, "l%s\n", leds[i] & 0x0F, true);
        fixture_chip_wait_for(&chip, "%", 1); /* text is no format */
        fixture_chip_wait_for(&chip, "s", 1);
        close_chip(fd);
    }
}

static void test_without_led(void **state)
{
    static const uint8_t leds[] = {0, LED_SET | 7}; /* none; a pin of the flash */

    (void)state;
    for (size_t i = 0; i < sizeof(leds); i++) {
        open_chip(leds[i]);
        const cJSON *change = NULL;
        unsigned before = count_leds(&change);
        int fd = connect_uart();
        type(fd, "ldlQ");
        fixture_chip_wait_for(&chip, "Q", 1);
        fixture_pause(200);
        assert_int_equal(count_leds(&change), before);
        close_chip(fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_echo_and_light),
        cmocka_unit_test(test_without_led),
    };

    cmocka_set_test_filter(getenv("LCM_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
