// SPDX-License-Identifier: Apache-2.0
/*
 * Reads release files from a folder or by libcurl. Every transfer is bounded in
 * bytes, redirects and time; the certificate of the host is always verified.
 */
#include "tools/release_source.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>

#include "tools/common.h"

#define SOURCE_REDIRECTS_MAX 5
#define SOURCE_CONNECT_SECONDS 30L
#define SOURCE_TRANSFER_SECONDS 300L
#define SOURCE_SHOWN_SIZE 100u  /* bytes of a URL in a message, the NUL included */
#define SOURCE_RESOLVE_SIZE 320 /* a host name, an address, a port */
#define SOURCE_LATEST "/releases/latest/download"

struct source_sink {
    struct file_content content;
    size_t size_max;
    bool is_full;
    CURL *curl;
};

static bool source_is_url(const char *place)
{
    return strncmp(place, "https://", 8) == 0 || strncmp(place, "http://", 7) == 0;
}

/* Number of path segments of a URL, without an ending slash. */
static size_t source_segments(const char *url)
{
    const char *path = strchr(strstr(url, "://") + 3, '/');
    size_t count = 0;

    for (; path != NULL && path[1] != '\0'; path = strchr(path + 1, '/'))
        count++;
    return count;
}

int release_source_open(struct release_source *source, const char *place)
{
    size_t length = strlen(place);

    source->folder = NULL;
    if (!source_is_url(place)) {
        source->folder = place;
        return CLI_OK;
    }
    while (length > 0 && place[length - 1] == '/')
        length--;
    if (snprintf(source->base, sizeof(source->base), "%.*s%s", (int)length, place,
                 source_segments(place) == 2 ? SOURCE_LATEST : "") < (int)sizeof(source->base))
        return CLI_OK;
    cli_error("the URL is too long");
    return CLI_USAGE;
}

static size_t source_receive(char *data, size_t unit, size_t count, void *context)
{
    struct source_sink *sink = context;
    size_t size = unit * count;
    uint8_t *grown = NULL;
    long status = 0;

    curl_easy_getinfo(sink->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) /* the page of a redirect or an error */
        return size;
    if (size > sink->size_max - sink->content.size) {
        sink->is_full = true;
        return 0;
    }
    grown = realloc(sink->content.bytes, sink->content.size + size + 1);
    if (grown == NULL)
        return 0;
    memcpy(grown + sink->content.size, data, size);
    sink->content.bytes = grown;
    sink->content.size += size;
    grown[sink->content.size] = '\0';
    return size;
}

static bool source_is_allowed(const struct release_source *source, const char *url)
{
    CURLU *parts = curl_url();
    char *host = NULL;
    bool is_allowed = false;

    if (source->trust == NULL || parts == NULL) {
        curl_url_cleanup(parts);
        return source->trust == NULL;
    }
    if (curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK)
        is_allowed = lcm_trust_allows_host(source->trust, host);
    curl_free(host);
    curl_url_cleanup(parts);
    return is_allowed;
}

/* A URL as messages show it: cut, and without the query, which grants access. */
static const char *source_shown(const char *url, char shown[SOURCE_SHOWN_SIZE])
{
    size_t size = strcspn(url, "?");

    if (size < SOURCE_SHOWN_SIZE)
        snprintf(shown, SOURCE_SHOWN_SIZE, "%.*s", (int)size, url);
    else
        snprintf(shown, SOURCE_SHOWN_SIZE, "%.*s...", (int)SOURCE_SHOWN_SIZE - 4, url);
    return shown;
}

static bool source_is_mistrust(CURLcode code)
{
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR;
}

static int source_fail(const struct release_source *source, const char *url, CURLcode code,
                       const struct source_sink *sink, const char *detail)
{
    char shown[SOURCE_SHOWN_SIZE];
    char limit[TEXT_NUMBER_SIZE];
    const char *hint = "";

    source_shown(url, shown);
    if (sink->is_full) {
        cli_error("%s: larger than %s bytes", shown, text_thousands(limit, sink->size_max));
        return CLI_VERIFY;
    }
    if (code == CURLE_PEER_FAILED_VERIFICATION)
        hint = cli_has(source->args, "cacert")
                   ? ": is it in the file of --cacert?"
                   : ": a host with an authority of its own needs --cacert FILE";
    cli_error("%s: %s%s", shown, detail[0] != '\0' ? detail : curl_easy_strerror(code), hint);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return CLI_TIMEOUT;
    if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT)
        return CLI_NOT_FOUND;
    return source_is_mistrust(code) ? CLI_VERIFY : CLI_ERROR;
}

/* One request. *next is "" or where it redirects to. */
static int source_request(const struct release_source *source, const char *url,
                          struct source_sink *sink, char *next)
{
    CURL *curl = sink->curl;
    char shown[SOURCE_SHOWN_SIZE];
    char detail[CURL_ERROR_SIZE] = "";
    char *redirect = NULL;
    long status = 0;
    CURLcode code = CURLE_OK;

    next[0] = '\0';
    sink->content.size = 0;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, sink);
    code = curl_easy_perform(curl);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &redirect);
    if (code != CURLE_OK)
        return source_fail(source, url, code, sink, detail);
    if (redirect != NULL && strlen(redirect) < RELEASE_URL_SIZE) {
        memcpy(next, redirect, strlen(redirect) + 1);
        return CLI_OK;
    }
    if (status == 200)
        return CLI_OK;
    cli_error("%s: the host answered with status %ld", source_shown(url, shown), status);
    return status == 404 ? CLI_NOT_FOUND : CLI_ERROR;
}

static int source_follow(const struct release_source *source, char *url, struct source_sink *sink)
{
    char next[RELEASE_URL_SIZE];
    char shown[SOURCE_SHOWN_SIZE];

    for (int i = 0; i <= SOURCE_REDIRECTS_MAX; i++) {
        int result = CLI_OK;

        if (!source_is_allowed(source, url)) {
            cli_error("%s: the trust sector does not allow this host: add --host-suffix to it",
                      source_shown(url, shown));
            return CLI_VERIFY;
        }
        result = source_request(source, url, sink, next);
        if (result != CLI_OK || next[0] == '\0')
            return result;
        memcpy(url, next, strlen(next) + 1);
    }
    cli_error("more than %d redirects", SOURCE_REDIRECTS_MAX);
    return CLI_VERIFY;
}

/* --resolve HOST:ADDRESS[:PORT] for libcurl, which writes it HOST:PORT:ADDRESS:PORT and
 * takes an empty port for the one of the URL. */
static int source_connect_list(const struct cli_args *args, struct curl_slist **list)
{
    const char *entry = NULL;

    for (size_t i = 0; (entry = cli_get_at(args, "resolve", i)) != NULL; i++) {
        const char *colon = strchr(entry, ':');
        char text[SOURCE_RESOLVE_SIZE];
        struct curl_slist *grown = NULL;

        if (colon == NULL ||
            snprintf(text, sizeof(text), "%.*s::%s%s", (int)(colon - entry), entry, colon + 1,
                     strchr(colon + 1, ':') == NULL ? ":" : "") >= (int)sizeof(text)) {
            cli_error("--resolve %s: write HOST:ADDRESS[:PORT]", entry);
            return CLI_USAGE;
        }
        grown = curl_slist_append(*list, text);
        if (grown == NULL) {
            cli_error("out of memory");
            return CLI_ERROR;
        }
        *list = grown;
    }
    return CLI_OK;
}

static void source_configure(const struct cli_args *args, CURL *curl, struct curl_slist *connect_to)
{
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, SOURCE_CONNECT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, SOURCE_TRANSFER_SECONDS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "lcm/" LCM_VERSION);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, source_receive);
    curl_easy_setopt(curl, CURLOPT_CONNECT_TO, connect_to);
    if (cli_has(args, "cacert"))
        curl_easy_setopt(curl, CURLOPT_CAINFO, cli_get(args, "cacert"));
}

static int source_download(const struct release_source *source, char *url, struct source_sink *sink)
{
    struct curl_slist *connect_to = NULL;
    int result = source_connect_list(source->args, &connect_to);

    sink->curl = curl_easy_init();
    if (result == CLI_OK && sink->curl == NULL) {
        cli_error("out of memory");
        result = CLI_ERROR;
    }
    if (result == CLI_OK) {
        source_configure(source->args, sink->curl, connect_to);
        result = source_follow(source, url, sink);
    }
    curl_easy_cleanup(sink->curl);
    curl_slist_free_all(connect_to);
    return result;
}

bool release_source_lacks(const struct release_source *source, const char *name)
{
    char path[PATH_MAX];

    return source->folder != NULL && access(source->folder, F_OK) == 0 &&
           snprintf(path, sizeof(path), "%s/%s", source->folder, name) < (int)sizeof(path) &&
           access(path, F_OK) != 0;
}

int release_source_read(const struct release_source *source, const char *name, size_t size_max,
                        struct file_content *content)
{
    char path[RELEASE_URL_SIZE > PATH_MAX ? RELEASE_URL_SIZE : PATH_MAX];
    struct source_sink sink = {.size_max = size_max};
    const char *folder = source->folder != NULL ? source->folder : source->base;
    int result = file_join(path, RELEASE_URL_SIZE, folder, name);

    if (result != CLI_OK)
        return result;
    if (source->folder != NULL)
        return file_read(path, size_max, content);
    result = source_download(source, path, &sink);
    if (result == CLI_OK && sink.content.bytes == NULL)
        sink.content.bytes = calloc(1, 1);
    if (result != CLI_OK || sink.content.bytes == NULL) {
        file_free(&sink.content);
        return result != CLI_OK ? result : CLI_ERROR;
    }
    *content = sink.content;
    return CLI_OK;
}
