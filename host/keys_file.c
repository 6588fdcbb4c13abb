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

#define KEYS_LOOK_SIZE 65536u /* bytes of a file that are looked at to say what it is */

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
    if (prompt->was_asked && !prompt->has_answer)
        return -1; /* OpenSSL tries again in another way; nobody is asked twice */
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

/* What a file without a readable key is, in words; the first row whose text it holds. */
struct keys_finding {
    const char *mark;
    const char *end; /* NULL, or what a complete one holds too */
    const char *text;
};

static const struct keys_finding keys_findings[] = {
    {"PRIVATE KEY-----", "-----END", "damaged key file, restore your backup"},
    {"PRIVATE KEY-----", NULL, "the file ends early, restore your backup"},
    {"-----BEGIN PUBLIC KEY", "-----END", "a public key; the private key is needed here"},
    {"-----BEGIN CERT", NULL, "a certificate, no key"},
    {"", NULL, "no key in PEM form"},
};

static const char *keys_describe(const char *path)
{
    char text[KEYS_LOOK_SIZE] = "";
    FILE *file = fopen(path, "rb");
    size_t size = file != NULL ? fread(text, 1, sizeof(text) - 1, file) : 0;
    const char *finding = "an empty file";

    for (size_t i = 0; i < sizeof(keys_findings) / sizeof(keys_findings[0]) && size > 0; i++) {
        const struct keys_finding *row = &keys_findings[i];

        if (strstr(text, row->mark) == NULL || (row->end != NULL && !strstr(text, row->end)))
            continue;
        finding = row->text;
        break;
    }
    if (file != NULL)
        (void)fclose(file);
    OPENSSL_cleanse(text, sizeof(text));
    return finding;
}

static enum lcm_err keys_read_failure(const struct keys_prompt *prompt, struct lcm_failure *failure)
{
    ERR_clear_error();
    if (prompt->was_asked && !prompt->has_answer)
        return lcm_failure_set(failure, LCM_ERR_ABORTED,
                               "%s: encrypted; a password is needed: type it on a terminal, or use "
                               "--password-file or LCM_KEY_PASSWORD",
                               prompt->path);
    if (prompt->was_asked)
        return lcm_failure_set(failure, LCM_ERR_CORRUPT, "%s: wrong password", prompt->path);
    return lcm_failure_set(failure, LCM_ERR_FORMAT, "%s: %s", prompt->path,
                           keys_describe(prompt->path));
}

static FILE *keys_open(const char *path, struct lcm_failure *failure)
{
    FILE *file = fopen(path, "rb");
    struct stat status;

    if (file == NULL) {
        (void)lcm_failure_set(failure, LCM_ERR_NOT_FOUND, "%s: %s", path, strerror(errno));
    } else if (fstat(fileno(file), &status) == 0 && S_ISDIR(status.st_mode)) {
        (void)lcm_failure_set(failure, LCM_ERR_NOT_FOUND, "%s: a folder: name the key file in it",
                              path);
        (void)fclose(file);
        file = NULL;
    }
    return file;
}

/* A file whose private number does not belong to its public point signs what nobody can verify. */
static enum lcm_err keys_check_pair(EVP_PKEY *pkey, const char *path, struct lcm_failure *failure)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pkey, NULL);
    bool is_pair = context != NULL && EVP_PKEY_pairwise_check(context) == 1;

    EVP_PKEY_CTX_free(context);
    ERR_clear_error();
    if (is_pair)
        return LCM_OK;
    return lcm_failure_set(failure, LCM_ERR_FORMAT,
                           "%s: damaged key file, restore your backup: its private and its public "
                           "part do not belong together",
                           path);
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
    enum lcm_err err = keys_check_curve(pkey, path, failure);
    if (err == LCM_OK)
        err = keys_check_pair(pkey, path, failure);
    if (err == LCM_OK)
        return keys_wrap(key, pkey, path, failure);
    EVP_PKEY_free(pkey);
    return err;
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

static EVP_PKEY *keys_read_public(FILE *file, struct keys_prompt *prompt, bool *is_private)
{
    EVP_PKEY *pkey = PEM_read_PUBKEY(file, NULL, keys_no_password, NULL);

    *is_private = pkey == NULL;
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
    bool is_private = false;
    EVP_PKEY *pkey = keys_read_public(file, &prompt, &is_private);
    (void)fclose(file);
    if (pkey == NULL)
        return keys_read_failure(&prompt, failure);
    enum lcm_err err = keys_check_curve(pkey, path, failure);
    if (err == LCM_OK && is_private)
        err = keys_check_pair(pkey, path, failure);
    if (err == LCM_OK)
        err = keys_point(pkey, point);
    EVP_PKEY_free(pkey);
    return err;
}

static enum lcm_err keys_create_failure(const char *path, int error, struct lcm_failure *failure)
{
    if (error == EEXIST)
        return lcm_failure_set(failure, LCM_ERR_ARGUMENT,
                               "%s exists: choose another name, keys are never overwritten", path);
    if (error == ENOENT)
        return lcm_failure_set(failure, LCM_ERR_NOT_FOUND,
                               "cannot write %s: there is no such folder: make it first, or choose "
                               "another name",
                               path);
    return lcm_failure_set(failure, LCM_ERR_NO_SPACE, "cannot write %s: %s", path, strerror(error));
}

static FILE *keys_create(const char *path, mode_t mode, struct lcm_failure *failure,
                         enum lcm_err *err)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

    if (descriptor < 0) {
        *err = keys_create_failure(path, errno, failure);
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
