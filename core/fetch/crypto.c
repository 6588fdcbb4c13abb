// SPDX-License-Identifier: Apache-2.0
/*
 * Which of BearSSL's implementations fit lx106: it has no 32 x 32 -> 64 multiplication, so
 * 15-bit limbs beat 31-bit ones and the "ctmul32" variants beat "ctmul".
 * Nothing is computed here.
 */
#include "core/fetch/crypto.h"

const struct lcm_crypto lcm_crypto_small = {
    .ec = &br_ec_all_m15,
    .ecdsa_vrfy = br_ecdsa_i15_vrfy_asn1,
    .rsa_vrfy = br_rsa_i15_pkcs1_vrfy,
    .chacha20 = br_chacha20_ct_run,
    .poly1305 = br_poly1305_ctmul32_run,
    .aes_ctr = &br_aes_ct_ctr_vtable,
    .ghash = br_ghash_ctmul32,
};
