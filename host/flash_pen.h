/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pen for the flash picture: titled boxes on a terminal, indented lines elsewhere,
 * by the same calls. A row is begun, filled with spans, ended.
 */
#ifndef LCM_HOST_FLASH_PEN_H
#define LCM_HOST_FLASH_PEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define FLASH_PEN_WIDTH 76u /* columns between the borders */

enum flash_ink {
    FLASH_INK_PLAIN,
    FLASH_INK_BOLD,
    FLASH_INK_DIM,
    FLASH_INK_GOOD,
    FLASH_INK_WARN,
    FLASH_INK_BAD,
    FLASH_INK_COOL,
};

struct flash_pen {
    FILE *out;
    bool is_boxed;
    bool is_colored;
    size_t column; /* of the row being drawn */
};

/* A separator with the address and the name of what follows; the first one opens the box. */
void flash_pen_title(struct flash_pen *pen, uint32_t addr, const char *name, bool is_first);
void flash_pen_close(struct flash_pen *pen);

void flash_pen_begin(struct flash_pen *pen);
/* Append text in an ink; cut at the border. */
void flash_pen_span(struct flash_pen *pen, enum flash_ink ink, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Append a bar of width columns that is full to percent (0..100). */
void flash_pen_bar(struct flash_pen *pen, enum flash_ink ink, unsigned percent, unsigned width);
void flash_pen_end(struct flash_pen *pen);

#endif
