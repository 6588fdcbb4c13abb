// SPDX-License-Identifier: Apache-2.0
/*
 * Header blocks shaped like GitHub's; see the header.
 *
 * Only sizes, names and order are GitHub's: values are made up, and no client may
 * depend on them.
 */
#include "server/headers.h"

#include <stdio.h>
#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "core/base/text.h"

#define ID_SIZE 16u

/* Random hex text of 2 * size digits. */
static void random_hex(char *text, size_t size)
{
    uint8_t bytes[256];
    struct lcm_text out;

    if (gnutls_rnd(GNUTLS_RND_NONCE, bytes, size) != 0)
        memset(bytes, 0x5A, size);
    lcm_text_init(&out, text, 2 * size + 1);
    lcm_text_hex(&out, bytes, size);
}

/* A policy of the right length: true directives first, then one long source list. */
static void policy_write(const char *host, char text[SERVE_POLICY_SIZE + 1])
{
    static const char *const directives[] = {"connect-src", "font-src",  "img-src",   "media-src",
                                             "script-src",  "style-src", "worker-src"};
    const size_t count = sizeof(directives) / sizeof(directives[0]);
    struct lcm_text out;

    lcm_text_init(&out, text, SERVE_POLICY_SIZE + 1);
    lcm_text_string(&out, "default-src 'none'; base-uri 'self'; child-src 'none'; form-action "
                          "'self'; frame-ancestors 'none'");
    for (size_t i = 0; !out.truncated; i++) {
        if (i % 8 == 0) {
            lcm_text_string(&out, "; ");
            lcm_text_string(&out, directives[i / 8 % count]);
            lcm_text_string(&out, " 'self'");
        }
        lcm_text_string(&out, " source-");
        lcm_text_u32(&out, (uint32_t)i);
        lcm_text_string(&out, ".");
        lcm_text_string(&out, host);
    }
}

static void cookies_add(struct serve_response *response, const char *host)
{
    char session[401], id[2 * ID_SIZE + 1];

    random_hex(session, 200);
    random_hex(id, ID_SIZE);
    serve_response_header(response, "Set-Cookie",
                          "_session=%s; path=/; HttpOnly; secure; SameSite=Lax", session);
    serve_response_header(response, "Set-Cookie",
                          "_visitor=%s; path=/; expires=Fri, 31 Dec 2027 23:59:59 GMT; domain=%s; "
                          "secure; SameSite=Lax",
                          id, host);
    serve_response_header(response, "Set-Cookie",
                          "logged_in=no; path=/; expires=Fri, 31 Dec 2027 23:59:59 GMT; domain=%s; "
                          "HttpOnly; secure; SameSite=Lax",
                          host);
}

void serve_headers_release(struct serve_response *response, struct serve_exchange *exchange,
                           const char *content_type, const char *location)
{
    const char *host = exchange->site->host_names[SERVE_RELEASE];
    char date[32], policy[SERVE_POLICY_SIZE + 1], id[2 * ID_SIZE + 1];

    serve_time_format(time(NULL), date);
    policy_write(host, policy);
    random_hex(id, ID_SIZE);
    serve_response_header(response, "Date", "%s", date);
    serve_response_header(response, "Content-Type", "%s", content_type);
    serve_response_header(response, "Vary",
                          "X-PJAX, X-PJAX-Container, Turbo-Visit, Turbo-Frame, X-Requested-With, "
                          "Accept-Encoding, Accept");
    if (location != NULL)
        serve_response_header(response, "Location", "%s", location);
    serve_response_header(response, "Cache-Control", "no-cache");
    serve_response_header(response, "Strict-Transport-Security",
                          "max-age=31536000; includeSubdomains; preload");
    serve_response_header(response, "X-Frame-Options", "deny");
    serve_response_header(response, "X-Content-Type-Options", "nosniff");
    serve_response_header(response, "X-XSS-Protection", "0");
    serve_response_header(response, "Referrer-Policy", "no-referrer-when-downgrade");
    serve_response_header(response, "Content-Security-Policy", "%s", policy);
    serve_response_header(response, "Server", "%s", host);
    cookies_add(response, host);
    serve_response_header(response, "X-Request-Id", "%s", id);
}

static void cache_headers_add(struct serve_response *response, const char *date)
{
    char cache[5];

    random_hex(cache, 2);
    serve_response_header(response, "Via", "1.1 varnish, 1.1 varnish");
    serve_response_header(response, "Fastly-Restarts", "1");
    serve_response_header(response, "Accept-Ranges", "bytes");
    serve_response_header(response, "Age", "0");
    serve_response_header(response, "Date", "%s", date);
    serve_response_header(response, "X-Served-By",
                          "cache-iad-k%s0000-IAD, cache-iad-k%s0001-IAD, cache-fra-e%s0000-FRA",
                          cache, cache, cache);
    serve_response_header(response, "X-Cache", "HIT, HIT, MISS");
    serve_response_header(response, "X-Cache-Hits", "12, 0, 0");
    serve_response_header(response, "X-Timer", "S%lld.000000,VS0,VE12", (long long)time(NULL));
}

void serve_headers_asset(struct serve_response *response, const struct serve_file *file,
                         const char *file_name)
{
    char date[32], changed[32], id[2 * ID_SIZE + 1];

    serve_time_format(time(NULL), date);
    serve_time_format(file->changed, changed);
    random_hex(id, ID_SIZE);
    serve_response_header(response, "Content-Type", "application/octet-stream");
    serve_response_header(response, "Last-Modified", "%s", changed);
    serve_response_header(response, "ETag", "\"0x8D%011llX%04X\"", (long long)file->changed,
                          (unsigned)(file->size & 0xFFFFu));
    serve_response_header(response, "Server", "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0");
    serve_response_header(response, "x-ms-request-id", "%.8s-%.4s-0061-%.4s-%.12s", id, id + 8,
                          id + 12, id + 16);
    serve_response_header(response, "x-ms-version", "2018-11-09");
    serve_response_header(response, "x-ms-creation-time", "%s", changed);
    serve_response_header(response, "x-ms-lease-status", "unlocked");
    serve_response_header(response, "x-ms-lease-state", "available");
    serve_response_header(response, "x-ms-blob-type", "BlockBlob");
    serve_response_header(response, "Content-Disposition", "attachment; filename=%s", file_name);
    serve_response_header(response, "x-ms-server-encrypted", "true");
    cache_headers_add(response, date);
}
