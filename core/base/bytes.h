/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Little-endian numbers in byte buffers, and buffers that hold secrets.
 * Every on-flash and on-wire number is encoded here by hand; there are no
 * struct overlays. None of these functions can fail.
 */
#ifndef LCM_BASE_BYTES_H
#define LCM_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

uint16_t lcm_get_u16(const uint8_t *src);
uint32_t lcm_get_u32(const uint8_t *src);
uint64_t lcm_get_u64(const uint8_t *src);
void lcm_put_u16(uint8_t *dst, uint16_t value);
void lcm_put_u32(uint8_t *dst, uint32_t value);
void lcm_put_u64(uint8_t *dst, uint64_t value);

/* true when both ranges hold the same bytes; time depends on size only. */
bool lcm_bytes_equal(const void *a, const void *b, size_t size);

/* true when every byte of the range is value. */
bool lcm_bytes_all(const void *data, size_t size, uint8_t value);

/* Overwrite size bytes with 0 in a way the compiler may not remove. */
void lcm_bytes_wipe(void *data, size_t size);

#endif
