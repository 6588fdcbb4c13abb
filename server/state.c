// SPDX-License-Identifier: Apache-2.0
/*
 * The state folder; see the header.
 *
 * Never replaces a root that exists: devices trust it. Damaged files are an error for
 * the user to decide on, not a reason to make new ones.
 */
#include "server/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

struct family_row {
    const char *name;
    const char *title;
    enum pki_key_kind root_kind, intermediate_kind;
    enum pki_key_kind fault_root_kind; /* roots of faults: an RSA-4096 key takes seconds */
};

static const struct family_row families[SERVE_FAMILY_COUNT] = {
    [SERVE_ECC] = {"ecc", "ECC", PKI_P384, PKI_P256, PKI_P384},
    [SERVE_RSA] = {"rsa", "RSA", PKI_RSA4096, PKI_RSA2048, PKI_RSA2048},
};

static bool path_make(char path[SERVE_PATH_SIZE], const char *state, const char *rest)
{
    int length = snprintf(path, SERVE_PATH_SIZE, "%s/%s", state, rest);

    return length > 0 && (size_t)length < SERVE_PATH_SIZE;
}

static bool folder_make(const char *path)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

enum lcm_err serve_state_make_folders(const char *state)
{
    char path[SERVE_PATH_SIZE];

    if (!folder_make(state) || !path_make(path, state, "ca") || !folder_make(path) ||
        !path_make(path, state, "keys") || !folder_make(path))
        return LCM_ERR_NO_SPACE;
    return LCM_OK;
}

enum lcm_err serve_state_ca_path(const char *state, const char *prefix, enum serve_family family,
                                 const char *part, char path[SERVE_PATH_SIZE])
{
    char name[64];

    snprintf(name, sizeof(name), "ca/%s%s-%s.pem", prefix, families[family].name, part);
    return path_make(path, state, name) ? LCM_OK : LCM_ERR_TOO_LONG;
}

static enum lcm_err key_path(const char *state, const char *prefix, enum serve_family family,
                             const char *part, char path[SERVE_PATH_SIZE])
{
    char name[64];

    snprintf(name, sizeof(name), "keys/%s%s-%s.key", prefix, families[family].name, part);
    return path_make(path, state, name) ? LCM_OK : LCM_ERR_TOO_LONG;
}

struct place {
    char certificate[SERVE_PATH_SIZE], key[SERVE_PATH_SIZE];
};

static enum lcm_err place_find(const char *state, const char *prefix, enum serve_family family,
                               const char *part, struct place *place)
{
    enum lcm_err err = serve_state_ca_path(state, prefix, family, part, place->certificate);

    return err != LCM_OK ? err : key_path(state, prefix, family, part, place->key);
}

static enum lcm_err identity_store(const struct pki_identity *identity, const struct place *place)
{
    enum lcm_err err = pki_write_key(identity, place->key);

    return err != LCM_OK ? err : pki_write_certificate(identity, place->certificate);
}

static enum lcm_err authority_make(const struct family_row *row, const char *prefix,
                                   enum pki_key_kind root_kind, struct serve_authority *authority)
{
    struct serve_authority result = {NULL, NULL};
    char root[PKI_NAME_SIZE], intermediate[PKI_NAME_SIZE];

    snprintf(root, sizeof(root), "Serve %s%s Root", prefix, row->title);
    snprintf(intermediate, sizeof(intermediate), "Serve %s%s Intermediate", prefix, row->title);
    enum lcm_err err = pki_make_root(root_kind, "LifeCycle Manager Test", root, &result.root);
    if (err == LCM_OK)
        err = pki_issue_intermediate(result.root, row->intermediate_kind, intermediate,
                                     &result.intermediate);
    if (err == LCM_OK)
        *authority = result;
    else
        serve_authority_free(&result);
    return err;
}

enum lcm_err serve_authority_make_impostor(enum serve_family family,
                                           struct serve_authority *authority)
{
    return authority_make(&families[family], "", families[family].fault_root_kind, authority);
}

static enum lcm_err authority_load(const struct place *root, const struct place *intermediate,
                                   struct serve_authority *authority)
{
    struct serve_authority result = {NULL, NULL};
    enum lcm_err err = pki_load(root->certificate, root->key, &result.root);

    if (err == LCM_OK)
        err = pki_load(intermediate->certificate, intermediate->key, &result.intermediate);
    if (err == LCM_OK && !pki_is_issued_by(result.intermediate, result.root))
        err = LCM_ERR_CORRUPT;
    if (err == LCM_OK)
        *authority = result;
    else
        serve_authority_free(&result);
    return err;
}

enum lcm_err serve_authority_open(const char *state, const char *prefix, enum serve_family family,
                                  struct serve_authority *authority, bool *is_made)
{
    struct place root, intermediate;
    enum lcm_err err = place_find(state, prefix, family, "root", &root);

    if (err == LCM_OK)
        err = place_find(state, prefix, family, "intermediate", &intermediate);
    if (err != LCM_OK)
        return err;
    if (access(root.certificate, F_OK) == 0)
        return authority_load(&root, &intermediate, authority);
    const struct family_row *row = &families[family];
    err = authority_make(row, prefix, prefix[0] == '\0' ? row->root_kind : row->fault_root_kind,
                         authority);
    if (err != LCM_OK)
        return err;
    *is_made = true;
    err = identity_store(authority->intermediate, &intermediate);
    if (err == LCM_OK)
        err = identity_store(authority->root, &root);
    if (err != LCM_OK)
        serve_authority_free(authority);
    return err;
}

void serve_authority_free(struct serve_authority *authority)
{
    pki_free(authority->root);
    pki_free(authority->intermediate);
    *authority = (struct serve_authority){NULL, NULL};
}

static enum lcm_err url_key_make(const char *path, uint8_t key[SERVE_URL_KEY_SIZE])
{
    if (gnutls_rnd(GNUTLS_RND_KEY, key, SERVE_URL_KEY_SIZE) != 0)
        return LCM_ERR_ENTROPY;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return LCM_ERR_NO_SPACE;
    bool ok = write(fd, key, SERVE_URL_KEY_SIZE) == (ssize_t)SERVE_URL_KEY_SIZE;
    return close(fd) == 0 && ok ? LCM_OK : LCM_ERR_NO_SPACE;
}

enum lcm_err serve_state_url_key(const char *state, uint8_t key[SERVE_URL_KEY_SIZE])
{
    char path[SERVE_PATH_SIZE];

    if (!path_make(path, state, "keys/url.key"))
        return LCM_ERR_TOO_LONG;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t size = read(fd, key, SERVE_URL_KEY_SIZE);
        close(fd);
        if (size == (ssize_t)SERVE_URL_KEY_SIZE)
            return LCM_OK;
    }
    return url_key_make(path, key);
}
