// SPDX-License-Identifier: Apache-2.0
/*
 * Bounded ELF32 section reader, see the header. Offsets as in the System V ABI,
 * "Object Files". Program headers are not used: section names make better errors.
 */
#include "host/elf.h"

#include <string.h>

#include "core/base/bytes.h"

#define ELF_HEADER_SIZE 52u
#define ELF_SECTION_HEADER_SIZE 40u
#define ELF_TYPE_EXECUTABLE 2u
#define ELF_MACHINE_XTENSA 94u
#define ELF_SECTION_NO_BITS 8u
#define ELF_FLAG_ALLOCATED 2u

static bool elf_contains(const struct elf_file *elf, uint32_t offset, uint32_t size)
{
    return offset <= elf->size && size <= elf->size - offset;
}

static enum lcm_err elf_check_kind(const uint8_t *bytes, size_t size)
{
    static const uint8_t magic[4] = {0x7F, 'E', 'L', 'F'};

    if (size < ELF_HEADER_SIZE || memcmp(bytes, magic, sizeof(magic)) != 0)
        return LCM_ERR_FORMAT;
    if (bytes[4] != 1 || bytes[5] != 1) /* 32 bits, little-endian */
        return LCM_ERR_WRONG_TYPE;
    if (lcm_get_u16(bytes + 16) != ELF_TYPE_EXECUTABLE ||
        lcm_get_u16(bytes + 18) != ELF_MACHINE_XTENSA)
        return LCM_ERR_WRONG_TYPE;
    return LCM_OK;
}

/* Find the table of section names; a file without one is still readable. */
static void elf_find_names(struct elf_file *elf, uint32_t index)
{
    const uint8_t *header = NULL;

    if (index >= elf->section_count)
        return;
    header = elf->bytes + elf->table + index * ELF_SECTION_HEADER_SIZE;
    if (!elf_contains(elf, lcm_get_u32(header + 16), lcm_get_u32(header + 20)))
        return;
    elf->names = lcm_get_u32(header + 16);
    elf->names_size = lcm_get_u32(header + 20);
}

enum lcm_err elf_open(struct elf_file *elf, const uint8_t *bytes, size_t size)
{
    struct elf_file opened = {.bytes = bytes, .size = size};
    enum lcm_err err = elf_check_kind(bytes, size);

    if (err != LCM_OK)
        return err;
    opened.entry = lcm_get_u32(bytes + 24);
    opened.table = lcm_get_u32(bytes + 32);
    opened.section_count = lcm_get_u16(bytes + 48);
    if (opened.section_count == 0 || opened.section_count > ELF_SECTIONS_MAX ||
        lcm_get_u16(bytes + 46) != ELF_SECTION_HEADER_SIZE ||
        !elf_contains(&opened, opened.table, opened.section_count * ELF_SECTION_HEADER_SIZE))
        return LCM_ERR_FORMAT;
    elf_find_names(&opened, lcm_get_u16(bytes + 50));
    *elf = opened;
    return LCM_OK;
}

static void elf_name_section(const struct elf_file *elf, uint32_t offset,
                             struct elf_section *section)
{
    uint32_t size_max = 0;

    section->name = "?";
    section->name_size = 1;
    if (offset >= elf->names_size)
        return;
    size_max = elf->names_size - offset;
    if (size_max > ELF_NAME_SIZE_MAX)
        size_max = ELF_NAME_SIZE_MAX;
    section->name = (const char *)elf->bytes + elf->names + offset;
    section->name_size = (int)strnlen(section->name, size_max);
}

enum lcm_err elf_section(const struct elf_file *elf, uint32_t index, struct elf_section *section)
{
    const uint8_t *header = NULL;
    struct elf_section found = {0};
    uint32_t offset = 0;

    if (index >= elf->section_count)
        return LCM_ERR_FORMAT;
    header = elf->bytes + elf->table + index * ELF_SECTION_HEADER_SIZE;
    found.is_loaded = (lcm_get_u32(header + 8) & ELF_FLAG_ALLOCATED) != 0;
    found.addr = lcm_get_u32(header + 12);
    found.size = lcm_get_u32(header + 20);
    offset = lcm_get_u32(header + 16);
    elf_name_section(elf, lcm_get_u32(header), &found);
    if (lcm_get_u32(header + 4) != ELF_SECTION_NO_BITS) {
        if (!elf_contains(elf, offset, found.size))
            return LCM_ERR_FORMAT;
        found.bytes = elf->bytes + offset;
    }
    *section = found;
    return LCM_OK;
}
