/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A 1 MiB flash in memory with strict NOR rules for tests: programming a 0 bit to
 * 1 aborts the test; operations are counted and can be made to fail or tear.
 */
#ifndef LCM_TESTS_RAM_FLASH_H
#define LCM_TESTS_RAM_FLASH_H

#include <stdbool.h>
#include <stdint.h>

#include "lcm/flash.h"
#include "lcm/layout.h"

enum ram_flash_cut {
    RAM_FLASH_NO_CUT,
    RAM_FLASH_CUT_BEFORE, /* operation cut_at does nothing */
    RAM_FLASH_CUT_TORN,   /* the front half of operation cut_at happens */
    RAM_FLASH_CUT_AFTER,  /* operation cut_at happens, then power is gone */
    RAM_FLASH_CUT_RANDOM, /* each bit operation cut_at would change does or does not, by `random` */
};

struct ram_flash {
    uint8_t data[LCM_FLASH_SIZE];
    uint32_t erases[LCM_FLASH_SIZE / LCM_SECTOR_SIZE];
    uint32_t operations; /* erases and programs so far */
    uint32_t programmed_bytes;
    /* Power fails at write operation number cut_at (0 = first); after that every
     * operation returns LCM_ERR_FLASH and changes nothing until power is restored. */
    enum ram_flash_cut cut;
    uint32_t cut_at;
    bool is_off;
    uint64_t random;       /* seed of RAM_FLASH_CUT_RANDOM, then its state; print it */
    struct lcm_flash port; /* pass &flash->port */
};

/* Fill with 0xFF, clear counters, wire the port, seed with 1. */
void ram_flash_init(struct ram_flash *flash);

/* Pseudo-random numbers for tests (splitmix64): the same seed gives the same row. */
uint64_t ram_flash_random(uint64_t *state);

/* Power is back: clears cut and is_off, resets operations to 0. */
void ram_flash_restore_power(struct ram_flash *flash);

#endif
