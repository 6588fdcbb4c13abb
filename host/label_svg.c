// SPDX-License-Identifier: Apache-2.0
/*
 * A label as SVG: millimetres, plain paths, no fonts, nothing from elsewhere. One path for each QR
 * code's squares, one for each line of text.
 */
#include <stdlib.h>

#include "host/label_draw.h"

struct svg {
    FILE *out;
    bool is_filling;
    struct label_point last; /* end of the curve before */
    bool has_last;
};

static void svg_end_fill(struct svg *svg)
{
    if (svg->is_filling)
        fprintf(svg->out, "\"/>\n");
    svg->is_filling = false;
}

static void svg_fill(void *context, int x, int y, int width, int height)
{
    struct svg *svg = context;

    if (!svg->is_filling)
        fprintf(svg->out, "<path d=\"");
    svg->is_filling = true;
    fprintf(svg->out, "M%d %dh%dv%dh-%dz", x, y, width, height, width);
}

static void svg_disc(void *context, double x, double y, double radius)
{
    struct svg *svg = context;

    svg_end_fill(svg);
    fprintf(svg->out, "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"%.2f\"/>\n", x, y, radius);
}

static void svg_stroke_begin(void *context, double width, enum label_ink ink)
{
    struct svg *svg = context;

    svg_end_fill(svg);
    svg->has_last = false;
    fprintf(svg->out,
            "<path fill=\"none\" stroke=\"%s\" stroke-width=\"%.2f\" stroke-linecap=\"round\" "
            "stroke-linejoin=\"round\" d=\"",
            ink == LABEL_BLACK ? "#000" : "#fff", width);
}

static bool svg_goes_on(const struct svg *svg, struct label_point from)
{
    return svg->has_last && svg->last.x == from.x && svg->last.y == from.y;
}

static void svg_stroke_curve(void *context, const struct label_curve *curve)
{
    struct svg *svg = context;

    if (!svg_goes_on(svg, curve->from))
        fprintf(svg->out, "M%.2f %.2f", curve->from.x, curve->from.y);
    fprintf(svg->out, "Q%.2f %.2f %.2f %.2f", curve->control.x, curve->control.y, curve->to.x,
            curve->to.y);
    svg->last = curve->to;
    svg->has_last = true;
}

static void svg_stroke_end(void *context)
{
    struct svg *svg = context;

    fprintf(svg->out, "\"/>\n");
}

bool label_to_svg(const struct label *label, struct label_file *file)
{
    char *text = NULL;
    struct svg svg = {.out = open_memstream(&text, &file->size)};
    const struct label_pen pen = {
        &svg, svg_fill, svg_disc, svg_stroke_begin, svg_stroke_curve, svg_stroke_end};

    if (svg.out == NULL)
        return false;
    fprintf(svg.out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.1fmm\" height=\"%.1fmm\" "
            "viewBox=\"0 0 %d %d\">\n<title>Label of %s</title>\n"
            "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n",
            LABEL_WIDTH * LABEL_UNIT_MM, LABEL_HEIGHT * LABEL_UNIT_MM, LABEL_WIDTH, LABEL_HEIGHT,
            label->name, LABEL_WIDTH, LABEL_HEIGHT);
    label_draw(label, &pen);
    svg_end_fill(&svg);
    fprintf(svg.out, "</svg>\n");
    bool is_whole = ferror(svg.out) == 0;
    is_whole = fclose(svg.out) == 0 && is_whole;
    file->bytes = (uint8_t *)text;
    if (!is_whole)
        label_file_free(file);
    return is_whole;
}
