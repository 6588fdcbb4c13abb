/* SPDX-License-Identifier: Apache-2.0 */
/* Small ELF programs for tests, built by hand: no compiler needed. */
#ifndef LCM_TESTS_ELF_FIXTURE_H
#define LCM_TESTS_ELF_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

#include "core/image/identity.h"

#define ELF_FIXTURE_SIZE_MAX 65536u
#define ELF_FIXTURE_SECTIONS_MAX 6u

struct elf_fixture_section {
    uint32_t addr;
    const uint8_t *bytes; /* NULL: reserves memory only */
    uint32_t size;
};

/* Write an Xtensa executable with these loaded sections; returns its size. out has
 * ELF_FIXTURE_SIZE_MAX bytes. */
size_t elf_fixture_build(uint8_t *out, uint32_t entry, const struct elf_fixture_section *sections,
                         size_t count);

/* A program for a slot (0x2000 or 0x8D000): flash code of code_size bytes (a multiple of
 * 16, >= 256) with addresses of itself and an identity block unless identity is NULL. */
size_t elf_fixture_image(uint8_t *out, uint32_t slot_addr, uint32_t code_size,
                         const struct lcm_identity *identity);

/* The same with the identity of the app "me/lamp main.bin version". */
size_t elf_fixture_app(uint8_t *out, uint32_t slot_addr, uint32_t code_size, const char *version);

#endif
