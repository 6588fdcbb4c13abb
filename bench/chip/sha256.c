// SPDX-License-Identifier: Apache-2.0
/*
 * Program for slot 0 that hashes bytes in RAM and tells the cycles it took. On the emulated chip,
 * counting instructions, one cycle is 25 of them.
 */
#include <stdint.h>

#include <bearssl.h>

#include "lcm/lcm_app.h"
#include "port/lx106/clock.h"
#include "port/lx106/rom.h"
#include "port/lx106/trap.h"

#define CHUNK_SIZE 4096u
#define CHUNK_COUNT 64u

LCM_APP_IDENTITY("bench/sha256", "sha256.bin", "1.0.0");

static uint8_t chunk[CHUNK_SIZE];

void lx106_last_words(uint32_t cause, uint32_t address)
{
    (void)cause;
    (void)address;
}

int main(void)
{
    br_sha256_context context;
    uint8_t digest[br_sha256_SIZE];
    uint32_t before = lx106_ccount();

    br_sha256_init(&context);
    for (uint32_t i = 0; i < CHUNK_COUNT; i++)
        br_sha256_update(&context, chunk, sizeof(chunk));
    br_sha256_out(&context, digest);
    ets_printf("sha256: %u cycles for %u bytes hashed\n", (unsigned)(lx106_ccount() - before),
               (unsigned)(CHUNK_SIZE * CHUNK_COUNT));
    for (;;)
        ets_delay_us(100000);
}
