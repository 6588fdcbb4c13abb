/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader for linked programs: ELF32, little-endian, Xtensa.
 *
 * elf_open judges the header; elf_section then gives each section by number.
 * Nothing is copied or allocated: results point into the bytes of the caller.
 * Any input is safe; every offset is checked against the size first.
 */
#ifndef LCM_HOST_ELF_H
#define LCM_HOST_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"

#define ELF_FILE_SIZE_MAX (64u * 1024 * 1024) /* bytes; debug information is large */
#define ELF_SECTIONS_MAX 4096u
#define ELF_NAME_SIZE_MAX 64u /* characters of a section name that are kept */

struct elf_file {
    const uint8_t *bytes;
    size_t size;
    uint32_t entry;
    uint32_t table;         /* offset of the section headers */
    uint32_t section_count; /* <= ELF_SECTIONS_MAX */
    uint32_t names;         /* offset of the section name table */
    uint32_t names_size;
};

struct elf_section {
    const char *name; /* of name_size characters, not NUL-terminated */
    int name_size;
    uint32_t addr;
    uint32_t size;        /* bytes */
    const uint8_t *bytes; /* NULL when the section only reserves memory */
    bool is_loaded;       /* takes part in the running program */
};

/* LCM_OK; LCM_ERR_WRONG_TYPE (an ELF file, but no linked Xtensa program) or LCM_ERR_FORMAT. */
LCM_MUST_CHECK enum lcm_err elf_open(struct elf_file *elf, const uint8_t *bytes, size_t size);

/* Section number index (< section_count). LCM_ERR_FORMAT when it lies outside the
 * file; *section is unchanged then. */
LCM_MUST_CHECK enum lcm_err elf_section(const struct elf_file *elf, uint32_t index,
                                        struct elf_section *section);

#endif
