/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Absolute URLs: splitting them, and the paths of a release host.
 *
 * A signed download address must reach the host byte for byte, so nothing is decoded or
 * re-encoded: the path of a split URL points into the URL itself.
 */
#ifndef LCM_FETCH_URL_H
#define LCM_FETCH_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/trust/sector.h"
#include "lcm/err.h"

#define LCM_URL_SIZE 1280u /* bytes with NUL; GitHub's signed addresses have 890 to 910 */
#define LCM_TAG_SIZE 32u   /* bytes with NUL */
#define LCM_PATH_SIZE 192u /* bytes with NUL: longest path the functions below build */

#define LCM_HTTP_PORT 80u
#define LCM_HTTPS_PORT 443u

struct lcm_url {
    char host[LCM_HOST_SIZE]; /* as written; case does not count */
    uint16_t port;            /* the scheme's when none is given */
    bool is_plain;            /* http, not https */
    const char *path;         /* with the query; into the URL, or "/" */
};

/* true for a DNS name of at most 63 characters: labels of letters, digits and '-',
 * parted by single dots. Also holds for an IPv4 address in dotted form. */
bool lcm_url_host_is_valid(const char *host);

/* true when path starts with '/' and has only printable ASCII without space or '#'. */
bool lcm_url_path_is_valid(const char *path);

/*
 * Split "http[s]://host[:port][/path]". *split is written on LCM_OK only; its path lives
 * as long as url. LCM_ERR_FORMAT: anything else, user names and fragments included.
 * LCM_ERR_TOO_LONG: LCM_URL_SIZE or more characters.
 */
LCM_MUST_CHECK enum lcm_err lcm_url_split(const char *url, struct lcm_url *split);

/*
 * The TAG of an address that ends in "/releases/tag/TAG": 1..31 characters of
 * [A-Za-z0-9._-]. LCM_ERR_NO_VERSION for anything else; tag is then "".
 */
LCM_MUST_CHECK enum lcm_err lcm_url_parse_tag(const char *url, char tag[LCM_TAG_SIZE]);

/* "/REPOSITORY/releases/latest". LCM_ERR_FORMAT (path is "" then) for a repository that is not
 * "owner/name", LCM_ERR_TOO_LONG (path is cut). */
LCM_MUST_CHECK enum lcm_err lcm_url_latest_path(char path[LCM_PATH_SIZE], const char *repository);

/* "/REPOSITORY/releases/download/TAG/FILE"; errors as above, for tag and file too. */
LCM_MUST_CHECK enum lcm_err lcm_url_download_path(char path[LCM_PATH_SIZE], const char *repository,
                                                  const char *tag, const char *file);

/*
 * May a redirect lead to location? https and a host the trust sector allows, on the
 * default port or another. *out is written on LCM_OK only, and points into location.
 * LCM_ERR_REDIRECT otherwise, also for an empty, relative or malformed location.
 */
LCM_MUST_CHECK enum lcm_err lcm_redirect_check(const struct lcm_trust *trust, const char *location,
                                               struct lcm_url *out);

#endif
