/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small stroke font for labels: letters as lines and curves of one width, so that a label looks
 * the same on every machine, whatever fonts it has.
 *
 * Coordinates: the cap height is 1, the baseline is 0, y goes up.
 */
#ifndef LCM_HOST_LABEL_FONT_H
#define LCM_HOST_LABEL_FONT_H

#include <stdbool.h>

#define LABEL_FONT_STROKE 0.125 /* width of a line, in cap heights */

struct label_point {
    double x, y;
};

/* A quadratic curve; a straight line has its control in the middle. */
struct label_curve {
    struct label_point from, control, to;
};

/* Call take for each curve of a text that begins at the origin. Characters that the font does not
 * have are left out. */
void label_font_draw(const char *text, void *context,
                     void (*take)(void *context, const struct label_curve *curve));

/* Width of a text. */
double label_font_width(const char *text);

/* Does the font have this character? */
bool label_font_has(char c);

#endif
