// SPDX-License-Identifier: Apache-2.0
/*
 * Locate and fetch release files; see the header. It decides nothing about content:
 * whatever arrives is judged by the owner of the sink.
 */
#include "core/update/download.h"

#include <string.h>

#include "core/base/text.h"
#include "core/fetch/url.h"

void lcm_download_init(struct lcm_download *download, struct lcm_fetch *fetch,
                       const struct lcm_trust *trust)
{
    memset(download, 0, sizeof(*download));
    download->fetch = fetch;
    download->trust = trust;
    download->mode = LCM_TLS_VERIFY;
}

void lcm_download_set_base(struct lcm_download *download, const struct lcm_url *base)
{
    download->base = base;
}

enum lcm_err lcm_download_name(struct lcm_download *download, enum lcm_place place,
                               const char *repository, const char *tag, const char *file,
                               const char *suffix)
{
    struct lcm_asset *asset = &download->asset[place];
    struct lcm_text text;

    asset->repository = repository;
    asset->tag = tag;
    download->address[place][0] = '\0';
    lcm_text_init(&text, asset->file, sizeof(asset->file));
    lcm_text_string(&text, file);
    lcm_text_string(&text, suffix);
    return text.truncated ? LCM_ERR_TOO_LONG : LCM_OK;
}

static enum lcm_err download_base_path(struct lcm_download *download)
{
    const char *prefix = download->base->path;
    size_t length = strlen(prefix);
    struct lcm_text text;

    lcm_text_init(&text, download->path, sizeof(download->path));
    lcm_text_string(&text, prefix);
    if (length == 0 || prefix[length - 1] != '/')
        lcm_text_char(&text, '/');
    lcm_text_string(&text, download->asset[download->place].file);
    return text.truncated ? LCM_ERR_TOO_LONG : LCM_OK;
}

/* Sink of a locate request: the one byte of a host that serves the file itself. */
static enum lcm_err download_discard(void *context, const uint8_t *bytes, size_t size)
{
    (void)context;
    (void)bytes;
    (void)size;
    return LCM_OK;
}

static enum lcm_err download_begin_locating(struct lcm_download *download)
{
    static const struct lcm_sink nowhere = {NULL, download_discard};
    /* One byte is asked for: a host that redirects ignores it, a host that serves
     * the file itself answers 206 with hardly any body. */
    struct lcm_request request = {
        .host = download->trust->host,
        .path = download->path,
        .mode = download->mode,
        .has_range = true,
    };
    const struct lcm_asset *asset = &download->asset[download->place];
    enum lcm_err err =
        lcm_url_download_path(download->path, asset->repository, asset->tag, asset->file);

    if (err != LCM_OK)
        return err;
    download->phase = LCM_DOWNLOAD_LOCATING;
    return lcm_fetch_begin(download->fetch, &request, nowhere, download->address[download->place],
                           LCM_URL_SIZE);
}

static enum lcm_err download_begin_fetching(struct lcm_download *download)
{
    struct lcm_request request = {
        .host = download->url.host,
        .port = download->url.port,
        .path = download->url.path,
        .is_plain = download->url.is_plain,
        .mode = download->mode,
        .has_range = download->range_size > 0,
        .range_first = download->range_first,
        .range_last = download->range_first + download->range_size - 1,
    };

    download->phase = LCM_DOWNLOAD_FETCHING;
    return lcm_fetch_begin(download->fetch, &request, download->sink, NULL, 0);
}

/* The file's address is known, or is the base itself: turn it into a request. */
static enum lcm_err download_begin_known(struct lcm_download *download)
{
    const char *address = download->address[download->place];
    enum lcm_err err;

    if (download->base != NULL) {
        download->url = *download->base;
        err = download_base_path(download);
        download->url.path = download->path;
    } else if (address[0] == '/') { /* the release host serves the file itself */
        err = lcm_text_copy(download->url.host, sizeof(download->url.host), download->trust->host);
        download->url.port = 0;
        download->url.is_plain = false;
        download->url.path = address;
    } else {
        err = lcm_redirect_check(download->trust, address, &download->url);
    }
    return err == LCM_OK ? download_begin_fetching(download) : err;
}

static bool download_is_located(const struct lcm_download *download, enum lcm_place place)
{
    return download->base != NULL || download->address[place][0] != '\0';
}

enum lcm_err lcm_download_locate(struct lcm_download *download, enum lcm_place place)
{
    download->place = place;
    download->is_locate_only = true;
    download->relocations = 0;
    download->phase = LCM_DOWNLOAD_IDLE;
    return download_is_located(download, place) ? LCM_OK : download_begin_locating(download);
}

enum lcm_err lcm_download_get(struct lcm_download *download, enum lcm_place place, uint32_t first,
                              uint32_t size, const struct lcm_sink *sink)
{
    download->place = place;
    download->is_locate_only = false;
    download->relocations = 0;
    download->range_first = first;
    download->range_size = size;
    download->sink = *sink;
    download->phase = LCM_DOWNLOAD_IDLE;
    if (download_is_located(download, place))
        return download_begin_known(download);
    return download_begin_locating(download);
}

/* The answer to a locate request: the byte asked for of the file itself, or a redirect. */
static enum lcm_err download_take_location(struct lcm_download *download)
{
    const struct lcm_http_response *response = lcm_fetch_response(download->fetch);
    char *address = download->address[download->place];

    if (response->status == 206)
        return lcm_text_copy(address, LCM_URL_SIZE, download->path);
    if (response->has_location)
        return lcm_redirect_check(download->trust, address, &download->url);
    address[0] = '\0';
    return LCM_ERR_REDIRECT;
}

static enum lcm_err download_step_locating(struct lcm_download *download)
{
    enum lcm_err err = lcm_fetch_step(download->fetch);

    if (err == LCM_PENDING)
        return err;
    if (err == LCM_OK)
        err = download_take_location(download);
    if (err != LCM_OK)
        download->address[download->place][0] = '\0';
    if (err != LCM_OK || download->is_locate_only) {
        download->phase = LCM_DOWNLOAD_IDLE;
        return err;
    }
    err = download_begin_known(download);
    return err == LCM_OK ? LCM_PENDING : err;
}

static enum lcm_err download_relocate(struct lcm_download *download)
{
    download->relocations++;
    download->address[download->place][0] = '\0';
    enum lcm_err err = download_begin_locating(download);
    return err == LCM_OK ? LCM_PENDING : err;
}

static enum lcm_err download_step_fetching(struct lcm_download *download)
{
    enum lcm_err err = lcm_fetch_step(download->fetch);

    if (err == LCM_PENDING)
        return err;
    if (err == LCM_ERR_HTTP_EXPIRED && download->base == NULL &&
        download->relocations < LCM_DOWNLOAD_RELOCATIONS_MAX)
        return download_relocate(download);
    download->phase = LCM_DOWNLOAD_IDLE;
    /* The fetch layer follows nothing by itself; here a redirect is one too many. */
    if (err == LCM_OK && lcm_fetch_response(download->fetch)->status / 100 == 3)
        err = LCM_ERR_REDIRECT;
    return err;
}

enum lcm_err lcm_download_step(struct lcm_download *download)
{
    switch (download->phase) {
    case LCM_DOWNLOAD_LOCATING:
        return download_step_locating(download);
    case LCM_DOWNLOAD_FETCHING:
        return download_step_fetching(download);
    case LCM_DOWNLOAD_IDLE:
    default:
        return LCM_OK;
    }
}

static enum lcm_err buffer_sink_write(void *context, const uint8_t *bytes, size_t size)
{
    struct lcm_buffer_sink *buffer = context;

    if (size > buffer->size - buffer->length)
        return LCM_ERR_TOO_LONG;
    memcpy(buffer->bytes + buffer->length, bytes, size);
    buffer->length += (uint32_t)size;
    return LCM_OK;
}

struct lcm_sink lcm_buffer_sink(struct lcm_buffer_sink *buffer)
{
    return (struct lcm_sink){buffer, buffer_sink_write};
}
