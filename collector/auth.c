// SPDX-License-Identifier: Apache-2.0
/*
 * Telemetry keys and codes; see the header. The code covers what relays leave alone: priority,
 * MSGID, structured data before the code, its time, and the text. The host name and the
 * timestamp of the header are rewritten on the way and are not covered.
 */
#include "collector/auth.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "collector/scan.h"
#include "core/base/text.h"
#include "host/cli.h"
#include "host/file.h"

#define KEY_FILE_SIZE_MAX (16u * 1024 * 1024)
#define AHEAD_S_MAX 86400u
#define BEHIND_S_MAX (2u * 86400u)
#define PREFIX_SIZE 96u
#define ID_DIGITS 12u
#define LINE_SIZE (ID_DIGITS + 1 + 2 * COLLECT_KEY_SIZE)

struct key_entry {
    char id[ID_DIGITS + 1];
    uint8_t key[COLLECT_KEY_SIZE];
};

struct collect_keys {
    size_t count;
    struct key_entry entries[]; /* ascending id */
};

static int entry_compare(const void *a, const void *b)
{
    return strcmp(((const struct key_entry *)a)->id, ((const struct key_entry *)b)->id);
}

/* One line: LCM_OK, LCM_ERR_NOT_FOUND for nothing in it. */
static enum lcm_err entry_parse(const char *line, size_t size, struct key_entry *entry)
{
    char digits[2 * COLLECT_KEY_SIZE + 1] = {0};

    while (size > 0 && isspace((unsigned char)line[size - 1]))
        size--;
    if (size == 0 || line[0] == '#')
        return LCM_ERR_NOT_FOUND;
    if (size != LINE_SIZE || line[ID_DIGITS] != ' ' || !scan_is_device_id(line, ID_DIGITS))
        return LCM_ERR_FORMAT;
    for (size_t i = 0; i < ID_DIGITS; i++)
        entry->id[i] = (char)tolower((unsigned char)line[i]);
    entry->id[ID_DIGITS] = '\0';
    memcpy(digits, line + ID_DIGITS + 1, 2 * COLLECT_KEY_SIZE);
    enum lcm_err err = lcm_text_parse_hex(digits, entry->key, COLLECT_KEY_SIZE);
    OPENSSL_cleanse(digits, sizeof(digits));
    return err;
}

/* Which of two keys of a device is meant nobody here can know. */
static int keys_check_twice(const char *path, const struct collect_keys *keys)
{
    for (size_t i = 1; i < keys->count; i++) {
        if (strcmp(keys->entries[i - 1].id, keys->entries[i].id) != 0)
            continue;
        cli_error("%s: device %s has two lines. Remove the one whose key the device does not have",
                  path, keys->entries[i].id);
        return CLI_USAGE;
    }
    return CLI_OK;
}

static int keys_parse(const char *path, const struct file_content *content,
                      struct collect_keys *keys)
{
    const char *at = (const char *)content->bytes;
    const char *end = at + content->size;

    for (unsigned number = 1; at < end; number++) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)((line_end != NULL ? line_end : end) - at);
        enum lcm_err err = entry_parse(at, size, &keys->entries[keys->count]);

        if (err == LCM_OK)
            keys->count++;
        else if (err != LCM_ERR_NOT_FOUND) {
            cli_error("%s line %u: not a key. Write the device id (12 hex digits), a space and "
                      "the key (64 hex digits)",
                      path, number);
            return CLI_USAGE;
        }
        at += size + 1;
    }
    qsort(keys->entries, keys->count, sizeof(keys->entries[0]), entry_compare);
    return keys_check_twice(path, keys);
}

static int keys_check_mode(const char *path)
{
    struct stat status;

    if (stat(path, &status) == 0 && (status.st_mode & 077) != 0) {
        cli_error("%s: others can read it. Keys are secret: chmod 600 %s", path, path);
        return CLI_AUTH;
    }
    return CLI_OK;
}

int collect_keys_load(const char *path, struct collect_keys **keys)
{
    struct file_content content = {NULL, 0};
    int code = path != NULL ? keys_check_mode(path) : CLI_OK;

    *keys = NULL;
    if (code == CLI_OK && path != NULL)
        code = file_read(path, KEY_FILE_SIZE_MAX, &content);
    if (code != CLI_OK)
        return code;
    size_t lines_max = content.size / LINE_SIZE + 1;
    struct collect_keys *made = calloc(1, sizeof(*made) + lines_max * sizeof(made->entries[0]));
    if (made == NULL) {
        file_free(&content);
        cli_error("out of memory for the keys of %s", path);
        return CLI_ERROR;
    }
    code = path != NULL ? keys_parse(path, &content, made) : CLI_OK;
    file_free(&content);
    if (code == CLI_OK)
        *keys = made;
    else
        collect_keys_free(made);
    return code;
}

void collect_keys_free(struct collect_keys *keys)
{
    if (keys == NULL)
        return;
    OPENSSL_cleanse(keys->entries, keys->count * sizeof(keys->entries[0]));
    free(keys);
}

size_t collect_keys_count(const struct collect_keys *keys)
{
    return keys->count;
}

void collect_auth_mac(const uint8_t key[COLLECT_KEY_SIZE], const struct collect_message *message,
                      uint8_t mac[COLLECT_MAC_SIZE])
{
    char prefix[PREFIX_SIZE];
    uint8_t full[EVP_MAX_MD_SIZE];
    unsigned full_size = 0;
    int prefix_size =
        snprintf(prefix, sizeof(prefix), "LCM telemetry 1%c%u %s %llu ", '\0', message->priority,
                 message->msgid, (unsigned long long)message->mac_time_s);
    size_t size = (size_t)prefix_size + message->sd_size + 1 + message->raw_text_size;
    uint8_t bytes[PREFIX_SIZE + COLLECT_MESSAGE_SIZE_MAX];

    memset(mac, 0, COLLECT_MAC_SIZE);
    if (size > sizeof(bytes))
        return;
    memcpy(bytes, prefix, (size_t)prefix_size);
    memcpy(bytes + prefix_size, message->sd, message->sd_size);
    bytes[(size_t)prefix_size + message->sd_size] = '\0';
    memcpy(bytes + prefix_size + message->sd_size + 1, message->raw_text, message->raw_text_size);
    if (HMAC(EVP_sha256(), key, COLLECT_KEY_SIZE, bytes, size, full, &full_size) != NULL)
        memcpy(mac, full, COLLECT_MAC_SIZE);
    OPENSSL_cleanse(full, sizeof(full));
}

/* Without a time nobody can tell a new message from a repeated one; within a second the sequence
 * does. */
static bool message_is_new(const struct collect_message *message,
                           const struct collect_newest *newest, uint64_t now_s)
{
    if (message->mac_time_s > now_s + AHEAD_S_MAX || message->mac_time_s + BEHIND_S_MAX < now_s)
        return false;
    if (message->mac_time_s == 0 || message->mac_time_s < newest->time_s)
        return false;
    return message->mac_time_s > newest->time_s || message->sequence > newest->sequence;
}

/* NULL without a key. */
static const struct key_entry *entry_find(const struct collect_keys *keys, const char *id)
{
    struct key_entry wanted = {0};

    if (keys->count == 0 || strlen(id) != ID_DIGITS)
        return NULL;
    memcpy(wanted.id, id, sizeof(wanted.id));
    return bsearch(&wanted, keys->entries, keys->count, sizeof(keys->entries[0]), entry_compare);
}

bool collect_keys_has(const struct collect_keys *keys, const char *id)
{
    return entry_find(keys, id) != NULL;
}

enum collect_verdict collect_auth_check(const struct collect_keys *keys,
                                        const struct collect_message *message,
                                        const struct collect_newest *newest, uint64_t now_s)
{
    uint8_t mac[COLLECT_MAC_SIZE];
    const struct key_entry *entry = entry_find(keys, message->id);

    if (entry == NULL)
        return COLLECT_NO_KEY;
    if (!message->has_mac)
        return COLLECT_UNVERIFIED;
    collect_auth_mac(entry->key, message, mac);
    if (CRYPTO_memcmp(mac, message->mac, sizeof(mac)) != 0)
        return COLLECT_FORGED;
    return message_is_new(message, newest, now_s) ? COLLECT_VERIFIED : COLLECT_UNVERIFIED;
}
