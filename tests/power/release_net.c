// SPDX-License-Identifier: Apache-2.0
/* The release host; see the header. One connection, one request at a time. */
#include "tests/power/release_net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOST "https://github.com"
#define ASSET_HOST "https://objects.githubusercontent.com"
#define TAG_SIZE 32u
#define NAME_SIZE 128u
#define REPOSITORY_SIZE 64u
#define ADDRESS_SIZE 512u

struct range {
    bool is_set;
    unsigned first;
    unsigned last;
};

static void net_bug(const char *what, const char *about)
{
    fprintf(stderr, "release_net: %s: %.200s\n", what, about);
    abort();
}

void release_net_lcm_tag(const struct field_offer *offer, char *tag, size_t size)
{
    snprintf(tag, size, "v%d.%d.%d", offer->otamain == FIELD_OTAMAIN_2 ? 2 : 1,
             offer->boot == FIELD_BOOT_1 ? 1 : 2, (int)offer->trust);
}

/* ---- what there is ---- */

static const struct field_file *net_program(const struct release_net *net, int program,
                                            bool is_manifest)
{
    if (program < 0)
        return NULL;
    return is_manifest ? &net->field->manifest[program] : &net->field->program[program];
}

/* The file of a name without ".manifest". */
static int net_program_of(const struct release_net *net, const char *name)
{
    if (strcmp(name, "main.bin") == 0)
        return net->offer.app;
    if (strcmp(name, "otaboot.bin") == 0)
        return net->offer.otaboot;
    if (strcmp(name, "otamain.bin") == 0)
        return net->offer.otamain;
    return strcmp(name, "boot.bin") == 0 ? net->offer.boot : -1;
}

static const struct field_file *net_find(const struct release_net *net, const char *name)
{
    char base[NAME_SIZE];
    char *suffix;

    if (strcmp(name, "certs.sector") == 0)
        return &net->field->trust[net->offer.trust];
    if (strcmp(name, "certs.sector.sig") == 0)
        return &net->field->pointer[net->offer.trust];
    if (strcmp(name, "trust-chain") == 0)
        return net->offer.trust >= FIELD_TRUST_ROTATED_2 ? &net->field->chain : NULL;
    snprintf(base, sizeof(base), "%s", name);
    suffix = strstr(base, ".manifest");
    if (suffix != NULL)
        *suffix = '\0';
    return net_program(net, net_program_of(net, base), suffix != NULL);
}

/* ---- answers ---- */

static void net_answer(struct release_net *net, const char *status, const char *fields)
{
    int size =
        snprintf(net->header, sizeof(net->header), "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n",
                 status, fields, net->body_size);

    if (size < 0 || (size_t)size >= sizeof(net->header))
        net_bug("answer too long", fields);
    net->header_size = (size_t)size;
    net->header_sent = net->body_sent = 0;
}

static void net_redirect(struct release_net *net, const char *to)
{
    char fields[ADDRESS_SIZE + 16];

    snprintf(fields, sizeof(fields), "Location: %s\r\n", to);
    net->body_size = 0;
    net_answer(net, "302 Found", fields);
}

static void net_serve(struct release_net *net, const char *name, const struct range *range)
{
    const struct field_file *file = net_find(net, name);
    char fields[NAME_SIZE] = "";

    if (file == NULL) {
        net->body_size = 0;
        net_answer(net, "404 Not Found", "");
        return;
    }
    net->body = file->bytes;
    net->body_size = file->size;
    if (range->is_set) {
        if (range->last >= file->size || range->first > range->last)
            net_bug("range outside the file", net->request);
        net->body += range->first;
        net->body_size = range->last - range->first + 1;
        snprintf(fields, sizeof(fields), "Content-Range: bytes %u-%u/%u\r\n", range->first,
                 range->last, (unsigned)file->size);
    }
    net_answer(net, range->is_set ? "206 Partial Content" : "200 OK", fields);
}

static void net_latest(struct release_net *net, const char *owner, const char *name)
{
    bool is_app = strcmp(owner, "someone") == 0;
    char to[ADDRESS_SIZE];
    char tag[TAG_SIZE];

    if (is_app)
        snprintf(tag, sizeof(tag), "v%s", field_version((enum field_program)net->offer.app));
    else
        release_net_lcm_tag(&net->offer, tag, sizeof(tag));
    snprintf(to, sizeof(to), HOST "/%s/%s/releases/tag/%s", owner, name, tag);
    net_redirect(net, to);
}

static void net_respond(struct release_net *net)
{
    char owner[REPOSITORY_SIZE], name[REPOSITORY_SIZE], tag[REPOSITORY_SIZE];
    char file[NAME_SIZE], to[ADDRESS_SIZE];
    const char *field = strstr(net->request, "Range: bytes=");
    struct range range = {false, 0, 0};

    net->requests++;
    if (field != NULL)
        range.is_set = sscanf(field, "Range: bytes=%u-%u", &range.first, &range.last) == 2;
    if (sscanf(net->request, "GET /asset/%127s ", file) == 1) {
        net_serve(net, file, &range);
    } else if (sscanf(net->request, "GET /%63[^/]/%63[^/]/releases/download/%63[^/]/%127s ", owner,
                      name, tag, file) == 4) {
        range.is_set = false;
        net_serve(net, file, &range); /* to know whether it exists */
        snprintf(to, sizeof(to), ASSET_HOST "/asset/%s", file);
        if (net->body_size > 0)
            net_redirect(net, to);
    } else if (sscanf(net->request, "GET /%63[^/]/%63[^/]/releases/latest ", owner, name) == 2) {
        net_latest(net, owner, name);
    } else {
        net_bug("unknown request", net->request);
    }
}

/* ---- the port ---- */

static enum lcm_err net_resolve(void *context, const char *host, uint16_t port,
                                struct lcm_endpoint *endpoint)
{
    const struct release_net *net = context;

    (void)host;
    *endpoint = (struct lcm_endpoint){{192, 0, 2, 1}, port};
    return net->is_down ? LCM_ERR_DNS : LCM_OK;
}

static enum lcm_err net_connect(void *context, const struct lcm_endpoint *endpoint)
{
    struct release_net *net = context;

    (void)endpoint;
    if (net->is_open)
        net_bug("second connection", "");
    net->is_open = true;
    net->request_size = 0;
    net->header_size = net->header_sent = net->body_size = net->body_sent = 0;
    return LCM_OK;
}

static enum lcm_err net_send(void *context, const uint8_t *data, size_t size, size_t *sent)
{
    struct release_net *net = context;

    if (net->request_size + size >= sizeof(net->request))
        net_bug("request too long", net->request);
    memcpy(net->request + net->request_size, data, size);
    net->request_size += size;
    net->request[net->request_size] = '\0';
    *sent = size;
    if (net->request_size >= 4 &&
        memcmp(net->request + net->request_size - 4, "\r\n\r\n", 4) == 0) {
        net_respond(net);
        net->request_size = 0;
    }
    return LCM_OK;
}

static size_t net_take(uint8_t *dst, size_t size, const uint8_t *from, size_t from_size,
                       size_t *taken)
{
    size_t step = from_size - *taken < size ? from_size - *taken : size;

    memcpy(dst, from + *taken, step);
    *taken += step;
    return step;
}

static enum lcm_err net_receive(void *context, uint8_t *data, size_t size, size_t *received)
{
    struct release_net *net = context;

    *received =
        net_take(data, size, (const uint8_t *)net->header, net->header_size, &net->header_sent);
    if (*received == 0 && net->body_size > 0)
        *received = net_take(data, size, net->body, net->body_size, &net->body_sent);
    return *received > 0 ? LCM_OK : LCM_PENDING;
}

static void net_close(void *context)
{
    ((struct release_net *)context)->is_open = false;
}

static void net_send_datagram(void *context, const struct lcm_endpoint *endpoint,
                              const uint8_t *data, size_t size)
{
    (void)context;
    (void)endpoint;
    (void)data;
    (void)size;
}

void release_net_init(struct release_net *net, const struct field *field,
                      const struct field_offer *offer)
{
    memset(net, 0, sizeof(*net));
    net->field = field;
    net->offer = *offer;
    net->port = (struct lcm_net){
        .context = net,
        .resolve = net_resolve,
        .connect = net_connect,
        .send = net_send,
        .receive = net_receive,
        .close = net_close,
        .send_datagram = net_send_datagram,
    };
}
