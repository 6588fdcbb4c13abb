// SPDX-License-Identifier: Apache-2.0
/*
 * SPAKE2, role B, on BearSSL's public functions. Numbers modulo the order of the curve are ours:
 * BearSSL keeps its own to itself.
 *
 * It neither counts wrong codes nor keeps time; who calls it does.
 *
 * Invariants: what depends on the code leaves this file only after the client has proved that it
 * knows it; LCM_VERDICT_VALID is stored at exactly one place.
 */
#include "portal/spake2.h"

#include <stdbool.h>
#include <string.h>

#include "core/base/bytes.h"

#define CURVE BR_EC_secp256r1
#define SCALAR_WORDS 8u
#define SCALAR_TRIES 16u /* a random number is unusable once in 2^32 */
#define HALF_SIZE 16u    /* Ke, Ka, KcA, KcB */
#define AAD_PREFIX "LCM1"
#define AAD_PREFIX_SIZE 4u
#define INFO_SIZE_MAX 48u
#define LENGTH_SIZE 8u /* of a length in the transcript */
#define TRANSCRIPT_SIZE_MAX \
    (6u * LENGTH_SIZE + 2u * LCM_SPAKE2_ID_MAX + 3u * LCM_SETUP_POINT_SIZE + LCM_SPAKE2_SCALAR_SIZE)

_Static_assert(AAD_PREFIX_SIZE + LCM_SETUP_SESSION_SIZE == LCM_SPAKE2_AAD_MAX, "AAD layout");
_Static_assert(sizeof(struct lcm_spake2) <= 320, "there are three of these on a device");
_Static_assert(sizeof(struct lcm_message_channel) <= 100, "and three of these");

enum spake2_phase {
    PHASE_NONE,
    PHASE_CLIENT_SHARE, /* next: pA - w*M */
    PHASE_SHARE,        /* next: pB = w*N + y*G */
    PHASE_KEY,          /* next: K = y*(pA - w*M), and all that follows from it */
    PHASE_DONE,
};

/* M and N of RFC 9382 section 6, uncompressed. */
static const uint8_t spake2_m[LCM_SETUP_POINT_SIZE] = {
    0x04, 0x88, 0x6E, 0x2F, 0x97, 0xAC, 0xE4, 0x6E, 0x55, 0xBA, 0x9D, 0xD7, 0x24,
    0x25, 0x79, 0xF2, 0x99, 0x3B, 0x64, 0xE1, 0x6E, 0xF3, 0xDC, 0xAB, 0x95, 0xAF,
    0xD4, 0x97, 0x33, 0x3D, 0x8F, 0xA1, 0x2F, 0x5F, 0xF3, 0x55, 0x16, 0x3E, 0x43,
    0xCE, 0x22, 0x4E, 0x0B, 0x0E, 0x65, 0xFF, 0x02, 0xAC, 0x8E, 0x5C, 0x7B, 0xE0,
    0x94, 0x19, 0xC7, 0x85, 0xE0, 0xCA, 0x54, 0x7D, 0x55, 0xA1, 0x2E, 0x2D, 0x20};
static const uint8_t spake2_n[LCM_SETUP_POINT_SIZE] = {
    0x04, 0xD8, 0xBB, 0xD6, 0xC6, 0x39, 0xC6, 0x29, 0x37, 0xB0, 0x4D, 0x99, 0x7F,
    0x38, 0xC3, 0x77, 0x07, 0x19, 0xC6, 0x29, 0xD7, 0x01, 0x4D, 0x49, 0xA2, 0x4B,
    0x4F, 0x98, 0xBA, 0xA1, 0x29, 0x2B, 0x49, 0x07, 0xD6, 0x0A, 0xA6, 0xBF, 0xAD,
    0xE4, 0x50, 0x08, 0xA6, 0x36, 0x33, 0x7F, 0x51, 0x68, 0xC6, 0x4D, 0x9B, 0xD3,
    0x60, 0x34, 0x80, 0x8C, 0xD5, 0x64, 0x49, 0x0B, 0x1E, 0x65, 0x6E, 0xDB, 0xE7};

/* ---- numbers modulo the order n, words in little-endian order ---- */

static const uint32_t spake2_order[SCALAR_WORDS] = {
    0xFC632551u, 0xF3B9CAC2u, 0xA7179E84u, 0xBCE6FAADu,
    0xFFFFFFFFu, 0xFFFFFFFFu, 0x00000000u, 0xFFFFFFFFu,
};

static void scalar_decode(uint32_t words[SCALAR_WORDS], const uint8_t bytes[LCM_SPAKE2_SCALAR_SIZE])
{
    for (uint32_t i = 0; i < SCALAR_WORDS; i++) {
        const uint8_t *word = bytes + LCM_SPAKE2_SCALAR_SIZE - 4u * (i + 1u);
        words[i] = (uint32_t)word[0] << 24 | (uint32_t)word[1] << 16 | (uint32_t)word[2] << 8 |
                   (uint32_t)word[3];
    }
}

static void scalar_encode(uint8_t bytes[LCM_SPAKE2_SCALAR_SIZE], const uint32_t words[SCALAR_WORDS])
{
    for (uint32_t i = 0; i < LCM_SPAKE2_SCALAR_SIZE; i++)
        bytes[LCM_SPAKE2_SCALAR_SIZE - 1u - i] = (uint8_t)(words[i / 4u] >> i % 4u * 8u);
}

/* difference = a - b modulo 2^256; returns 1 when a < b. difference may be a or b. */
static uint32_t scalar_subtract(uint32_t difference[SCALAR_WORDS], const uint32_t a[SCALAR_WORDS],
                                const uint32_t b[SCALAR_WORDS])
{
    uint32_t borrow = 0;

    for (uint32_t i = 0; i < SCALAR_WORDS; i++) {
        uint64_t step = (uint64_t)a[i] - b[i] - borrow;
        difference[i] = (uint32_t)step;
        borrow = (uint32_t)(step >> 32) & 1u;
    }
    return borrow;
}

/* 1 when 0 < words < n. */
static uint32_t scalar_is_usable(const uint32_t words[SCALAR_WORDS])
{
    uint32_t rest[SCALAR_WORDS];
    uint32_t any = 0;
    uint32_t is_below = scalar_subtract(rest, words, spake2_order);

    for (uint32_t i = 0; i < SCALAR_WORDS; i++)
        any |= words[i];
    lcm_bytes_wipe(rest, sizeof(rest));
    return is_below & (any | (0u - any)) >> 31;
}

/* words = 2 * words + bit modulo n, for words below n. */
static void scalar_double_add(uint32_t words[SCALAR_WORDS], uint32_t bit)
{
    uint32_t rest[SCALAR_WORDS];
    uint32_t carry = bit;

    for (uint32_t i = 0; i < SCALAR_WORDS; i++) {
        uint32_t top = words[i] >> 31;
        words[i] = words[i] << 1 | carry;
        carry = top;
    }
    /* Take n off unless the number is below it; a carry says that it is not. */
    uint32_t is_below = scalar_subtract(rest, words, spake2_order) & ~carry & 1u;
    uint32_t keep = 0u - is_below;
    for (uint32_t i = 0; i < SCALAR_WORDS; i++)
        words[i] = (words[i] & keep) | (rest[i] & ~keep);
    lcm_bytes_wipe(rest, sizeof(rest));
}

void lcm_spake2_reduce(const uint8_t wide[LCM_SPAKE2_WIDE_SIZE], uint8_t w[LCM_SPAKE2_SCALAR_SIZE])
{
    uint32_t words[SCALAR_WORDS] = {0};

    for (uint32_t i = 0; i < 8u * LCM_SPAKE2_WIDE_SIZE; i++)
        scalar_double_add(words, (uint32_t)wide[i / 8u] >> (7u - i % 8u) & 1u);
    scalar_encode(w, words);
    lcm_bytes_wipe(words, sizeof(words));
}

/* negative = n - scalar, for 0 < scalar < n. */
static void scalar_negate(uint8_t negative[LCM_SPAKE2_SCALAR_SIZE],
                          const uint8_t scalar[LCM_SPAKE2_SCALAR_SIZE])
{
    uint32_t words[SCALAR_WORDS];

    scalar_decode(words, scalar);
    (void)scalar_subtract(words, spake2_order, words);
    scalar_encode(negative, words);
    lcm_bytes_wipe(words, sizeof(words));
}

static bool scalar_check(const uint8_t scalar[LCM_SPAKE2_SCALAR_SIZE])
{
    uint32_t words[SCALAR_WORDS];

    scalar_decode(words, scalar);
    uint32_t is_usable = scalar_is_usable(words);
    lcm_bytes_wipe(words, sizeof(words));
    return is_usable == 1u;
}

/* ---- key derivation ---- */

struct spake2_bytes {
    const void *bytes;
    size_t size;
};

/* HKDF; no salt when salt.bytes is NULL. The info is two parts in a row. */
static void spake2_derive(const struct spake2_bytes *secret, const struct spake2_bytes *salt,
                          const struct spake2_bytes info[2], uint8_t *key, size_t size)
{
    uint8_t whole[INFO_SIZE_MAX];
    br_hkdf_context hkdf;

    memcpy(whole, info[0].bytes, info[0].size);
    memcpy(whole + info[0].size, info[1].bytes, info[1].size);
    br_hkdf_init(&hkdf, &br_sha256_vtable, salt->bytes != NULL ? salt->bytes : BR_HKDF_NO_SALT,
                 salt->size);
    br_hkdf_inject(&hkdf, secret->bytes, secret->size);
    br_hkdf_flip(&hkdf);
    (void)br_hkdf_produce(&hkdf, whole, info[0].size + info[1].size, key, size);
    lcm_bytes_wipe(&hkdf, sizeof(hkdf));
    lcm_bytes_wipe(whole, sizeof(whole));
}

static void spake2_derive_w(const struct lcm_spake2_request *request,
                            uint8_t w[LCM_SPAKE2_SCALAR_SIZE])
{
    const struct spake2_bytes secret = {request->code, LCM_SETUP_CODE_LENGTH};
    const struct spake2_bytes salt = {LCM_SETUP_SALT, sizeof(LCM_SETUP_SALT) - 1};
    const struct spake2_bytes info[2] = {{"w", 1}, {request->device_id, LCM_SETUP_DEVICE_ID_SIZE}};
    uint8_t wide[LCM_SPAKE2_WIDE_SIZE];

    spake2_derive(&secret, &salt, info, wide, sizeof(wide));
    lcm_spake2_reduce(wide, w);
    lcm_bytes_wipe(wide, sizeof(wide));
}

static enum lcm_err spake2_choose(const struct lcm_entropy *entropy,
                                  uint8_t scalar[LCM_SPAKE2_SCALAR_SIZE])
{
    for (uint32_t i = 0; i < SCALAR_TRIES; i++) {
        enum lcm_err err = entropy->fill(entropy->context, scalar, LCM_SPAKE2_SCALAR_SIZE);
        if (err != LCM_OK)
            return err;
        if (scalar_check(scalar))
            return LCM_OK;
    }
    return LCM_ERR_ENTROPY;
}

/* ---- transcript and what follows from it ---- */

static size_t spake2_append(uint8_t *transcript, size_t size, const void *bytes, size_t count)
{
    lcm_put_u64(transcript + size, count);
    memcpy(transcript + size + LENGTH_SIZE, bytes, count);
    return size + LENGTH_SIZE + count;
}

/* TT of RFC 9382 section 3.3. */
static size_t spake2_transcript(const struct lcm_spake2 *exchange,
                                uint8_t transcript[TRANSCRIPT_SIZE_MAX])
{
    size_t size = 0;

    size = spake2_append(transcript, size, exchange->client_id, strlen(exchange->client_id));
    size = spake2_append(transcript, size, exchange->device_id, strlen(exchange->device_id));
    size = spake2_append(transcript, size, exchange->work.client_share, LCM_SETUP_POINT_SIZE);
    size = spake2_append(transcript, size, exchange->share, LCM_SETUP_POINT_SIZE);
    size = spake2_append(transcript, size, exchange->work.point, LCM_SETUP_POINT_SIZE);
    return spake2_append(transcript, size, exchange->work.w, LCM_SPAKE2_SCALAR_SIZE);
}

static void spake2_mac(const uint8_t key[HALF_SIZE], const struct spake2_bytes *message,
                       uint8_t mac[LCM_SETUP_CONFIRM_SIZE])
{
    br_hmac_key_context prepared;
    br_hmac_context hmac;

    br_hmac_key_init(&prepared, &br_sha256_vtable, key, HALF_SIZE);
    br_hmac_init(&hmac, &prepared, 0);
    br_hmac_update(&hmac, message->bytes, message->size);
    (void)br_hmac_out(&hmac, mac);
    lcm_bytes_wipe(&prepared, sizeof(prepared));
    lcm_bytes_wipe(&hmac, sizeof(hmac));
}

/* KcA and KcB, with them cA and cB. */
static void spake2_confirmations(struct lcm_spake2 *exchange, const uint8_t *ka,
                                 const struct spake2_bytes *transcript)
{
    static const char label[] = "ConfirmationKeys";
    const struct spake2_bytes secret = {ka, HALF_SIZE};
    const struct spake2_bytes salt = {NULL, 0};
    const struct spake2_bytes info[2] = {{label, sizeof(label) - 1},
                                         {exchange->aad, exchange->aad_size}};
    uint8_t keys[2 * HALF_SIZE];

    spake2_derive(&secret, &salt, info, keys, sizeof(keys));
    spake2_mac(keys, transcript, exchange->result.client_confirm);
    spake2_mac(keys + HALF_SIZE, transcript, exchange->result.device_confirm);
    lcm_bytes_wipe(keys, sizeof(keys));
}

/* The keys of the messages; digest is SHA-256(TT) = Ke || Ka. */
static void spake2_message_keys(struct lcm_spake2 *exchange, const uint8_t digest[LCM_SHA256_SIZE])
{
    const struct spake2_bytes secret = {digest, HALF_SIZE};
    const struct spake2_bytes salt = {AAD_PREFIX, AAD_PREFIX_SIZE};
    const struct spake2_bytes to_device[2] = {{"c2d", 3}, {digest, LCM_SHA256_SIZE}};
    const struct spake2_bytes to_client[2] = {{"d2c", 3}, {digest, LCM_SHA256_SIZE}};

    spake2_derive(&secret, &salt, to_device, exchange->result.open_key, LCM_SETUP_KEY_SIZE);
    spake2_derive(&secret, &salt, to_client, exchange->result.seal_key, LCM_SETUP_KEY_SIZE);
}

/* K is there: replace the working numbers by the results. */
static void spake2_finish(struct lcm_spake2 *exchange)
{
    uint8_t bytes[TRANSCRIPT_SIZE_MAX];
    uint8_t digest[LCM_SHA256_SIZE];
    br_sha256_context hash;
    const struct spake2_bytes transcript = {bytes, spake2_transcript(exchange, bytes)};

    br_sha256_init(&hash);
    br_sha256_update(&hash, transcript.bytes, transcript.size);
    br_sha256_out(&hash, digest);
    lcm_bytes_wipe(&exchange->work, sizeof(exchange->work));
    spake2_confirmations(exchange, digest + HALF_SIZE, &transcript);
    spake2_message_keys(exchange, digest);
    lcm_bytes_wipe(&hash, sizeof(hash));
    lcm_bytes_wipe(digest, sizeof(digest));
    lcm_bytes_wipe(bytes, sizeof(bytes));
}

/* ---- the exchange ---- */

enum lcm_err lcm_spake2_begin_with(struct lcm_spake2 *exchange, const struct lcm_crypto *crypto,
                                   const struct lcm_spake2_input *input,
                                   const uint8_t client_share[LCM_SETUP_POINT_SIZE])
{
    lcm_spake2_abort(exchange);
    if (strlen(input->client_id) > LCM_SPAKE2_ID_MAX ||
        strlen(input->device_id) > LCM_SPAKE2_ID_MAX || input->aad_size > LCM_SPAKE2_AAD_MAX ||
        !scalar_check(input->w) || !scalar_check(input->y))
        return LCM_ERR_ARGUMENT;
    exchange->crypto = crypto;
    exchange->client_id = input->client_id;
    exchange->device_id = input->device_id;
    exchange->aad_size = (uint8_t)input->aad_size;
    memcpy(exchange->aad, input->aad, input->aad_size);
    memcpy(exchange->work.w, input->w, LCM_SPAKE2_SCALAR_SIZE);
    memcpy(exchange->work.y, input->y, LCM_SPAKE2_SCALAR_SIZE);
    memcpy(exchange->work.client_share, client_share, LCM_SETUP_POINT_SIZE);
    exchange->phase = PHASE_CLIENT_SHARE;
    return LCM_OK;
}

enum lcm_err lcm_spake2_begin(struct lcm_spake2 *exchange, const struct lcm_crypto *crypto,
                              const struct lcm_entropy *entropy,
                              const struct lcm_spake2_request *request)
{
    uint8_t w[LCM_SPAKE2_SCALAR_SIZE];
    uint8_t y[LCM_SPAKE2_SCALAR_SIZE];
    uint8_t aad[LCM_SPAKE2_AAD_MAX];
    const struct lcm_spake2_input input = {
        LCM_SETUP_CLIENT_ID, request->device_id, aad, sizeof(aad), w, y};

    lcm_spake2_abort(exchange);
    if (strlen(request->code) != LCM_SETUP_CODE_LENGTH ||
        strlen(request->device_id) != LCM_SETUP_DEVICE_ID_SIZE)
        return LCM_ERR_ARGUMENT;
    memcpy(aad, AAD_PREFIX, AAD_PREFIX_SIZE);
    memcpy(aad + AAD_PREFIX_SIZE, request->session, LCM_SETUP_SESSION_SIZE);
    spake2_derive_w(request, w);
    enum lcm_err err = spake2_choose(entropy, y);
    if (err == LCM_OK)
        err = lcm_spake2_begin_with(exchange, crypto, &input, request->client_share);
    lcm_bytes_wipe(w, sizeof(w));
    lcm_bytes_wipe(y, sizeof(y));
    return err;
}

/* point = pA - w*M, which also judges pA. */
static bool spake2_step_client_share(struct lcm_spake2 *exchange)
{
    static const uint8_t one[] = {1};
    uint8_t minus_w[LCM_SPAKE2_SCALAR_SIZE];

    scalar_negate(minus_w, exchange->work.w);
    memcpy(exchange->work.point, exchange->work.client_share, LCM_SETUP_POINT_SIZE);
    uint32_t is_point =
        exchange->crypto->ec->muladd(exchange->work.point, spake2_m, LCM_SETUP_POINT_SIZE, one,
                                     sizeof(one), minus_w, sizeof(minus_w), CURVE);
    lcm_bytes_wipe(minus_w, sizeof(minus_w));
    return is_point == 1;
}

static bool spake2_step_share(struct lcm_spake2 *exchange)
{
    memcpy(exchange->share, spake2_n, LCM_SETUP_POINT_SIZE);
    return exchange->crypto->ec->muladd(exchange->share, NULL, LCM_SETUP_POINT_SIZE,
                                        exchange->work.w, LCM_SPAKE2_SCALAR_SIZE, exchange->work.y,
                                        LCM_SPAKE2_SCALAR_SIZE, CURVE) == 1;
}

static bool spake2_step_key(struct lcm_spake2 *exchange)
{
    uint32_t is_point = exchange->crypto->ec->mul(exchange->work.point, LCM_SETUP_POINT_SIZE,
                                                  exchange->work.y, LCM_SPAKE2_SCALAR_SIZE, CURVE);

    if (is_point != 1)
        return false;
    spake2_finish(exchange);
    return true;
}

enum lcm_err lcm_spake2_step(struct lcm_spake2 *exchange)
{
    bool is_good = false;

    switch ((enum spake2_phase)exchange->phase) {
    case PHASE_CLIENT_SHARE:
        is_good = spake2_step_client_share(exchange);
        break;
    case PHASE_SHARE:
        is_good = spake2_step_share(exchange);
        break;
    case PHASE_KEY:
        is_good = spake2_step_key(exchange);
        break;
    case PHASE_NONE:
    case PHASE_DONE:
    default:
        lcm_spake2_abort(exchange);
        return LCM_ERR_ARGUMENT;
    }
    if (!is_good) {
        lcm_spake2_abort(exchange);
        return LCM_ERR_FORMAT;
    }
    exchange->phase++;
    return exchange->phase == PHASE_DONE ? LCM_OK : LCM_PENDING;
}

const uint8_t *lcm_spake2_share(const struct lcm_spake2 *exchange)
{
    return exchange->phase > PHASE_SHARE ? exchange->share : NULL;
}

enum lcm_verdict lcm_spake2_confirm(struct lcm_spake2 *exchange,
                                    const uint8_t client_confirm[LCM_SETUP_CONFIRM_SIZE],
                                    uint8_t device_confirm[LCM_SETUP_CONFIRM_SIZE],
                                    struct lcm_message_channel *channel)
{
    enum lcm_verdict verdict = LCM_VERDICT_INVALID;

    if (exchange->phase == PHASE_DONE &&
        lcm_bytes_equal(client_confirm, exchange->result.client_confirm, LCM_SETUP_CONFIRM_SIZE)) {
        memset(channel, 0, sizeof(*channel));
        memcpy(channel->session, exchange->aad + AAD_PREFIX_SIZE, LCM_SETUP_SESSION_SIZE);
        memcpy(channel->open_key, exchange->result.open_key, LCM_SETUP_KEY_SIZE);
        memcpy(channel->seal_key, exchange->result.seal_key, LCM_SETUP_KEY_SIZE);
        memcpy(device_confirm, exchange->result.device_confirm, LCM_SETUP_CONFIRM_SIZE);
        verdict = LCM_VERDICT_VALID;
    }
    lcm_spake2_abort(exchange);
    return verdict;
}

void lcm_spake2_abort(struct lcm_spake2 *exchange)
{
    lcm_bytes_wipe(exchange, sizeof(*exchange));
}
