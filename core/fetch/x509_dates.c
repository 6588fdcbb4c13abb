// SPDX-License-Identifier: Apache-2.0
/*
 * A BearSSL X.509 class around the minimal engine or, for untrusted hosts, the decoder.
 *
 * It verifies nothing itself. Invariant: in every mode but LCM_TLS_UNTRUSTED the answer is
 * the minimal engine's, asked with a host name and with a date that is set anew for each
 * certificate and is never the engine's "ask the system".
 */
#include "core/fetch/x509_dates.h"

#include <string.h>

#define RSA_SIZE_MIN 256 /* bytes: 2,048 bits */
#define YEAR_0_DAYS 1u   /* 0 days 0 seconds would mean "ask the system" */

static struct lcm_x509 *x509_from(const br_x509_class **vtable)
{
    return (struct lcm_x509 *)(void *)vtable;
}

static const br_x509_class **x509_minimal(struct lcm_x509 *x509)
{
    return &x509->engine.minimal.vtable;
}

static bool x509_is_untrusted(const struct lcm_x509 *x509)
{
    return x509->mode == LCM_TLS_UNTRUSTED;
}

static void x509_start_chain(const br_x509_class **vtable, const char *server_name)
{
    struct lcm_x509 *x509 = x509_from(vtable);

    x509->certificate_count = 0;
    x509->has_name = server_name != NULL && server_name[0] != '\0';
    if (x509_is_untrusted(x509))
        br_x509_decoder_init(&x509->engine.decoder, NULL, NULL);
    else
        br_x509_minimal_vtable.start_chain(x509_minimal(x509), server_name);
}

static void x509_start_cert(const br_x509_class **vtable, uint32_t length)
{
    struct lcm_x509 *x509 = x509_from(vtable);

    if (x509_is_untrusted(x509))
        return;
    if (!x509->has_time) {
        lcm_not_before_begin(&x509->not_before);
        br_x509_minimal_set_time(&x509->engine.minimal, YEAR_0_DAYS, 0);
    }
    br_x509_minimal_vtable.start_cert(x509_minimal(x509), length);
}

/* The walker sees the bytes first, so that the time is set when the engine reads the date. */
static void x509_append_verified(struct lcm_x509 *x509, const unsigned char *bytes, size_t size)
{
    if (!x509->has_time && !x509->not_before.is_found) {
        lcm_not_before_feed(&x509->not_before, bytes, size);
        if (x509->not_before.is_found)
            br_x509_minimal_set_time(&x509->engine.minimal, x509->not_before.time.days,
                                     x509->not_before.time.seconds);
    }
    br_x509_minimal_vtable.append(x509_minimal(x509), bytes, size);
}

/* Only the first certificate's key counts. The decoder has no guard of its own: fed after an error
 * it would go on behind the end of its program (BearSSL 0.6, br_x509_decoder_push). */
static void x509_append_untrusted(struct lcm_x509 *x509, const unsigned char *bytes, size_t size)
{
    if (x509->certificate_count == 0 && x509->engine.decoder.err == 0)
        br_x509_decoder_push(&x509->engine.decoder, bytes, size);
}

static void x509_append(const br_x509_class **vtable, const unsigned char *bytes, size_t size)
{
    struct lcm_x509 *x509 = x509_from(vtable);

    if (x509_is_untrusted(x509))
        x509_append_untrusted(x509, bytes, size);
    else
        x509_append_verified(x509, bytes, size);
}

static void x509_end_cert(const br_x509_class **vtable)
{
    struct lcm_x509 *x509 = x509_from(vtable);

    x509->certificate_count++;
    if (!x509_is_untrusted(x509))
        br_x509_minimal_vtable.end_cert(x509_minimal(x509));
}

static unsigned x509_end_chain(const br_x509_class **vtable)
{
    struct lcm_x509 *x509 = x509_from(vtable);
    unsigned err;

    if (x509_is_untrusted(x509))
        return (unsigned)br_x509_decoder_last_error(&x509->engine.decoder);
    err = br_x509_minimal_vtable.end_chain(x509_minimal(x509));
    /* Without a name the engine would accept the certificate of any host. */
    return err == 0 && !x509->has_name ? BR_ERR_X509_BAD_SERVER_NAME : err;
}

static const br_x509_pkey *x509_get_untrusted_key(const struct lcm_x509 *x509, unsigned *usages)
{
    const br_x509_decoder_context *decoder = &x509->engine.decoder;

    if (!decoder->decoded || decoder->err != 0)
        return NULL;
    if (usages != NULL)
        *usages = BR_KEYTYPE_KEYX | BR_KEYTYPE_SIGN;
    return &decoder->pkey;
}

static const br_x509_pkey *x509_get_pkey(const br_x509_class *const *vtable, unsigned *usages)
{
    const struct lcm_x509 *x509 = (const struct lcm_x509 *)(const void *)vtable;

    if (x509_is_untrusted(x509))
        return x509_get_untrusted_key(x509, usages);
    return br_x509_minimal_vtable.get_pkey(&x509->engine.minimal.vtable, usages);
}

static const br_x509_class x509_class = {
    .context_size = sizeof(struct lcm_x509),
    .start_chain = x509_start_chain,
    .start_cert = x509_start_cert,
    .append = x509_append,
    .end_cert = x509_end_cert,
    .end_chain = x509_end_chain,
    .get_pkey = x509_get_pkey,
};

void lcm_x509_init_verify(struct lcm_x509 *x509, const struct lcm_crypto *crypto,
                          const br_x509_trust_anchor *anchors, size_t anchor_count,
                          uint64_t unix_seconds)
{
    br_x509_minimal_context *minimal = &x509->engine.minimal;
    struct lcm_x509_time time = lcm_x509_time_from_unix(unix_seconds);

    memset(x509, 0, sizeof *x509);
    x509->vtable = &x509_class;
    x509->mode = LCM_TLS_VERIFY;
    x509->has_time = unix_seconds != 0;
    br_x509_minimal_init(minimal, &br_sha256_vtable, anchors, anchor_count);
    br_x509_minimal_set_rsa(minimal, crypto->rsa_vrfy);
    br_x509_minimal_set_ecdsa(minimal, crypto->ec, crypto->ecdsa_vrfy);
    br_x509_minimal_set_hash(minimal, br_sha256_ID, &br_sha256_vtable);
    br_x509_minimal_set_hash(minimal, br_sha384_ID, &br_sha384_vtable);
    br_x509_minimal_set_hash(minimal, br_sha512_ID, &br_sha512_vtable);
    br_x509_minimal_set_minrsa(minimal, RSA_SIZE_MIN);
    br_x509_minimal_set_time(minimal, time.days, time.seconds);
}

void lcm_x509_init_untrusted(struct lcm_x509 *x509)
{
    memset(x509, 0, sizeof *x509);
    x509->vtable = &x509_class;
    x509->mode = LCM_TLS_UNTRUSTED;
}
