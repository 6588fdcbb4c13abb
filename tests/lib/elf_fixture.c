// SPDX-License-Identifier: Apache-2.0
/* Hand-made ELF files, see the header. */
#include "tests/lib/elf_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/image/identity.h"
#include "lcm/layout.h"

#define HEADER_SIZE 52u
#define SECTION_SIZE 40u

static void fixture_header(uint8_t *out, uint32_t entry, uint32_t table, uint16_t count)
{
    static const uint8_t ident[8] = {0x7F, 'E', 'L', 'F', 1, 1, 1, 0};

    memset(out, 0, HEADER_SIZE);
    memcpy(out, ident, sizeof(ident));
    lcm_put_u16(out + 16, 2);
    lcm_put_u16(out + 18, 94);
    lcm_put_u32(out + 24, entry);
    lcm_put_u32(out + 32, table);
    lcm_put_u16(out + 46, SECTION_SIZE);
    lcm_put_u16(out + 48, count);
}

size_t elf_fixture_build(uint8_t *out, uint32_t entry, const struct elf_fixture_section *sections,
                         size_t count)
{
    uint32_t table = HEADER_SIZE;
    uint32_t offset = table + (uint32_t)(count + 1) * SECTION_SIZE;

    fixture_header(out, entry, table, (uint16_t)(count + 1));
    memset(out + table, 0, SECTION_SIZE); /* section 0 is empty by definition */
    for (size_t i = 0; i < count; i++) {
        uint8_t *header = out + table + (i + 1) * SECTION_SIZE;

        memset(header, 0, SECTION_SIZE);
        lcm_put_u32(header + 4, sections[i].bytes != NULL ? 1 : 8);
        lcm_put_u32(header + 8, 2);
        lcm_put_u32(header + 12, sections[i].addr);
        lcm_put_u32(header + 16, offset);
        lcm_put_u32(header + 20, sections[i].size);
        if (sections[i].bytes == NULL)
            continue;
        if (offset + sections[i].size > ELF_FIXTURE_SIZE_MAX)
            abort();
        memcpy(out + offset, sections[i].bytes, sections[i].size);
        offset += sections[i].size;
    }
    return offset;
}

size_t elf_fixture_image(uint8_t *out, uint32_t slot_addr, uint32_t code_size,
                         const struct lcm_identity *identity)
{
    static uint8_t code[ELF_FIXTURE_SIZE_MAX / 2];
    uint8_t iram[16] = {1, 2, 3, 4};
    uint8_t data[8] = {5, 6, 7, 8};
    uint32_t base = LCM_FLASH_MAP_BASE + LCM_IROM_OFFSET + slot_addr;

    if (code_size > sizeof(code))
        abort();
    memset(code, 0x5A, code_size);
    if (identity != NULL && lcm_identity_encode(identity, code) != LCM_OK)
        abort();
    for (uint32_t i = 0; i < 20; i++)
        lcm_put_u32(code + 144 + 4 * i, base + 4 * i);
    const struct elf_fixture_section sections[] = {
        {base, code, code_size},
        {0x40100000, iram, sizeof(iram)},
        {0x3FFE8000, data, sizeof(data)},
        {0x3FFE8100, NULL, 64},
    };
    return elf_fixture_build(out, 0x40100004, sections, 4);
}

size_t elf_fixture_app(uint8_t *out, uint32_t slot_addr, uint32_t code_size, const char *version)
{
    struct lcm_identity identity = {
        .type = LCM_IDENTITY_APP, .repository = "me/lamp", .file = "main.bin"};

    if (strlen(version) >= sizeof(identity.version))
        abort();
    memcpy(identity.version, version, strlen(version) + 1);
    return elf_fixture_image(out, slot_addr, code_size, &identity);
}
