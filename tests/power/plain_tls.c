// SPDX-License-Identifier: Apache-2.0
/*
 * Takes the place of core/fetch/tls.c in the power-cut harness: the same interface, bytes
 * pass as they are. TLS writes no flash and costs a thousand times more than all the rest;
 * it is tested in test_tls*, test_fetch* and the system tests.
 */
#include "core/fetch/tls.h"

#include <string.h>

#include "core/fetch/anchors.h"

#define HALF_SIZE 4096u

/* The windows live where the engine has its own: in the otherwise unused client context. */
struct plain {
    uint8_t *buffer; /* first half out, second half in */
    size_t out_size;
    size_t out_sent;
    size_t in_size;
    size_t in_used;
};

_Static_assert(sizeof(struct plain) <= sizeof(br_ssl_client_context), "fits");

static struct plain *plain_of(const struct lcm_tls *tls)
{
    return (struct plain *)(uintptr_t)&tls->client;
}

void lcm_tls_init(struct lcm_tls *tls)
{
    memset(tls, 0, sizeof(*tls));
}

/* Anchors are loaded as always: reading the trust sector is part of what is tested. */
enum lcm_err lcm_tls_begin(struct lcm_tls *tls, const struct lcm_tls_setup *setup)
{
    struct plain *plain = plain_of(tls);
    size_t anchor_count = 0;

    memset(plain, 0, sizeof(*plain));
    plain->buffer = setup->buffer;
    if (setup->mode == LCM_TLS_UNTRUSTED)
        return LCM_OK;
    if (setup->sector_file == NULL)
        return LCM_ERR_NO_TRUST;
    return lcm_anchors_load(tls->anchors, &anchor_count, setup->sector_file);
}

enum lcm_err lcm_tls_status(struct lcm_tls *tls)
{
    (void)tls;
    return LCM_OK;
}

int lcm_tls_error_number(const struct lcm_tls *tls)
{
    (void)tls;
    return 0;
}

void lcm_tls_forget_session(struct lcm_tls *tls)
{
    (void)tls;
}

const uint8_t *lcm_tls_output(const struct lcm_tls *tls, size_t *size)
{
    const struct plain *plain = plain_of(tls);

    *size = plain->out_size - plain->out_sent;
    return *size > 0 ? plain->buffer + plain->out_sent : NULL;
}

void lcm_tls_sent(struct lcm_tls *tls, size_t size)
{
    struct plain *plain = plain_of(tls);

    plain->out_sent += size;
    if (plain->out_sent == plain->out_size)
        plain->out_sent = plain->out_size = 0;
}

uint8_t *lcm_tls_input(const struct lcm_tls *tls, size_t *size)
{
    struct plain *plain = plain_of(tls);

    if (plain->in_used < plain->in_size)
        return NULL;
    plain->in_used = plain->in_size = 0;
    *size = HALF_SIZE;
    return plain->buffer + HALF_SIZE;
}

void lcm_tls_received(struct lcm_tls *tls, size_t size)
{
    plain_of(tls)->in_size = size;
}

uint8_t *lcm_tls_write(const struct lcm_tls *tls, size_t *size)
{
    const struct plain *plain = plain_of(tls);

    *size = HALF_SIZE - plain->out_size;
    return *size > 0 ? plain->buffer + plain->out_size : NULL;
}

void lcm_tls_written(struct lcm_tls *tls, size_t size)
{
    plain_of(tls)->out_size += size;
}

void lcm_tls_flush(struct lcm_tls *tls)
{
    (void)tls;
}

const uint8_t *lcm_tls_read(const struct lcm_tls *tls, size_t *size)
{
    const struct plain *plain = plain_of(tls);

    *size = plain->in_size - plain->in_used;
    return *size > 0 ? plain->buffer + HALF_SIZE + plain->in_used : NULL;
}

void lcm_tls_consumed(struct lcm_tls *tls, size_t size)
{
    plain_of(tls)->in_used += size;
}
