// SPDX-License-Identifier: Apache-2.0
/*
 * The release host: releases/latest, downloads, feed and small pages.
 *
 * Answers with redirects and texts only, never with a file. A table maps paths to
 * functions; each reads the folder tree anew.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/text.h"
#include "server/feed.h"
#include "server/headers.h"

#define TYPE_HTML "text/html; charset=utf-8"
#define TYPE_TEXT "text/plain; charset=utf-8"

struct route {
    const char *pattern; /* "*" = any name */
    void (*answer)(struct serve_exchange *exchange, char path[][SERVE_SEGMENT_SIZE]);
};

static void text_answer(struct serve_exchange *exchange, int status, const char *type,
                        const char *text)
{
    struct serve_response response;

    serve_response_init(&response, status, NULL);
    serve_headers_release(&response, exchange, type, NULL);
    serve_response_content(&response, text, strlen(text));
    serve_response_send(&response, exchange);
    serve_response_free(&response);
}

static void missing_answer(struct serve_exchange *exchange)
{
    text_answer(exchange, 404, TYPE_TEXT, "Not Found");
}

/* Where a redirect leads after the faults had their way; false = no Location. */
static bool location_distort(struct serve_exchange *exchange, char url[SERVE_URL_SIZE])
{
    char rest[SERVE_URL_SIZE];
    struct serve_fault fault;

    if (serve_exchange_fault(exchange, SERVE_FAULT_NO_LOCATION, NULL))
        return false;
    if (serve_exchange_fault(exchange, SERVE_FAULT_REDIRECT_LOOP, NULL))
        snprintf(url, SERVE_URL_SIZE, "https://%s%.1900s",
                 exchange->site->host_names[SERVE_RELEASE], exchange->request.target);
    if (serve_exchange_fault(exchange, SERVE_FAULT_REDIRECT_HOST, &fault)) {
        snprintf(rest, sizeof(rest), "%s", strchr(url + strlen("https://"), '/'));
        snprintf(url, SERVE_URL_SIZE, "https://%s%.1900s", fault.text, rest);
    }
    if (serve_exchange_fault(exchange, SERVE_FAULT_REDIRECT_HTTP, NULL))
        memmove(url + 4, url + 5, strlen(url + 5) + 1);
    return true;
}

static void redirect_answer(struct serve_exchange *exchange, char url[SERVE_URL_SIZE])
{
    struct serve_response response;
    bool has_location = location_distort(exchange, url);

    serve_response_init(&response, 302, NULL);
    serve_headers_release(&response, exchange, TYPE_HTML, has_location ? url : NULL);
    serve_response_send(&response, exchange);
    serve_response_free(&response);
}

/* Newest stable tag; LCM_ERR_NO_VERSION when there is none, LCM_ERR_NOT_FOUND without repository.
 */
static enum lcm_err latest_find(const struct serve_exchange *exchange,
                                char path[][SERVE_SEGMENT_SIZE], char tag[SERVE_SEGMENT_SIZE])
{
    struct serve_entry *list;
    size_t count;
    enum lcm_err err =
        serve_catalog_releases(exchange->site->root, path[0], path[1], &list, &count);

    if (err != LCM_OK)
        return err;
    const struct serve_entry *latest = serve_catalog_latest(list, count);
    if (latest != NULL)
        memcpy(tag, latest->name, sizeof(latest->name));
    free(list);
    return latest != NULL ? LCM_OK : LCM_ERR_NO_VERSION;
}

static void latest_answer(struct serve_exchange *exchange, char path[][SERVE_SEGMENT_SIZE])
{
    char url[SERVE_URL_SIZE], tag[SERVE_SEGMENT_SIZE];
    const char *host = exchange->site->host_names[SERVE_RELEASE];
    enum lcm_err err = latest_find(exchange, path, tag);

    if (err == LCM_OK)
        snprintf(url, sizeof(url), "https://%s/%s/%s/releases/tag/%s", host, path[0], path[1], tag);
    else
        snprintf(url, sizeof(url), "https://%s/%s/%s/releases", host, path[0], path[1]);
    if (err == LCM_OK || err == LCM_ERR_NO_VERSION)
        redirect_answer(exchange, url);
    else
        missing_answer(exchange);
}

static void latest_download_answer(struct serve_exchange *exchange, char path[][SERVE_SEGMENT_SIZE])
{
    char url[SERVE_URL_SIZE], tag[SERVE_SEGMENT_SIZE];

    if (latest_find(exchange, path, tag) != LCM_OK) {
        missing_answer(exchange);
        return;
    }
    snprintf(url, sizeof(url), "https://%s/%s/%s/releases/download/%s/%s",
             exchange->site->host_names[SERVE_RELEASE], path[0], path[1], tag, path[5]);
    redirect_answer(exchange, url);
}

static void asset_times_set(struct serve_exchange *exchange, struct serve_asset *asset)
{
    struct serve_fault fault;
    long expiry_s = SERVE_URL_EXPIRY_S;

    asset->not_before_s = (int64_t)time(NULL);
    if (serve_exchange_fault(exchange, SERVE_FAULT_URL_NOT_BEFORE, &fault))
        asset->not_before_s += fault.number;
    if (serve_exchange_fault(exchange, SERVE_FAULT_URL_EXPIRY, &fault))
        expiry_s = fault.number;
    asset->expires_s = asset->not_before_s + expiry_s;
}

static void download_answer(struct serve_exchange *exchange, char path[][SERVE_SEGMENT_SIZE])
{
    const char *const names[] = {path[0], path[1], path[4], path[5]};
    const struct serve_site *site = exchange->site;
    char url[SERVE_URL_SIZE];
    struct serve_asset asset;
    struct serve_file file;

    if (serve_catalog_open(site->root, names, 4, &file) != LCM_OK) {
        missing_answer(exchange);
        return;
    }
    close(file.fd);
    memset(&asset, 0, sizeof(asset));
    memcpy(asset.owner, path[0], sizeof(asset.owner));
    memcpy(asset.repository, path[1], sizeof(asset.repository));
    memcpy(asset.tag, path[4], sizeof(asset.tag));
    memcpy(asset.file, path[5], sizeof(asset.file));
    asset_times_set(exchange, &asset);
    if (serve_asset_url_make(site->url_key, site->host_names[SERVE_ASSET], &asset, url) == LCM_OK)
        redirect_answer(exchange, url);
    else
        text_answer(exchange, 500, TYPE_TEXT, "The names are too long for a signed address.\n");
}

static void page_answer(struct serve_exchange *exchange, enum lcm_err err, char *page)
{
    if (err == LCM_OK) {
        text_answer(exchange, 200, TYPE_HTML, page);
        free(page);
    } else {
        missing_answer(exchange);
    }
}

static void releases_answer(struct serve_exchange *exchange, char path[][SERVE_SEGMENT_SIZE])
{
    char *page = NULL;
    enum lcm_err err = serve_page_releases(exchange->site, path[0], path[1], &page);

    page_answer(exchange, err, page);
}

static void tag_answer(struct serve_exchange *exchange, char path[][SERVE_SEGMENT_SIZE])
{
    const char *const names[3] = {path[0], path[1], path[4]};
    char *page = NULL;
    enum lcm_err err = serve_page_release(exchange->site, names, &page);

    page_answer(exchange, err, page);
}

static void feed_answer(struct serve_exchange *exchange, char path[][SERVE_SEGMENT_SIZE])
{
    char *feed;

    if (serve_feed_make(exchange->site, path[0], path[1], &feed) != LCM_OK) {
        missing_answer(exchange);
        return;
    }
    text_answer(exchange, 200, "application/atom+xml; charset=utf-8", feed);
    free(feed);
}

static const struct route routes[] = {
    {"/*/*/releases", releases_answer},
    {"/*/*/releases.atom", feed_answer},
    {"/*/*/releases/latest", latest_answer},
    {"/*/*/releases/tag/*", tag_answer},
    {"/*/*/releases/download/*/*", download_answer},
    {"/*/*/releases/latest/download/*", latest_download_answer},
};

static bool route_matches(const char *pattern, char path[][SERVE_SEGMENT_SIZE], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (*pattern++ != '/')
            return false;
        size_t length = strcspn(pattern, "/");
        bool is_any = length == 1 && *pattern == '*';
        if (!is_any && (strlen(path[i]) != length || strncmp(pattern, path[i], length) != 0))
            return false;
        pattern += length;
    }
    return *pattern == '\0';
}

void serve_release_answer(struct serve_exchange *exchange)
{
    char path[SERVE_SEGMENTS_MAX][SERVE_SEGMENT_SIZE];
    size_t count;

    if (serve_path_split(exchange->request.target, path, &count) != LCM_OK) {
        missing_answer(exchange);
        return;
    }
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (route_matches(routes[i].pattern, path, count)) {
            routes[i].answer(exchange, path);
            return;
        }
    }
    missing_answer(exchange);
}
