/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is where on a label, for whoever can fill and stroke: the SVG and the PNG writer have the
 * same picture.
 *
 * One unit is one module of a QR code. y goes down.
 */
#ifndef LCM_HOST_LABEL_DRAW_H
#define LCM_HOST_LABEL_DRAW_H

#include "host/label.h"
#include "host/label_font.h"

#define LABEL_WIDTH 110
#define LABEL_HEIGHT 72
#define LABEL_UNIT_MM 0.6

enum label_ink {
    LABEL_BLACK,
    LABEL_WHITE,
};

struct label_pen {
    void *context;
    void (*fill)(void *context, int x, int y, int width, int height); /* black */
    void (*disc)(void *context, double x, double y, double radius);   /* black */
    /* A row of curves of one width and colour: begin, curves, end. */
    void (*stroke_begin)(void *context, double width, enum label_ink ink);
    void (*stroke_curve)(void *context, const struct label_curve *curve);
    void (*stroke_end)(void *context);
};

void label_draw(const struct label *label, const struct label_pen *pen);

#endif
