/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed addresses of release files, in the shape of GitHub's:
 *
 *   /github-production-release-asset/NUMBER/UUID?sp=r&...&sig=...&jwt=A.B.C&response-...
 *
 * The whole target is what is signed: C is HMAC-SHA256 over every byte before and
 * behind C, so a client that re-encodes or reorders anything gets 403, as at GitHub.
 * B (base64url JSON) tells the place of the file and the time it is valid.
 * The address has 878 + 2 * strlen(file name) bytes, https:// and host included
 * (github.com since 2025: 894 for main.bin), as long as OWNER/REPO/TAG fits.
 */
#ifndef LCM_SERVER_ASSET_URL_H
#define LCM_SERVER_ASSET_URL_H

#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"
#include "server/request.h"

#define SERVE_URL_KEY_SIZE 32u
#define SERVE_URL_SIZE 2048u   /* bytes of an address, the NUL included */
#define SERVE_URL_EXPIRY_S 300 /* GitHub's jwt lifetime */
#define SERVE_URL_LENGTH_BASE 878u

struct serve_asset {
    char owner[SERVE_SEGMENT_SIZE];
    char repository[SERVE_SEGMENT_SIZE];
    char tag[SERVE_SEGMENT_SIZE];
    char file[SERVE_SEGMENT_SIZE];
    int64_t not_before_s; /* Unix seconds */
    int64_t expires_s;
};

/* Write the address with scheme and host to url. LCM_ERR_TOO_LONG. */
LCM_MUST_CHECK enum lcm_err serve_asset_url_make(const uint8_t key[SERVE_URL_KEY_SIZE],
                                                 const char *host, const struct serve_asset *asset,
                                                 char url[SERVE_URL_SIZE]);

/* Check the signature of a request target and read it. LCM_ERR_SIGNATURE when it is not,
 * byte for byte, one of ours; times are not judged here. */
LCM_MUST_CHECK enum lcm_err serve_asset_url_open(const uint8_t key[SERVE_URL_KEY_SIZE],
                                                 const char *target, struct serve_asset *asset);

#endif
