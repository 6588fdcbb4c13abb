// SPDX-License-Identifier: Apache-2.0
/*
 * URLs in place.
 *
 * It does not resolve relative references and does no percent-decoding.
 * Invariant: host and path of a split URL hold no character that could end a request
 * line or a header line early.
 */
#include "core/fetch/url.h"

#include <string.h>

#include "core/base/text.h"
#include "core/trust/names.h"

#define PORT_DIGITS_MAX 5u

static bool url_is_alphanumeric(char c)
{
    char lower = lcm_text_lower(c);

    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
}

bool lcm_url_host_is_valid(const char *host)
{
    return memchr(host, '\0', LCM_HOST_SIZE) != NULL && lcm_name_is_host(host);
}

bool lcm_url_path_is_valid(const char *path)
{
    if (path[0] != '/')
        return false;
    for (; *path != '\0'; path++) {
        if (*path <= ' ' || *path >= 0x7F || *path == '#')
            return false;
    }
    return true;
}

/* Step over the scheme; false when it is neither http nor https. */
static bool url_take_scheme(const char **cursor, struct lcm_url *split)
{
    const char *const schemes[] = {"https://", "http://"};

    for (size_t i = 0; i < 2; i++) {
        size_t size = strlen(schemes[i]);
        size_t same = 0;

        while (same < size && lcm_text_lower((*cursor)[same]) == schemes[i][same])
            same++;
        if (same == size) {
            *cursor += size;
            split->is_plain = i == 1;
            split->port = i == 1 ? LCM_HTTP_PORT : LCM_HTTPS_PORT;
            return true;
        }
    }
    return false;
}

static bool url_take_host(const char **cursor, struct lcm_url *split)
{
    size_t size = 0;

    while ((*cursor)[size] != '\0' && (*cursor)[size] != ':' && (*cursor)[size] != '/')
        size++;
    if (size >= sizeof split->host)
        return false;
    memcpy(split->host, *cursor, size);
    split->host[size] = '\0';
    *cursor += size;
    return lcm_url_host_is_valid(split->host);
}

static bool url_take_port(const char **cursor, struct lcm_url *split)
{
    const char *digits = *cursor + 1;
    uint64_t port = 0;
    size_t size = 0;

    if (**cursor != ':')
        return true;
    while (size <= PORT_DIGITS_MAX && digits[size] >= '0' && digits[size] <= '9')
        size++;
    if (size > PORT_DIGITS_MAX || lcm_text_parse_u64(digits, size, &port) != LCM_OK || port == 0 ||
        port > UINT16_MAX)
        return false;
    split->port = (uint16_t)port;
    *cursor = digits + size;
    return true;
}

enum lcm_err lcm_url_split(const char *url, struct lcm_url *split)
{
    struct lcm_url found = {.path = "/"};
    const char *cursor = url;

    if (memchr(url, '\0', LCM_URL_SIZE) == NULL)
        return LCM_ERR_TOO_LONG;
    if (!url_take_scheme(&cursor, &found) || !url_take_host(&cursor, &found) ||
        !url_take_port(&cursor, &found))
        return LCM_ERR_FORMAT;
    if (*cursor != '\0')
        found.path = cursor;
    if (!lcm_url_path_is_valid(found.path))
        return LCM_ERR_FORMAT;
    *split = found;
    return LCM_OK;
}

static bool url_is_tag(const char *text)
{
    size_t size = 0;

    for (; text[size] != '\0'; size++) {
        if (size + 1 >= LCM_TAG_SIZE)
            return false;
        if (!url_is_alphanumeric(text[size]) && memchr("._-", text[size], 3) == NULL)
            return false;
    }
    return size > 0;
}

enum lcm_err lcm_url_parse_tag(const char *url, char tag[LCM_TAG_SIZE])
{
    const char marker[] = "/releases/tag/";
    const size_t marker_size = sizeof marker - 1;
    size_t tag_start = 0;

    tag[0] = '\0';
    for (size_t i = 0; url[i] != '\0'; i++) {
        if (url[i] == '/')
            tag_start = i + 1;
    }
    if (tag_start < marker_size || memcmp(url + tag_start - marker_size, marker, marker_size) != 0)
        return LCM_ERR_NO_VERSION;
    if (!url_is_tag(url + tag_start))
        return LCM_ERR_NO_VERSION;
    return lcm_text_copy(tag, LCM_TAG_SIZE, url + tag_start);
}

enum lcm_err lcm_url_latest_path(char path[LCM_PATH_SIZE], const char *repository)
{
    struct lcm_text text;

    lcm_text_init(&text, path, LCM_PATH_SIZE);
    if (!lcm_name_is_repository(repository))
        return LCM_ERR_FORMAT;
    lcm_text_char(&text, '/');
    lcm_text_string(&text, repository);
    lcm_text_string(&text, "/releases/latest");
    return text.truncated ? LCM_ERR_TOO_LONG : LCM_OK;
}

enum lcm_err lcm_url_download_path(char path[LCM_PATH_SIZE], const char *repository,
                                   const char *tag, const char *file)
{
    struct lcm_text text;

    lcm_text_init(&text, path, LCM_PATH_SIZE);
    if (!lcm_name_is_repository(repository) || !url_is_tag(tag) || !lcm_name_is_file(file))
        return LCM_ERR_FORMAT;
    lcm_text_char(&text, '/');
    lcm_text_string(&text, repository);
    lcm_text_string(&text, "/releases/download/");
    lcm_text_string(&text, tag);
    lcm_text_char(&text, '/');
    lcm_text_string(&text, file);
    return text.truncated ? LCM_ERR_TOO_LONG : LCM_OK;
}

enum lcm_err lcm_redirect_check(const struct lcm_trust *trust, const char *location,
                                struct lcm_url *out)
{
    struct lcm_url url;

    if (lcm_url_split(location, &url) != LCM_OK || url.is_plain)
        return LCM_ERR_REDIRECT;
    if (!lcm_trust_allows_host(trust, url.host))
        return LCM_ERR_REDIRECT;
    *out = url;
    return LCM_OK;
}
