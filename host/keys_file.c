// SPDX-License-Identifier: Apache-2.0
/*
 * Key files in PEM. A private key file is made with mode 0600 and never overwrites
 * another; a half-written one is removed. Passwords are wiped and never shown.
 * Invariant: nothing that is not P-256 gets in.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "host/keys.h"
#include "host/keys_internal.h"

/* scrypt costs: OpenSSL's own defaults, 16 MiB of memory per guess. */
#define SCRYPT_N 16384u
#define SCRYPT_R 8u
#define SCRYPT_P 1u

/* What the PEM reader's password callback learned. */
struct keys_prompt {
    const struct lcm_keys_password *password;
    const char *path;
    bool was_asked;
    bool has_answer;
};

static int keys_ask(char *buffer, int size, int writing, void *context)
{
    struct keys_prompt *prompt = context;

    (void)writing;
    prompt->was_asked = true;
    if (prompt->password == NULL || size <= 0)
        return -1;
    int length =
        prompt->password->ask(prompt->password->context, prompt->path, buffer, (size_t)size);
    if (length < 0 || length > size)
        return -1;
    prompt->has_answer = true;
    return length;
}

static enum lcm_err keys_read_failure(const struct keys_prompt *prompt, struct lcm_failure *failure)
{
    ERR_clear_error();
    if (prompt->was_asked && !prompt->has_answer)
        return lcm_failure_set(failure, LCM_ERR_ABORTED, "%s: encrypted; a password is needed",
                               prompt->path);
    if (prompt->was_asked)
        return lcm_failure_set(failure, LCM_ERR_CORRUPT, "%s: wrong password", prompt->path);
    return lcm_failure_set(failure, LCM_ERR_FORMAT, "%s: no key in PEM form", prompt->path);
}

static FILE *keys_open(const char *path, struct lcm_failure *failure)
{
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        (void)lcm_failure_set(failure, LCM_ERR_NOT_FOUND, "%s: %s", path, strerror(errno));
    return file;
}

enum lcm_err lcm_keys_load(struct lcm_key **key, const char *path,
                           const struct lcm_keys_password *password, struct lcm_failure *failure)
{
    struct keys_prompt prompt = {.password = password, .path = path};
    FILE *file = keys_open(path, failure);

    if (file == NULL)
        return LCM_ERR_NOT_FOUND;
    EVP_PKEY *pkey = PEM_read_PrivateKey(file, NULL, keys_ask, &prompt);
    (void)fclose(file);
    if (pkey == NULL)
        return keys_read_failure(&prompt, failure);
    return keys_wrap(key, pkey, path, failure);
}

/* Without it OpenSSL would ask on the terminal while it looks whether the key is public. */
static int keys_no_password(char *buffer, int size, int writing, void *context)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

static EVP_PKEY *keys_read_public(FILE *file, struct keys_prompt *prompt)
{
    EVP_PKEY *pkey = PEM_read_PUBKEY(file, NULL, keys_no_password, NULL);

    if (pkey == NULL) {
        ERR_clear_error();
        rewind(file);
        pkey = PEM_read_PrivateKey(file, NULL, keys_ask, prompt);
    }
    return pkey;
}

enum lcm_err lcm_keys_load_public(uint8_t point[LCM_KEY_SIZE], const char *path,
                                  const struct lcm_keys_password *password,
                                  struct lcm_failure *failure)
{
    struct keys_prompt prompt = {.password = password, .path = path};
    FILE *file = keys_open(path, failure);

    if (file == NULL)
        return LCM_ERR_NOT_FOUND;
    EVP_PKEY *pkey = keys_read_public(file, &prompt);
    (void)fclose(file);
    if (pkey == NULL)
        return keys_read_failure(&prompt, failure);
    enum lcm_err err = keys_check_curve(pkey, path, failure);
    if (err == LCM_OK)
        err = keys_point(pkey, point);
    EVP_PKEY_free(pkey);
    return err;
}

static FILE *keys_create(const char *path, mode_t mode, struct lcm_failure *failure,
                         enum lcm_err *err)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

    if (descriptor < 0) {
        *err = errno == EEXIST ? LCM_ERR_ARGUMENT : LCM_ERR_NO_SPACE;
        *err = lcm_failure_set(failure, *err, "%s: %s", path, strerror(errno));
        return NULL;
    }
    FILE *file = fdopen(descriptor, "wb");
    if (file == NULL) {
        (void)close(descriptor);
        (void)unlink(path);
        *err = lcm_failure_set(failure, LCM_ERR_NO_SPACE, "%s: %s", path, strerror(errno));
    }
    return file;
}

/* Flush to the disk, or leave no file. */
static enum lcm_err keys_commit(FILE *file, const char *path, bool is_written,
                                struct lcm_failure *failure)
{
    bool is_ok = is_written && fflush(file) == 0 && fsync(fileno(file)) == 0;

    is_ok = fclose(file) == 0 && is_ok;
    if (is_ok)
        return LCM_OK;
    (void)unlink(path);
    return lcm_failure_set(failure, LCM_ERR_NO_SPACE, "%s: cannot be written", path);
}

/* PKCS#8 encrypted by AES-256-CBC under a scrypt key. */
static bool keys_write_encrypted(FILE *file, PKCS8_PRIV_KEY_INFO *plain, const char *password)
{
    X509_ALGOR *method =
        PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 0, NULL, SCRYPT_N, SCRYPT_R, SCRYPT_P);
    if (method == NULL)
        return false;
    X509_SIG *box = PKCS8_set0_pbe(password, (int)strlen(password), plain, method);
    if (box == NULL) {
        X509_ALGOR_free(method);
        return false;
    }
    bool is_ok = PEM_write_PKCS8(file, box) == 1;
    X509_SIG_free(box);
    return is_ok;
}

static bool keys_write_private(FILE *file, const EVP_PKEY *pkey, const char *password)
{
    PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(pkey);

    if (plain == NULL)
        return false;
    bool is_ok = password == NULL ? PEM_write_PKCS8_PRIV_KEY_INFO(file, plain) == 1
                                  : keys_write_encrypted(file, plain, password);
    PKCS8_PRIV_KEY_INFO_free(plain);
    return is_ok;
}

enum lcm_err lcm_keys_save(const struct lcm_key *key, const char *path, const char *password,
                           struct lcm_failure *failure)
{
    enum lcm_err err = LCM_OK;

    if (password != NULL && (password[0] == '\0' || strlen(password) > LCM_KEYS_PASSWORD_SIZE_MAX))
        return lcm_failure_set(failure, LCM_ERR_ARGUMENT, "%s: the password is empty or too long",
                               path);
    FILE *file = keys_create(path, 0600, failure, &err);
    if (file == NULL)
        return err;
    return keys_commit(file, path, keys_write_private(file, key->pkey, password), failure);
}

enum lcm_err lcm_keys_save_public(const uint8_t point[LCM_KEY_SIZE], const char *path,
                                  struct lcm_failure *failure)
{
    enum lcm_err err = LCM_OK;
    EVP_PKEY *pkey = keys_from_point(point);

    if (pkey == NULL)
        return lcm_failure_set(failure, LCM_ERR_ARGUMENT, "%s: not a point of P-256", path);
    FILE *file = keys_create(path, 0644, failure, &err);
    if (file != NULL)
        err = keys_commit(file, path, PEM_write_PUBKEY(file, pkey) == 1, failure);
    EVP_PKEY_free(pkey);
    return err;
}
