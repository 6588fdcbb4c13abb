/* SPDX-License-Identifier: Apache-2.0 */
/*
 * P-256 keys on the publishing side, by OpenSSL: a second implementation of what
 * the device verifies with BearSSL.
 *
 * A struct lcm_key holds one private key in memory. Files are PEM: private keys as
 * PKCS#8, plain or encrypted (AES-256-CBC, scrypt), public keys as
 * SubjectPublicKeyInfo. Keys on any other curve are refused. A public key travels
 * as the 65 bytes of its uncompressed point.
 *
 * Every function that can fail takes a struct lcm_failure (may be NULL) and fills
 * its text on error; out-parameters are written only on LCM_OK.
 */
#ifndef LCM_HOST_KEYS_H
#define LCM_HOST_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "core/trust/verify.h"
#include "host/failure.h"
#include "lcm/err.h"

#define LCM_KEYS_PASSWORD_SIZE_MAX 1024u                         /* bytes */
#define LCM_FINGERPRINT_TEXT_SIZE (2 * LCM_FINGERPRINT_SIZE + 1) /* with NUL */

struct lcm_key; /* one private key; opaque */

/* How to get the password of an encrypted file. Asked at most once per load, and
 * only when the file is encrypted. */
struct lcm_keys_password {
    void *context;
    /* Write up to size bytes to buffer (no NUL needed) and return the length, or -1
     * for "none". The buffer is wiped after use. */
    int (*ask)(void *context, const char *path, char *buffer, size_t size);
};

/* Make a new key. LCM_ERR_ENTROPY when OpenSSL cannot. Close it after use. */
LCM_MUST_CHECK enum lcm_err lcm_keys_generate(struct lcm_key **key, struct lcm_failure *failure);

/*
 * Load a private key from a PEM file. password may be NULL (encrypted files then
 * fail with LCM_ERR_ABORTED). Errors: LCM_ERR_NOT_FOUND (file cannot be read),
 * LCM_ERR_FORMAT (no PEM private key, a damaged one, or one whose public part is
 * another key's; the text says what the file is), LCM_ERR_ABORTED (a password is needed and
 * none was given), LCM_ERR_CORRUPT (wrong password), LCM_ERR_ARGUMENT (not P-256).
 * Close the key after use.
 */
LCM_MUST_CHECK enum lcm_err lcm_keys_load(struct lcm_key **key, const char *path,
                                          const struct lcm_keys_password *password,
                                          struct lcm_failure *failure);

/*
 * Write the private key as a new PKCS#8 file of mode 0600, encrypted when password
 * is not NULL. Never overwrites: LCM_ERR_ARGUMENT when the file exists. LCM_ERR_NOT_FOUND
 * when there is no such folder, LCM_ERR_NO_SPACE when it cannot be written for any other
 * reason (no part of it is left then).
 */
LCM_MUST_CHECK enum lcm_err lcm_keys_save(const struct lcm_key *key, const char *path,
                                          const char *password, struct lcm_failure *failure);

/* Write the public key as a new PEM file of mode 0644; errors as lcm_keys_save. */
LCM_MUST_CHECK enum lcm_err lcm_keys_save_public(const uint8_t point[LCM_KEY_SIZE],
                                                 const char *path, struct lcm_failure *failure);

/* Wipe and free; key may be NULL. */
void lcm_keys_close(struct lcm_key *key);

/* The public point of a private key. */
void lcm_keys_public(const struct lcm_key *key, uint8_t point[LCM_KEY_SIZE]);

/* The public point from a PEM file that holds a public key, or a private one (password
 * is used then). Errors as lcm_keys_load. */
LCM_MUST_CHECK enum lcm_err lcm_keys_load_public(uint8_t point[LCM_KEY_SIZE], const char *path,
                                                 const struct lcm_keys_password *password,
                                                 struct lcm_failure *failure);

/* Sign a SHA-256 hash: *size bytes of DER. LCM_ERR_SIGNATURE when OpenSSL cannot. */
LCM_MUST_CHECK enum lcm_err lcm_keys_sign(const struct lcm_key *key,
                                          const uint8_t hash[LCM_SHA256_SIZE],
                                          uint8_t signature[LCM_SIGNATURE_SIZE_MAX], size_t *size,
                                          struct lcm_failure *failure);

/* Verify by OpenSSL. LCM_OK, or LCM_ERR_SIGNATURE for anything but a correct signature. */
LCM_MUST_CHECK enum lcm_err lcm_keys_verify(const uint8_t point[LCM_KEY_SIZE],
                                            const uint8_t hash[LCM_SHA256_SIZE],
                                            const uint8_t *signature, size_t size);

/* Fingerprint of a public key as 64 lower-case hex digits. */
void lcm_keys_fingerprint(const uint8_t point[LCM_KEY_SIZE], char text[LCM_FINGERPRINT_TEXT_SIZE]);

#endif
