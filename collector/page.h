/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page, the API, /metrics and /healthz: HTTP by libmicrohttpd, a thread a connection.
 *
 * Everything is read-only: there is no request that changes anything. On loopback only requests
 * to a loopback name are answered (DNS rebinding); elsewhere every request for data carries the
 * token. Answers carry a content security policy that allows this host's own files only.
 */
#ifndef LCM_COLLECTOR_PAGE_H
#define LCM_COLLECTOR_PAGE_H

#include "collector/collect.h"

struct page;

/* Open the port. CLI_OK, or an exit code after an error line. */
LCM_MUST_CHECK int page_open(struct collect *collect, struct page **page);
uint16_t page_port(const struct page *page);
/* Ends all connections. NULL is fine. */
void page_close(struct page *page);

/* true for an address only this machine can reach. */
bool page_is_loopback(const char *address);

#endif
