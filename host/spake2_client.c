// SPDX-License-Identifier: Apache-2.0
/*
 * SPAKE2, role A, by OpenSSL's points and numbers. It sends nothing.
 *
 * Invariant: keys leave this file only after the device's confirmation was right.
 */
#include "host/spake2_client.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/obj_mac.h>

#include "core/base/bytes.h"

#define M_HEX "02886E2F97ACE46E55BA9DD7242579F2993B64E16EF3DCAB95AFD497333D8FA12F"
#define N_HEX "03D8BBD6C639C62937B04D997F38C3770719C629D7014D49A24B4F98BAA1292B49"
#define SCALAR_SIZE 32
#define WIDE_SIZE 40
#define HALF 16u /* bytes of Ke, Ka, KcA, KcB */
#define ID_MAX 64u
#define TRANSCRIPT_MAX 512u
#define INFO_MAX 64u
#define POINT_UNCOMPRESSED 0x04u

struct spake2_client {
    EC_GROUP *group;
    BN_CTX *numbers;
    BIGNUM *w;
    BIGNUM *x;
    char client_id[ID_MAX];
    char device_id[ID_MAX];
    uint8_t share[LCM_SETUP_POINT_SIZE];
    bool is_finished;
    struct spake2_client_secrets secrets;
};

/* ---- derivation ---- */

/* What goes into HKDF besides the secret. */
struct client_label {
    const char *salt; /* NULL: none */
    const char *name;
    const uint8_t *rest; /* behind the name */
    size_t rest_size;
};

static bool client_hkdf(const uint8_t *secret, size_t secret_size, const struct client_label *label,
                        uint8_t *key, size_t size)
{
    char digest[] = "SHA256";
    uint8_t info[INFO_MAX];
    size_t name_size = strlen(label->name);
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *context = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
    uint8_t copy[WIDE_SIZE];

    memcpy(info, label->name, name_size);
    memcpy(info + name_size, label->rest, label->rest_size);
    memcpy(copy, secret, secret_size);
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, copy, secret_size),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, name_size + label->rest_size),
        label->salt != NULL
            ? OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)label->salt,
                                                strlen(label->salt))
            : OSSL_PARAM_construct_end(),
        OSSL_PARAM_construct_end(),
    };
    bool is_done = context != NULL && EVP_KDF_derive(context, key, size, parameters) == 1;
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    lcm_bytes_wipe(copy, sizeof(copy));
    lcm_bytes_wipe(info, sizeof(info));
    return is_done;
}

enum lcm_err spake2_client_derive_w(const char *code, const char *device_id, uint8_t w[32])
{
    const struct client_label label = {LCM_SETUP_SALT, "w", (const uint8_t *)device_id,
                                       strlen(device_id)};
    uint8_t wide[WIDE_SIZE];
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    BN_CTX *numbers = BN_CTX_new();
    BIGNUM *number = NULL;
    bool is_done = group != NULL && numbers != NULL &&
                   client_hkdf((const uint8_t *)code, strlen(code), &label, wide, sizeof(wide)) &&
                   (number = BN_bin2bn(wide, sizeof(wide), NULL)) != NULL &&
                   BN_nnmod(number, number, EC_GROUP_get0_order(group), numbers) == 1 &&
                   BN_bn2binpad(number, w, SCALAR_SIZE) == SCALAR_SIZE;

    BN_clear_free(number);
    BN_CTX_free(numbers);
    EC_GROUP_free(group);
    lcm_bytes_wipe(wide, sizeof(wide));
    return is_done ? LCM_OK : LCM_ERR_NO_SPACE;
}

/* ---- points ---- */

static EC_POINT *client_constant(const struct spake2_client *client, const char *hex)
{
    return EC_POINT_hex2point(client->group, hex, NULL, client->numbers);
}

/* pA = x*G + w*M */
static bool client_share(struct spake2_client *client)
{
    EC_POINT *m = client_constant(client, M_HEX);
    EC_POINT *share = EC_POINT_new(client->group);
    bool is_done =
        m != NULL && share != NULL &&
        EC_POINT_mul(client->group, share, client->x, m, client->w, client->numbers) == 1 &&
        EC_POINT_point2oct(client->group, share, POINT_CONVERSION_UNCOMPRESSED, client->share,
                           LCM_SETUP_POINT_SIZE, client->numbers) == LCM_SETUP_POINT_SIZE;

    EC_POINT_free(share);
    EC_POINT_free(m);
    return is_done;
}

/* K = x*(pB - w*N). false also for infinity. */
static bool client_shared_point(struct spake2_client *client, EC_POINT *point)
{
    EC_POINT *masked = client_constant(client, N_HEX);
    bool is_done =
        masked != NULL &&
        EC_POINT_mul(client->group, masked, NULL, masked, client->w, client->numbers) == 1 &&
        EC_POINT_invert(client->group, masked, client->numbers) == 1 &&
        EC_POINT_add(client->group, point, point, masked, client->numbers) == 1 &&
        EC_POINT_mul(client->group, point, NULL, point, client->x, client->numbers) == 1 &&
        EC_POINT_is_at_infinity(client->group, point) == 0 &&
        EC_POINT_point2oct(client->group, point, POINT_CONVERSION_UNCOMPRESSED, client->secrets.k,
                           LCM_SETUP_POINT_SIZE, client->numbers) == LCM_SETUP_POINT_SIZE;

    EC_POINT_clear_free(masked);
    return is_done;
}

static enum lcm_err client_take_share(struct spake2_client *client,
                                      const uint8_t device_share[LCM_SETUP_POINT_SIZE])
{
    EC_POINT *point = EC_POINT_new(client->group);
    enum lcm_err err = LCM_ERR_FORMAT;

    /* OpenSSL would take other forms of the same size; it checks that the point is on the curve. */
    if (point != NULL && device_share[0] == POINT_UNCOMPRESSED &&
        EC_POINT_oct2point(client->group, point, device_share, LCM_SETUP_POINT_SIZE,
                           client->numbers) == 1 &&
        client_shared_point(client, point))
        err = LCM_OK;
    EC_POINT_clear_free(point);
    return err;
}

/* ---- transcript ---- */

static size_t client_append(uint8_t *transcript, size_t size, const void *bytes, size_t count)
{
    for (size_t i = 0; i < 8; i++)
        transcript[size + i] = (uint8_t)((uint64_t)count >> 8 * i);
    memcpy(transcript + size + 8, bytes, count);
    return size + 8 + count;
}

static size_t client_transcript(const struct spake2_client *client,
                                const uint8_t device_share[LCM_SETUP_POINT_SIZE],
                                uint8_t transcript[TRANSCRIPT_MAX])
{
    uint8_t w[SCALAR_SIZE] = {0};
    size_t size = 0;

    (void)BN_bn2binpad(client->w, w, SCALAR_SIZE);
    size = client_append(transcript, size, client->client_id, strlen(client->client_id));
    size = client_append(transcript, size, client->device_id, strlen(client->device_id));
    size = client_append(transcript, size, client->share, LCM_SETUP_POINT_SIZE);
    size = client_append(transcript, size, device_share, LCM_SETUP_POINT_SIZE);
    size = client_append(transcript, size, client->secrets.k, LCM_SETUP_POINT_SIZE);
    size = client_append(transcript, size, w, sizeof(w));
    lcm_bytes_wipe(w, sizeof(w));
    return size;
}

static bool client_mac(const uint8_t key[HALF], const uint8_t *transcript, size_t size,
                       uint8_t mac[LCM_SETUP_CONFIRM_SIZE])
{
    unsigned mac_size = 0;

    return HMAC(EVP_sha256(), key, (int)HALF, transcript, size, mac, &mac_size) != NULL &&
           mac_size == LCM_SETUP_CONFIRM_SIZE;
}

/* All keys that follow from the transcript. */
static bool client_keys(struct spake2_client *client, const uint8_t *transcript, size_t size,
                        const struct client_label *confirmation)
{
    struct spake2_client_secrets *secrets = &client->secrets;
    const struct client_label to_device = {"LCM1", "c2d", secrets->digest, LCM_SHA256_SIZE};
    const struct client_label to_client = {"LCM1", "d2c", secrets->digest, LCM_SHA256_SIZE};

    return EVP_Digest(transcript, size, secrets->digest, NULL, EVP_sha256(), NULL) == 1 &&
           client_hkdf(secrets->digest + HALF, HALF, confirmation, secrets->kc,
                       sizeof(secrets->kc)) &&
           client_mac(secrets->kc, transcript, size, secrets->client_confirm) &&
           client_mac(secrets->kc + HALF, transcript, size, secrets->device_confirm) &&
           client_hkdf(secrets->digest, HALF, &to_device, secrets->channel.seal_key,
                       LCM_SETUP_KEY_SIZE) &&
           client_hkdf(secrets->digest, HALF, &to_client, secrets->channel.open_key,
                       LCM_SETUP_KEY_SIZE);
}

/* ---- public ---- */

/* Numbers and curve of a new client; false when OpenSSL failed. */
static bool client_prepare(struct spake2_client *client, const struct spake2_client_input *input)
{
    client->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    client->numbers = BN_CTX_new();
    client->w = BN_bin2bn(input->w, SCALAR_SIZE, NULL);
    client->x = BN_bin2bn(input->x, SCALAR_SIZE, NULL);
    if (client->group == NULL || client->numbers == NULL || client->w == NULL || client->x == NULL)
        return false;
    BN_set_flags(client->w, BN_FLG_CONSTTIME);
    BN_set_flags(client->x, BN_FLG_CONSTTIME);
    memcpy(client->client_id, input->client_id, strlen(input->client_id) + 1);
    memcpy(client->device_id, input->device_id, strlen(input->device_id) + 1);
    return true;
}

enum lcm_err spake2_client_begin_with(struct spake2_client **client,
                                      const struct spake2_client_input *input,
                                      uint8_t share[LCM_SETUP_POINT_SIZE])
{
    struct spake2_client *fresh = calloc(1, sizeof(*fresh));

    if (fresh == NULL)
        return LCM_ERR_NO_SPACE;
    if (strlen(input->client_id) >= ID_MAX || strlen(input->device_id) >= ID_MAX ||
        !client_prepare(fresh, input) || !client_share(fresh)) {
        spake2_client_free(fresh);
        return LCM_ERR_NO_SPACE;
    }
    memcpy(share, fresh->share, LCM_SETUP_POINT_SIZE);
    *client = fresh;
    return LCM_OK;
}

/* A number from 1 to n-1. */
static bool client_choose(uint8_t scalar[SCALAR_SIZE])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    BIGNUM *range = group != NULL ? BN_dup(EC_GROUP_get0_order(group)) : NULL;
    BIGNUM *number = BN_new();
    bool is_done = range != NULL && number != NULL && BN_sub_word(range, 1) == 1 &&
                   BN_priv_rand_range(number, range) == 1 && BN_add_word(number, 1) == 1 &&
                   BN_bn2binpad(number, scalar, SCALAR_SIZE) == SCALAR_SIZE;

    BN_clear_free(number);
    BN_free(range);
    EC_GROUP_free(group);
    return is_done;
}

enum lcm_err spake2_client_begin(struct spake2_client **client, const char *code,
                                 const char *device_id, uint8_t share[LCM_SETUP_POINT_SIZE])
{
    uint8_t w[SCALAR_SIZE];
    uint8_t x[SCALAR_SIZE];
    const struct spake2_client_input input = {LCM_SETUP_CLIENT_ID, device_id, w, x};

    if (strlen(code) != LCM_SETUP_CODE_LENGTH || strlen(device_id) != LCM_SETUP_DEVICE_ID_SIZE)
        return LCM_ERR_ARGUMENT;
    enum lcm_err err = spake2_client_derive_w(code, device_id, w);
    if (err == LCM_OK && !client_choose(x))
        err = LCM_ERR_NO_SPACE;
    if (err == LCM_OK)
        err = spake2_client_begin_with(client, &input, share);
    lcm_bytes_wipe(w, sizeof(w));
    lcm_bytes_wipe(x, sizeof(x));
    return err;
}

enum lcm_err spake2_client_finish_with(struct spake2_client *client, const uint8_t *aad,
                                       size_t aad_size,
                                       const uint8_t device_share[LCM_SETUP_POINT_SIZE])
{
    const struct client_label confirmation = {NULL, "ConfirmationKeys", aad, aad_size};
    uint8_t transcript[TRANSCRIPT_MAX];
    enum lcm_err err = client_take_share(client, device_share);

    if (err != LCM_OK)
        return err;
    size_t size = client_transcript(client, device_share, transcript);
    client->is_finished = client_keys(client, transcript, size, &confirmation);
    lcm_bytes_wipe(transcript, sizeof(transcript));
    return client->is_finished ? LCM_OK : LCM_ERR_NO_SPACE;
}

enum lcm_err spake2_client_finish(struct spake2_client *client,
                                  const uint8_t session[LCM_SETUP_SESSION_SIZE],
                                  const uint8_t device_share[LCM_SETUP_POINT_SIZE],
                                  uint8_t confirm[LCM_SETUP_CONFIRM_SIZE])
{
    uint8_t aad[4 + LCM_SETUP_SESSION_SIZE] = {'L', 'C', 'M', '1'};

    memcpy(aad + 4, session, LCM_SETUP_SESSION_SIZE);
    enum lcm_err err = spake2_client_finish_with(client, aad, sizeof(aad), device_share);
    if (err != LCM_OK)
        return err;
    memcpy(client->secrets.channel.session, session, LCM_SETUP_SESSION_SIZE);
    memcpy(confirm, client->secrets.client_confirm, LCM_SETUP_CONFIRM_SIZE);
    return LCM_OK;
}

enum lcm_verdict spake2_client_verify(struct spake2_client *client,
                                      const uint8_t device_confirm[LCM_SETUP_CONFIRM_SIZE],
                                      struct setup_channel *channel)
{
    enum lcm_verdict verdict = LCM_VERDICT_INVALID;

    if (client->is_finished && CRYPTO_memcmp(device_confirm, client->secrets.device_confirm,
                                             LCM_SETUP_CONFIRM_SIZE) == 0) {
        *channel = client->secrets.channel;
        verdict = LCM_VERDICT_VALID;
    }
    client->is_finished = false;
    lcm_bytes_wipe(&client->secrets, sizeof(client->secrets));
    return verdict;
}

const struct spake2_client_secrets *spake2_client_secrets(const struct spake2_client *client)
{
    return &client->secrets;
}

void spake2_client_free(struct spake2_client *client)
{
    if (client == NULL)
        return;
    BN_clear_free(client->w);
    BN_clear_free(client->x);
    BN_CTX_free(client->numbers);
    EC_GROUP_free(client->group);
    lcm_bytes_wipe(client, sizeof(*client));
    free(client);
}
