// SPDX-License-Identifier: Apache-2.0
/*
 * PEM texts and files of identities; see pki.h.
 *
 * Files appear whole or not at all (host/file.h). A key file never exists with a mode
 * wider than 0600.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "host/file.h"
#include "host/pki_internal.h"

/* Copy a memory BIO into a NUL-terminated string of the caller. */
static char *bio_take_text(BIO *bio)
{
    char *bytes;
    long size = BIO_get_mem_data(bio, &bytes);
    char *text = size > 0 && size < (long)PKI_PEM_SIZE_MAX ? malloc((size_t)size + 1) : NULL;

    if (text == NULL)
        return NULL;
    memcpy(text, bytes, (size_t)size);
    text[size] = '\0';
    return text;
}

enum lcm_err pki_certificates_pem(const struct pki_identity *const *chain, size_t count, char **pem)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool ok = bio != NULL && count >= 1 && count <= PKI_CHAIN_MAX;

    for (size_t i = 0; ok && i < count; i++)
        ok = PEM_write_bio_X509(bio, chain[i]->certificate) == 1;
    char *text = ok ? bio_take_text(bio) : NULL;
    BIO_free(bio);
    if (text == NULL)
        return LCM_ERR_ARGUMENT;
    *pem = text;
    return LCM_OK;
}

enum lcm_err pki_key_pem(const struct pki_identity *identity, char **pem)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    bool ok = bio != NULL &&
              PEM_write_bio_PKCS8PrivateKey(bio, identity->key, NULL, NULL, 0, NULL, NULL) == 1;
    char *text = ok ? bio_take_text(bio) : NULL;

    BIO_free(bio);
    if (text == NULL)
        return LCM_ERR_ENTROPY;
    *pem = text;
    return LCM_OK;
}

static enum lcm_err pki_store(const char *path, const char *text, mode_t mode)
{
    return file_replace(path, text, strlen(text), mode) == 0 ? LCM_OK : LCM_ERR_NO_SPACE;
}

enum lcm_err pki_write_certificate(const struct pki_identity *identity, const char *path)
{
    char *pem;
    enum lcm_err err = pki_certificates_pem(&identity, 1, &pem);

    if (err != LCM_OK)
        return err;
    err = pki_store(path, pem, FILE_MODE_PUBLIC);
    free(pem);
    return err;
}

enum lcm_err pki_write_key(const struct pki_identity *identity, const char *path)
{
    char *pem;
    enum lcm_err err = pki_key_pem(identity, &pem);

    if (err != LCM_OK)
        return err;
    err = pki_store(path, pem, FILE_MODE_SECRET);
    OPENSSL_cleanse(pem, strlen(pem));
    free(pem);
    return err;
}

enum lcm_err pki_load(const char *certificate_path, const char *key_path, struct pki_identity **out)
{
    BIO *certificate_file = BIO_new_file(certificate_path, "r");
    BIO *key_file = BIO_new_file(key_path, "r");
    bool found = certificate_file != NULL && key_file != NULL;
    X509 *certificate = found ? PEM_read_bio_X509(certificate_file, NULL, NULL, NULL) : NULL;
    EVP_PKEY *key = found ? PEM_read_bio_PrivateKey(key_file, NULL, NULL, NULL) : NULL;

    BIO_free(certificate_file);
    BIO_free(key_file);
    ERR_clear_error();
    struct pki_identity *identity = pki_adopt(key, certificate);
    if (identity == NULL)
        return found ? LCM_ERR_FORMAT : LCM_ERR_NOT_FOUND;
    if (X509_check_private_key(identity->certificate, identity->key) != 1) {
        ERR_clear_error();
        pki_free(identity);
        return LCM_ERR_CORRUPT;
    }
    *out = identity;
    return LCM_OK;
}
