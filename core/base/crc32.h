/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRC-32 (ISO-HDLC, polynomial 0xEDB88320, as in zlib): finds torn records.
 * It is no protection against an attacker.
 */
#ifndef LCM_BASE_CRC32_H
#define LCM_BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* CRC of size bytes; pass 0 to start, the previous result to go on. */
uint32_t lcm_crc32(uint32_t crc, const void *data, size_t size);

#endif
