// SPDX-License-Identifier: Apache-2.0
/*
 * Trust sector anchors to BearSSL anchors, without copying.
 *
 * It does not check signatures or read flash. Invariant: every anchor is a CA anchor (ends a
 * chain), so that no server key can be trusted by itself.
 */
#include "core/fetch/anchors.h"

#include <string.h>

/* BearSSL's structures lack const; it does not write through them. */
static unsigned char *anchor_bytes(const uint8_t *bytes)
{
    return (unsigned char *)(uintptr_t)bytes;
}

static void anchor_set_point(br_x509_pkey *key, const struct lcm_anchor *from, int curve)
{
    key->key_type = BR_KEYTYPE_EC;
    key->key.ec.curve = curve;
    key->key.ec.q = anchor_bytes(from->key);
    key->key.ec.qlen = from->key_size;
}

static void anchor_set_rsa(br_x509_pkey *key, const struct lcm_anchor *from)
{
    key->key_type = BR_KEYTYPE_RSA;
    key->key.rsa.n = anchor_bytes(from->key);
    key->key.rsa.nlen = from->key_size;
    key->key.rsa.e = anchor_bytes(from->exponent);
    key->key.rsa.elen = from->exponent_size;
}

static enum lcm_err anchor_set(br_x509_trust_anchor *anchor, const struct lcm_anchor *from)
{
    memset(anchor, 0, sizeof *anchor);
    anchor->flags = BR_X509_TA_CA;
    anchor->dn.data = anchor_bytes(from->name);
    anchor->dn.len = from->name_size;
    switch (from->kind) {
    case LCM_ANCHOR_P256:
        anchor_set_point(&anchor->pkey, from, BR_EC_secp256r1);
        return LCM_OK;
    case LCM_ANCHOR_P384:
        anchor_set_point(&anchor->pkey, from, BR_EC_secp384r1);
        return LCM_OK;
    case LCM_ANCHOR_RSA:
        anchor_set_rsa(&anchor->pkey, from);
        return LCM_OK;
    }
    return LCM_ERR_FORMAT;
}

enum lcm_err lcm_anchors_load(br_x509_trust_anchor *anchors, size_t *count, const uint8_t *file)
{
    struct lcm_anchor from;
    size_t found = 0;
    enum lcm_err err = LCM_OK;

    *count = 0;
    while (err == LCM_OK && found < LCM_ANCHORS_MAX) {
        err = lcm_trust_anchor(file, (uint32_t)found, &from);
        if (err == LCM_OK)
            err = anchor_set(&anchors[found], &from);
        if (err == LCM_OK)
            found++;
    }
    if (err != LCM_OK && err != LCM_ERR_NOT_FOUND)
        return err;
    if (found == 0)
        return LCM_ERR_NO_TRUST;
    *count = found;
    return LCM_OK;
}
