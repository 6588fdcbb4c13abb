// SPDX-License-Identifier: Apache-2.0
/*
 * HTTP to a device by libcurl. It knows neither the protocol nor when to try again.
 *
 * A device has few connections and closes each one: none is kept. Invariant: reply.size never
 * passes the body's room.
 */
#include "host/setup_link.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#define LINK_URL_SIZE 300u
#define LINK_CONNECT_MS 5000L
#define LINK_TOTAL_MS 20000L /* the device computes for a second or two */

struct setup_link {
    CURL *curl;
    struct curl_slist *headers;
    char base[LINK_URL_SIZE];
};

/* http, a host, perhaps a port; nothing else. */
static bool link_is_place(const char *url)
{
    static const CURLUPart absent[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY,
                                       CURLUPART_FRAGMENT};
    CURLU *parts = curl_url();
    char *text = NULL;
    bool is_place = parts != NULL && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
                    curl_url_get(parts, CURLUPART_SCHEME, &text, 0) == CURLUE_OK &&
                    strcmp(text, "http") == 0;

    curl_free(text);
    text = NULL;
    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]) && is_place; i++) {
        is_place = curl_url_get(parts, absent[i], &text, 0) != CURLUE_OK;
        curl_free(text);
        text = NULL;
    }
    if (is_place && curl_url_get(parts, CURLUPART_PATH, &text, 0) == CURLUE_OK)
        is_place = strcmp(text, "/") == 0;
    curl_free(text);
    curl_url_cleanup(parts);
    return is_place;
}

static size_t link_receive(char *data, size_t unit, size_t count, void *context)
{
    struct setup_reply *reply = context;
    size_t size = unit * count;

    if (size > SETUP_LINK_BODY_MAX - reply->size)
        return 0;
    memcpy(reply->body + reply->size, data, size);
    reply->size += size;
    reply->body[reply->size] = '\0';
    return size;
}

/* No proxy, no redirect, no other protocol, nothing kept. */
static void link_configure(struct setup_link *link)
{
    CURL *curl = link->curl;

    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "lcm/" LCM_VERSION);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, LINK_CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, LINK_TOTAL_MS);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, link_receive);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, link->headers);
}

enum lcm_err setup_link_open(struct setup_link **link, const char *url, struct lcm_failure *failure)
{
    struct setup_link *fresh = calloc(1, sizeof(*fresh));
    size_t length = strlen(url);

    while (length > 0 && url[length - 1] == '/')
        length--;
    if (length >= LINK_URL_SIZE || !link_is_place(url)) {
        free(fresh);
        return lcm_failure_set(failure, LCM_ERR_ARGUMENT,
                               "%.100s: not the address of a device: give http://HOST[:PORT]", url);
    }
    if (fresh != NULL) {
        memcpy(fresh->base, url, length);
        fresh->curl = curl_easy_init();
        fresh->headers = curl_slist_append(NULL, "Content-Type: application/octet-stream");
        if (fresh->headers != NULL)
            (void)curl_slist_append(fresh->headers, "Expect:");
    }
    if (fresh == NULL || fresh->curl == NULL || fresh->headers == NULL) {
        setup_link_close(fresh);
        return lcm_failure_set(failure, LCM_ERR_NO_SPACE, "out of memory");
    }
    link_configure(fresh);
    *link = fresh;
    return LCM_OK;
}

void setup_link_close(struct setup_link *link)
{
    if (link == NULL)
        return;
    curl_slist_free_all(link->headers);
    curl_easy_cleanup(link->curl);
    free(link);
}

static enum lcm_err link_error(CURLcode code)
{
    switch ((int)code) {
    case CURLE_OK:
        return LCM_OK;
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
        return LCM_ERR_CONNECT;
    case CURLE_OPERATION_TIMEDOUT:
        return LCM_ERR_TIMEOUT;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
        return LCM_ERR_CLOSED;
    default:
        return LCM_ERR_HTTP;
    }
}

static unsigned link_retry_after(CURL *curl)
{
    curl_off_t seconds = 0;

    if (curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &seconds) != CURLE_OK || seconds < 0)
        return 0;
    return seconds > 3600 ? 3600u : (unsigned)seconds;
}

enum lcm_err setup_link_exchange(struct setup_link *link, const char *path, const void *body,
                                 size_t size, struct setup_reply *reply,
                                 struct lcm_failure *failure)
{
    CURL *curl = link->curl;
    char url[LINK_URL_SIZE + 16];
    char detail[CURL_ERROR_SIZE] = "";

    memset(reply, 0, sizeof(*reply));
    snprintf(url, sizeof(url), "%s%s", link->base, path);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    if (body != NULL) {
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)size);
    } else {
        curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    }
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply->status);
    reply->retry_after_s = link_retry_after(curl);
    enum lcm_err err = link_error(code);
    if (err == LCM_OK)
        return LCM_OK;
    return lcm_failure_set(failure, err, "%s: %s", link->base,
                           detail[0] != '\0' ? detail : curl_easy_strerror(code));
}
