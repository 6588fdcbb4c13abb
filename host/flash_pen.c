// SPDX-License-Identifier: Apache-2.0
/*
 * Box drawing for the flash picture. Columns are counted in characters: every UTF-8
 * sequence used here is one column wide.
 */
#include "host/flash_pen.h"

#include <stdarg.h>
#include <string.h>

#define PEN_SPAN_SIZE 512
#define PEN_BAR_MAX 100u /* columns; three bytes each fit a span */

static void pen_ink(const struct flash_pen *pen, enum flash_ink ink)
{
    static const char *const codes[] = {
        [FLASH_INK_PLAIN] = "0", [FLASH_INK_BOLD] = "1",  [FLASH_INK_DIM] = "2",
        [FLASH_INK_GOOD] = "32", [FLASH_INK_WARN] = "33", [FLASH_INK_BAD] = "1;31",
        [FLASH_INK_COOL] = "36",
    };

    if (pen->is_colored)
        fprintf(pen->out, "\033[%sm", codes[ink]);
}

static void pen_repeat(const struct flash_pen *pen, const char *glyph, size_t count)
{
    while (count-- > 0)
        fputs(glyph, pen->out);
}

void flash_pen_title(struct flash_pen *pen, uint32_t addr, const char *name, bool is_first)
{
    if (!pen->is_boxed) {
        fprintf(pen->out, "0x%05X  %s\n", addr, name);
        return;
    }
    pen_ink(pen, FLASH_INK_DIM);
    fprintf(pen->out, " 0x%05X %s", addr, is_first ? "╭─ " : "├─ ");
    pen_ink(pen, FLASH_INK_PLAIN);
    pen_ink(pen, FLASH_INK_BOLD);
    fputs(name, pen->out);
    pen_ink(pen, FLASH_INK_PLAIN);
    pen_ink(pen, FLASH_INK_DIM);
    fputc(' ', pen->out);
    pen_repeat(pen, "─", FLASH_PEN_WIDTH - strlen(name) - 1);
    fputs(is_first ? "╮" : "┤", pen->out);
    pen_ink(pen, FLASH_INK_PLAIN);
    fputc('\n', pen->out);
}

void flash_pen_close(struct flash_pen *pen)
{
    if (!pen->is_boxed)
        return;
    pen_ink(pen, FLASH_INK_DIM);
    fputs("         ╰", pen->out);
    pen_repeat(pen, "─", FLASH_PEN_WIDTH + 2);
    fputs("╯", pen->out);
    pen_ink(pen, FLASH_INK_PLAIN);
    fputc('\n', pen->out);
}

void flash_pen_begin(struct flash_pen *pen)
{
    pen->column = 0;
    if (!pen->is_boxed) {
        fputs("           ", pen->out);
        return;
    }
    pen_ink(pen, FLASH_INK_DIM);
    fputs("         │ ", pen->out);
    pen_ink(pen, FLASH_INK_PLAIN);
}

/* Bytes of text that fit into width columns; *columns is how many they take. */
static size_t pen_fit(const char *text, size_t width, size_t *columns)
{
    size_t size = 0;

    *columns = 0;
    while (text[size] != '\0') {
        bool is_start = ((unsigned char)text[size] & 0xC0) != 0x80;

        if (is_start && *columns == width)
            break;
        *columns += is_start;
        size++;
    }
    return size;
}

static void pen_write(struct flash_pen *pen, enum flash_ink ink, const char *text)
{
    size_t columns = 0;
    size_t room = pen->is_boxed ? FLASH_PEN_WIDTH - pen->column : PEN_SPAN_SIZE;
    size_t size = pen_fit(text, room, &columns);

    if (size == 0)
        return;
    if (ink != FLASH_INK_PLAIN)
        pen_ink(pen, ink);
    fwrite(text, 1, size, pen->out);
    if (ink != FLASH_INK_PLAIN)
        pen_ink(pen, FLASH_INK_PLAIN);
    pen->column += columns;
}

void flash_pen_span(struct flash_pen *pen, enum flash_ink ink, const char *format, ...)
{
    char text[PEN_SPAN_SIZE];
    va_list list;

    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    pen_write(pen, ink, text);
}

void flash_pen_bar(struct flash_pen *pen, enum flash_ink ink, unsigned percent, unsigned width)
{
    char full_text[PEN_SPAN_SIZE] = "";
    char rest_text[PEN_SPAN_SIZE] = "";
    unsigned full = (percent * width + 50) / 100;

    if (percent > 0 && full == 0)
        full = 1;
    if (width > PEN_BAR_MAX)
        width = PEN_BAR_MAX;
    for (unsigned i = 0; i < width; i++)
        if (i < full)
            strcat(full_text, pen->is_boxed ? "█" : "#");
        else
            strcat(rest_text, pen->is_boxed ? "░" : ".");
    pen_write(pen, ink, full_text);
    pen_write(pen, FLASH_INK_DIM, rest_text);
}

void flash_pen_end(struct flash_pen *pen)
{
    if (pen->is_boxed) {
        pen_repeat(pen, " ", FLASH_PEN_WIDTH - pen->column);
        pen_ink(pen, FLASH_INK_DIM);
        fputs(" │", pen->out);
        pen_ink(pen, FLASH_INK_PLAIN);
    }
    fputc('\n', pen->out);
}
