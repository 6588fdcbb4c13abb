/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arithmetic a TLS connection uses, so that faster code can be put in its place.
 */
#ifndef LCM_FETCH_CRYPTO_H
#define LCM_FETCH_CRYPTO_H

#include <bearssl.h>

struct lcm_crypto {
    const br_ec_impl *ec;     /* must have X25519, P-256, P-384; others are not used */
    br_ecdsa_vrfy ecdsa_vrfy; /* DER ("asn1") signatures */
    br_rsa_pkcs1_vrfy rsa_vrfy;
    br_chacha20_run chacha20;
    br_poly1305_run poly1305;
    const br_block_ctr_class *aes_ctr;
    br_ghash ghash;
};

/* BearSSL's code for processors that multiply 16 by 16 or 32 by 32 to 32 bits, such as
 * lx106. Constant time. */
extern const struct lcm_crypto lcm_crypto_small;

#endif
