// SPDX-License-Identifier: Apache-2.0
/*
 * Identity block: bytes to struct and back, strict in both directions.
 *
 * Invariant: encode refuses what decode would refuse.
 */
#include "core/image/identity.h"

#include <stdbool.h>
#include <string.h>

#include "core/base/bytes.h"

#define IDENTITY_MAGIC_SIZE 8u
#define IDENTITY_TYPE_OFFSET 8u
#define IDENTITY_PADDING_SIZE 3u
#define IDENTITY_VERSION_OFFSET 12u
#define IDENTITY_REPOSITORY_OFFSET (IDENTITY_VERSION_OFFSET + LCM_VERSION_SIZE)
#define IDENTITY_FILE_OFFSET (IDENTITY_REPOSITORY_OFFSET + LCM_IDENTITY_REPOSITORY_SIZE)

_Static_assert(sizeof(LCM_IDENTITY_MAGIC) == IDENTITY_MAGIC_SIZE, "magic size");
_Static_assert(IDENTITY_FILE_OFFSET + LCM_IDENTITY_FILE_SIZE == LCM_IDENTITY_SIZE, "block layout");

/* 1 .. size-1 printable characters, then NUL up to the end. */
static bool identity_is_text(const uint8_t *text, size_t size)
{
    size_t length = 0;

    while (length < size && text[length] > ' ' && text[length] <= '~')
        length++;
    return length > 0 && length < size && lcm_bytes_all(text + length, size - length, 0);
}

static bool identity_is_type(uint8_t type)
{
    return type >= LCM_IDENTITY_APP && type <= LCM_IDENTITY_BOOT;
}

static bool identity_is_valid(const uint8_t *bytes)
{
    return identity_is_type(bytes[IDENTITY_TYPE_OFFSET]) &&
           lcm_bytes_all(bytes + IDENTITY_TYPE_OFFSET + 1, IDENTITY_PADDING_SIZE, 0) &&
           identity_is_text(bytes + IDENTITY_VERSION_OFFSET, LCM_VERSION_SIZE) &&
           identity_is_text(bytes + IDENTITY_REPOSITORY_OFFSET, LCM_IDENTITY_REPOSITORY_SIZE) &&
           identity_is_text(bytes + IDENTITY_FILE_OFFSET, LCM_IDENTITY_FILE_SIZE);
}

enum lcm_err lcm_identity_decode(const uint8_t bytes[LCM_IDENTITY_SIZE],
                                 struct lcm_identity *identity)
{
    if (memcmp(bytes, LCM_IDENTITY_MAGIC, IDENTITY_MAGIC_SIZE) != 0)
        return LCM_ERR_NOT_FOUND;
    if (!identity_is_valid(bytes))
        return LCM_ERR_FORMAT;
    identity->type = bytes[IDENTITY_TYPE_OFFSET];
    memcpy(identity->version, bytes + IDENTITY_VERSION_OFFSET, LCM_VERSION_SIZE);
    memcpy(identity->repository, bytes + IDENTITY_REPOSITORY_OFFSET, LCM_IDENTITY_REPOSITORY_SIZE);
    memcpy(identity->file, bytes + IDENTITY_FILE_OFFSET, LCM_IDENTITY_FILE_SIZE);
    return LCM_OK;
}

/* Copy a text that may have anything behind its NUL. */
static void identity_put_text(uint8_t *dst, const char *text, size_t size)
{
    for (size_t i = 0; i < size && text[i] != '\0'; i++)
        dst[i] = (uint8_t)text[i];
}

enum lcm_err lcm_identity_encode(const struct lcm_identity *identity,
                                 uint8_t bytes[LCM_IDENTITY_SIZE])
{
    uint8_t block[LCM_IDENTITY_SIZE] = {0};

    memcpy(block, LCM_IDENTITY_MAGIC, IDENTITY_MAGIC_SIZE);
    block[IDENTITY_TYPE_OFFSET] = identity->type;
    identity_put_text(block + IDENTITY_VERSION_OFFSET, identity->version, LCM_VERSION_SIZE);
    identity_put_text(block + IDENTITY_REPOSITORY_OFFSET, identity->repository,
                      LCM_IDENTITY_REPOSITORY_SIZE);
    identity_put_text(block + IDENTITY_FILE_OFFSET, identity->file, LCM_IDENTITY_FILE_SIZE);
    if (!identity_is_valid(block))
        return LCM_ERR_FORMAT;
    memcpy(bytes, block, LCM_IDENTITY_SIZE);
    return LCM_OK;
}

enum lcm_err lcm_identity_load(const struct lcm_flash *flash, uint32_t image_addr,
                               struct lcm_identity *identity)
{
    uint8_t bytes[LCM_IDENTITY_SIZE];
    enum lcm_err err =
        flash->read(flash->context, image_addr + LCM_IDENTITY_OFFSET, bytes, sizeof(bytes));

    return err == LCM_OK ? lcm_identity_decode(bytes, identity) : err;
}
