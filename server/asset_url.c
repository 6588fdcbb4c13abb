// SPDX-License-Identifier: Apache-2.0
/*
 * Makes and opens signed asset addresses; see the header.
 *
 * Keeps no table of what was issued: the address carries everything, so it outlives
 * a restart of the server. Invariant: the payload is read only after the signature
 * over the whole target was found good.
 */
#include "server/asset_url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cjson/cJSON.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "core/base/bytes.h"
#include "core/base/text.h"

#define HASH_SIZE 32u
#define SIGNATURE_SIZE 43u /* base64url of HASH_SIZE bytes, without padding */
#define PAYLOAD_SIZE 1024u
#define FILLER_SIZE 512u
#define FILLER_MIN 43u
#define SAS_LIFE_S 3600 /* the storage signature inside GitHub's address lives an hour */

static const char token_head[] =
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9"; /* {"typ":"JWT","alg":"HS256"} */

static void base64url_encode(const uint8_t *bytes, size_t size, char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t bits = 0;
    unsigned bit_count = 0;

    for (size_t i = 0; i < size; i++) {
        bits = (bits << 8 | bytes[i]) & 0xFFFFu;
        for (bit_count += 8; bit_count >= 6; bit_count -= 6)
            *text++ = digits[bits >> (bit_count - 6) & 63u];
    }
    if (bit_count > 0)
        *text++ = digits[bits << (6 - bit_count) & 63u];
    *text = '\0';
}

static int base64url_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* Decode length digits into a NUL-terminated text. */
static bool base64url_decode(const char *digits, size_t length, char *text, size_t text_size)
{
    uint32_t bits = 0;
    unsigned bit_count = 0;
    size_t used = 0;

    for (size_t i = 0; i < length; i++) {
        int digit = base64url_digit(digits[i]);
        if (digit < 0 || used + 1 >= text_size)
            return false;
        bits = (bits << 6 | (uint32_t)digit) & 0x3FFFu;
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            text[used++] = (char)(bits >> bit_count & 0xFFu);
        }
    }
    text[used] = '\0';
    return true;
}

static bool target_sign(const uint8_t key[SERVE_URL_KEY_SIZE], const char *front, size_t front_size,
                        const char *back, char signature[SIGNATURE_SIZE + 1])
{
    uint8_t hash[HASH_SIZE];
    gnutls_hmac_hd_t hmac;

    if (gnutls_hmac_init(&hmac, GNUTLS_MAC_SHA256, key, SERVE_URL_KEY_SIZE) != 0)
        return false;
    bool ok = gnutls_hmac(hmac, front, front_size) == 0 && gnutls_hmac(hmac, "\0", 1) == 0 &&
              gnutls_hmac(hmac, back, strlen(back)) == 0;
    gnutls_hmac_deinit(hmac, hash);
    base64url_encode(hash, sizeof(hash), signature);
    return ok;
}

/* Stable pseudo-random bytes of one asset: its numbers in the address. */
static bool asset_digest(const uint8_t key[SERVE_URL_KEY_SIZE], const struct serve_asset *asset,
                         uint8_t digest[HASH_SIZE])
{
    char text[4 * SERVE_SEGMENT_SIZE + 4];
    int length = snprintf(text, sizeof(text), "%s/%s/%s/%s", asset->owner, asset->repository,
                          asset->tag, asset->file);

    return gnutls_hmac_fast(GNUTLS_MAC_SHA256, key, SERVE_URL_KEY_SIZE, text, (size_t)length,
                            digest) == 0;
}

static enum lcm_err token_make(const struct serve_asset *asset, char *token, size_t size)
{
    char payload[PAYLOAD_SIZE];
    char encoded[PAYLOAD_SIZE * 4 / 3 + 4];
    int length = snprintf(payload, sizeof(payload),
                          "{\"iss\":\"github.com\",\"key\":\"key1\",\"exp\":%lld,\"nbf\":%lld,"
                          "\"path\":\"%s/%s/%s/%s\"}",
                          (long long)asset->expires_s, (long long)asset->not_before_s, asset->owner,
                          asset->repository, asset->tag, asset->file);

    if (length < 0 || (size_t)length >= sizeof(payload))
        return LCM_ERR_TOO_LONG;
    base64url_encode((const uint8_t *)payload, (size_t)length, encoded);
    length = snprintf(token, size, "%s.%s", token_head, encoded);
    return length > 0 && (size_t)length < size ? LCM_OK : LCM_ERR_TOO_LONG;
}

static void time_format(int64_t seconds, char text[32])
{
    time_t when = (time_t)seconds;
    struct tm parts;

    gmtime_r(&when, &parts);
    strftime(text, 32, "%Y-%m-%dT%H%%3A%M%%3A%SZ", &parts);
}

/* Everything before the storage signature. */
static enum lcm_err front_make(const char *host, const struct serve_asset *asset,
                               const uint8_t digest[HASH_SIZE], struct lcm_text *out)
{
    char end[32], start[32], number[10], line[640];

    time_format(asset->expires_s - SERVE_URL_EXPIRY_S + SAS_LIFE_S, end);
    time_format(asset->not_before_s, start);
    snprintf(number, sizeof(number), "%u", 100000000u + lcm_get_u32(digest + 16) % 900000000u);
    lcm_text_string(out, "https://");
    lcm_text_string(out, host);
    snprintf(line, sizeof(line),
             "/github-production-release-asset/%s/%02x%02x%02x%02x-%02x%02x-4%01x%02x-a%01x%02x-"
             "%02x%02x%02x%02x%02x%02x?sp=r&sv=2018-11-09&sr=b&spr=https&se=%s"
             "&rscd=attachment%%3B+filename%%3D%s&rsct=application%%2Foctet-stream"
             "&skoid=%02x%02x%02x%02x-0000-4000-8000-%02x%02x%02x%02x%02x%02x&skt=%s&sks=b&sig=",
             number, digest[0], digest[1], digest[2], digest[3], digest[4], digest[5],
             digest[6] & 15u, digest[7], digest[8] & 15u, digest[9], digest[10], digest[11],
             digest[12], digest[13], digest[14], digest[15], end, asset->file, digest[20],
             digest[21], digest[22], digest[23], digest[24], digest[25], digest[26], digest[27],
             digest[28], digest[29], start);
    lcm_text_string(out, line);
    return out->truncated ? LCM_ERR_TOO_LONG : LCM_OK;
}

/* The storage signature: letters that bring the address to GitHub's length. Nobody
 * checks it; the token covers it. */
static void filler_add(const uint8_t digest[HASH_SIZE], size_t other_length, size_t file_length,
                       struct lcm_text *out)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef";
    size_t target = SERVE_URL_LENGTH_BASE + 2 * file_length;
    size_t length = target > other_length + FILLER_MIN ? target - other_length : FILLER_MIN;

    for (size_t i = 0; i < length && i < FILLER_SIZE; i++)
        lcm_text_char(out, letters[(digest[i % HASH_SIZE] + 7 * i) % 32]);
}

enum lcm_err serve_asset_url_make(const uint8_t key[SERVE_URL_KEY_SIZE], const char *host,
                                  const struct serve_asset *asset, char url[SERVE_URL_SIZE])
{
    uint8_t digest[HASH_SIZE];
    char token[SERVE_URL_SIZE], back[320], signature[SIGNATURE_SIZE + 1];
    struct lcm_text out;

    lcm_text_init(&out, url, SERVE_URL_SIZE);
    if (!asset_digest(key, asset, digest))
        return LCM_ERR_ENTROPY;
    enum lcm_err err = token_make(asset, token, sizeof(token));
    if (err == LCM_OK)
        err = front_make(host, asset, digest, &out);
    if (err != LCM_OK)
        return err;
    int back_length = snprintf(back, sizeof(back),
                               "&response-content-disposition=attachment%%3B%%20filename%%3D%s"
                               "&response-content-type=application%%2Foctet-stream",
                               asset->file);
    size_t other =
        out.length + strlen("&jwt=.") + strlen(token) + SIGNATURE_SIZE + (size_t)back_length;
    filler_add(digest, other, strlen(asset->file), &out);
    lcm_text_string(&out, "&jwt=");
    lcm_text_string(&out, token);
    lcm_text_char(&out, '.');
    const char *path = url + strlen("https://") + strlen(host);
    if (!target_sign(key, path, strlen(path), back, signature))
        return LCM_ERR_ENTROPY;
    lcm_text_string(&out, signature);
    lcm_text_string(&out, back);
    return out.truncated ? LCM_ERR_TOO_LONG : LCM_OK;
}

/* Put the four names of "OWNER/REPOSITORY/TAG/FILE" into asset. */
static bool names_read(const char *text, struct serve_asset *asset)
{
    char path[4 * SERVE_SEGMENT_SIZE + 4], segments[SERVE_SEGMENTS_MAX][SERVE_SEGMENT_SIZE];
    size_t count;
    int length = snprintf(path, sizeof(path), "/%s", text);

    if (length < 0 || (size_t)length >= sizeof(path) ||
        serve_path_split(path, segments, &count) != LCM_OK || count != 4)
        return false;
    memcpy(asset->owner, segments[0], SERVE_SEGMENT_SIZE);
    memcpy(asset->repository, segments[1], SERVE_SEGMENT_SIZE);
    memcpy(asset->tag, segments[2], SERVE_SEGMENT_SIZE);
    memcpy(asset->file, segments[3], SERVE_SEGMENT_SIZE);
    return true;
}

static bool payload_read(const char *payload, struct serve_asset *asset)
{
    cJSON *object = cJSON_Parse(payload);
    const cJSON *expires = cJSON_GetObjectItem(object, "exp");
    const cJSON *not_before = cJSON_GetObjectItem(object, "nbf");
    const char *path = cJSON_GetStringValue(cJSON_GetObjectItem(object, "path"));
    bool ok = cJSON_IsNumber(expires) && cJSON_IsNumber(not_before) && path != NULL &&
              names_read(path, asset);

    if (ok) {
        asset->expires_s = (int64_t)expires->valuedouble;
        asset->not_before_s = (int64_t)not_before->valuedouble;
    }
    cJSON_Delete(object);
    return ok;
}

enum lcm_err serve_asset_url_open(const uint8_t key[SERVE_URL_KEY_SIZE], const char *target,
                                  struct serve_asset *asset)
{
    char expected[SIGNATURE_SIZE + 1], text[PAYLOAD_SIZE];
    const char *token = strstr(target, "&jwt=");
    const char *payload = token != NULL ? strchr(token, '.') : NULL;
    const char *signature = payload != NULL ? strchr(payload + 1, '.') : NULL;

    if (signature == NULL || strlen(++signature) < SIGNATURE_SIZE)
        return LCM_ERR_SIGNATURE;
    payload++;
    if (!target_sign(key, target, (size_t)(signature - target), signature + SIGNATURE_SIZE,
                     expected) ||
        !lcm_bytes_equal(expected, signature, SIGNATURE_SIZE))
        return LCM_ERR_SIGNATURE;
    if (!base64url_decode(payload, (size_t)(signature - 1 - payload), text, sizeof(text)) ||
        !payload_read(text, asset))
        return LCM_ERR_SIGNATURE;
    return LCM_OK;
}
