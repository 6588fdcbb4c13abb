// SPDX-License-Identifier: Apache-2.0
/*
 * Linked program to flash image: sorts its sections by address into the part that
 * stays in flash and the segments that go to RAM, then writes headers, padding and
 * checksum.
 *
 * Invariant: every loaded byte of the program is in the image or the build fails.
 */
#include "host/image_build.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/image/image.h"
#include "host/elf.h"
#include "lcm/layout.h"

#define IMAGE_FLASH_SIZE 0x100000u /* bytes of the memory-mapped flash window */
#define IMAGE_IRAM_ADDR 0x40100000u
#define IMAGE_IRAM_SIZE 0x8000u
#define IMAGE_DRAM_ADDR 0x3FFE8000u
#define IMAGE_DRAM_SIZE 0x14000u
#define IMAGE_PIECES_MAX 128u
#define IMAGE_ALIGN 16u
#define IMAGE_MERGE_GAP 16u /* bytes between sections that still make one segment */

struct image_pieces {
    struct elf_section list[IMAGE_PIECES_MAX];
    size_t count;
};

struct image_plan {
    const char *path;
    uint32_t entry;
    struct image_pieces flash;
    struct image_pieces ram;
};

struct image_output {
    uint8_t *bytes; /* IMAGE_SIZE_MAX of them, zeroed */
    uint32_t size;
};

static bool image_is_within(const struct elf_section *section, uint32_t addr, uint32_t size)
{
    return section->addr >= addr && section->addr - addr <= size &&
           section->size <= size - (section->addr - addr);
}

static int image_compare_pieces(const void *a, const void *b)
{
    const struct elf_section *left = a;
    const struct elf_section *right = b;

    return (left->addr > right->addr) - (left->addr < right->addr);
}

static int image_add_piece(struct image_plan *plan, struct image_pieces *pieces,
                           const struct elf_section *section)
{
    if (pieces->count == IMAGE_PIECES_MAX) {
        cli_error("%s: more than %u loaded sections: merge them in the linker script", plan->path,
                  IMAGE_PIECES_MAX);
        return CLI_ERROR;
    }
    pieces->list[pieces->count++] = *section;
    return CLI_OK;
}

static int image_sort_section(struct image_plan *plan, const struct elf_section *section)
{
    if (!section->is_loaded || section->bytes == NULL || section->size == 0)
        return CLI_OK;
    if (image_is_within(section, LCM_FLASH_MAP_BASE, IMAGE_FLASH_SIZE))
        return image_add_piece(plan, &plan->flash, section);
    if (image_is_within(section, IMAGE_IRAM_ADDR, IMAGE_IRAM_SIZE) ||
        image_is_within(section, IMAGE_DRAM_ADDR, IMAGE_DRAM_SIZE))
        return image_add_piece(plan, &plan->ram, section);
    cli_error("%s: section %.*s at 0x%08x (%u bytes) is in no memory of the chip: check the "
              "linker script",
              plan->path, section->name_size, section->name, section->addr, section->size);
    return CLI_ERROR;
}

static int image_refuse_overlap(const struct image_plan *plan, const struct image_pieces *pieces)
{
    for (size_t i = 1; i < pieces->count; i++) {
        const struct elf_section *before = &pieces->list[i - 1];

        if (pieces->list[i].addr - before->addr < before->size) {
            cli_error("%s: sections overlap at 0x%08x: check the linker script", plan->path,
                      pieces->list[i].addr);
            return CLI_ERROR;
        }
    }
    return CLI_OK;
}

static int image_plan_sections(struct image_plan *plan, const struct elf_file *elf)
{
    int result = CLI_OK;

    for (uint32_t i = 0; i < elf->section_count && result == CLI_OK; i++) {
        struct elf_section section;

        if (elf_section(elf, i, &section) != LCM_OK) {
            cli_error("%s: section %u lies outside the file: link the program again", plan->path,
                      i);
            return CLI_ERROR;
        }
        result = image_sort_section(plan, &section);
    }
    if (result != CLI_OK)
        return result;
    qsort(plan->flash.list, plan->flash.count, sizeof(plan->flash.list[0]), image_compare_pieces);
    qsort(plan->ram.list, plan->ram.count, sizeof(plan->ram.list[0]), image_compare_pieces);
    result = image_refuse_overlap(plan, &plan->flash);
    return result == CLI_OK ? image_refuse_overlap(plan, &plan->ram) : result;
}

/* Reserve size zero bytes at the end of the image; NULL when it gets larger than the flash. */
static uint8_t *image_reserve(struct image_output *output, uint32_t size)
{
    uint8_t *start = output->bytes + output->size;

    if (size > IMAGE_SIZE_MAX - output->size)
        return NULL;
    output->size += size;
    return start;
}

static uint32_t image_round_up(uint32_t size, uint32_t unit)
{
    return (size + unit - 1) / unit * unit;
}

/* Number of pieces from first on that make one segment, and its size padded to words. */
static size_t image_measure(const struct image_pieces *pieces, size_t first, uint32_t *size)
{
    uint32_t start = pieces->list[first].addr;
    uint32_t end = start + pieces->list[first].size;
    size_t next = first + 1;

    while (next < pieces->count && pieces->list[next].addr - end < IMAGE_MERGE_GAP) {
        end = pieces->list[next].addr + pieces->list[next].size;
        next++;
    }
    *size = image_round_up(end - start, 4);
    return next - first;
}

static void image_copy_pieces(uint8_t *dst, const struct elf_section *pieces, size_t count)
{
    for (size_t i = 0; i < count; i++)
        memcpy(dst + (pieces[i].addr - pieces[0].addr), pieces[i].bytes, pieces[i].size);
}

static bool image_put_header(struct image_output *output, uint8_t magic, uint8_t count,
                             const struct image_options *options, uint32_t entry)
{
    uint8_t *header = image_reserve(output, IMAGE_HEADER_SIZE);

    if (header == NULL)
        return false;
    header[0] = magic;
    header[1] = count;
    header[2] = options->flash_mode;
    header[3] = options->flash_size_freq;
    lcm_put_u32(header + 4, entry);
    return true;
}

/* Append all RAM segments; *count is how many, *checksum covers their data. */
static bool image_put_segments(struct image_output *output, const struct image_pieces *ram,
                               uint32_t *count, uint8_t *checksum)
{
    for (size_t i = 0; i < ram->count;) {
        uint32_t size = 0;
        size_t pieces = image_measure(ram, i, &size);
        uint8_t *segment = image_reserve(output, IMAGE_SEGMENT_HEADER_SIZE + size);

        if (segment == NULL)
            return false;
        lcm_put_u32(segment, ram->list[i].addr);
        lcm_put_u32(segment + 4, size);
        segment += IMAGE_SEGMENT_HEADER_SIZE;
        image_copy_pieces(segment, &ram->list[i], pieces);
        for (uint32_t j = 0; j < size; j++)
            *checksum ^= segment[j];
        *count += 1;
        i += pieces;
    }
    return true;
}

/* The part both formats share. LCM_ERR_TOO_LARGE or LCM_ERR_TOO_LONG (segments). */
static enum lcm_err image_put_v1(struct image_output *output, const struct image_plan *plan,
                                 const struct image_options *options)
{
    uint32_t start = output->size;
    uint32_t count = 0;
    uint8_t checksum = IMAGE_CHECKSUM_SEED;

    if (!image_put_header(output, IMAGE_MAGIC_V1, 0, options, plan->entry) ||
        !image_put_segments(output, &plan->ram, &count, &checksum))
        return LCM_ERR_TOO_LARGE;
    if (count > IMAGE_SEGMENTS_MAX)
        return LCM_ERR_TOO_LONG;
    output->bytes[start + 1] = (uint8_t)count;
    /* The checksum is the last byte of a 16-byte line, counted from the start of the file. */
    if (image_reserve(output, IMAGE_ALIGN - output->size % IMAGE_ALIGN) == NULL)
        return LCM_ERR_TOO_LARGE;
    output->bytes[output->size - 1] = checksum;
    return LCM_OK;
}

static enum lcm_err image_put_v2(struct image_output *output, const struct image_plan *plan,
                                 const struct image_options *options)
{
    const struct elf_section *first = &plan->flash.list[0];
    const struct elf_section *last = &plan->flash.list[plan->flash.count - 1];
    uint32_t size = image_round_up(last->addr + last->size - first->addr, IMAGE_ALIGN);
    uint8_t *header = NULL;

    if (!image_put_header(output, IMAGE_MAGIC_V2, IMAGE_V2_MARK, options, plan->entry))
        return LCM_ERR_TOO_LARGE;
    header = image_reserve(output, IMAGE_SEGMENT_HEADER_SIZE + size);
    if (header == NULL)
        return LCM_ERR_TOO_LARGE;
    lcm_put_u32(header + 4, size);
    image_copy_pieces(header + IMAGE_SEGMENT_HEADER_SIZE, plan->flash.list, plan->flash.count);
    return image_put_v1(output, plan, options);
}

/* Fill up to one sector and put the version text where boot programs carry it. */
static int image_put_boot_version(struct image_output *output, const struct image_plan *plan,
                                  const char *version)
{
    size_t length = strlen(version);

    if (length == 0 || length >= LCM_BOOT_VERSION_SIZE) {
        cli_error("--boot-version %s: must have 1 to %u characters", version,
                  LCM_BOOT_VERSION_SIZE - 1);
        return CLI_USAGE;
    }
    if (output->size > LCM_BOOT_IMAGE_SIZE_MAX) {
        cli_error("%s: the boot program has %u bytes, %u more than fit: make it smaller",
                  plan->path, output->size, output->size - LCM_BOOT_IMAGE_SIZE_MAX);
        return CLI_ERROR;
    }
    memset(output->bytes + output->size, 0xFF, LCM_BOOT_SIZE - output->size);
    memcpy(output->bytes + LCM_BOOT_VERSION_OFFSET, version, length);
    output->size = LCM_BOOT_SIZE;
    return CLI_OK;
}

static int image_check_plan(const struct image_plan *plan, enum image_format format)
{
    const uint32_t slots[] = {LCM_SLOT0_ADDR, LCM_SLOT1_ADDR};
    uint32_t base = LCM_FLASH_MAP_BASE + LCM_IROM_OFFSET;

    if (plan->ram.count == 0) {
        cli_error("%s: has no section in RAM: is this a linked program?", plan->path);
        return CLI_ERROR;
    }
    if (plan->entry < IMAGE_IRAM_ADDR || plan->entry - IMAGE_IRAM_ADDR >= IMAGE_IRAM_SIZE) {
        cli_error("%s: the entry 0x%08x is not in instruction RAM: place the start function there",
                  plan->path, plan->entry);
        return CLI_ERROR;
    }
    if (format == IMAGE_V1 && plan->flash.count > 0) {
        cli_error("%s: has code that runs from flash, which v1 cannot hold: use --format v2",
                  plan->path);
        return CLI_ERROR;
    }
    if (format == IMAGE_V1)
        return CLI_OK;
    if (plan->flash.count == 0) {
        cli_error("%s: has no code that runs from flash: use --format v1, or check the linker "
                  "script",
                  plan->path);
        return CLI_ERROR;
    }
    for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++)
        if (plan->flash.list[0].addr == base + slots[i])
            return CLI_OK;
    cli_error("%s: flash code must start at 0x%08x (slot 0) or 0x%08x (slot 1), not at 0x%08x: "
              "check the linker script",
              plan->path, base + slots[0], base + slots[1], plan->flash.list[0].addr);
    return CLI_ERROR;
}

/* What a device would say about the result. */
static int image_check_output(const struct image_plan *plan, const struct image_output *output)
{
    struct lcm_image_reader reader;
    struct lcm_image image;

    lcm_image_reader_init_bytes(&reader, output->bytes, output->size);
    if (lcm_image_parse(&reader, &image) == LCM_OK)
        return CLI_OK;
    cli_error("%s: a device would not start the image: align all RAM sections to 4 bytes",
              plan->path);
    return CLI_ERROR;
}

static int image_write_plan(const struct image_plan *plan, const struct image_options *options,
                            struct image_output *output)
{
    enum lcm_err err = options->format == IMAGE_V1 ? image_put_v1(output, plan, options)
                                                   : image_put_v2(output, plan, options);

    if (err != LCM_OK) {
        cli_error("%s: cannot build the image: %s", plan->path,
                  err == LCM_ERR_TOO_LONG ? "more than 16 RAM segments" : lcm_err_text(err));
        return CLI_ERROR;
    }
    if (options->boot_version != NULL)
        return image_put_boot_version(output, plan, options->boot_version);
    return CLI_OK;
}

int image_build(const char *path, const struct file_content *elf,
                const struct image_options *options, struct file_content *image)
{
    struct image_plan plan = {.path = path};
    struct image_output output = {NULL, 0};
    struct elf_file file;
    enum lcm_err err = elf_open(&file, elf->bytes, elf->size);
    int result = CLI_OK;

    if (err != LCM_OK) {
        cli_error("%s: %s", path,
                  err == LCM_ERR_WRONG_TYPE ? "not a linked program for this chip (ELF32 Xtensa)"
                                            : "not an ELF file, or a damaged one");
        return CLI_ERROR;
    }
    plan.entry = file.entry;
    result = image_plan_sections(&plan, &file);
    if (result == CLI_OK)
        result = image_check_plan(&plan, options->format);
    if (result != CLI_OK)
        return result;
    output.bytes = calloc(1, IMAGE_SIZE_MAX + 1);
    if (output.bytes == NULL) {
        cli_error("%s: out of memory", path);
        return CLI_ERROR;
    }
    result = image_write_plan(&plan, options, &output);
    if (result == CLI_OK)
        result = image_check_output(&plan, &output);
    if (result == CLI_OK)
        *image = (struct file_content){output.bytes, output.size};
    else
        free(output.bytes);
    return result;
}
