/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that exists around a device in the field: keys, programs, signed files, and which of
 * them the release host offers. Made once, the same bytes every time (the random numbers
 * of keys and signatures are seeded), so that a path can be replayed.
 */
#ifndef LCM_TESTS_POWER_FIELD_H
#define LCM_TESTS_POWER_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "core/trust/manifest.h"
#include "tests/lib/trust_fixture.h"

#define FIELD_IMAGE_SIZE_MAX 0x8000u
#define FIELD_APP_REPOSITORY "someone/lamp"
#define FIELD_APP_FILE "main.bin"

enum field_program {
    FIELD_APP_1,
    FIELD_APP_2, /* shares two sectors with the first */
    FIELD_OTABOOT_1,
    FIELD_OTABOOT_2,
    FIELD_OTAMAIN_1,
    FIELD_OTAMAIN_2,
    FIELD_BOOT_1,
    FIELD_BOOT_2,
    FIELD_BOOT_1_RENAMED, /* the bytes of the first as version 2.0.0 */
    FIELD_APP_REFERENCE,  /* carries no identity; offered by nobody */
    FIELD_APP_1_DAMAGED,  /* one bit fell over at rest, where the boot program does not look */
    FIELD_PROGRAM_COUNT
};

enum field_trust {
    FIELD_TRUST_1,
    FIELD_TRUST_2,         /* same owner */
    FIELD_TRUST_ROTATED_2, /* owner 2, signed by owner 1 too */
    FIELD_TRUST_ROTATED_3, /* owner 3, signed by owner 2 too */
    FIELD_TRUST_ROTATED_4, /* owner 3 */
    FIELD_TRUST_COUNT
};

struct field_file {
    uint8_t bytes[FIELD_IMAGE_SIZE_MAX];
    uint32_t size;
};

struct field {
    struct trust_fixture keys;
    struct field_file program[FIELD_PROGRAM_COUNT];
    struct field_file manifest[FIELD_PROGRAM_COUNT];
    struct field_file trust[FIELD_TRUST_COUNT];
    struct field_file pointer[FIELD_TRUST_COUNT];
    struct field_file chain; /* both changes of the owner */
};

/* What the host has. A program of -1 is not there. */
struct field_offer {
    int app; /* FIELD_APP_* */
    int otaboot;
    int otamain;
    int boot;
    enum field_trust trust;
};

void field_open(struct field *field, uint64_t seed);

/* Flash address of a program's slot. */
uint32_t field_slot_addr(enum field_program program);

/* The version a program has as a file: "1.0.0". */
const char *field_version(enum field_program program);

/* What lies in sector 0 once this boot program is installed on a board that had none. */
void field_boot_sector(const struct field *field, enum field_program boot,
                       uint8_t sector[LCM_SECTOR_SIZE]);

#endif
