// SPDX-License-Identifier: Apache-2.0
/*
 * A label as PNG: grey, its real size noted in the file. Strokes are smooth: a pixel is as dark as
 * its distance from the line says.
 */
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "core/base/bytes.h"
#include "host/label_draw.h"

#define SCALE 8 /* pixels for a unit */
#define WIDTH (LABEL_WIDTH * SCALE)
#define HEIGHT (LABEL_HEIGHT * SCALE)
#define CURVE_PARTS 12 /* straight ones */
#define MILLIMETRES 1000.0

struct raster {
    uint8_t pixels[HEIGHT][WIDTH]; /* 255 = white */
    double radius;                 /* of the stroke, in pixels */
    enum label_ink ink;
};

static void raster_fill(void *context, int x, int y, int width, int height)
{
    struct raster *raster = context;

    for (int row = y * SCALE; row < (y + height) * SCALE; row++)
        memset(&raster->pixels[row][x * SCALE], 0, (size_t)width * SCALE);
}

/* Ink a pixel by how far it is from a stroke's middle line. */
static void raster_ink(struct raster *raster, int x, int y, double distance)
{
    double cover = raster->radius + 0.5 - distance;
    uint8_t *pixel = &raster->pixels[y][x];

    if (cover <= 0)
        return;
    if (cover > 1)
        cover = 1;
    uint8_t value = (uint8_t)(255.0 * (raster->ink == LABEL_WHITE ? cover : 1 - cover));
    if (raster->ink == LABEL_WHITE ? value > *pixel : value < *pixel)
        *pixel = value;
}

/* Distance of a point from a line between two points. */
static double raster_distance(struct label_point a, struct label_point b, double x, double y)
{
    double dx = b.x - a.x, dy = b.y - a.y;
    double length = dx * dx + dy * dy;
    double t = length > 0 ? ((x - a.x) * dx + (y - a.y) * dy) / length : 0;

    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return hypot(x - a.x - t * dx, y - a.y - t * dy);
}

static int raster_clamp(double value, int end)
{
    return value < 0 ? 0 : value > end ? end : (int)value;
}

static void raster_line(struct raster *raster, struct label_point a, struct label_point b)
{
    double reach = raster->radius + 1;
    int left = raster_clamp(fmin(a.x, b.x) - reach, WIDTH - 1);
    int right = raster_clamp(fmax(a.x, b.x) + reach, WIDTH - 1);
    int top = raster_clamp(fmin(a.y, b.y) - reach, HEIGHT - 1);
    int bottom = raster_clamp(fmax(a.y, b.y) + reach, HEIGHT - 1);

    for (int y = top; y <= bottom; y++)
        for (int x = left; x <= right; x++)
            raster_ink(raster, x, y, raster_distance(a, b, x + 0.5, y + 0.5));
}

static void raster_disc(void *context, double x, double y, double radius)
{
    struct raster *raster = context;
    const struct label_point middle = {x * SCALE, y * SCALE};

    raster->ink = LABEL_BLACK;
    raster->radius = radius * SCALE;
    raster_line(raster, middle, middle);
}

static void raster_stroke_begin(void *context, double width, enum label_ink ink)
{
    struct raster *raster = context;

    raster->radius = width * SCALE / 2;
    raster->ink = ink;
}

/* The point of a curve at t, in pixels. */
static struct label_point raster_at(const struct label_curve *curve, double t)
{
    double a = (1 - t) * (1 - t), b = 2 * t * (1 - t), c = t * t;

    return (struct label_point){
        SCALE * (a * curve->from.x + b * curve->control.x + c * curve->to.x),
        SCALE * (a * curve->from.y + b * curve->control.y + c * curve->to.y)};
}

static void raster_stroke_curve(void *context, const struct label_curve *curve)
{
    struct raster *raster = context;

    for (int i = 0; i < CURVE_PARTS; i++)
        raster_line(raster, raster_at(curve, (double)i / CURVE_PARTS),
                    raster_at(curve, (double)(i + 1) / CURVE_PARTS));
}

static void raster_stroke_end(void *context)
{
    (void)context;
}

/* ---- PNG ---- */

static void png_take(png_structp png, png_bytep bytes, png_size_t size)
{
    FILE *out = png_get_io_ptr(png);

    if (fwrite(bytes, 1, size, out) != size)
        png_error(png, "write");
}

static void png_flush_nothing(png_structp png)
{
    (void)png;
}

/* libpng reports errors by a jump: nothing here needs to be released after one. */
static bool png_write_all(png_structp png, png_infop info, struct raster *raster, FILE *out)
{
    const png_uint_32 per_metre = (png_uint_32)(SCALE / LABEL_UNIT_MM * MILLIMETRES);

    if (setjmp(png_jmpbuf(png)) != 0)
        return false;
    png_set_write_fn(png, out, png_take, png_flush_nothing);
    png_set_IHDR(png, info, WIDTH, HEIGHT, 8, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_pHYs(png, info, per_metre, per_metre, PNG_RESOLUTION_METER);
    png_write_info(png, info);
    for (int y = 0; y < HEIGHT; y++)
        png_write_row(png, raster->pixels[y]);
    png_write_end(png, NULL);
    return true;
}

static bool raster_to_png(struct raster *raster, struct label_file *file)
{
    char *bytes = NULL;
    FILE *out = open_memstream(&bytes, &file->size);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
    bool is_whole = out != NULL && info != NULL && png_write_all(png, info, raster, out);

    png_destroy_write_struct(&png, &info);
    if (out != NULL)
        is_whole = fclose(out) == 0 && is_whole;
    file->bytes = (uint8_t *)bytes;
    if (!is_whole)
        label_file_free(file);
    return is_whole;
}

bool label_to_png(const struct label *label, struct label_file *file)
{
    struct raster *raster = malloc(sizeof(*raster));
    const struct label_pen pen = {
        raster,           raster_fill, raster_disc, raster_stroke_begin, raster_stroke_curve,
        raster_stroke_end};

    if (raster == NULL)
        return false;
    memset(raster->pixels, 255, sizeof(raster->pixels));
    label_draw(label, &pen);
    bool is_whole = raster_to_png(raster, file);
    lcm_bytes_wipe(raster, sizeof(*raster));
    free(raster);
    return is_whole;
}
