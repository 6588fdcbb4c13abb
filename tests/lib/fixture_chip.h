/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An emulated chip for tests: a flash file put together from parts, runs of `lcm emu --json`, and
 * what they told. Programs come from build/lx106 (make emu).
 */
#ifndef LCM_TESTS_FIXTURE_CHIP_H
#define LCM_TESTS_FIXTURE_CHIP_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/lib/fixture_lines.h"

struct fixture_chip {
    char folder[64];
    char flash_path[96];
    char output_path[96];
    struct fixture_lines lines; /* of the last run */
    int exit_code;              /* of the last run */
};

/* A blank flash with the boot program in sector 0, in a folder of its own. */
void fixture_chip_open(struct fixture_chip *chip);
void fixture_chip_close(struct fixture_chip *chip);

/* Put build/lx106/NAME at a flash address. */
void fixture_chip_place(struct fixture_chip *chip, const char *name, uint32_t addr);
void fixture_chip_write(struct fixture_chip *chip, uint32_t addr, const void *bytes, uint32_t size);
void fixture_chip_read(struct fixture_chip *chip, uint32_t addr, void *bytes, uint32_t size);
void fixture_chip_flip(struct fixture_chip *chip, uint32_t addr);

/* lcm emu --json --flash ... with these options, split at '|'; at most 30 s. */
void fixture_chip_run(struct fixture_chip *chip, const char *options);

/* Index of the first line from `first` on of this type (and, text != NULL, whose member key holds
 * text somewhere); -1 = none. */
int fixture_chip_find(const struct fixture_chip *chip, int first, const char *type, const char *key,
                      const char *text);

/* Is there a UART line that contains text? */
bool fixture_chip_printed(const struct fixture_chip *chip, const char *text);

/* Fail the test with the whole story unless the UART said this. */
void fixture_chip_expect(const struct fixture_chip *chip, const char *text);

#endif
