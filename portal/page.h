/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The set-up page: web/setup/ as one gzip document, part of the firmware.
 *
 * mk/page.mk makes the data. The chip's flash gives aligned 32-bit words only, so the page is an
 * array of words, and whoever sends it copies pieces into RAM with lcm_page_read.
 */
#ifndef LCM_PORTAL_PAGE_H
#define LCM_PORTAL_PAGE_H

#include <stdint.h>

/* The document (Content-Encoding: gzip, Content-Type: text/html; charset=utf-8). Byte i is bits
 * 8 * (i % 4) and up of word i / 4; the last word is filled up with zeros. */
extern const uint32_t lcm_page_words[];

/* Bytes of the document. */
extern const uint32_t lcm_page_size;

/* Value of its Content-Security-Policy header. In flash as well: read it a few times per answer. */
extern const char lcm_page_policy[];

/*
 * Copy size bytes of the document from offset. One word is read for each four bytes, whatever the
 * offset is. offset + size must not exceed lcm_page_size. Cannot fail.
 */
void lcm_page_read(uint32_t offset, uint8_t *dst, uint32_t size);

#endif
