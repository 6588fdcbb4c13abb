/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The label of a device: its name, its set-up code, and two QR codes, one to join its Wi-Fi
 * network, one that opens its page with the code filled in. As SVG, as PNG, or as text for a
 * terminal.
 *
 * A label holds the set-up code in every part of it: files are for their owner only, memory is
 * wiped.
 */
#ifndef LCM_HOST_LABEL_H
#define LCM_HOST_LABEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/store/setup_code.h"

#define LABEL_QR_WIDTH_MAX 41 /* modules: version 6 */
#define LABEL_NAME_SIZE 11u   /* "LCM-XXXXXX" and a NUL */

struct label_qr {
    int width; /* modules in a row */
    bool is_dark[LABEL_QR_WIDTH_MAX][LABEL_QR_WIDTH_MAX];
};

struct label {
    char name[LABEL_NAME_SIZE];
    char code[LCM_SETUP_CODE_TEXT_SIZE]; /* with dashes */
    struct label_qr wifi;
    struct label_qr page;
};

/* Bytes of a file. Wipe and free them. */
struct label_file {
    uint8_t *bytes;
    size_t size;
};

/* id: the six bytes of a device; code: normalised. false when out of memory. Wipe the label after
 * use. */
bool label_make(struct label *label, const uint8_t id[6], const char *code);

/* false when out of memory. */
bool label_to_svg(const struct label *label, struct label_file *file);
bool label_to_png(const struct label *label, struct label_file *file);

enum label_print {
    LABEL_PRINT_ASCII,  /* two characters for a module */
    LABEL_PRINT_BLOCKS, /* half blocks: the light modules are drawn, as dark terminals need it */
    LABEL_PRINT_COLOR,  /* half blocks in black and white, whatever the terminal's colours are */
};

void label_print(FILE *out, const struct label *label, enum label_print style);

void label_file_free(struct label_file *file);

#endif
