/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What manifest, trust sector and trust pointer have in common above the TLV frame:
 * magic, domain, a table of known items, and the signature items at the end.
 *
 * Everything here is strict: a known item must carry no optional bit and appear as
 * often as its table says, nothing hides behind an end mark inside the signed items,
 * and the signature area holds signatures only.
 */
#ifndef LCM_TRUST_SIGNED_FILE_H
#define LCM_TRUST_SIGNED_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/tlv.h"
#include "core/trust/verify.h"
#include "lcm/err.h"

#define LCM_SIGNED_FIELDS_MAX 20u
#define LCM_SIGNATURE_SIZE_MIN 8u /* two one-byte integers in DER */
#define LCM_TAG_SIGNATURE_BEFORE 0x7Eu
#define LCM_TAG_SIGNATURE 0x7Fu

struct lcm_signed_kind {
    const char *magic;
    const char *domain;
    size_t first; /* first signed byte: 1 when byte 0 is a state byte */
};

extern const struct lcm_signed_kind lcm_signed_trust;
extern const struct lcm_signed_kind lcm_signed_pointer;
extern const struct lcm_signed_kind lcm_signed_manifest;

/* One known item: how often it may appear, and what reads it into the object. */
struct lcm_signed_field {
    uint16_t tag;
    uint8_t count_min;
    uint8_t count_max;
    enum lcm_err (*decode)(void *object, const struct lcm_tlv_item *item);
};

struct lcm_signatures {
    struct lcm_tlv_item own;    /* tag 0x7F */
    struct lcm_tlv_item before; /* tag 0x7E; size 0 = absent */
    const uint8_t *end;         /* first byte behind them */
};

/*
 * Read all signed items through a table of at most LCM_SIGNED_FIELDS_MAX fields.
 * LCM_ERR_FORMAT, LCM_ERR_CRITICAL_FIELD for an unknown item that is not optional, or
 * the error of a field. The object may be half filled after an error.
 */
LCM_MUST_CHECK enum lcm_err lcm_signed_decode(struct lcm_tlv_reader *reader,
                                              const struct lcm_signed_field *fields, size_t count,
                                              void *object);

/* Open the frame of a file of this kind (all magic bytes that are signed count). LCM_ERR_FORMAT. */
LCM_MUST_CHECK enum lcm_err lcm_signed_open(struct lcm_tlv_reader *reader,
                                            const struct lcm_signed_kind *kind, const uint8_t *file,
                                            size_t size);

/* Skip to the next item with this tag. LCM_ERR_NOT_FOUND or LCM_ERR_FORMAT. */
LCM_MUST_CHECK enum lcm_err lcm_signed_find(struct lcm_tlv_reader *reader, uint16_t tag,
                                            struct lcm_tlv_item *item);

/* The signature items of a file that opened without error. LCM_ERR_FORMAT when there is
 * none, one too many, or one of an impossible size. What is behind them is the caller's. */
LCM_MUST_CHECK enum lcm_err lcm_signed_signatures(struct lcm_signatures *signatures,
                                                  const uint8_t *file, size_t size);

/* Verify one signature item over the signed bytes of a file that opened without error. */
enum lcm_verdict lcm_signed_verify(const struct lcm_signed_kind *kind, const uint8_t *file,
                                   const uint8_t key[LCM_KEY_SIZE],
                                   const struct lcm_tlv_item *signature);

#endif
