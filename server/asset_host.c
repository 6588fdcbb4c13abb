// SPDX-License-Identifier: Apache-2.0
/*
 * The asset host: files behind signed addresses; and the plain host of emergency files.
 *
 * Judges the address in GitHub's order: signature (403), then time (618 after, 400
 * before), then the file (404). Serves nothing that the address does not name.
 */
#include <stdio.h>
#include <string.h>

#include "server/headers.h"

#define EMERGENCY_FOLDER "emergency"

static void error_answer(struct serve_exchange *exchange, int status, const char *reason,
                         const char *code)
{
    struct serve_response response;
    char text[256], date[32];

    snprintf(text, sizeof(text),
             "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>%s</Code></Error>", code);
    serve_time_format(time(NULL), date);
    serve_response_init(&response, status, reason);
    serve_response_header(&response, "Content-Type", "application/xml");
    serve_response_header(&response, "Server", "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0");
    serve_response_header(&response, "x-ms-error-code", "%s", code);
    serve_response_header(&response, "Date", "%s", date);
    serve_response_header(&response, "Via", "1.1 varnish, 1.1 varnish");
    serve_response_content(&response, text, strlen(text));
    serve_response_send(&response, exchange);
    serve_response_free(&response);
}

/* true when the address is in force; answers otherwise. */
static bool time_is_right(struct serve_exchange *exchange, const struct serve_asset *asset)
{
    int64_t now_s = (int64_t)time(NULL);

    if (serve_exchange_fault(exchange, SERVE_FAULT_EXPIRED_URL, NULL) || now_s >= asset->expires_s)
        error_answer(exchange, 618, "jwt:expired", "JwtExpired");
    else if (now_s < asset->not_before_s)
        error_answer(exchange, 400, NULL, "JwtNotYetValid");
    else
        return true;
    return false;
}

void serve_asset_answer(struct serve_exchange *exchange)
{
    const struct serve_site *site = exchange->site;
    struct serve_asset asset;
    struct serve_response response;
    struct serve_file file;

    if (serve_asset_url_open(site->url_key, exchange->request.target, &asset) != LCM_OK) {
        error_answer(exchange, 403, NULL, "AuthenticationFailed");
        return;
    }
    snprintf(exchange->file, sizeof(exchange->file), "%s/%s/%s/%s", asset.owner, asset.repository,
             asset.tag, asset.file);
    if (!time_is_right(exchange, &asset))
        return;
    const char *const names[] = {asset.owner, asset.repository, asset.tag, asset.file};
    if (serve_catalog_open(site->root, names, 4, &file) != LCM_OK) {
        error_answer(exchange, 404, NULL, "BlobNotFound");
        return;
    }
    serve_response_init(&response, 200, NULL);
    serve_headers_asset(&response, &file, asset.file);
    serve_response_file(&response, exchange, &file);
    serve_response_send(&response, exchange);
    serve_response_free(&response);
}

void serve_plain_answer(struct serve_exchange *exchange)
{
    char path[SERVE_SEGMENTS_MAX][SERVE_SEGMENT_SIZE], date[32];
    struct serve_response response;
    struct serve_file file;
    size_t count;

    serve_time_format(time(NULL), date);
    serve_response_init(&response, 404, NULL);
    serve_response_header(&response, "Date", "%s", date);
    const char *const names[] = {EMERGENCY_FOLDER, path[0]};
    if (serve_path_split(exchange->request.target, path, &count) == LCM_OK && count == 1 &&
        serve_catalog_open(exchange->site->root, names, 2, &file) == LCM_OK) {
        response.status = 200;
        response.reason = "OK";
        serve_response_header(&response, "Content-Type", "application/octet-stream");
        serve_response_header(&response, "Accept-Ranges", "bytes");
        serve_response_file(&response, exchange, &file);
    } else {
        serve_response_content(&response, "Not Found\n", 10);
    }
    serve_response_send(&response, exchange);
    serve_response_free(&response);
}
