/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NOR flash for power cuts by the million: strict rules, copy-on-write sectors, and bits
 * that are neither 0 nor 1.
 *
 * An image is 256 shared sectors; copying one costs a pointer each. A flash is an image
 * behind the flash port. Before each erase or program it shows the operation to an
 * observer, who may take copies and cut them: nor_cut does to a copy what a power cut
 * does to the operation. So one run of a scenario yields every cut of it.
 *
 * Programming a 0 to 1, leaving the flash, or erasing anything but a sector aborts.
 */
#ifndef LCM_TESTS_POWER_NOR_H
#define LCM_TESTS_POWER_NOR_H

#include <stdbool.h>
#include <stdint.h>

#include "lcm/flash.h"
#include "lcm/layout.h"

#define NOR_SECTORS (LCM_FLASH_SIZE / LCM_SECTOR_SIZE)

/* What a cut leaves of the operation it hits. */
enum nor_way {
    NOR_BEFORE, /* nothing of it */
    NOR_FRONT,  /* the front part, of random length */
    NOR_BITS,   /* any of the changed bits */
    NOR_AFTER,  /* all of it */
    NOR_NEARLY, /* all but one to three of the changed bits */
    NOR_WEAK,   /* all, but one to three of the changed bits read differently each time */
    NOR_BEGUN,  /* nothing, but one to three of the bits to be changed read differently each time */
    NOR_WAYS
};

struct nor_page;

struct nor_image {
    struct nor_page *page[NOR_SECTORS];
};

void nor_image_init(struct nor_image *image); /* blank */
void nor_image_copy(struct nor_image *copy, const struct nor_image *image);
void nor_image_free(struct nor_image *image);
/* Put bytes there as if they had always been there. */
void nor_image_put(struct nor_image *image, uint32_t addr, const void *bytes, uint32_t size);
/* Do the bytes at addr equal these? Weak bits count as what the last write meant. */
bool nor_image_equals(const struct nor_image *image, uint32_t addr, const void *bytes,
                      uint32_t size);
/* Do both images hold the same in this sector? */
bool nor_image_same_sector(const struct nor_image *a, const struct nor_image *b, uint32_t sector);
/* Are there bits in this range that read differently each time? */
bool nor_image_is_weak(const struct nor_image *image, uint32_t addr, uint32_t size);
uint8_t nor_image_byte(const struct nor_image *image, uint32_t addr);

/* One erase (src == NULL) or program. */
struct nor_operation {
    uint32_t addr;
    const uint8_t *src;
    uint32_t size;
};

/* Do to the image what a cut leaves of the operation; seed decides what is random. */
void nor_cut(struct nor_image *image, const struct nor_operation *operation, enum nor_way way,
             uint64_t seed);

/* Faults of the part itself. */
struct nor_fault {
    uint32_t fail_at;      /* operation of this number fails and does nothing; UINT32_MAX = none */
    uint32_t read_fail_at; /* the same for reads, which then yield garbage */
    uint32_t fail_count;   /* and so do the ones behind it, so many in all */
    uint32_t stuck_addr;   /* this byte has a stuck bit; UINT32_MAX = none */
    uint8_t stuck_mask;    /* the bit */
    bool is_stuck_high;    /* it cannot be programmed; false: it cannot be erased */
};

struct nor_flash {
    struct lcm_flash port; /* pass &flash->port */
    struct nor_image image;
    struct nor_fault fault;
    uint32_t operations; /* erases and programs since nor_flash_reset */
    uint32_t reads;      /* the same */
    uint32_t faults_fired;
    uint8_t erases[NOR_SECTORS];
    uint64_t random; /* of weak bits */

    /* Sees every operation before it happens. May be NULL. */
    void (*observe)(void *observer, const struct nor_operation *operation, uint32_t number);
    void *observer;
};

/* No fault. */
#define NOR_NO_FAULT \
    { \
        .fail_at = UINT32_MAX, .read_fail_at = UINT32_MAX, .stuck_addr = UINT32_MAX \
    }

/* Wire the port; the image is blank. */
void nor_flash_init(struct nor_flash *flash);
/* Count from 0 again: a new run. */
void nor_flash_reset(struct nor_flash *flash);

/* splitmix64: the same state gives the same row. */
uint64_t nor_random(uint64_t *state);

#endif
