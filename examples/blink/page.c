// SPDX-License-Identifier: Apache-2.0
/*
 * A web server of two pages. One request per connection; of a request only its first bytes count,
 * the rest is not looked at. Nothing is kept between requests.
 */
#include "examples/blink/page.h"

#include <string.h>

#include "lwip/tcp.h"

#define HTTP_PORT 80
#define PRESS "POST /update "

#define PAGE_HEAD \
    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n" \
    "<!doctype html><meta name=viewport content='width=device-width'><title>blink</title>" \
    "<body style='font:1.2em sans-serif;margin:2em'><h1>blink "

static const char page_status[] = "</h1><p>The light is blinking.</p>"
                                  "<form method=post action=/update><button>Update</button></form>";
static const char page_asked[] = "</h1><p>Looking for an update. This takes a minute.</p>";
static const char page_head[] = PAGE_HEAD;

static const char *page_version;
static bool page_is_pressed;
static bool page_is_answered;

static err_t page_sent(void *context, struct tcp_pcb *pcb, u16_t size)
{
    (void)context;
    (void)pcb;
    (void)size;
    page_is_answered = page_is_pressed;
    return ERR_OK;
}

static bool page_starts_with(const struct pbuf *request, const char *text)
{
    char start[sizeof(PRESS)] = {0};
    u16_t length = (u16_t)strlen(text);

    return pbuf_copy_partial(request, start, length, 0) == length &&
           memcmp(start, text, length) == 0;
}

static void page_put(struct tcp_pcb *pcb, const char *text)
{
    (void)tcp_write(pcb, text, (u16_t)strlen(text), TCP_WRITE_FLAG_COPY);
}

static err_t page_received(void *context, struct tcp_pcb *pcb, struct pbuf *request, err_t err)
{
    (void)context;
    (void)err;
    if (request == NULL)
        return tcp_close(pcb);
    tcp_recved(pcb, request->tot_len);
    bool is_press = page_starts_with(request, PRESS);
    (void)pbuf_free(request);
    tcp_recv(pcb, NULL);
    page_is_pressed = page_is_pressed || is_press;
    page_put(pcb, page_head);
    page_put(pcb, page_version);
    page_put(pcb, is_press ? page_asked : page_status);
    return tcp_close(pcb);
}

static err_t page_accepted(void *context, struct tcp_pcb *pcb, err_t err)
{
    (void)context;
    if (err != ERR_OK || pcb == NULL)
        return ERR_VAL;
    tcp_recv(pcb, page_received);
    tcp_sent(pcb, page_sent);
    return ERR_OK;
}

void page_open(const char *version)
{
    struct tcp_pcb *pcb = tcp_new();

    page_version = version;
    if (pcb == NULL || tcp_bind(pcb, IP_ADDR_ANY, HTTP_PORT) != ERR_OK)
        return;
    pcb = tcp_listen(pcb);
    if (pcb != NULL)
        tcp_accept(pcb, page_accepted);
}

bool page_is_update_wanted(void)
{
    return page_is_answered;
}
