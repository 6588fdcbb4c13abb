// SPDX-License-Identifier: Apache-2.0
/*
 * Merges lines into a SHA256SUMS file. Lines of files it does not know stay as they
 * are, in their order.
 */
#include "tools/release_sums.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#define SUMS_SIZE_MAX (256u * 1024)
#define SUMS_HASH_CHARACTERS 64u
#define SUMS_LINE_MAX (SUMS_HASH_CHARACTERS + 4u + 256u)

/* true when the line "HASH  NAME" (or "HASH *NAME") is about one of the items. */
static bool sums_is_about(const char *line, size_t size, const struct file_item *items,
                          size_t count)
{
    const char *name = line + SUMS_HASH_CHARACTERS + 2;

    if (size <= SUMS_HASH_CHARACTERS + 2)
        return false;
    size -= SUMS_HASH_CHARACTERS + 2;
    for (size_t i = 0; i < count; i++) {
        const char *item = file_name(items[i].path);

        if (strlen(item) == size && memcmp(item, name, size) == 0)
            return true;
    }
    return false;
}

static void sums_keep_lines(const char *text, const struct file_item *items, size_t count,
                            struct file_content *sums)
{
    while (*text != '\0') {
        size_t size = strcspn(text, "\n");

        if (size > 0 && !sums_is_about(text, size, items, count)) {
            memcpy(sums->bytes + sums->size, text, size);
            sums->bytes[sums->size + size] = '\n';
            sums->size += size + 1;
        }
        text += size;
        text += *text == '\n';
    }
}

static void sums_add_line(const struct file_item *item, struct file_content *sums)
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned int hash_size = 0;
    char *out = (char *)sums->bytes + sums->size;

    if (EVP_Digest(item->bytes, item->size, hash, &hash_size, EVP_sha256(), NULL) != 1)
        hash_size = 0;
    for (unsigned int i = 0; i < hash_size; i++)
        out += snprintf(out, 3, "%02x", hash[i]);
    out += snprintf(out, SUMS_LINE_MAX - SUMS_HASH_CHARACTERS, "  %.255s\n", file_name(item->path));
    sums->size = (size_t)(out - (char *)sums->bytes);
}

int release_sums_merge(const char *path, const struct file_item *items, size_t count,
                       struct file_content *sums)
{
    struct file_content before = {NULL, 0};
    struct file_content merged = {NULL, 0};
    int result = access(path, F_OK) == 0 ? file_read(path, SUMS_SIZE_MAX, &before) : CLI_OK;

    if (result != CLI_OK)
        return result;
    merged.bytes = calloc(1, before.size + 2 + count * SUMS_LINE_MAX);
    if (merged.bytes == NULL) {
        file_free(&before);
        cli_error("out of memory");
        return CLI_ERROR;
    }
    if (before.bytes != NULL)
        sums_keep_lines((const char *)before.bytes, items, count, &merged);
    for (size_t i = 0; i < count; i++)
        sums_add_line(&items[i], &merged);
    file_free(&before);
    *sums = merged;
    return CLI_OK;
}
