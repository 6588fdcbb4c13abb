// SPDX-License-Identifier: Apache-2.0
/*
 * lcm image build, lcm image inspect: linked programs to flash images, and what is in
 * an image.
 */
#include <stdio.h>
#include <string.h>

#include "host/elf.h"
#include "host/image_view.h"
#include "lcm/layout.h"
#include "tools/commands.h"
#include "tools/common.h"

struct image_choice {
    const char *name;
    uint8_t value;
};

static const struct image_choice image_modes[] = {
    {"qio", 0}, {"qout", 1}, {"dio", 2}, {"dout", 3}, {NULL, 0},
};
static const struct image_choice image_sizes[] = {
    {"512KB", 0x00}, {"1MB", 0x20}, {"2MB", 0x30}, {"4MB", 0x40}, {NULL, 0},
};
static const struct image_choice image_frequencies[] = {
    {"40m", 0x0}, {"26m", 0x1}, {"20m", 0x2}, {"80m", 0xF}, {NULL, 0},
};
static const struct image_choice image_formats[] = {
    {"v1", IMAGE_V1},
    {"v2", IMAGE_V2},
    {NULL, 0},
};

/* The value of an option out of a list; false after an error line. */
static bool image_choose(const struct cli_args *args, const char *name,
                         const struct image_choice *choices, uint8_t *value)
{
    const char *text = cli_get(args, name);

    if (text == NULL)
        return true;
    for (const struct image_choice *choice = choices; choice->name != NULL; choice++) {
        if (strcasecmp(text, choice->name) == 0) {
            *value = choice->value;
            return true;
        }
    }
    cli_error("--%s %s: not known: see 'lcm image build --help'", name, text);
    return false;
}

static int image_read_options(const struct cli_args *args, struct image_options *options)
{
    uint8_t format = IMAGE_V2;
    uint8_t mode = 3;
    uint8_t size = 0x20;
    uint8_t frequency = 0;

    if (!image_choose(args, "format", image_formats, &format) ||
        !image_choose(args, "flash-mode", image_modes, &mode) ||
        !image_choose(args, "flash-size", image_sizes, &size) ||
        !image_choose(args, "flash-freq", image_frequencies, &frequency))
        return CLI_USAGE;
    *options = (struct image_options){
        .format = (enum image_format)format,
        .flash_mode = mode,
        .flash_size_freq = (uint8_t)(size | frequency),
        .boot_version = cli_get(args, "boot-version"),
    };
    return CLI_OK;
}

static int image_build_command(const struct cli_args *args)
{
    const char *path = cli_positional(args, 0);
    const char *out = cli_get(args, "out");
    struct image_options options;
    struct file_content elf = {NULL, 0};
    struct file_content image = {NULL, 0};
    char text[TOOL_TEXT_SIZE];
    int result = image_read_options(args, &options);

    if (result == CLI_OK)
        result = file_read(path, ELF_FILE_SIZE_MAX, &elf);
    if (result == CLI_OK)
        result = image_build(path, &elf, &options, &image);
    if (result == CLI_OK)
        result = file_write(out, image.bytes, image.size, FILE_MODE_PUBLIC);
    if (result == CLI_OK)
        cli_note("wrote %s (%s bytes)", out, text_thousands(text, image.size));
    file_free(&elf);
    file_free(&image);
    return result;
}

static void image_print_room(const char *name, uint32_t size, uint32_t room)
{
    char have[TOOL_TEXT_SIZE];
    char limit[TOOL_TEXT_SIZE];

    if (size <= room)
        printf("%-13s%u %% of %s bytes, %s free\n", name, (unsigned)((uint64_t)size * 100 / room),
               text_thousands(limit, room), text_thousands(have, room - size));
    else
        printf("%-13sdoes not fit: %s bytes more than its %s\n", name,
               text_thousands(have, size - room), text_thousands(limit, room));
}

static void image_print_text(const struct image_view *view, size_t file_size)
{
    const struct lcm_identity *identity = &view->identity;
    char text[TOOL_TEXT_SIZE];

    printf("format       v%d\n", (int)view->format);
    if (view->has_identity)
        printf("identity     %s %s of %s (%s)\n", identity->file, identity->version,
               identity->repository, tool_type_name((enum lcm_file_type)identity->type));
    printf("size         %s bytes", text_thousands(text, view->size));
    printf(file_size > view->size ? ", then %s bytes that are no part of it\n" : "\n",
           text_thousands(text, file_size - view->size));
    printf("entry        0x%08x\n", view->entry);
    printf("flash        mode %s, size and frequency 0x%02x\n",
           image_flash_mode_name(view->flash_mode), view->flash_size_freq);
    if (view->format == IMAGE_V2)
        printf("flash code   %s bytes, linked for: %s\n",
               text_thousands(text, view->flash_code_size), image_slot_name(view->slot));
    for (uint32_t i = 0; i < view->segment_count; i++)
        printf("segment %-4u 0x%08x  %s bytes\n", i + 1, view->segments[i].addr,
               text_thousands(text, view->segments[i].size));
    printf("checksum     0x%02x, %s\n", view->checksum,
           view->checksum == view->checksum_computed ? "correct" : "WRONG");
    if (view->format == IMAGE_V1)
        image_print_room("boot", view->size, LCM_BOOT_IMAGE_SIZE_MAX);
    image_print_room("slot 0", view->size, LCM_SLOT0_IMAGE_SIZE_MAX);
    image_print_room("slot 1", view->size, LCM_SLOT1_IMAGE_SIZE_MAX);
}

static int image_print_json(const struct image_view *view)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *segments = cJSON_CreateArray();

    cJSON_AddNumberToObject(json, "format", (double)view->format);
    cJSON_AddNumberToObject(json, "size", view->size);
    cJSON_AddNumberToObject(json, "entry", view->entry);
    cJSON_AddStringToObject(json, "flash_mode", image_flash_mode_name(view->flash_mode));
    cJSON_AddNumberToObject(json, "flash_code_size", view->flash_code_size);
    cJSON_AddStringToObject(json, "slot", image_slot_name(view->slot));
    for (uint32_t i = 0; i < view->segment_count; i++) {
        cJSON *segment = cJSON_CreateObject();

        cJSON_AddNumberToObject(segment, "addr", view->segments[i].addr);
        cJSON_AddNumberToObject(segment, "size", view->segments[i].size);
        cJSON_AddItemToArray(segments, segment);
    }
    cJSON_AddItemToObject(json, "segments", segments);
    cJSON_AddBoolToObject(json, "checksum_valid", view->checksum == view->checksum_computed);
    cJSON_AddBoolToObject(json, "bootable", view->verdict == LCM_OK);
    cJSON_AddBoolToObject(json, "fits_slot0", view->size <= LCM_SLOT0_IMAGE_SIZE_MAX);
    cJSON_AddBoolToObject(json, "fits_slot1", view->size <= LCM_SLOT1_IMAGE_SIZE_MAX);
    if (view->has_identity) {
        cJSON *identity = cJSON_AddObjectToObject(json, "identity");

        cJSON_AddStringToObject(identity, "type",
                                tool_type_name((enum lcm_file_type)view->identity.type));
        cJSON_AddStringToObject(identity, "version", view->identity.version);
        cJSON_AddStringToObject(identity, "repository", view->identity.repository);
        cJSON_AddStringToObject(identity, "file", view->identity.file);
    }
    return tool_print_json(json);
}

static int image_inspect(const struct cli_args *args)
{
    const char *path = cli_positional(args, 0);
    struct file_content image = {NULL, 0};
    struct image_view view;
    int result = file_read(path, IMAGE_SIZE_MAX, &image);
    enum lcm_err err = LCM_OK;

    if (result != CLI_OK)
        return result;
    err = image_view_parse(&view, image.bytes, image.size);
    if (err == LCM_OK && cli_has(args, "json"))
        result = image_print_json(&view);
    else if (err == LCM_OK)
        image_print_text(&view, image.size);
    file_free(&image);
    if (err != LCM_OK)
        cli_error("%s: no image, or not a complete one", path);
    else if (view.verdict != LCM_OK)
        cli_error("%s: a device does not start it: %s", path,
                  view.checksum != view.checksum_computed ? "its checksum is wrong"
                                                          : "segments or entry outside its RAM");
    return err != LCM_OK || view.verdict != LCM_OK ? CLI_VERIFY : result;
}

static const struct cli_option image_build_options[] = {
    {"out", "FILE", "image to write (also -o)"},
    {"format", "v2|v1", "v2 (default): code in flash and RAM; v1: RAM only, for boot programs"},
    {"flash-mode", "MODE", "dout (default), dio, qout or qio"},
    {"flash-size", "SIZE", "1MB (default), 512KB, 2MB or 4MB"},
    {"flash-freq", "FREQ", "40m (default), 20m, 26m or 80m"},
    {"boot-version", "TEXT", "fill up to 4,096 bytes with this version at the end"},
    {NULL, NULL, NULL},
};

static const char *const image_build_required[] = {"out", NULL};

const struct cli_command lcm_image_build_command = {
    .name = "image build",
    .summary = "Make a flash image from a linked program (ELF)",
    .usage = "lcm image build ELF -o FILE [options]",
    .examples = "lcm image build main.elf -o main.bin\n"
                "lcm image build boot.elf -o boot.bin --format v1 --boot-version 1.0.0",
    .options = image_build_options,
    .required = image_build_required,
    .positional_min = 1,
    .positional_max = 1,
    .run = image_build_command,
};

static const struct cli_option image_inspect_options[] = {
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

const struct cli_command lcm_image_inspect_command = {
    .name = "image inspect",
    .summary = "Show segments, slot, identity and checksum of an image",
    .usage = "lcm image inspect FILE [--json]",
    .examples = "lcm image inspect main.bin",
    .options = image_inspect_options,
    .positional_min = 1,
    .positional_max = 1,
    .run = image_inspect,
};
