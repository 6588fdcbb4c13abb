// SPDX-License-Identifier: Apache-2.0
/*
 * PEM certificates by OpenSSL, and names for people. Nothing here judges whether a
 * certificate is trusted: the caller named the file.
 */
#include "host/pem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "host/cli.h"
#include "host/file.h"

_Bool pem_init(struct pem_certificates *certificates, size_t capacity)
{
    *certificates = (struct pem_certificates){
        .list = calloc(capacity, sizeof(X509 *)),
        .capacity = capacity,
    };
    return certificates->list != NULL;
}

void pem_free(struct pem_certificates *certificates)
{
    for (size_t i = 0; i < certificates->count; i++)
        X509_free(certificates->list[i]);
    free(certificates->list);
    *certificates = (struct pem_certificates){NULL, 0, 0};
}

/* Read until OpenSSL finds no more. */
static enum lcm_err pem_drain(struct pem_certificates *certificates, BIO *bio)
{
    X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);

    while (certificate != NULL) {
        if (certificates->count == certificates->capacity) {
            X509_free(certificate);
            return LCM_ERR_NO_SPACE;
        }
        certificates->list[certificates->count++] = certificate;
        certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    }
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        return LCM_ERR_FORMAT;
    return LCM_OK;
}

enum lcm_err pem_parse(struct pem_certificates *certificates, const uint8_t *text, size_t size)
{
    size_t before = certificates->count;
    BIO *bio = BIO_new_mem_buf(text, (int)size);
    enum lcm_err err = LCM_ERR_NO_SPACE;

    if (bio == NULL)
        return err;
    ERR_clear_error();
    err = pem_drain(certificates, bio);
    ERR_clear_error();
    BIO_free(bio);
    if (err == LCM_OK && certificates->count == before)
        return LCM_ERR_NOT_FOUND;
    return err;
}

int pem_load(struct pem_certificates *certificates, const char *path)
{
    struct file_content content = {NULL, 0};
    int result = file_read(path, PEM_FILE_SIZE_MAX, &content);
    enum lcm_err err = LCM_OK;

    if (result != CLI_OK)
        return result;
    err = pem_parse(certificates, content.bytes, content.size);
    file_free(&content);
    if (err == LCM_OK)
        return CLI_OK;
    if (err == LCM_ERR_NO_SPACE)
        cli_error("%s: more than %zu certificates in all: give only those a release host uses",
                  path, certificates->capacity);
    else
        cli_error("%s: %s: give certificates in PEM (-----BEGIN CERTIFICATE-----)", path,
                  err == LCM_ERR_NOT_FOUND ? "no certificate in it" : "a certificate is damaged");
    return CLI_ERROR;
}

/* UTF-8 text of the first attribute nid of a name; "" when it has none. */
static void pem_attribute(const X509_NAME *name, int nid, char *text, size_t size)
{
    int index = X509_NAME_get_index_by_NID(name, nid, -1);
    unsigned char *utf8 = NULL;
    int length = 0;

    text[0] = '\0';
    if (index < 0)
        return;
    length = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)));
    if (length <= 0)
        return;
    snprintf(text, size, "%.*s", length, (const char *)utf8);
    OPENSSL_free(utf8);
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7E)
            *c = '?';
}

static void pem_format_name(const X509_NAME *name, char text[PEM_NAME_SIZE])
{
    char common[PEM_NAME_SIZE];
    char organisation[PEM_NAME_SIZE];
    size_t used = 0;

    pem_attribute(name, NID_commonName, common, sizeof(common));
    pem_attribute(name, NID_organizationName, organisation, sizeof(organisation));
    if (common[0] == '\0')
        pem_attribute(name, NID_organizationalUnitName, common, sizeof(common));
    snprintf(text, PEM_NAME_SIZE, "%s", common[0] != '\0' ? common : organisation);
    used = strlen(text);
    if (used == 0)
        snprintf(text, PEM_NAME_SIZE, "?");
    else if (common[0] != '\0' && organisation[0] != '\0' &&
             strlen(organisation) + 4 < PEM_NAME_SIZE - used)
        snprintf(text + used, PEM_NAME_SIZE - used, " (%s)", organisation);
}

void pem_name_text(const uint8_t *der, size_t size, char text[PEM_NAME_SIZE])
{
    const unsigned char *cursor = der;
    X509_NAME *name = d2i_X509_NAME(NULL, &cursor, (long)size);

    snprintf(text, PEM_NAME_SIZE, "?");
    if (name == NULL) {
        ERR_clear_error();
        return;
    }
    pem_format_name(name, text);
    X509_NAME_free(name);
}

void pem_subject_text(const X509 *certificate, char text[PEM_NAME_SIZE])
{
    pem_format_name(X509_get_subject_name(certificate), text);
}
