// SPDX-License-Identifier: Apache-2.0
/*
 * Glyphs of the label font: ASCII letters, digits and what addresses and sentences need. It draws
 * nothing.
 *
 * A glyph is a row of strokes on a grid of 14 steps to the cap height: M moves, L draws a line, Q a
 * curve by its control point. Each coordinate is one digit of base 36; y is 4 on the baseline, 14
 * (e) at the x-height, 18 (i) at the cap height, 0 at the lowest descender.
 */
#include "host/label_font.h"

#include <stddef.h>
#include <string.h>

#define GRID_BASELINE 4
#define GRID_CAP 14.0     /* steps from the baseline to the cap height */
#define GRID_SPACING 4    /* between two characters */
#define GRID_WORD_SPACE 4 /* of the space character itself */

struct glyph {
    char c;
    int width; /* steps */
    const char *strokes;
};

static const struct glyph glyphs[] = {
    {' ', GRID_WORD_SPACE, ""},
    {'0', 8, "M0bQ0i4iQ8i8bQ8444Q040b"},
    {'1', 4, "M0fL3iL34"},
    {'2', 8, "M0eQ0i4iQ8i8eQ8c6aL04L84"},
    {'3', 8, "M1iL8iL4cQ8c88Q8444Q1406"},
    {'4', 9, "M6iL08L98M6cL64"},
    {'5', 8, "M7iL1iL0bQ1d4dQ8d88Q8444Q1406"},
    {'6', 8, "M6iQ0e08Q0444Q8488Q8c4cQ0c08"},
    {'7', 8, "M0iL8iL34"},
    {'8', 8, "M4iQ1i1fQ1c4cQ7c7fQ7i4iM4cQ0c08Q0444Q8488Q8c4c"},
    {'9', 8, "M24Q888eQ8i4iQ0i0eQ0a4aQ8a8e"},
    {'A', 10, "M04L5iLa4M29L89"},
    {'B', 8, "M0cL4cQ8c88Q8444L04L0iL4iQ7i7fQ7c4c"},
    {'C', 9, "M9fQ8i5iQ0i0bQ0454Q8497"},
    {'D', 9, "M04L0iL3iQ9i9bQ9434L04"},
    {'E', 7, "M7iL0iL04L74M0bL6b"},
    {'F', 7, "M7iL0iL04M0bL6b"},
    {'G', 9, "M9fQ8i5iQ0i0bQ0454Q949aL5a"},
    {'H', 9, "M04L0iM94L9iM0bL9b"},
    {'I', 0, "M04L0i"},
    {'J', 6, "M6iL68Q6434Q0408"},
    {'K', 8, "M04L0iM8iL09M3dL84"},
    {'L', 7, "M0iL04L74"},
    {'M', 11, "M04L0iL58LaiLa4"},
    {'N', 9, "M04L0iL94L9i"},
    {'O', 10, "M0bQ0i5iQaiabQa454Q040b"},
    {'P', 8, "M04L0iL4iQ8i8eQ8a4aL0a"},
    {'Q', 10, "M0bQ0i5iQaiabQa454Q040bM68La3"},
    {'R', 8, "M04L0iL4iQ8i8eQ8a4aL0aM4aL84"},
    {'S', 8, "M8fQ7i4iQ0i0fQ0c4bQ8a87Q8444Q0407"},
    {'T', 8, "M0iL8iM4iL44"},
    {'U', 9, "M0iL09Q0454Q9499L9i"},
    {'V', 10, "M0iL54Lai"},
    {'W', 14, "M0iL44L7fLa4Lei"},
    {'X', 9, "M04L9iM0iL94"},
    {'Y', 8, "M0iL4bL8iM4bL44"},
    {'Z', 8, "M0iL8iL04L84"},
    {'a', 7, "M7eL74M79Q7e4eQ0e09Q0444Q7479"},
    {'b', 7, "M0iL04M09Q0e3eQ7e79Q7434Q0409"},
    {'c', 7, "M7cQ6e4eQ0e09Q0444Q6476"},
    {'d', 7, "M7iL74M79Q7e4eQ0e09Q0444Q7479"},
    {'e', 7, "M09L79Q7e4eQ0e09Q0444Q6476"},
    {'f', 5, "M5iQ2i2fL24M0eL4e"},
    {'g', 7, "M7eL73Q7040Q1012M79Q7e4eQ0e09Q0444Q7479"},
    {'h', 7, "M0iL04M0aQ0e4eQ7e7aL74"},
    {'i', 0, "M0eL04M0iL0i"},
    {'j', 2, "M2eL23Q2000M2iL2i"},
    {'k', 7, "M0iL04M6eL08M2aL74"},
    {'l', 0, "M0iL04"},
    {'m', 11, "M0eL04M0aQ0e3eQ6e6aL64M6aQ6e9eQbebaLb4"},
    {'n', 7, "M0eL04M0aQ0e4eQ7e7aL74"},
    {'o', 8, "M09Q0e4eQ8e89Q8444Q0409"},
    {'p', 7, "M0eL00M09Q0e3eQ7e79Q7434Q0409"},
    {'q', 7, "M7eL70M79Q7e4eQ0e09Q0444Q7479"},
    {'r', 4, "M0eL04M0aQ0e4e"},
    {'s', 6, "M6cQ5e3eQ0e0cQ0939Q6966Q6434Q1406"},
    {'t', 5, "M2hL27Q2454M0eL5e"},
    {'u', 7, "M0eL08Q0434Q7478M7eL74"},
    {'v', 8, "M0eL44L8e"},
    {'w', 10, "M0eL34L5cL74Lae"},
    {'x', 7, "M04L7eM0eL74"},
    {'y', 8, "M0eL45M8eL20"},
    {'z', 7, "M0eL7eL04L74"},
    {'.', 0, "M04L04"},
    {',', 1, "M14L02"},
    {':', 0, "M04L04M0cL0c"},
    {'-', 5, "M0aL5a"},
    {'/', 6, "M02L6i"},
    {'#', 8, "M24L3hM54L6hM08L88M0dL8d"},
};

static const struct glyph *font_glyph(char c)
{
    for (size_t i = 0; i < sizeof(glyphs) / sizeof(glyphs[0]); i++) {
        if (glyphs[i].c == c)
            return &glyphs[i];
    }
    return NULL;
}

static int font_digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* The point of two digits, in cap heights. */
static struct label_point font_point(const char *digits, double origin)
{
    return (struct label_point){(origin + font_digit(digits[0])) / GRID_CAP,
                                (font_digit(digits[1]) - GRID_BASELINE) / GRID_CAP};
}

static void font_draw_glyph(const struct glyph *glyph, double origin, void *context,
                            void (*take)(void *context, const struct label_curve *curve))
{
    struct label_curve curve = {.to = {0, 0}};

    for (const char *stroke = glyph->strokes; *stroke != '\0';) {
        curve.from = curve.to;
        if (*stroke == 'Q') {
            curve.control = font_point(stroke + 1, origin);
            curve.to = font_point(stroke + 3, origin);
            stroke += 5;
            take(context, &curve);
            continue;
        }
        curve.to = font_point(stroke + 1, origin);
        curve.control.x = (curve.from.x + curve.to.x) / 2;
        curve.control.y = (curve.from.y + curve.to.y) / 2;
        if (*stroke == 'L')
            take(context, &curve);
        stroke += 3;
    }
}

void label_font_draw(const char *text, void *context,
                     void (*take)(void *context, const struct label_curve *curve))
{
    double origin = 0;

    for (; *text != '\0'; text++) {
        const struct glyph *glyph = font_glyph(*text);

        if (glyph == NULL)
            continue;
        font_draw_glyph(glyph, origin, context, take);
        origin += glyph->width + GRID_SPACING;
    }
}

double label_font_width(const char *text)
{
    int steps = -GRID_SPACING;

    for (; *text != '\0'; text++) {
        const struct glyph *glyph = font_glyph(*text);

        if (glyph != NULL)
            steps += glyph->width + GRID_SPACING;
    }
    return steps > 0 ? steps / GRID_CAP : 0;
}

bool label_font_has(char c)
{
    return font_glyph(c) != NULL;
}
