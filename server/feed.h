/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of the release host: Atom feed and two small pages. All are released with free(). */
#ifndef LCM_SERVER_FEED_H
#define LCM_SERVER_FEED_H

#include "server/catalog.h"
#include "server/exchange.h"

#define SERVE_FEED_ENTRIES_MAX 10u /* as many as GitHub's feed has */

/* Atom feed, newest release first, pre-releases included. LCM_ERR_NOT_FOUND. */
LCM_MUST_CHECK enum lcm_err serve_feed_make(const struct serve_site *site, const char *owner,
                                            const char *repository, char **feed);

/* HTML list of releases. LCM_ERR_NOT_FOUND. */
LCM_MUST_CHECK enum lcm_err serve_page_releases(const struct serve_site *site, const char *owner,
                                                const char *repository, char **page);

/* HTML list of the files of one release (owner, repository, tag). LCM_ERR_NOT_FOUND. */
LCM_MUST_CHECK enum lcm_err serve_page_release(const struct serve_site *site,
                                               const char *const names[3], char **page);

#endif
