// SPDX-License-Identifier: Apache-2.0
/*
 * Stands in front of BearSSL's SHA-256 in the power-cut harness (linker option --wrap): the same
 * function over the same state, its blocks by OpenSSL, which uses the processor's instructions for
 * it. Most of the time of a path is hashing.
 */
#include <string.h>

#include <bearssl.h>

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#define BLOCK_SIZE 64u

void __wrap_br_sha224_update(br_sha224_context *context, const void *data, size_t size);

void __wrap_br_sha224_update(br_sha224_context *context, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    size_t fill = (size_t)context->count % BLOCK_SIZE;
    SHA256_CTX blocks;

    context->count += size;
    memcpy(blocks.h, context->val, sizeof(context->val));
    while (size > 0) {
        size_t step = BLOCK_SIZE - fill < size ? BLOCK_SIZE - fill : size;

        if (step == BLOCK_SIZE) {
            SHA256_Transform(&blocks, bytes);
        } else {
            memcpy(context->buf + fill, bytes, step);
            if (fill + step == BLOCK_SIZE)
                SHA256_Transform(&blocks, context->buf);
        }
        fill = (fill + step) % BLOCK_SIZE;
        bytes += step;
        size -= step;
    }
    memcpy(context->val, blocks.h, sizeof(context->val));
}
