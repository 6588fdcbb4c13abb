// SPDX-License-Identifier: Apache-2.0
/* Flash files and runs of the emulated chip for tests; see the header. */
#include "tests/lib/fixture_chip.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lcm/layout.h"
#include "tests/lib/fixture_process.h"

#define CHIP_RUN_MAX_MS 70000u
#define CHIP_WAIT_MAX_MS 60000u
#define CHIP_POLL_MS 20u
#define CHIP_OPTIONS_SIZE 256u

void fixture_chip_program_path(const char *name, char *path, size_t size)
{
    /* build/host/lcm or build/asan/lcm: the chip's programs are in build/lx106. */
    snprintf(path, size, "%s/../../lx106/%s", fixture_lcm(), name);
    char *lcm = strstr(path, "/lcm/..");
    if (lcm != NULL)
        memmove(lcm, lcm + 4, strlen(lcm + 4) + 1);
    lcm = strstr(path, "/../..");
    if (lcm != NULL)
        memmove(lcm, lcm + 3, strlen(lcm + 3) + 1);
}

void fixture_chip_open(struct fixture_chip *chip)
{
    static uint8_t blank[LCM_FLASH_SIZE];

    memset(chip, 0, sizeof(*chip));
    snprintf(chip->folder, sizeof(chip->folder), "/tmp/lcm-chip-XXXXXX");
    assert_non_null(mkdtemp(chip->folder));
    snprintf(chip->flash_path, sizeof(chip->flash_path), "%s/flash.bin", chip->folder);
    snprintf(chip->output_path, sizeof(chip->output_path), "%s/output", chip->folder);
    memset(blank, 0xFF, sizeof(blank));
    fixture_write_file(chip->flash_path, blank, sizeof(blank));
    fixture_chip_place(chip, "boot.bin", LCM_BOOT_ADDR);
}

void fixture_chip_close(struct fixture_chip *chip)
{
    char path[128];

    fixture_chip_stop(chip);
    fixture_lines_free(&chip->lines);
    unlink(chip->flash_path);
    unlink(chip->world_path);
    unlink(chip->output_path);
    snprintf(path, sizeof(path), "%s.err", chip->output_path);
    unlink(path);
    rmdir(chip->folder);
}

void fixture_chip_write(struct fixture_chip *chip, uint32_t addr, const void *bytes, uint32_t size)
{
    FILE *file = fopen(chip->flash_path, "r+b");

    assert_non_null(file);
    assert_int_equal(fseek(file, (long)addr, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

void fixture_chip_read(const struct fixture_chip *chip, uint32_t addr, void *bytes, uint32_t size)
{
    FILE *file = fopen(chip->flash_path, "rb");

    assert_non_null(file);
    assert_int_equal(fseek(file, (long)addr, SEEK_SET), 0);
    assert_int_equal(fread(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

char *fixture_chip_program(const char *name, size_t *size)
{
    char path[FIXTURE_PATH_SIZE];

    fixture_chip_program_path(name, path, sizeof(path));
    return fixture_read_file(path, size);
}

void fixture_chip_place(struct fixture_chip *chip, const char *name, uint32_t addr)
{
    size_t size = 0;
    char *bytes = fixture_chip_program(name, &size);

    fixture_chip_write(chip, addr, bytes, (uint32_t)size);
    free(bytes);
}

void fixture_chip_flip(struct fixture_chip *chip, uint32_t addr)
{
    uint8_t byte;

    fixture_chip_read(chip, addr, &byte, 1);
    byte ^= 0x10;
    fixture_chip_write(chip, addr, &byte, 1);
}

void fixture_chip_set_world(struct fixture_chip *chip, const char *text)
{
    snprintf(chip->world_path, sizeof(chip->world_path), "%s/world", chip->folder);
    fixture_write_file(chip->world_path, text, strlen(text));
}

void fixture_chip_start(struct fixture_chip *chip, const char *options)
{
    char text[CHIP_OPTIONS_SIZE];
    const char *arguments[FIXTURE_ARGUMENTS_MAX] = {fixture_lcm(), "emu", "--json", "--flash",
                                                    chip->flash_path};
    size_t count = 5;
    char *next = text;

    if (chip->world_path[0] != '\0') {
        arguments[count++] = "--world";
        arguments[count++] = chip->world_path;
    }
    snprintf(text, sizeof(text), "%s", options);
    while (next != NULL && *next != '\0' && count + 1 < FIXTURE_ARGUMENTS_MAX)
        arguments[count++] = strsep(&next, "|");
    fixture_process_start(&chip->process, arguments, chip->output_path);
}

void fixture_chip_stop(struct fixture_chip *chip)
{
    if (chip->process.pid == 0)
        return;
    fixture_process_stop(&chip->process, SIGTERM);
    chip->exit_code = chip->process.exit_code;
    fixture_lines_load(&chip->lines, chip->output_path, 0);
}

void fixture_chip_run(struct fixture_chip *chip, const char *options)
{
    fixture_chip_start(chip, options);
    bool is_over = fixture_process_wait(&chip->process, CHIP_RUN_MAX_MS);

    if (!is_over)
        fixture_process_stop(&chip->process, SIGKILL);
    chip->exit_code = chip->process.exit_code;
    fixture_lines_load(&chip->lines, chip->output_path, 0);
    if (!is_over) {
        fixture_chip_tell(chip);
        fail_msg("lcm emu did not end");
    }
}

void fixture_chip_wait_for(struct fixture_chip *chip, const char *text, unsigned count)
{
    uint64_t end_ms = fixture_now_ms() + CHIP_WAIT_MAX_MS;

    for (;;) {
        bool is_over = fixture_process_wait(&chip->process, CHIP_POLL_MS);

        fixture_lines_load(&chip->lines, chip->output_path, 0);
        if (fixture_chip_count(chip, text) >= count)
            return;
        if (is_over || fixture_now_ms() > end_ms) {
            fixture_chip_tell(chip);
            fail_msg("waited in vain for \"%s\" (%u times)", text, count);
        }
    }
}

int fixture_chip_find(const struct fixture_chip *chip, int first, const char *type, const char *key,
                      const char *text)
{
    for (size_t i = (size_t)first; i < chip->lines.count; i++) {
        const cJSON *line = chip->lines.list[i];

        if (fixture_has(line, "type", type) &&
            (text == NULL || strstr(fixture_text(line, key), text) != NULL))
            return (int)i;
    }
    return -1;
}

unsigned fixture_chip_count(const struct fixture_chip *chip, const char *text)
{
    unsigned count = 0;

    for (size_t i = 0; i < chip->lines.count; i++)
        count += fixture_has(chip->lines.list[i], "type", "uart") &&
                 strstr(fixture_text(chip->lines.list[i], "line"), text) != NULL;
    return count;
}

bool fixture_chip_printed(const struct fixture_chip *chip, const char *text)
{
    return fixture_chip_count(chip, text) > 0;
}

void fixture_chip_tell(const struct fixture_chip *chip)
{
    char *story = fixture_read_file(chip->output_path, NULL);

    fprintf(stderr, "%s\n", story); /* cmocka cuts what is long */
    free(story);
}

void fixture_chip_expect(const struct fixture_chip *chip, const char *text)
{
    if (fixture_chip_printed(chip, text))
        return;
    fixture_chip_tell(chip);
    fail_msg("the UART never said \"%s\"", text);
}
