// SPDX-License-Identifier: Apache-2.0
/*
 * Copy-on-write NOR flash; see the header. Invariant: a page with more than one user is
 * never written; a weak bit has a stored value (what the write that was cut had got to) that reads
 * ignore.
 */
#include "tests/power/nor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ODD_BITS_MAX 3u /* bits that a nearly complete write leaves out */
#define ODD_TRIES_MAX 64u

struct nor_page {
    uint32_t users;
    uint8_t *weak; /* mask of weak bits, or NULL */
    uint8_t bytes[LCM_SECTOR_SIZE];
};

static void nor_bug(const char *what, uint32_t addr)
{
    fprintf(stderr, "nor: %s at 0x%05x\n", what, (unsigned)addr);
    abort();
}

uint64_t nor_random(uint64_t *state)
{
    uint64_t value = (*state += 0x9E3779B97F4A7C15u);

    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

/* ---- pages ---- */

static struct nor_page *page_new(void)
{
    struct nor_page *page = malloc(sizeof(*page));

    if (page == NULL)
        nor_bug("out of memory", 0);
    page->users = 1;
    page->weak = NULL;
    return page;
}

static void page_drop(struct nor_page *page)
{
    if (--page->users > 0)
        return;
    free(page->weak);
    free(page);
}

static uint8_t *page_weak(struct nor_page *page)
{
    if (page->weak == NULL)
        page->weak = calloc(1, LCM_SECTOR_SIZE);
    if (page->weak == NULL)
        nor_bug("out of memory", 0);
    return page->weak;
}

/* The page of an address, for writing. */
static struct nor_page *page_own(struct nor_image *image, uint32_t addr)
{
    struct nor_page **place = &image->page[addr / LCM_SECTOR_SIZE];
    struct nor_page *old = *place;

    if (old->users == 1)
        return old;
    *place = page_new();
    memcpy((*place)->bytes, old->bytes, LCM_SECTOR_SIZE);
    if (old->weak != NULL)
        memcpy(page_weak(*place), old->weak, LCM_SECTOR_SIZE);
    page_drop(old);
    return *place;
}

/* ---- images ---- */

void nor_image_init(struct nor_image *image)
{
    struct nor_page *blank = page_new();

    memset(blank->bytes, 0xFF, LCM_SECTOR_SIZE);
    blank->users = NOR_SECTORS;
    for (uint32_t i = 0; i < NOR_SECTORS; i++)
        image->page[i] = blank;
}

void nor_image_copy(struct nor_image *copy, const struct nor_image *image)
{
    *copy = *image;
    for (uint32_t i = 0; i < NOR_SECTORS; i++)
        copy->page[i]->users++;
}

void nor_image_free(struct nor_image *image)
{
    for (uint32_t i = 0; i < NOR_SECTORS; i++)
        page_drop(image->page[i]);
}

void nor_image_put(struct nor_image *image, uint32_t addr, const void *bytes, uint32_t size)
{
    const uint8_t *from = bytes;

    while (size > 0) {
        uint32_t offset = addr % LCM_SECTOR_SIZE;
        uint32_t step = LCM_SECTOR_SIZE - offset < size ? LCM_SECTOR_SIZE - offset : size;

        memcpy(page_own(image, addr)->bytes + offset, from, step);
        addr += step;
        from += step;
        size -= step;
    }
}

bool nor_image_equals(const struct nor_image *image, uint32_t addr, const void *bytes,
                      uint32_t size)
{
    const uint8_t *wanted = bytes;

    while (size > 0) {
        uint32_t offset = addr % LCM_SECTOR_SIZE;
        uint32_t step = LCM_SECTOR_SIZE - offset < size ? LCM_SECTOR_SIZE - offset : size;

        if (memcmp(image->page[addr / LCM_SECTOR_SIZE]->bytes + offset, wanted, step) != 0)
            return false;
        addr += step;
        wanted += step;
        size -= step;
    }
    return true;
}

bool nor_image_same_sector(const struct nor_image *a, const struct nor_image *b, uint32_t sector)
{
    return a->page[sector] == b->page[sector] ||
           memcmp(a->page[sector]->bytes, b->page[sector]->bytes, LCM_SECTOR_SIZE) == 0;
}

bool nor_image_is_weak(const struct nor_image *image, uint32_t addr, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        const struct nor_page *page = image->page[(addr + i) / LCM_SECTOR_SIZE];
        uint32_t offset = (addr + i) % LCM_SECTOR_SIZE;

        if (page->weak == NULL)
            i += LCM_SECTOR_SIZE - 1 - offset;
        else if (page->weak[offset] != 0)
            return true;
    }
    return false;
}

uint8_t nor_image_byte(const struct nor_image *image, uint32_t addr)
{
    return image->page[addr / LCM_SECTOR_SIZE]->bytes[addr % LCM_SECTOR_SIZE];
}

/* ---- cuts ---- */

/* The byte number i that the operation wants. */
static uint8_t operation_byte(const struct nor_operation *operation, uint32_t i)
{
    return operation->src != NULL ? operation->src[i] : 0xFF;
}

/* The bits of byte i that the operation changes. */
static uint8_t operation_change(const struct nor_image *image,
                                const struct nor_operation *operation, uint32_t i)
{
    uint8_t old = nor_image_byte(image, operation->addr + i);
    uint8_t wanted = operation_byte(operation, i);

    return operation->src != NULL ? (uint8_t)(old & ~wanted) : (uint8_t)(wanted & ~old);
}

/* Change these bits of byte i; an erase also settles weak bits. */
static void operation_apply(struct nor_image *image, const struct nor_operation *operation,
                            uint32_t i, uint8_t bits)
{
    struct nor_page *page = page_own(image, operation->addr + i);
    uint32_t offset = (operation->addr + i) % LCM_SECTOR_SIZE;
    uint8_t *byte = &page->bytes[offset];

    *byte = operation->src != NULL ? (uint8_t)(*byte & ~bits) : (uint8_t)(*byte | bits);
    if (page->weak == NULL)
        return;
    if (operation->src == NULL)
        page->weak[offset] = 0;
    else
        page->weak[offset] &= operation_byte(operation, i);
}

/* The first size bytes of the operation. */
static void operation_complete(struct nor_image *image, const struct nor_operation *operation,
                               uint32_t size)
{
    for (uint32_t done = 0; done < size;) {
        struct nor_page *page = page_own(image, operation->addr + done);
        uint32_t offset = (operation->addr + done) % LCM_SECTOR_SIZE;
        uint32_t end =
            LCM_SECTOR_SIZE - offset < size - done ? LCM_SECTOR_SIZE - offset : size - done;

        for (uint32_t i = 0; i < end; i++) {
            uint8_t wanted = operation_byte(operation, done + i);
            uint8_t *byte = &page->bytes[offset + i];
            *byte = operation->src != NULL ? *byte & wanted : 0xFF;
            if (page->weak != NULL)
                page->weak[offset + i] &= operation->src != NULL ? wanted : 0;
        }
        done += end;
    }
}

/* Byte and bit of a changed bit, at random; false when hardly any bit changes. */
static bool operation_pick(const struct nor_image *image, const struct nor_operation *operation,
                           uint64_t *random, uint32_t *index, uint8_t *bit)
{
    for (uint32_t tries = 0; tries < ODD_TRIES_MAX; tries++) {
        uint64_t number = nor_random(random);

        *index = (uint32_t)((number >> 8) % operation->size);
        *bit = (uint8_t)(1u << (number % 8));
        if ((operation_change(image, operation, *index) & *bit) != 0)
            return true;
    }
    return false;
}

/* All but a few bits; those keep their old value, or have none. Or nothing but a few bits, which
 * have no value any more. */
static void cut_odd_bits(struct nor_image *image, const struct nor_operation *operation,
                         uint64_t *random, enum nor_way way)
{
    uint32_t count = 1 + (uint32_t)(nor_random(random) % ODD_BITS_MAX);
    uint32_t index[ODD_BITS_MAX];
    uint8_t bit[ODD_BITS_MAX];
    uint32_t found = 0;

    while (found < count && operation_pick(image, operation, random, &index[found], &bit[found]))
        found++;
    if (way != NOR_BEGUN)
        operation_complete(image, operation, operation->size);
    for (uint32_t i = 0; i < found; i++) {
        struct nor_page *page = page_own(image, operation->addr + index[i]);
        uint32_t offset = (operation->addr + index[i]) % LCM_SECTOR_SIZE;

        if (way != NOR_NEARLY)
            page_weak(page)[offset] |= bit[i];
        else
            page->bytes[offset] ^= bit[i];
    }
}

void nor_cut(struct nor_image *image, const struct nor_operation *operation, enum nor_way way,
             uint64_t seed)
{
    uint64_t random = seed;

    switch (way) {
    case NOR_FRONT:
        operation_complete(
            image, operation,
            operation->size < 2 ? 0 : 1 + (uint32_t)(nor_random(&random) % (operation->size - 1)));
        break;
    case NOR_BITS:
        for (uint32_t i = 0; i < operation->size; i++)
            operation_apply(image, operation, i,
                            operation_change(image, operation, i) & (uint8_t)nor_random(&random));
        break;
    case NOR_AFTER:
        operation_complete(image, operation, operation->size);
        break;
    case NOR_NEARLY:
    case NOR_WEAK:
    case NOR_BEGUN:
        cut_odd_bits(image, operation, &random, way);
        break;
    case NOR_BEFORE:
    case NOR_WAYS:
    default:
        break;
    }
}

/* ---- the port ---- */

static void nor_check(uint32_t addr, uint32_t size, const char *what)
{
    if (addr > LCM_FLASH_SIZE || size > LCM_FLASH_SIZE - addr)
        nor_bug(what, addr);
}

static void nor_read_weak(struct nor_flash *flash, const struct nor_page *page, uint32_t offset,
                          uint8_t *dst, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        if (page->weak[offset + i] != 0)
            dst[i] ^= page->weak[offset + i] & (uint8_t)nor_random(&flash->random);
}

/* Is it the turn of one that fails? */
static bool nor_fails(struct nor_flash *flash, uint32_t number, uint32_t fail_at)
{
    if (number < fail_at || number - fail_at >= flash->fault.fail_count)
        return false;
    flash->faults_fired++;
    return true;
}

static enum lcm_err nor_read_fail(struct nor_flash *flash, uint8_t *dst, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        dst[i] = (uint8_t)nor_random(&flash->random);
    return LCM_ERR_FLASH;
}

static enum lcm_err nor_read(void *context, uint32_t addr, void *dst, uint32_t size)
{
    struct nor_flash *flash = context;
    uint8_t *to = dst;

    nor_check(addr, size, "read outside flash");
    if (nor_fails(flash, flash->reads++, flash->fault.read_fail_at))
        return nor_read_fail(flash, dst, size);
    while (size > 0) {
        const struct nor_page *page = flash->image.page[addr / LCM_SECTOR_SIZE];
        uint32_t offset = addr % LCM_SECTOR_SIZE;
        uint32_t step = LCM_SECTOR_SIZE - offset < size ? LCM_SECTOR_SIZE - offset : size;

        memcpy(to, page->bytes + offset, step);
        if (page->weak != NULL)
            nor_read_weak(flash, page, offset, to, step);
        addr += step;
        to += step;
        size -= step;
    }
    return LCM_OK;
}

/* Count the operation, show it; true when it fails. */
static bool nor_begin(struct nor_flash *flash, const struct nor_operation *operation)
{
    uint32_t number = flash->operations++;

    if (flash->observe != NULL)
        flash->observe(flash->observer, operation, number);
    return nor_fails(flash, number, flash->fault.fail_at);
}

/* A stuck bit shows when it is written: it stays 0 after an erase, or 1 after a program. */
static void nor_stick(struct nor_flash *flash, const struct nor_operation *operation)
{
    const struct nor_fault *fault = &flash->fault;
    uint8_t *byte;

    if (fault->stuck_addr < operation->addr ||
        fault->stuck_addr - operation->addr >= operation->size ||
        fault->is_stuck_high != (operation->src != NULL))
        return;
    byte = &page_own(&flash->image, fault->stuck_addr)->bytes[fault->stuck_addr % LCM_SECTOR_SIZE];
    if (fault->is_stuck_high &&
        (operation_byte(operation, fault->stuck_addr - operation->addr) & fault->stuck_mask) != 0)
        return;
    *byte ^= fault->stuck_mask;
    flash->faults_fired++;
}

static enum lcm_err nor_program(void *context, uint32_t addr, const void *src, uint32_t size)
{
    struct nor_flash *flash = context;
    struct nor_operation operation = {addr, src, size};
    const uint8_t *bytes = src;

    nor_check(addr, size, "program outside flash");
    for (uint32_t i = 0; i < size; i++) {
        const struct nor_page *page = flash->image.page[(addr + i) / LCM_SECTOR_SIZE];
        uint32_t offset = (addr + i) % LCM_SECTOR_SIZE;
        uint8_t soft = page->weak != NULL ? page->weak[offset] : 0;

        if (addr + i == flash->fault.stuck_addr) /* not the caller's mistake */
            soft |= flash->fault.stuck_mask;
        if ((uint8_t)(bytes[i] & ~(page->bytes[offset] | soft)) != 0)
            nor_bug("program sets a bit", addr + i);
    }
    if (nor_begin(flash, &operation))
        return LCM_ERR_FLASH;
    operation_complete(&flash->image, &operation, size);
    nor_stick(flash, &operation);
    return LCM_OK;
}

static enum lcm_err nor_erase(void *context, uint32_t addr)
{
    struct nor_flash *flash = context;
    struct nor_operation operation = {addr, NULL, LCM_SECTOR_SIZE};
    struct nor_page *page;

    nor_check(addr, LCM_SECTOR_SIZE, "erase outside flash");
    if (addr % LCM_SECTOR_SIZE != 0)
        nor_bug("erase of no sector", addr);
    if (nor_begin(flash, &operation))
        return LCM_ERR_FLASH;
    page = page_own(&flash->image, addr);
    memset(page->bytes, 0xFF, LCM_SECTOR_SIZE);
    free(page->weak);
    page->weak = NULL;
    nor_stick(flash, &operation);
    if (flash->erases[addr / LCM_SECTOR_SIZE] < UINT8_MAX)
        flash->erases[addr / LCM_SECTOR_SIZE]++;
    return LCM_OK;
}

void nor_flash_init(struct nor_flash *flash)
{
    memset(flash, 0, sizeof(*flash));
    nor_image_init(&flash->image);
    flash->port = (struct lcm_flash){
        .size = LCM_FLASH_SIZE,
        .sector_size = LCM_SECTOR_SIZE,
        .context = flash,
        .read = nor_read,
        .program = nor_program,
        .erase = nor_erase,
    };
    flash->fault = (struct nor_fault)NOR_NO_FAULT;
}

void nor_flash_reset(struct nor_flash *flash)
{
    flash->operations = 0;
    flash->reads = 0;
    flash->faults_fired = 0;
}
