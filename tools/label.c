// SPDX-License-Identifier: Apache-2.0
/*
 * lcm label: the label of a device, from its id and its set-up code. It shows the code: that is
 * what a label is for.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/base/text.h"
#include "host/label.h"
#include "host/memory_flash.h"
#include "host/terminal.h"
#include "tools/commands.h"
#include "tools/common.h"

#define LABEL_ID_SIZE 6u

/* A MAC address: 12 hex digits, with or without colons or dashes. */
static int label_read_id(const struct cli_args *args, uint8_t id[LABEL_ID_SIZE])
{
    const char *text = cli_get(args, "id");
    char digits[2 * LABEL_ID_SIZE + 1] = "";
    size_t count = 0;

    for (const char *c = text; *c != '\0'; c++) {
        if (*c == ':' || *c == '-')
            continue;
        if (count == 2 * LABEL_ID_SIZE) {
            count++;
            break;
        }
        digits[count++] = *c;
    }
    if (count == 2 * LABEL_ID_SIZE && lcm_text_parse_hex(digits, id, LABEL_ID_SIZE) == LCM_OK)
        return CLI_OK;
    cli_error("--id %s: not a device id: give the MAC address of its station, 12 hex digits", text);
    return CLI_USAGE;
}

/* The code in a flash image. */
static int label_read_flash(const char *path, char code[LCM_SETUP_CODE_SIZE])
{
    struct file_content content = {NULL, 0};
    struct memory_flash flash;
    int result = file_read(path, LCM_FLASH_SIZE, &content);

    if (result != CLI_OK)
        return result;
    if (content.size != LCM_FLASH_SIZE || !memory_flash_open(&flash)) {
        file_free(&content);
        cli_error("%s: not a flash image: it has 1,048,576 bytes", path);
        return CLI_VERIFY;
    }
    memcpy(flash.bytes, content.bytes, LCM_FLASH_SIZE);
    enum lcm_err err = lcm_setup_code_load(&flash.port, code);
    lcm_bytes_wipe(flash.bytes, LCM_FLASH_SIZE);
    memory_flash_close(&flash);
    file_free(&content);
    if (err == LCM_OK)
        return CLI_OK;
    cli_error("%s: has no set-up code: the device makes one at its first start and prints it on "
              "its UART",
              path);
    return CLI_NOT_FOUND;
}

static int label_read_code(const struct cli_args *args, char code[LCM_SETUP_CODE_SIZE])
{
    const char *text = cli_get(args, "code");
    const char *flash = cli_get(args, "flash");

    if ((text == NULL) == (flash == NULL)) {
        cli_error("give the set-up code: either --code or --flash");
        return CLI_USAGE;
    }
    if (flash != NULL)
        return label_read_flash(flash, code);
    if (lcm_setup_code_parse(text, code) == LCM_OK)
        return CLI_OK;
    cli_error("--code: not a set-up code: it has 12 letters and digits, XXXX-XXXX-XXXX");
    return CLI_USAGE;
}

enum label_format {
    LABEL_TEXT,
    LABEL_SVG,
    LABEL_PNG,
    LABEL_FORMATS,
};

static const char *const label_formats[] = {"text", "svg", "png"};

/* --format, else what the name of the file says, else text. LABEL_FORMATS after an error line. */
static enum label_format label_read_format(const struct cli_args *args)
{
    const char *text = cli_get(args, "format");
    const char *out = cli_get(args, "out");
    const char *dot = out != NULL ? strrchr(out, '.') : NULL;

    for (int i = 0; i < (int)LABEL_FORMATS; i++) {
        if (text != NULL ? strcmp(text, label_formats[i]) == 0
                         : dot != NULL && strcmp(dot + 1, label_formats[i]) == 0)
            return (enum label_format)i;
    }
    if (text != NULL) {
        cli_error("--format %s: must be text, svg or png", text);
        return LABEL_FORMATS;
    }
    return LABEL_TEXT;
}

/* How text can look where it goes. Set before it is written to memory. */
static enum label_print label_style = LABEL_PRINT_ASCII;

static void label_choose_style(const char *path)
{
    bool is_screen = (path == NULL || strcmp(path, "-") == 0) && isatty(STDOUT_FILENO) == 1;

    if (terminal_has_utf8())
        label_style = is_screen ? LABEL_PRINT_COLOR : LABEL_PRINT_BLOCKS;
}

static bool label_to_text(const struct label *label, struct label_file *file)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, &file->size);

    if (out == NULL)
        return false;
    label_print(out, label, label_style);
    bool is_whole = fclose(out) == 0;
    file->bytes = (uint8_t *)text;
    if (!is_whole)
        label_file_free(file);
    return is_whole;
}

static int label_write(const struct cli_args *args, const struct label *label,
                       enum label_format format)
{
    static bool (*const writers[])(const struct label *, struct label_file *) = {
        label_to_text, label_to_svg, label_to_png};
    const char *out = cli_get(args, "out");
    struct label_file file = {NULL, 0};
    int result = CLI_OK;

    label_choose_style(out);
    if (!writers[format](label, &file)) {
        cli_error("out of memory");
        return CLI_ERROR;
    }
    if (out != NULL && strcmp(out, "-") != 0)
        result = file_write(out, file.bytes, file.size, FILE_MODE_SECRET);
    else if (fwrite(file.bytes, 1, file.size, stdout) != file.size)
        result = CLI_ERROR;
    label_file_free(&file);
    if (result == CLI_OK && out != NULL && strcmp(out, "-") != 0)
        cli_note("wrote %s: the set-up code is on it, keep it with the device", out);
    return result;
}

static int label_run(const struct cli_args *args)
{
    enum label_format format = label_read_format(args);
    char code[LCM_SETUP_CODE_SIZE] = "";
    uint8_t id[LABEL_ID_SIZE];
    struct label label;
    int result = format != LABEL_FORMATS ? label_read_id(args, id) : CLI_USAGE;

    if (result == CLI_OK)
        result = label_read_code(args, code);
    if (result != CLI_OK)
        return result;
    if (label_make(&label, id, code)) {
        result = label_write(args, &label, format);
    } else {
        cli_error("out of memory");
        result = CLI_ERROR;
    }
    lcm_bytes_wipe(&label, sizeof(label));
    lcm_bytes_wipe(code, sizeof(code));
    return result;
}

static const struct cli_option label_options[] = {
    {"id", "MAC", "device id: the MAC address of its station"},
    {"code", "CODE", "its set-up code"},
    {"flash", "FILE", "take the set-up code from a flash image"},
    {"format", "FORMAT", "text, svg or png (default: what --out is called, else text)"},
    {"out", "FILE", "file to write (also -o); default: standard output"},
    {NULL, NULL, NULL},
};

static const char *const label_required[] = {"id", NULL};

const struct cli_command lcm_label_command = {
    .name = "label",
    .summary = "Make the label of a device: name, set-up code, QR codes",
    .usage = "lcm label --id MAC (--code CODE | --flash FILE) [--out FILE]",
    .examples = "lcm label --id 5ccf7f000001 --flash lamp.flash -o lamp.svg\n"
                "lcm label --id 5c:cf:7f:00:00:01 --code 7K3M-Q9XT-A2HB    # on this terminal\n"
                "\n"
                "esptool and the device's UART tell its MAC address.",
    .options = label_options,
    .required = label_required,
    .run = label_run,
};
