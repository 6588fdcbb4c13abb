/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by keys.c and keys_file.c only: what a key is inside, and OpenSSL's view of it. */
#ifndef LCM_HOST_KEYS_INTERNAL_H
#define LCM_HOST_KEYS_INTERNAL_H

#include <stdbool.h>

#include <openssl/types.h>

#include "host/keys.h"

struct lcm_key {
    EVP_PKEY *pkey;
    uint8_t point[LCM_KEY_SIZE];
};

/* LCM_OK for a P-256 key, else LCM_ERR_ARGUMENT with a text that begins with name. */
LCM_MUST_CHECK enum lcm_err keys_check_curve(const EVP_PKEY *pkey, const char *name,
                                             struct lcm_failure *failure);

/* The uncompressed point, whatever form the file had. LCM_ERR_FORMAT. */
LCM_MUST_CHECK enum lcm_err keys_point(const EVP_PKEY *pkey, uint8_t point[LCM_KEY_SIZE]);

/* Take pkey over into *key; it is freed on error. Errors as keys_check_curve. */
LCM_MUST_CHECK enum lcm_err keys_wrap(struct lcm_key **key, EVP_PKEY *pkey, const char *name,
                                      struct lcm_failure *failure);

/* A public key from its point, or NULL. The caller frees it. */
EVP_PKEY *keys_from_point(const uint8_t point[LCM_KEY_SIZE]);

#endif
