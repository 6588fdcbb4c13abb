/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Golden files: tests/vectors/<name>.hex, hex digits with white space between bytes,
 * "#" starts a comment, "N*XX" stands for N times the byte XX.
 */
#ifndef LCM_TESTS_VECTOR_H
#define LCM_TESTS_VECTOR_H

#include <stddef.h>
#include <stdint.h>

/* Load a golden file into dst of size bytes; returns how many it has. A missing or
 * malformed file aborts the test program. Run from the project folder. */
size_t vector_load(const char *name, uint8_t *dst, size_t size);

#endif
