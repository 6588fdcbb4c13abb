/* SPDX-License-Identifier: Apache-2.0 */
/* Reading QR codes of an image with Debian's zbarimg: a scanner nobody here wrote. */
#ifndef LCM_TESTS_LABEL_SCAN_H
#define LCM_TESTS_LABEL_SCAN_H

#include <stddef.h>

/* The texts of all codes in an image file, one a line; fails the test when there is none. */
void label_scan(const char *path, char *text, size_t size);

#endif
