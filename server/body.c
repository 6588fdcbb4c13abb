// SPDX-License-Identifier: Apache-2.0
/*
 * Bodies in pieces of one TLS record; see the header.
 *
 * Invariant: never more bytes than the headers announced, except where a fault says so.
 */
#include "server/body.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CHUNK_HEAD_SIZE 10u /* "4000\r\n", at most eight digits */
#define PIECE_SIZE (SERVE_SEND_SIZE - CHUNK_HEAD_SIZE - 2u)

/* A wrong byte only counts as one when this answer contains it. */
static void flip_plan(const struct serve_response *response, struct serve_exchange *exchange,
                      struct serve_body_plan *plan)
{
    struct serve_fault fault;

    if (response->fd < 0 || !serve_faults_peek(&exchange->site->faults, SERVE_FAULT_FLIP_BYTE,
                                               exchange->host, exchange->request.target, &fault))
        return;
    uint64_t offset = (uint64_t)fault.number;
    if (offset < response->first || offset - response->first >= response->length)
        return;
    plan->is_flipped = serve_exchange_fault(exchange, SERVE_FAULT_FLIP_BYTE, &fault);
    plan->flip_offset = offset;
}

struct serve_body_plan serve_body_plan(const struct serve_response *response,
                                       struct serve_exchange *exchange)
{
    struct serve_body_plan plan = {.size_max = UINT64_MAX};
    struct serve_fault fault;

    if (response->length == 0)
        return plan;
    plan.is_chunked = serve_exchange_fault(exchange, SERVE_FAULT_CHUNKED, NULL);
    plan.is_endless = serve_exchange_fault(exchange, SERVE_FAULT_ENDLESS_BODY, NULL);
    flip_plan(response, exchange, &plan);
    if (serve_exchange_fault(exchange, SERVE_FAULT_TRUNCATE, &fault))
        plan.size_max = (uint64_t)fault.number;
    if (plan.is_endless && plan.size_max > SERVE_ENDLESS_SIZE_MAX)
        plan.size_max = SERVE_ENDLESS_SIZE_MAX;
    return plan;
}

/* Bytes [at, at + size) of the body; past its end (endless) they are zero. */
static bool piece_read(const struct serve_response *response, uint64_t at, char *piece, size_t size)
{
    size_t real = at >= response->length         ? 0
                  : size < response->length - at ? size
                                                 : (size_t)(response->length - at);

    memset(piece + real, 0, size - real);
    if (real == 0)
        return true;
    if (response->content != NULL) {
        memcpy(piece, response->content + at, real);
        return true;
    }
    return pread(response->fd, piece, real, (off_t)(response->first + at)) == (ssize_t)real;
}

static void piece_flip(const struct serve_response *response, const struct serve_body_plan *plan,
                       uint64_t at, char *piece, size_t size)
{
    uint64_t offset = response->first + at;

    if (plan->is_flipped && plan->flip_offset >= offset && plan->flip_offset - offset < size)
        piece[plan->flip_offset - offset] ^= 0x01;
}

/* Send one piece, framed as a chunk when the plan says so. size 0 = the last chunk. */
static enum lcm_err piece_send(const struct serve_body_plan *plan, struct serve_exchange *exchange,
                               const char *piece, size_t size)
{
    char frame[SERVE_SEND_SIZE];

    if (!plan->is_chunked)
        return serve_transport_send(exchange->transport, piece, size);
    int head = snprintf(frame, sizeof(frame), "%zx\r\n", size);
    size_t used = (size_t)head;
    memcpy(frame + used, piece, size);
    memcpy(frame + used + size, "\r\n", 2);
    return serve_transport_send(exchange->transport, frame, used + size + 2);
}

void serve_body_send(const struct serve_response *response, const struct serve_body_plan *plan,
                     struct serve_exchange *exchange)
{
    char piece[PIECE_SIZE];
    uint64_t total = plan->is_endless ? plan->size_max : response->length;
    uint64_t end = total < plan->size_max ? total : plan->size_max;
    uint64_t at = 0;

    while (at < end) {
        size_t size = end - at < sizeof(piece) ? (size_t)(end - at) : sizeof(piece);
        bool ok = piece_read(response, at, piece, size);
        if (ok) {
            piece_flip(response, plan, at, piece, size);
            ok = piece_send(plan, exchange, piece, size) == LCM_OK;
        }
        if (!ok) {
            exchange->is_broken = true;
            return;
        }
        at += size;
        exchange->body_size = at;
    }
    if (plan->is_endless || plan->size_max <= total)
        exchange->is_broken = true;
    else if (plan->is_chunked && piece_send(plan, exchange, "", 0) != LCM_OK)
        exchange->is_broken = true;
}
