// SPDX-License-Identifier: Apache-2.0
/*
 * What a label says and where it stands, and its text form. Files are written by label_svg.c and
 * label_png.c.
 *
 * Invariant: four modules around each QR code stay white, as scanners want it.
 */
#include "host/label.h"

#include <stdlib.h>
#include <string.h>

#include <qrencode.h>

#include "core/base/bytes.h"
#include "host/label_draw.h"

#define QR_TEXT_SIZE 64u
#define QR_VERSION 3 /* 29 modules: both texts fit, and both codes have the same size */
#define QR_QUIET 4   /* modules */

/* ---- content ---- */

static bool label_encode(const char *text, struct label_qr *qr)
{
    QRcode *code = QRcode_encodeString(text, QR_VERSION, QR_ECLEVEL_M, QR_MODE_8, 1);
    bool is_good = code != NULL && code->width <= LABEL_QR_WIDTH_MAX;

    if (is_good) {
        qr->width = code->width;
        for (int i = 0; i < qr->width * qr->width; i++)
            qr->is_dark[i / qr->width][i % qr->width] = (code->data[i] & 1) != 0;
    }
    if (code != NULL)
        lcm_bytes_wipe(code->data, (size_t)code->width * (size_t)code->width);
    QRcode_free(code);
    return is_good;
}

bool label_make(struct label *label, const uint8_t id[6], const char *code)
{
    char text[QR_TEXT_SIZE];

    memset(label, 0, sizeof(*label));
    snprintf(label->name, sizeof(label->name), "LCM-%02X%02X%02X", id[3], id[4], id[5]);
    lcm_setup_code_format(code, label->code);
    snprintf(text, sizeof(text), "WIFI:T:WPA;S:%s;P:%s;;", label->name, code);
    bool is_good = label_encode(text, &label->wifi);
    snprintf(text, sizeof(text), "http://192.168.4.1/#%s", code);
    is_good = is_good && label_encode(text, &label->page);
    lcm_bytes_wipe(text, sizeof(text));
    return is_good;
}

void label_file_free(struct label_file *file)
{
    if (file->bytes != NULL)
        lcm_bytes_wipe(file->bytes, file->size);
    free(file->bytes);
    *file = (struct label_file){NULL, 0};
}

/* ---- the picture ---- */

/* Text on its way to a pen. */
struct label_ink_text {
    const struct label_pen *pen;
    double x, y, size;
};

static struct label_point text_point(const struct label_ink_text *text, struct label_point point)
{
    return (struct label_point){text->x + point.x * text->size, text->y - point.y * text->size};
}

static void text_take(void *context, const struct label_curve *curve)
{
    const struct label_ink_text *text = context;
    const struct label_curve moved = {text_point(text, curve->from),
                                      text_point(text, curve->control),
                                      text_point(text, curve->to)};

    text->pen->stroke_curve(text->pen->context, &moved);
}

/* A line of text: x is its left end, y the baseline, size the cap height. */
static void draw_text(const struct label_pen *pen, const char *string, double x, double y,
                      double size, enum label_ink ink)
{
    struct label_ink_text text = {pen, x, y, size};

    pen->stroke_begin(pen->context, size * LABEL_FONT_STROKE, ink);
    label_font_draw(string, &text, text_take);
    pen->stroke_end(pen->context);
}

static void draw_qr(const struct label_pen *pen, const struct label_qr *qr, int x, int y)
{
    for (int row = 0; row < qr->width; row++) {
        for (int column = 0; column < qr->width; column++) {
            int from = column;

            while (column < qr->width && qr->is_dark[row][column])
                column++;
            if (column > from)
                pen->fill(pen->context, x + from, y + row, column - from, 1);
        }
    }
}

/* One step: a number in a disc, what to do, and by hand without a camera. */
struct label_step {
    const char *number;
    const char *text;
    const char *by_hand[2];
    const struct label_qr *qr;
    int x; /* of the QR code */
};

#define HEAD_BASELINE 13.0
#define HEAD_SMALL_BASELINE 6.2
#define HEAD_SIZE_MAX 5.0
#define HEAD_GAP 9.0
#define SMALL_SIZE 2.1
#define QR_TOP 19
#define STEP_BASELINE 57.0
#define STEP_SIZE 3.3
#define DISC_RADIUS 3.1
#define MARGIN 6.0

static void draw_step(const struct label_pen *pen, const struct label_step *step)
{
    double center = step->x + step->qr->width / 2.0;
    double width = 2 * DISC_RADIUS + 2.4 + label_font_width(step->text) * STEP_SIZE;
    double left = center - width / 2;

    draw_qr(pen, step->qr, step->x, QR_TOP);
    pen->disc(pen->context, left + DISC_RADIUS, STEP_BASELINE - STEP_SIZE / 2, DISC_RADIUS);
    draw_text(pen, step->number,
              left + DISC_RADIUS - label_font_width(step->number) * STEP_SIZE / 2, STEP_BASELINE,
              STEP_SIZE, LABEL_WHITE);
    draw_text(pen, step->text, left + 2 * DISC_RADIUS + 2.4, STEP_BASELINE, STEP_SIZE, LABEL_BLACK);
    for (int i = 0; i < 2; i++)
        draw_text(pen, step->by_hand[i],
                  center - label_font_width(step->by_hand[i]) * SMALL_SIZE / 2,
                  STEP_BASELINE + 5.6 + 3.6 * i, SMALL_SIZE, LABEL_BLACK);
}

/* Name on the left, code on the right, as large as both can be. */
static void draw_head(const struct label_pen *pen, const struct label *label)
{
    double widths = label_font_width(label->name) + label_font_width(label->code);
    double room = LABEL_WIDTH - 2 * MARGIN - HEAD_GAP;
    double size = widths * HEAD_SIZE_MAX > room ? room / widths : HEAD_SIZE_MAX;
    double x = LABEL_WIDTH - MARGIN - label_font_width(label->code) * size;

    draw_text(pen, "device", MARGIN, HEAD_SMALL_BASELINE, SMALL_SIZE, LABEL_BLACK);
    draw_text(pen, label->name, MARGIN, HEAD_BASELINE, size, LABEL_BLACK);
    draw_text(pen, "set-up code", x, HEAD_SMALL_BASELINE, SMALL_SIZE, LABEL_BLACK);
    draw_text(pen, label->code, x, HEAD_BASELINE, size, LABEL_BLACK);
}

void label_draw(const struct label *label, const struct label_pen *pen)
{
    const struct label_step join = {
        "1", "Join this Wi-Fi", {"password: the code", "without dashes"}, &label->wifi, 13};
    const struct label_step open = {"2",
                                    "Open this page",
                                    {"http://192.168.4.1", ""},
                                    &label->page,
                                    LABEL_WIDTH - 13 - label->page.width};

    draw_head(pen, label);
    draw_step(pen, &join);
    draw_step(pen, &open);
}

/* ---- on a terminal ---- */

static bool print_is_dark(const struct label_qr *qr, int row, int column)
{
    return row >= 0 && column >= 0 && row < qr->width && column < qr->width &&
           qr->is_dark[row][column];
}

/* Light modules are drawn: terminals are dark, and scanners want dark on light. */
static void print_modules(FILE *out, const struct label_qr *qr, int row, enum label_print style)
{
    static const char *const blocks[] = {"█", "▀", "▄", " "}; /* upper dark: 2, lower dark: 1 */

    for (int column = -QR_QUIET; column < qr->width + QR_QUIET; column++) {
        int upper = print_is_dark(qr, row, column);
        int lower = print_is_dark(qr, row + 1, column);

        if (style != LABEL_PRINT_ASCII)
            fputs(blocks[2 * upper + lower], out);
        else
            fputs(upper ? "  " : "##", out);
    }
}

static void print_qr(FILE *out, const struct label_qr *qr, enum label_print style)
{
    bool is_colored = style == LABEL_PRINT_COLOR;

    for (int row = -QR_QUIET; row < qr->width + QR_QUIET;
         row += style != LABEL_PRINT_ASCII ? 2 : 1) {
        fputs(is_colored ? "  \x1B[97;40m" : "  ", out);
        print_modules(out, qr, row, style);
        fputs(is_colored ? "\x1B[0m\n" : "\n", out);
    }
}

void label_print(FILE *out, const struct label *label, enum label_print style)
{
    fprintf(out, "device       %s\nset-up code  %s\n\n", label->name, label->code);
    fprintf(out, "1  Join this Wi-Fi (password: the code without dashes)\n\n");
    print_qr(out, &label->wifi, style);
    fprintf(out, "\n2  Open this page (http://192.168.4.1)\n\n");
    print_qr(out, &label->page, style);
}
