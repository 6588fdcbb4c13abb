// SPDX-License-Identifier: Apache-2.0
/*
 * Sets BearSSL's client up for one connection and translates its results.
 *
 * It moves no bytes to or from a network and keeps no deadlines.
 * Invariant: a session is kept for resumption only when its chain was verified, and used
 * only for the same host and port, the same anchors and the same way of judging dates.
 */
#include "core/fetch/tls.h"

#include <string.h>

#include "core/base/bytes.h"
#include "core/base/crc32.h"
#include "core/base/text.h"
#include "core/fetch/anchors.h"

/* The curves offered: key exchange on the first two, signatures on the last two. */
#define TLS_CURVES \
    ((uint32_t)1 << BR_EC_curve25519 | (uint32_t)1 << BR_EC_secp256r1 | \
     (uint32_t)1 << BR_EC_secp384r1)

static const uint16_t tls_suites[] = {
    BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
};

static void tls_set_hashes(br_ssl_engine_context *engine)
{
    br_ssl_engine_set_hash(engine, br_sha256_ID, &br_sha256_vtable);
    br_ssl_engine_set_hash(engine, br_sha384_ID, &br_sha384_vtable);
    br_ssl_engine_set_hash(engine, br_sha512_ID, &br_sha512_vtable);
    br_ssl_engine_set_prf_sha256(engine, &br_tls12_sha256_prf);
}

static void tls_set_ciphers(br_ssl_engine_context *engine, const struct lcm_crypto *crypto)
{
    br_ssl_engine_set_suites(engine, tls_suites, sizeof tls_suites / sizeof tls_suites[0]);
    br_ssl_engine_set_chacha20(engine, crypto->chacha20);
    br_ssl_engine_set_poly1305(engine, crypto->poly1305);
    br_ssl_engine_set_chapol(engine, &br_sslrec_in_chapol_vtable, &br_sslrec_out_chapol_vtable);
    br_ssl_engine_set_aes_ctr(engine, crypto->aes_ctr);
    br_ssl_engine_set_ghash(engine, crypto->ghash);
    br_ssl_engine_set_gcm(engine, &br_sslrec_in_gcm_vtable, &br_sslrec_out_gcm_vtable);
}

static void tls_set_engine(struct lcm_tls *tls, const struct lcm_tls_setup *setup)
{
    br_ssl_engine_context *engine = &tls->client.eng;

    br_ssl_client_zero(&tls->client);
    tls->ec = *setup->crypto->ec;
    tls->ec.supported_curves &= TLS_CURVES;
    br_ssl_engine_set_versions(engine, BR_TLS12, BR_TLS12);
    br_ssl_engine_set_all_flags(engine, BR_OPT_NO_RENEGOTIATION);
    tls_set_ciphers(engine, setup->crypto);
    tls_set_hashes(engine);
    br_ssl_engine_set_ec(engine, &tls->ec);
    br_ssl_engine_set_ecdsa(engine, setup->crypto->ecdsa_vrfy);
    br_ssl_engine_set_rsavrfy(engine, setup->crypto->rsa_vrfy);
    br_ssl_engine_set_x509(engine, &tls->x509.vtable);
    br_ssl_engine_set_buffer(engine, setup->buffer, LCM_TLS_BUFFER_SIZE, 0);
}

static enum lcm_err tls_set_trust(struct lcm_tls *tls, const struct lcm_tls_setup *setup)
{
    size_t anchor_count = 0;
    enum lcm_err err;

    if (setup->mode == LCM_TLS_UNTRUSTED) {
        lcm_x509_init_untrusted(&tls->x509);
        return LCM_OK;
    }
    if (setup->sector_file == NULL)
        return LCM_ERR_NO_TRUST;
    err = lcm_anchors_load(tls->anchors, &anchor_count, setup->sector_file);
    if (err == LCM_OK)
        lcm_x509_init_verify(&tls->x509, setup->crypto, tls->anchors, anchor_count,
                             setup->unix_seconds);
    return err;
}

static enum lcm_err tls_set_entropy(struct lcm_tls *tls, const struct lcm_entropy *entropy)
{
    uint8_t seed[LCM_TLS_SEED_SIZE];
    enum lcm_err err = entropy->fill(entropy->context, seed, sizeof seed);

    if (err == LCM_OK)
        br_ssl_engine_inject_entropy(&tls->client.eng, seed, sizeof seed);
    lcm_bytes_wipe(seed, sizeof seed);
    return err == LCM_OK ? LCM_OK : LCM_ERR_ENTROPY;
}

/* What this connection's session would be kept under; left unset when it may not be kept. */
static void tls_name_session(struct lcm_tls_session *session, const struct lcm_tls_setup *setup)
{
    memset(session, 0, sizeof *session);
    if (setup->mode == LCM_TLS_UNTRUSTED ||
        lcm_text_copy(session->host, sizeof session->host, setup->host) != LCM_OK)
        return;
    session->port = setup->port;
    session->has_time = setup->unix_seconds != 0;
    session->anchors_crc = lcm_crc32(0, setup->sector_file, LCM_TRUST_SIZE);
    session->is_set = true;
}

static bool tls_may_resume(const struct lcm_tls *tls)
{
    const struct lcm_tls_session *kept = &tls->session;
    const struct lcm_tls_session *next = &tls->next_session;

    return kept->is_set && next->is_set && kept->port == next->port &&
           kept->has_time == next->has_time && kept->anchors_crc == next->anchors_crc &&
           lcm_text_equal(kept->host, next->host);
}

void lcm_tls_init(struct lcm_tls *tls)
{
    memset(tls, 0, sizeof *tls);
}

enum lcm_err lcm_tls_begin(struct lcm_tls *tls, const struct lcm_tls_setup *setup)
{
    bool may_resume;
    enum lcm_err err;

    tls->is_open = false;
    tls_set_engine(tls, setup);
    err = tls_set_trust(tls, setup);
    if (err == LCM_OK)
        err = tls_set_entropy(tls, setup->entropy);
    if (err != LCM_OK)
        return err;
    tls_name_session(&tls->next_session, setup);
    may_resume = tls_may_resume(tls);
    if (may_resume)
        br_ssl_engine_set_session_parameters(&tls->client.eng, &tls->session.parameters);
    if (!br_ssl_client_reset(&tls->client, setup->host, may_resume))
        return LCM_ERR_TLS;
    return LCM_OK;
}

static void tls_keep_session(struct lcm_tls *tls)
{
    if (!tls->next_session.is_set)
        return;
    tls->session = tls->next_session;
    br_ssl_engine_get_session_parameters(&tls->client.eng, &tls->session.parameters);
}

static enum lcm_err tls_closed_reason(struct lcm_tls *tls)
{
    int number = lcm_tls_error_number(tls);

    if (number == BR_ERR_OK && tls->is_open)
        return LCM_ERR_CLOSED;
    /* A session that ended in an error is not offered again. */
    lcm_tls_forget_session(tls);
    if (number > BR_ERR_X509_OK && number <= BR_ERR_X509_NOT_TRUSTED)
        return LCM_ERR_CERTIFICATE;
    return LCM_ERR_TLS;
}

enum lcm_err lcm_tls_status(struct lcm_tls *tls)
{
    unsigned state = br_ssl_engine_current_state(&tls->client.eng);

    if (state == BR_SSL_CLOSED)
        return tls_closed_reason(tls);
    if (!tls->is_open && (state & (BR_SSL_SENDAPP | BR_SSL_RECVAPP)) != 0) {
        tls->is_open = true;
        tls->handshake_count++;
        tls_keep_session(tls);
    }
    return tls->is_open ? LCM_OK : LCM_PENDING;
}

int lcm_tls_error_number(const struct lcm_tls *tls)
{
    return br_ssl_engine_last_error(&tls->client.eng);
}

void lcm_tls_forget_session(struct lcm_tls *tls)
{
    lcm_bytes_wipe(&tls->session, sizeof tls->session);
}

const uint8_t *lcm_tls_output(const struct lcm_tls *tls, size_t *size)
{
    return br_ssl_engine_sendrec_buf(&tls->client.eng, size);
}

void lcm_tls_sent(struct lcm_tls *tls, size_t size)
{
    br_ssl_engine_sendrec_ack(&tls->client.eng, size);
}

uint8_t *lcm_tls_input(const struct lcm_tls *tls, size_t *size)
{
    return br_ssl_engine_recvrec_buf(&tls->client.eng, size);
}

void lcm_tls_received(struct lcm_tls *tls, size_t size)
{
    br_ssl_engine_recvrec_ack(&tls->client.eng, size);
}

uint8_t *lcm_tls_write(const struct lcm_tls *tls, size_t *size)
{
    return br_ssl_engine_sendapp_buf(&tls->client.eng, size);
}

void lcm_tls_written(struct lcm_tls *tls, size_t size)
{
    br_ssl_engine_sendapp_ack(&tls->client.eng, size);
}

void lcm_tls_flush(struct lcm_tls *tls)
{
    br_ssl_engine_flush(&tls->client.eng, 0);
}

const uint8_t *lcm_tls_read(const struct lcm_tls *tls, size_t *size)
{
    return br_ssl_engine_recvapp_buf(&tls->client.eng, size);
}

void lcm_tls_consumed(struct lcm_tls *tls, size_t size)
{
    br_ssl_engine_recvapp_ack(&tls->client.eng, size);
}
