// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the real boot program, started by the ROM of the emulated chip, chooses the slot the tables
 * of docs/SPEC.md section 6 say, hands the power-cycle count over, never loses a bootable image,
 * and survives power cuts in its own writes. Method: `lcm emu` runs flash files made of the boot
 * program and tiny slot programs that print what RTC memory holds. What the UART, the pins and the
 * flash then show is compared.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lcm/layout.h"
#include "tests/lib/fixture_chip.h"
#include "tests/lib/fixture_process.h"
#include "tests/lib/lcm_run.h"

#define CURRENT_SLOT_ADDR (LCM_BOOTCONF_ADDR + 3u)
#define LED_ADDR (LCM_BOOTCONF_ADDR + 7u)
#define UNTIL_PROGRAM "--until|program|--timeout|20"
#define UNTIL_BOOT "--until|power-on|--timeout|20"
#define CUTS_MAX 32
#define USER_CYCLES_MAX 4

static const uint8_t config_default[24] = {
    0xE1, 0x01, 0, 0, 0, 2, 0, 0, 0x00, 0x20, 0, 0, 0x00, 0xD0, 0x08, 0,
};

static void chip_open_with(struct fixture_chip *chip, const char *slot0, const char *slot1)
{
    fixture_chip_open(chip);
    if (slot0 != NULL)
        fixture_chip_place(chip, slot0, LCM_SLOT0_ADDR);
    if (slot1 != NULL)
        fixture_chip_place(chip, slot1, LCM_SLOT1_ADDR);
}

static void chip_configure(struct fixture_chip *chip, uint8_t slot, uint8_t led)
{
    uint8_t config[24];

    memcpy(config, config_default, sizeof(config));
    config[3] = slot;
    config[7] = led;
    fixture_chip_write(chip, LCM_BOOTCONF_ADDR, config, sizeof(config));
}

static void test_cold_boot_writes_a_config(void **state)
{
    struct fixture_chip chip;
    uint8_t config[24];

    (void)state;
    chip_open_with(&chip, "chip/slot0.bin", "chip/slot1.bin");
    fixture_chip_run(&chip, UNTIL_PROGRAM);
    fixture_chip_expect(&chip, "rst cause:1");
    fixture_chip_expect(&chip, "program 0: slot 0, count 1, mode 0, next 0");
    int window = fixture_chip_find(&chip, 0, "window", NULL, NULL);
    assert_true(window >= 0);
    assert_int_equal((int)fixture_number(chip.lines.list[window], "microseconds"), 1500000);
    fixture_chip_read(&chip, LCM_BOOTCONF_ADDR, config, sizeof(config));
    assert_memory_equal(config, config_default, sizeof(config));

    /* The window passed: the next power-on counts from 1 again, and erases nothing. */
    fixture_chip_run(&chip, UNTIL_PROGRAM);
    fixture_chip_expect(&chip, "program 0: slot 0, count 1, mode 0, next 0");
    int flash = fixture_chip_find(&chip, 0, "flash", NULL, NULL);
    assert_int_equal((int)fixture_number(chip.lines.list[flash], "erases"), 0);
    assert_int_equal((int)fixture_number(chip.lines.list[flash], "refused_bits"), 0);
    fixture_chip_close(&chip);
}

static void test_config_chooses_the_slot(void **state)
{
    struct fixture_chip chip;

    (void)state;
    chip_open_with(&chip, "chip/slot0.bin", "chip/slot1.bin");
    chip_configure(&chip, 1, 0);
    fixture_chip_run(&chip, UNTIL_PROGRAM);
    fixture_chip_expect(&chip, "program 1: slot 1, count 1, mode 0, next 0");
    fixture_chip_close(&chip);
}

static void test_image_in_ram_alone_boots(void **state)
{
    struct fixture_chip chip;

    (void)state;
    chip_open_with(&chip, "chip/ram.bin", NULL);
    fixture_chip_run(&chip, UNTIL_PROGRAM);
    fixture_chip_expect(&chip, "program 0: slot 0, count 1");
    fixture_chip_close(&chip);
}

/* The app asks; slot 1 starts once, after a soft reset that waits for nothing; RTC memory and the
 * current slot are what they were for the power-on after that. */
static void test_temporary_boot(void **state)
{
    struct fixture_chip chip;

    (void)state;
    chip_open_with(&chip, "chip/asks.bin", "chip/slot1.bin");
    fixture_chip_run(&chip, "--until|program 1|--timeout|20");
    fixture_chip_expect(&chip, "program 0: slot 0, count 1, mode 0");
    fixture_chip_expect(&chip, "program 1: slot 1, count 1, mode 2, next 0");
    int first = fixture_chip_find(&chip, 0, "window", NULL, NULL);
    assert_true(first >= 0);
    assert_int_equal(fixture_chip_find(&chip, first + 1, "window", NULL, NULL), -1);
    fixture_chip_run(&chip, "--until|power-on|--timeout|20");
    fixture_chip_expect(&chip, "boot: slot 0, power-on 1");
    fixture_chip_close(&chip);
}

static void test_damaged_slots(void **state)
{
    /* In the image header, in the flash part's length, in a RAM segment, and its checksum's block.
     */
    static const uint32_t places[] = {0, 12, 0x170};

    (void)state;
    for (uint32_t slot = 0; slot < 2; slot++) {
        for (uint32_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
            struct fixture_chip chip;
            char line[64];

            chip_open_with(&chip, "chip/slot0.bin", "chip/slot1.bin");
            chip_configure(&chip, (uint8_t)slot, 0);
            fixture_chip_flip(&chip, (slot == 0 ? LCM_SLOT0_ADDR : LCM_SLOT1_ADDR) + places[i]);
            fixture_chip_run(&chip, UNTIL_PROGRAM);
            snprintf(line, sizeof(line), "program %u: slot %u, count 1", 1 - slot, 1 - slot);
            fixture_chip_expect(&chip, line);
            fixture_chip_expect(&chip, ", other slot damaged");
            fixture_chip_close(&chip);
        }
    }
}

static void test_nothing_to_boot(void **state)
{
    struct fixture_chip chip;

    (void)state;
    chip_open_with(&chip, "chip/slot0.bin", "chip/slot1.bin");
    fixture_chip_flip(&chip, LCM_SLOT0_ADDR);
    fixture_chip_flip(&chip, LCM_SLOT1_ADDR);
    fixture_chip_run(&chip, "--until|program|--timeout|3");
    fixture_chip_expect(&chip, "boot: no program in slot 0 or slot 1");
    assert_int_equal(fixture_chip_find(&chip, 0, "boot", NULL, NULL), -1);
    fixture_chip_close(&chip);

    fixture_chip_open(&chip);
    fixture_chip_flip(&chip, 0);
    fixture_chip_run(&chip, "--timeout|20");
    fixture_chip_expect(&chip, "rom: flash sector 0 holds no program that can be started");
    assert_int_equal(chip.exit_code, 1);
    assert_true(fixture_chip_find(&chip, 0, "stop", "reason", "no-program") >= 0);
    fixture_chip_close(&chip);
}

/* Fourteen power-ons, each cut short in its window but the last. */
static void test_power_cycles_are_counted(void **state)
{
    struct fixture_chip chip;

    (void)state;
    chip_open_with(&chip, "chip/slot0.bin", "chip/slot1.bin");
    fixture_chip_run(&chip, "--power-cycle|14|" UNTIL_PROGRAM);
    for (int count = 1; count <= 14; count++) {
        char line[64];

        snprintf(line, sizeof(line), "boot: slot %d, power-on %d", count > USER_CYCLES_MAX, count);
        fixture_chip_expect(&chip, line);
    }
    fixture_chip_expect(&chip, "program 1: slot 1, count 14, mode 0, next 0");
    int flash = fixture_chip_find(&chip, 0, "flash", NULL, NULL);
    assert_true(fixture_number(chip.lines.list[flash], "erases") < 4); /* the config's */
    fixture_chip_close(&chip);
}

static void test_counts_are_handed_over(void **state)
{
    static const int counts[] = {2, 4, 5};

    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct fixture_chip chip;
        char text[64];

        chip_open_with(&chip, "chip/slot0.bin", "chip/slot1.bin");
        snprintf(text, sizeof(text), "--power-cycle|%d|" UNTIL_PROGRAM, counts[i]);
        fixture_chip_run(&chip, text);
        snprintf(text, sizeof(text), "slot %d, count %d,", counts[i] > USER_CYCLES_MAX, counts[i]);
        fixture_chip_expect(&chip, text);
        fixture_chip_run(&chip, UNTIL_BOOT);
        fixture_chip_expect(&chip, "boot: slot 0, power-on 1");
        fixture_chip_close(&chip);
    }
}

/* Lit in the window of a second power-on only, and given back before the program starts. */
static void test_led_is_lit_in_the_window(void **state)
{
    static const uint8_t leds[] = {0x40 | 2, 0x40 | 0x10 | 12};

    (void)state;
    for (size_t i = 0; i < sizeof(leds); i++) {
        struct fixture_chip chip;

        chip_open_with(&chip, "chip/slot0.bin", "chip/slot1.bin");
        chip_configure(&chip, 0, leds[i]);
        fixture_chip_run(&chip, UNTIL_PROGRAM);
        assert_int_equal(fixture_chip_find(&chip, 0, "led", NULL, NULL), -1);
        fixture_chip_run(&chip, "--power-cycle|2|" UNTIL_PROGRAM);
        int second = fixture_chip_find(&chip, 0, "uart", "line", "power-on 2");
        int lit = fixture_chip_find(&chip, 0, "led", NULL, NULL);
        assert_true(second >= 0 && lit > second);
        assert_true(fixture_is_true(chip.lines.list[lit], "lit"));
        assert_int_equal((int)fixture_number(chip.lines.list[lit], "gpio"), leds[i] & 0x0F);
        fixture_chip_close(&chip);
    }
}

/* Cut every flash operation of the first boot, three ways: the next power-on finds a whole config
 * and boots. */
static void test_cuts_in_the_config(void **state)
{
    static const char *const ways[] = {"before", "torn", "after"};
    int cuts = 0;

    (void)state;
    for (size_t way = 0; way < sizeof(ways) / sizeof(ways[0]); way++) {
        bool is_cut = true;

        for (int number = 1; is_cut && number < CUTS_MAX; number++) {
            struct fixture_chip chip;
            char text[96];
            uint8_t config[24];

            chip_open_with(&chip, "chip/slot0.bin", "chip/slot1.bin");
            snprintf(text, sizeof(text), "--cut|%d:%s|" UNTIL_BOOT, number, ways[way]);
            fixture_chip_run(&chip, text);
            is_cut = fixture_chip_find(&chip, 0, "end", "end", "cut") >= 0;
            cuts += is_cut;
            fixture_chip_run(&chip, UNTIL_BOOT);
            fixture_chip_expect(&chip, "boot: slot 0, power-on");
            fixture_chip_read(&chip, LCM_BOOTCONF_ADDR, config, sizeof(config));
            assert_memory_equal(config, config_default, sizeof(config));
            fixture_chip_close(&chip);
        }
    }
    assert_true(cuts >= 18); /* two erases and four programs, three ways */
}

/* A cut in the mark of the fourth power-on: the fifth is number 4 or 5, as far as the mark got. */
static void test_cuts_in_the_marks(void **state)
{
    static const struct {
        const char *way;
        const char *line;
    } cases[] = {
        {"--cut|1:before|" UNTIL_BOOT, "power-on 4"},
        {"--cut|1:after|" UNTIL_BOOT, "power-on 5"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture_chip chip;

        chip_open_with(&chip, "chip/slot0.bin", "chip/slot1.bin");
        fixture_chip_run(&chip, "--power-cycle|3|--until|power-on 3|--timeout|20");
        fixture_chip_run(&chip, cases[i].way);
        assert_true(fixture_chip_find(&chip, 0, "end", "end", "cut") >= 0);
        fixture_chip_run(&chip, UNTIL_BOOT);
        fixture_chip_expect(&chip, cases[i].line);
        fixture_chip_close(&chip);
    }
}

static void test_rom_functions(void **state)
{
    struct fixture_chip chip;

    (void)state;
    chip_open_with(&chip, "chip/rom.bin", NULL);
    fixture_chip_run(&chip, "--until|rom: right,|--timeout|4");
    fixture_chip_expect(&chip, "rom: right, -42 42 0000abcd|    7|text|c|%");
    fixture_chip_close(&chip);
}

/* With counted time and a seed two runs tell the same story, line by line. */
static void test_counted_runs_repeat(void **state)
{
    struct fixture_chip chip;
    char *first = NULL;

    (void)state;
    for (int i = 0; i < 2; i++) {
        chip_open_with(&chip, "chip/rom.bin", NULL);
        fixture_chip_run(&chip, "--icount|--seed|7|--until|rom: right,|--timeout|25");
        fixture_chip_expect(&chip, "rom: right");
        char *story = fixture_read_file(chip.output_path, NULL);
        if (first != NULL)
            assert_string_equal(story, first);
        free(first);
        first = story;
        fixture_chip_close(&chip);
    }
    free(first);
}

/* Where the UART is, as the emulator tells it in its first line. */
static void chip_wait_for_place(struct fixture_chip *chip, char *place, size_t size)
{
    for (int i = 0; i < 100; i++) {
        fixture_lines_load(&chip->lines, chip->output_path, 0);
        int line = fixture_chip_find(chip, 0, "uart-place", NULL, NULL);
        if (line >= 0) {
            snprintf(place, size, "%s", fixture_text(chip->lines.list[line], "place"));
            return;
        }
        fixture_pause(50);
    }
    fail_msg("no place of the UART");
}

/* Read until text arrives, at most 10 s. */
static void uart_expect(int fd, const char *text)
{
    char got[4096] = "";
    size_t count = 0;
    struct pollfd ready = {.fd = fd, .events = POLLIN};

    while (strstr(got, text) == NULL) {
        assert_int_equal(poll(&ready, 1, 10000), 1);
        ssize_t size = read(fd, got + count, sizeof(got) - 1 - count);
        assert_true(size > 0);
        count += (size_t)size;
        got[count] = '\0';
    }
}

static int uart_connect(const char *place)
{
    struct sockaddr_in address = {.sin_family = AF_INET};

    if (strncmp(place, "tcp:", 4) != 0)
        return open(place, O_RDWR | O_NOCTTY);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_port = htons((uint16_t)strtoul(strrchr(place, ':') + 1, NULL, 10));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void test_uart_elsewhere(void **state)
{
    static const char *const kinds[] = {"tcp:0", "pty"};

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct fixture_chip chip;
        struct fixture_process process;
        char place[64] = "";

        chip_open_with(&chip, "chip/rom.bin", NULL);
        const char *arguments[] = {fixture_lcm(),   "emu",    "--json", "--flash",
                                   chip.flash_path, "--uart", kinds[i], NULL};
        fixture_process_start(&process, arguments, chip.output_path);
        chip_wait_for_place(&chip, place, sizeof(place));
        int fd = uart_connect(place);
        assert_true(fd >= 0);
        uart_expect(fd, "rom: right");
        assert_int_equal(write(fd, "hello", 5), 5);
        uart_expect(fd, "hello");
        close(fd);
        fixture_process_stop(&process, SIGTERM);
        assert_int_equal(process.exit_code, 0);
        fixture_chip_close(&chip);
    }
}

static void test_bad_input_is_one_line(void **state)
{
    struct fixture_chip chip;

    (void)state;
    fixture_chip_open(&chip);
    workshop_open();
    lcm_run_refused(2, "--flash is missing", "emu");
    lcm_run_refused(2, "No such file", "emu --flash %s.none", chip.flash_path);
    lcm_run_refused(2, "exactly 1048576 bytes", "emu --flash /dev/null");
    lcm_run_refused(2, "--cut '0' is malformed", "emu --flash %s --cut 0", chip.flash_path);
    lcm_run_refused(2, "--cut '1:half' is malformed", "emu --flash %s --cut 1:half",
                    chip.flash_path);
    lcm_run_refused(2, "--uart 'smoke' is unknown", "emu --flash %s --uart smoke", chip.flash_path);
    lcm_run_refused(2, "--rom FILE", "emu --flash %s --rom none.elf", chip.flash_path);
    char *path = strdup(getenv("PATH"));
    assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
    lcm_run_refused(2, "Debian package qemu-system-misc", "emu --flash %s", chip.flash_path);
    assert_int_equal(setenv("PATH", path, 1), 0);
    free(path);
    workshop_close();
    fixture_chip_close(&chip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cold_boot_writes_a_config),
        cmocka_unit_test(test_config_chooses_the_slot),
        cmocka_unit_test(test_image_in_ram_alone_boots),
        cmocka_unit_test(test_temporary_boot),
        cmocka_unit_test(test_damaged_slots),
        cmocka_unit_test(test_nothing_to_boot),
        cmocka_unit_test(test_power_cycles_are_counted),
        cmocka_unit_test(test_counts_are_handed_over),
        cmocka_unit_test(test_led_is_lit_in_the_window),
        cmocka_unit_test(test_cuts_in_the_config),
        cmocka_unit_test(test_cuts_in_the_marks),
        cmocka_unit_test(test_rom_functions),
        cmocka_unit_test(test_counted_runs_repeat),
        cmocka_unit_test(test_uart_elsewhere),
        cmocka_unit_test(test_bad_input_is_one_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
