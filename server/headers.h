/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header blocks of the two hosts, in the order, number and size of GitHub's:
 * about 5.1 KB at the release host (a 3,736-byte Content-Security-Policy and 670 bytes
 * of cookies are most of it), about 0.9 KB at the asset host.
 */
#ifndef LCM_SERVER_HEADERS_H
#define LCM_SERVER_HEADERS_H

#include "server/response.h"

#define SERVE_POLICY_SIZE 3736u /* bytes of the Content-Security-Policy, September 2026 */

/* location NULL = none. Location stands before the long headers, as at GitHub. */
void serve_headers_release(struct serve_response *response, struct serve_exchange *exchange,
                           const char *content_type, const char *location);

/* file: for name, length and date; asset gives the download name. */
void serve_headers_asset(struct serve_response *response, const struct serve_file *file,
                         const char *file_name);

#endif
