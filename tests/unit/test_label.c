// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: labels scan, say the same in every form, and look the same for every device.
 * Method: what Debian's zbarimg reads from the PNG; the squares of the SVG and the blocks of the
 * text taken back to modules; white where scanners and printers need it, for the widest names and
 * many codes; every glyph inside its box.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <png.h>

#include "host/label_draw.h"
#include "tests/lib/label_scan.h"
#include "tests/lib/ram_flash.h"

#define SEED 41u
#define CODE "7K3MQ9XTA2HB"
#define SCALE 8
#define MARGIN 4 /* units that stay white all around */

static const uint8_t id[6] = {0x5C, 0xCF, 0x7F, 0x3A, 0xD0, 0x01};
static struct label label;
static struct label_file file;
static uint8_t pixels[LABEL_HEIGHT * SCALE][LABEL_WIDTH * SCALE];

static int setup(void **state)
{
    (void)state;
    assert_true(label_make(&label, id, CODE));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    label_file_free(&file);
    return 0;
}

/* The PNG's pixels. */
static void rasterise(void)
{
    png_image image = {.version = PNG_IMAGE_VERSION};

    label_file_free(&file);
    assert_true(label_to_png(&label, &file));
    assert_int_equal(png_image_begin_read_from_memory(&image, file.bytes, file.size), 1);
    assert_int_equal(image.width, LABEL_WIDTH * SCALE);
    assert_int_equal(image.height, LABEL_HEIGHT * SCALE);
    image.format = PNG_FORMAT_GRAY;
    assert_int_equal(png_image_finish_read(&image, NULL, pixels, 0, NULL), 1);
}

/* What a scanner reads from the file. */
static void scan(char *text, size_t size)
{
    char path[] = "/tmp/lcm-label-XXXXXX.png";
    int descriptor = mkstemps(path, 4);

    assert_int_equal(write(descriptor, file.bytes, file.size), file.size);
    close(descriptor);
    label_scan(path, text, size);
    unlink(path);
}

static void test_it_scans(void **state)
{
    char text[256];

    (void)state;
    assert_string_equal(label.name, "LCM-3AD001");
    assert_string_equal(label.code, "7K3M-Q9XT-A2HB");
    rasterise();
    scan(text, sizeof(text));
    assert_non_null(strstr(text, "WIFI:T:WPA;S:LCM-3AD001;P:7K3MQ9XTA2HB;;\n"));
    assert_non_null(strstr(text, "http://192.168.4.1/#7K3MQ9XTA2HB\n"));
    assert_int_equal(strlen(text), 41 + 33);
}

/* Both codes have the same size, so that the picture fits every device. */
static void test_every_code_has_the_same_size(void **state)
{
    static const char *const codes[] = {"000000000000", "ZZZZZZZZZZZZ", "WWWWWWWWWWWW"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_true(label_make(&label, id, codes[i]));
        assert_int_equal(label.wifi.width, 29);
        assert_int_equal(label.page.width, 29);
    }
}

/* The module at a place of the picture, looked at in its middle and its corners. */
static bool pixel_is_dark(int x, int y)
{
    uint8_t middle = pixels[y * SCALE + SCALE / 2][x * SCALE + SCALE / 2];

    assert_true(middle == 0 || middle == 255);
    assert_int_equal(pixels[y * SCALE][x * SCALE], middle);
    assert_int_equal(pixels[y * SCALE + SCALE - 1][x * SCALE + SCALE - 1], middle);
    return middle == 0;
}

static void check_square(const struct label_qr *qr, int left, int top)
{
    for (int y = -4; y < qr->width + 4; y++) {
        for (int x = -4; x < qr->width + 4; x++) {
            bool is_inside = x >= 0 && y >= 0 && x < qr->width && y < qr->width;

            assert_int_equal(pixel_is_dark(left + x, top + y), is_inside && qr->is_dark[y][x]);
        }
    }
}

static void test_pixels_and_quiet_zone(void **state)
{
    (void)state;
    rasterise();
    check_square(&label.wifi, 13, 19);
    check_square(&label.page, LABEL_WIDTH - 13 - 29, 19);
}

static void random_label(uint64_t *random)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    char code[13] = "";
    uint8_t name[6];

    for (size_t i = 0; i < 12; i++)
        code[i] = alphabet[ram_flash_random(random) % 32];
    for (size_t i = 0; i < 6; i++)
        name[i] = (uint8_t)(ram_flash_random(random) >> 8);
    assert_true(label_make(&label, name, code));
}

/* Nothing runs out of the label, nothing into something else. */
static void check_margins(void)
{
    bool has_gap = false;
    int gap = 0;

    rasterise();
    for (int y = 0; y < LABEL_HEIGHT * SCALE; y++) {
        for (int x = 0; x < MARGIN * SCALE; x++) {
            assert_int_equal(pixels[y][x], 255);
            assert_int_equal(pixels[y][LABEL_WIDTH * SCALE - 1 - x], 255);
        }
    }
    /* between name and code: at least five units of white across the whole headline */
    for (int x = 0; x < LABEL_WIDTH * SCALE; x++) {
        bool is_white = true;

        for (int y = 7 * SCALE; y < 15 * SCALE; y++)
            is_white = is_white && pixels[y][x] == 255;
        gap = is_white && x > 20 * SCALE ? gap + 1 : 0;
        has_gap = has_gap || (gap >= 5 * SCALE && x < 80 * SCALE);
    }
    assert_true(has_gap);
}

static void test_margins(void **state)
{
    static const uint8_t widest[6] = {0, 0, 0, 0xDA, 0xDA, 0xDA};
    uint64_t random = SEED;

    (void)state;
    print_message("seed %u\n", SEED);
    assert_true(label_make(&label, widest, "WWWWWWWWWWWW"));
    check_margins();
    assert_true(label_make(&label, id, "111111111111"));
    check_margins();
    for (unsigned i = 0; i < 8; i++) {
        random_label(&random);
        check_margins();
    }
}

/* The stem of the L of the name: about an eighth of its height wide, with soft sides. */
static void test_strokes_have_their_width(void **state)
{
    int dark = 0, soft = 0;

    (void)state;
    rasterise();
    for (int x = MARGIN * SCALE; x < 8 * SCALE; x++) {
        dark += pixels[11 * SCALE][x] == 0;
        soft += pixels[11 * SCALE][x] > 0 && pixels[11 * SCALE][x] < 255;
    }
    assert_in_range(dark, 2, 6);
    assert_in_range(soft, 0, 2);
}

/* Take the squares of the SVG back to modules. */
static void test_svg_has_the_same_modules(void **state)
{
    static bool is_dark[LABEL_HEIGHT][LABEL_WIDTH];
    int x, y, width, down, back;

    (void)state;
    assert_true(label_to_svg(&label, &file));
    for (const char *at = (const char *)file.bytes; (at = strchr(at, 'M')) != NULL; at++) {
        int used = 0;

        if (sscanf(at, "M%d %dh%dv%dh-%dz%n", &x, &y, &width, &down, &back, &used) != 5 ||
            used == 0)
            continue;
        assert_true(down == 1 && back == width && x + width <= LABEL_WIDTH && y < LABEL_HEIGHT);
        for (int i = 0; i < width; i++)
            is_dark[y][x + i] = true;
    }
    for (int row = 0; row < 29; row++) {
        for (int column = 0; column < 29; column++) {
            assert_int_equal(is_dark[19 + row][13 + column], label.wifi.is_dark[row][column]);
            assert_int_equal(is_dark[19 + row][LABEL_WIDTH - 42 + column],
                             label.page.is_dark[row][column]);
        }
    }
    assert_non_null(strstr((const char *)file.bytes, "<title>Label of LCM-3AD001</title>"));
    assert_null(strstr((const char *)file.bytes, "font"));
    assert_null(strstr((const char *)file.bytes, "href"));
}

/* A row of half blocks, two module rows. */
static void check_blocks(const char *line, const struct label_qr *qr, int row)
{
    for (int column = 0; column < qr->width; column++) {
        bool upper = qr->is_dark[row][column];
        bool lower = row + 1 < qr->width && qr->is_dark[row + 1][column];
        const char *expected = upper ? (lower ? " " : "▄") : (lower ? "▀" : "█");

        assert_memory_equal(line, expected, strlen(expected));
        line += strlen(expected);
    }
}

static void test_text_has_the_same_modules(void **state)
{
    static const char quiet[] = "  ████";
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    int rows = 0;

    (void)state;
    label_print(out, &label, LABEL_PRINT_BLOCKS);
    fclose(out);
    assert_non_null(strstr(text, "LCM-3AD001"));
    assert_non_null(strstr(text, "7K3M-Q9XT-A2HB"));
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (strncmp(line, quiet, strlen(quiet)) != 0)
            continue;
        /* 19 lines for each code; two in front and two behind are white */
        int row = rows % 19 - 2;
        if (row >= 0 && row < 15)
            check_blocks(line + strlen(quiet), rows < 19 ? &label.wifi : &label.page, 2 * row);
        rows++;
    }
    assert_int_equal(rows, 38);
    free(text);
}

static void check_curve(void *context, const struct label_curve *curve)
{
    double width = *(const double *)context;
    const struct label_point points[] = {curve->from, curve->control, curve->to};

    for (size_t i = 0; i < 3; i++) {
        assert_true(points[i].x >= 0 && points[i].x <= width + 0.001);
        assert_true(points[i].y >= -0.3 && points[i].y <= 1.001);
    }
}

static void test_glyphs_stay_in_their_boxes(void **state)
{
    static const char needed[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-:/.,# ";

    (void)state;
    for (const char *c = needed; *c != '\0'; c++) {
        const char text[] = {*c, '\0'};
        double width = label_font_width(text);

        if (!label_font_has(*c))
            fail_msg("no glyph for '%c'", *c);
        label_font_draw(text, &width, check_curve);
    }
    assert_true(label_font_width("AB") > label_font_width("A") + label_font_width("B"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_it_scans, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_code_has_the_same_size, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pixels_and_quiet_zone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_margins, setup, teardown),
        cmocka_unit_test_setup_teardown(test_strokes_have_their_width, setup, teardown),
        cmocka_unit_test_setup_teardown(test_svg_has_the_same_modules, setup, teardown),
        cmocka_unit_test_setup_teardown(test_text_has_the_same_modules, setup, teardown),
        cmocka_unit_test_setup_teardown(test_glyphs_stay_in_their_boxes, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
