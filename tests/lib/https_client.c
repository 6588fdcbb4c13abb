// SPDX-License-Identifier: Apache-2.0
/* libcurl as the test client; see the header. Any set-up error aborts the test. */
#include "tests/lib/https_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define REQUEST_TIMEOUT_S 10L

struct transfer {
    struct https_reply *reply;
    size_t body_max;
};

static void require(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "https client: %s\n", what);
    abort();
}

/* Join CA files of the state folder into one. */
static void ca_file_make(struct https_client *client, const char *const *ca_names)
{
    snprintf(client->ca_file, sizeof(client->ca_file), "%.64s/trusted-%.32s.pem",
             client->process->folder, ca_names[0]);
    FILE *out = fopen(client->ca_file, "w");
    require(out != NULL, client->ca_file);
    for (; *ca_names != NULL; ca_names++) {
        char path[2 * SERVE_PROCESS_PATH_SIZE], text[8192];
        snprintf(path, sizeof(path), "%s/ca/%s.pem", client->process->state, *ca_names);
        FILE *in = fopen(path, "r");
        require(in != NULL, path);
        size_t size = fread(text, 1, sizeof(text), in);
        require(fwrite(text, 1, size, out) == size, client->ca_file);
        fclose(in);
    }
    require(fclose(out) == 0, client->ca_file);
}

void https_client_init(struct https_client *client, const struct serve_process *process,
                       const char *const *ca_names)
{
    char place[128];

    memset(client, 0, sizeof(*client));
    client->process = process;
    ca_file_make(client, ca_names);
    snprintf(place, sizeof(place), "github.com:443:127.0.0.1:%u", process->release_port);
    client->places = curl_slist_append(NULL, place);
    snprintf(place, sizeof(place), "release-assets.githubusercontent.com:443:127.0.0.1:%u",
             process->asset_port);
    client->places = curl_slist_append(client->places, place);
    https_client_reset(client);
}

void https_client_reset(struct https_client *client)
{
    curl_easy_cleanup(client->curl);
    client->curl = curl_easy_init();
    require(client->curl != NULL, "curl");
}

static size_t header_receive(char *bytes, size_t unit, size_t count, void *context)
{
    struct https_reply *reply = ((struct transfer *)context)->reply;
    size_t size = unit * count;

    if (reply->header_size + size >= sizeof(reply->headers))
        return 0;
    memcpy(reply->headers + reply->header_size, bytes, size);
    reply->header_size += size;
    reply->headers[reply->header_size] = '\0';
    return size;
}

static size_t body_receive(char *bytes, size_t unit, size_t count, void *context)
{
    struct transfer *transfer = context;
    struct https_reply *reply = transfer->reply;
    size_t size = unit * count;

    if (size > transfer->body_max - reply->body_size)
        size = transfer->body_max - reply->body_size;
    reply->body = realloc(reply->body, reply->body_size + size + 1);
    require(reply->body != NULL, "memory");
    memcpy(reply->body + reply->body_size, bytes, size);
    reply->body_size += size;
    reply->body[reply->body_size] = '\0';
    return size; /* less than given: curl stops with CURLE_WRITE_ERROR */
}

static void options_set(struct https_client *client, const char *url, const char *range,
                        struct transfer *transfer)
{
    CURL *curl = client->curl;

    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_RANGE, range);
    curl_easy_setopt(curl, CURLOPT_CAINFO, client->ca_file);
    curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(curl, CURLOPT_CONNECT_TO, client->places);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, REQUEST_TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, header_receive);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, body_receive);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
}

void https_get(struct https_client *client, const char *url, const char *range, size_t body_max,
               struct https_reply *reply)
{
    struct transfer transfer = {reply, body_max};

    https_reply_free(reply);
    reply->status = 0;
    reply->header_size = 0;
    reply->headers[0] = '\0';
    options_set(client, url, range, &transfer);
    reply->result = curl_easy_perform(client->curl);
    curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &reply->status);
    curl_easy_getinfo(client->curl, CURLINFO_NUM_CONNECTS, &reply->connects);
    curl_easy_getinfo(client->curl, CURLINFO_TOTAL_TIME, &reply->seconds);
}

bool https_header(const struct https_reply *reply, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);

    for (const char *line = reply->headers; line != NULL && *line != '\0';) {
        if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
            const char *text = line + length + 1 + strspn(line + length + 1, " ");
            size_t used = strcspn(text, "\r\n");
            require(used < size, "header value too long");
            memcpy(value, text, used);
            value[used] = '\0';
            return true;
        }
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    return false;
}

void https_reply_free(struct https_reply *reply)
{
    free(reply->body);
    reply->body = NULL;
    reply->body_size = 0;
}

void https_client_free(struct https_client *client)
{
    curl_easy_cleanup(client->curl);
    curl_slist_free_all(client->places);
}
