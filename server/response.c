// SPDX-License-Identifier: Apache-2.0
/*
 * Composes and sends responses, with the faults of headers; see the header.
 *
 * The whole head leaves in one call, hence in one TLS record: that is what a client
 * with a small buffer meets at GitHub. Routes decide what to say, this file how.
 */
#include "server/response.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "core/base/text.h"
#include "server/body.h"

#define PADDING_LINE_SIZE 1000u
#define HUGE_HEADERS_SIZE_MAX (16u << 20)
#define WRONG_RANGE_SHIFT 4096u /* one flash sector: the worst mistake to overlook */

struct reason_row {
    int status;
    const char *reason;
};

static const struct reason_row reasons[] = {
    {200, "OK"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {400, "Bad Request"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {410, "Gone"},
    {416, "Range Not Satisfiable"},
    {421, "Misdirected Request"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
};

static const char *reason_find(int status)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    return "Fault";
}

void serve_time_format(time_t when, char text[32])
{
    struct tm parts;

    gmtime_r(&when, &parts);
    strftime(text, 32, "%a, %d %b %Y %H:%M:%S GMT", &parts);
}

void serve_response_init(struct serve_response *response, int status, const char *reason)
{
    response->status = status;
    response->reason = reason != NULL ? reason : reason_find(status);
    response->header_count = 0;
    response->text_used = 0;
    response->content = NULL;
    response->fd = -1;
    response->first = 0;
    response->length = 0;
}

static char *text_keep(struct serve_response *response, const char *text, size_t length)
{
    char *copy = response->text + response->text_used;

    if (length >= SERVE_HEADER_TEXT_SIZE - response->text_used)
        abort();
    memcpy(copy, text, length);
    copy[length] = '\0';
    response->text_used += length + 1;
    return copy;
}

void serve_response_header(struct serve_response *response, const char *name, const char *format,
                           ...)
{
    char value[8192];
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(value, sizeof(value), format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof(value) ||
        response->header_count == SERVE_HEADERS_MAX)
        abort();
    struct serve_header *header = &response->headers[response->header_count++];
    header->name = text_keep(response, name, strlen(name));
    header->value = text_keep(response, value, (size_t)length);
}

void serve_response_content(struct serve_response *response, const char *content, size_t length)
{
    response->content = content;
    response->length = length;
}

static void content_range_add(struct serve_response *response, struct serve_exchange *exchange,
                              uint64_t total)
{
    struct serve_fault fault;
    uint64_t first = response->first;

    if (serve_exchange_fault(exchange, SERVE_FAULT_WRONG_RANGE, &fault)) {
        if (lcm_text_equal(fault.text, "missing"))
            return;
        if (lcm_text_equal(fault.text, "total"))
            total++;
        else
            first += WRONG_RANGE_SHIFT;
    }
    serve_response_header(
        response, "Content-Range", "bytes %llu-%llu/%llu", (unsigned long long)first,
        (unsigned long long)(first + response->length - 1), (unsigned long long)total);
}

void serve_response_file(struct serve_response *response, struct serve_exchange *exchange,
                         const struct serve_file *file)
{
    const struct serve_range *range = &exchange->request.range;
    uint64_t first = 0, length = file->size;

    response->fd = file->fd;
    response->length = file->size;
    if (range->kind == SERVE_RANGE_NONE ||
        serve_exchange_fault(exchange, SERVE_FAULT_IGNORE_RANGE, NULL))
        return;
    if (serve_range_resolve(range, file->size, &first, &length) != LCM_OK) {
        response->status = 416;
        response->length = 0;
        serve_response_header(response, "Content-Range", "bytes */%llu",
                              (unsigned long long)file->size);
    } else {
        response->status = 206;
        response->first = first;
        response->length = length;
        content_range_add(response, exchange, file->size);
    }
    response->reason = reason_find(response->status);
}

static void headers_shuffle(struct serve_response *response)
{
    for (size_t i = response->header_count; i > 1; i--) {
        uint32_t random = 0;
        if (gnutls_rnd(GNUTLS_RND_NONCE, &random, sizeof(random)) != 0)
            return;
        struct serve_header *other = &response->headers[random % i];
        struct serve_header header = *other;
        *other = response->headers[i - 1];
        response->headers[i - 1] = header;
    }
}

/* Length of the body as the headers tell it. */
static void framing_add(struct serve_response *response, const struct serve_body_plan *plan,
                        struct serve_exchange *exchange)
{
    struct serve_fault fault;

    if (plan->is_endless) {
        exchange->is_last = true;
    } else if (serve_exchange_fault(exchange, SERVE_FAULT_CONTENT_LENGTH, &fault)) {
        exchange->is_last = true;
        if (fault.text[0] != '\0')
            serve_response_header(response, "Content-Length", "%s", fault.text);
    } else if (!plan->is_chunked) {
        serve_response_header(response, "Content-Length", "%llu",
                              (unsigned long long)response->length);
    }
    if (plan->is_chunked)
        serve_response_header(response, "Transfer-Encoding", "chunked");
    if (exchange->is_last)
        serve_response_header(response, "Connection", "close");
}

static void padding_write(FILE *head, struct serve_exchange *exchange)
{
    struct serve_fault fault;

    if (!serve_exchange_fault(exchange, SERVE_FAULT_HUGE_HEADERS, &fault))
        return;
    for (long written = 0; written < fault.number && written < (long)HUGE_HEADERS_SIZE_MAX;
         written += PADDING_LINE_SIZE) {
        fprintf(head, "X-Padding-%08ld: ", written);
        for (size_t i = 22; i < PADDING_LINE_SIZE; i++)
            fputc('p', head);
        fputs("\r\n", head);
    }
}

static void name_write(FILE *head, const char *name, bool is_lower)
{
    for (; *name != '\0'; name++)
        fputc(is_lower ? lcm_text_lower(*name) : *name, head);
}

/* The head as one text, to be released with free(); NULL when memory is out. */
static char *head_compose(struct serve_response *response, struct serve_exchange *exchange,
                          size_t *size)
{
    char *text = NULL;
    bool is_lower = serve_exchange_fault(exchange, SERVE_FAULT_LOWER_CASE_HEADERS, NULL);
    FILE *head = open_memstream(&text, size);

    if (head == NULL)
        return NULL;
    if (serve_exchange_fault(exchange, SERVE_FAULT_SHUFFLED_HEADERS, NULL))
        headers_shuffle(response);
    fprintf(head, "HTTP/1.1 %d %s\r\n", response->status, response->reason);
    padding_write(head, exchange);
    for (size_t i = 0; i < response->header_count; i++) {
        name_write(head, response->headers[i].name, is_lower);
        fprintf(head, ": %s\r\n", response->headers[i].value);
    }
    fputs("\r\n", head);
    if (fclose(head) == 0)
        return text;
    free(text);
    return NULL;
}

static void rate_set(struct serve_exchange *exchange)
{
    struct serve_fault fault;

    exchange->transport->rate = 0;
    if (serve_exchange_fault(exchange, SERVE_FAULT_SLOW, &fault))
        exchange->transport->rate = fault.number > 0 ? (uint32_t)fault.number : 1;
}

void serve_response_send(struct serve_response *response, struct serve_exchange *exchange)
{
    struct serve_body_plan plan = serve_body_plan(response, exchange);
    size_t size = 0;

    rate_set(exchange);
    framing_add(response, &plan, exchange);
    char *head = head_compose(response, exchange, &size);
    exchange->status = response->status;
    if (head == NULL || serve_transport_send(exchange->transport, head, size) != LCM_OK)
        exchange->is_broken = true;
    else
        exchange->header_size = size;
    free(head);
    if (!exchange->is_broken && exchange->request.method != SERVE_HEAD)
        serve_body_send(response, &plan, exchange);
}

void serve_response_free(struct serve_response *response)
{
    if (response->fd >= 0)
        close(response->fd);
    response->fd = -1;
}
