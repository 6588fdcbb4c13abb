/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state folder: the server's own certificate authorities and keys.
 *
 *   ca/ecc-root.pem, ca/ecc-intermediate.pem    for the release host (as github.com)
 *   ca/rsa-root.pem, ca/rsa-intermediate.pem    for the asset host
 *   ca/new-*.pem                                the same four after the fault new-ca
 *   keys/                                       private keys (0600)
 *   control                                     socket for faults, while it runs
 *
 * Made at the first start, used again later. Leaves are made anew at every start: they
 * follow the host names and never expire. A root certificate is written last, so that an
 * interrupted first start is simply repeated.
 */
#ifndef LCM_SERVER_STATE_H
#define LCM_SERVER_STATE_H

#include <stdint.h>

#include "host/pki.h"
#include "server/asset_url.h"

#define SERVE_PATH_SIZE 1024u

enum serve_family { SERVE_ECC, SERVE_RSA, SERVE_FAMILY_COUNT };

/* What stands above a leaf. */
struct serve_authority {
    struct pki_identity *root, *intermediate;
};

/* Create the folders. LCM_ERR_NO_SPACE when they cannot be made. */
LCM_MUST_CHECK enum lcm_err serve_state_make_folders(const char *state);

/* Path of a CA file: prefix "" or "new-", part "root" or "intermediate". */
LCM_MUST_CHECK enum lcm_err serve_state_ca_path(const char *state, const char *prefix,
                                                enum serve_family family, const char *part,
                                                char path[SERVE_PATH_SIZE]);

/* Load an authority, or make and store it when its root is missing (*is_made). Making an
 * RSA root takes seconds. LCM_ERR_FORMAT, _CORRUPT or _NOT_FOUND: damaged files. */
LCM_MUST_CHECK enum lcm_err serve_authority_open(const char *state, const char *prefix,
                                                 enum serve_family family,
                                                 struct serve_authority *authority, bool *is_made);

/* Make one in memory with the names of the real one and other keys: an impostor. */
LCM_MUST_CHECK enum lcm_err serve_authority_make_impostor(enum serve_family family,
                                                          struct serve_authority *authority);

void serve_authority_free(struct serve_authority *authority);

/* Load or make the key of asset addresses; with it they outlive a restart. */
LCM_MUST_CHECK enum lcm_err serve_state_url_key(const char *state, uint8_t key[SERVE_URL_KEY_SIZE]);

#endif
