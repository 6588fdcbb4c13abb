/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An emulated chip for tests: a flash file put together from parts, runs of `lcm emu --json`, and
 * what they told. Programs come from build/lx106 (make emu, make firmware). Several chips may run
 * at a time.
 */
#ifndef LCM_TESTS_FIXTURE_CHIP_H
#define LCM_TESTS_FIXTURE_CHIP_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/lib/fixture_lines.h"
#include "tests/lib/fixture_process.h"

struct fixture_chip {
    char folder[64];
    char flash_path[96];
    char output_path[96];
    char world_path[96]; /* "" = lcm emu's own world */
    struct fixture_process process;
    struct fixture_lines lines; /* of the last run */
    int exit_code;              /* of the last run */
};

/* A blank flash with the boot program in sector 0, in a folder of its own. */
void fixture_chip_open(struct fixture_chip *chip);
void fixture_chip_close(struct fixture_chip *chip);

/* Where build/lx106/NAME is; its bytes, which the caller frees. */
void fixture_chip_program_path(const char *name, char *path, size_t size);
char *fixture_chip_program(const char *name, size_t *size);

/* Put build/lx106/NAME at a flash address. */
void fixture_chip_place(struct fixture_chip *chip, const char *name, uint32_t addr);
void fixture_chip_write(struct fixture_chip *chip, uint32_t addr, const void *bytes, uint32_t size);
void fixture_chip_read(const struct fixture_chip *chip, uint32_t addr, void *bytes, uint32_t size);
void fixture_chip_flip(struct fixture_chip *chip, uint32_t addr);

/* lcm emu --json --flash ... with these options, split at '|'; at most 70 s. */
void fixture_chip_run(struct fixture_chip *chip, const char *options);

/* The world of the runs from here on: the text of a world file (host/radio_world.h). */
void fixture_chip_set_world(struct fixture_chip *chip, const char *text);

/* As fixture_chip_run, but return at once. fixture_chip_stop ends it, if it still runs. */
void fixture_chip_start(struct fixture_chip *chip, const char *options);
void fixture_chip_stop(struct fixture_chip *chip);

/* Wait until so many UART lines contain text. Fails the test with the whole story after 60 s, or
 * when the run ends before. */
void fixture_chip_wait_for(struct fixture_chip *chip, const char *text, unsigned count);

/* Index of the first line from `first` on of this type (and, text != NULL, whose member key holds
 * text somewhere); -1 = none. */
int fixture_chip_find(const struct fixture_chip *chip, int first, const char *type, const char *key,
                      const char *text);

/* How many UART lines contain text? Is there one? */
unsigned fixture_chip_count(const struct fixture_chip *chip, const char *text);
bool fixture_chip_printed(const struct fixture_chip *chip, const char *text);

/* Fail the test with the whole story unless the UART said this. */
void fixture_chip_expect(const struct fixture_chip *chip, const char *text);

/* Print what the last run told, for a test that is about to fail. */
void fixture_chip_tell(const struct fixture_chip *chip);

#endif
