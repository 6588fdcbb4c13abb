/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making manifests (docs/SPEC.md section 3.3): fields and image in, signed bytes out.
 *
 * What the encoder gives back was decoded and verified by the device's own code
 * (core/trust/), so a file that a device would refuse for its form never leaves.
 */
#ifndef LCM_HOST_MANIFEST_ENCODE_H
#define LCM_HOST_MANIFEST_ENCODE_H

#include <stddef.h>
#include <stdint.h>

#include "core/trust/manifest.h"
#include "host/failure.h"
#include "host/keys.h"
#include "lcm/err.h"

#define LCM_HANDOVER_SIZE_MAX (LCM_KEY_SIZE + LCM_SIGNATURE_SIZE_MAX)

/* One key hand-over as it stands in a manifest: old public key, DER signature. */
struct lcm_handover {
    uint8_t bytes[LCM_HANDOVER_SIZE_MAX];
    size_t size;
};

/* All pointers stay the caller's and are read during the call only. */
struct lcm_manifest_spec {
    enum lcm_file_type type;
    enum lcm_channel channel;
    const char *repository;
    const char *file;
    const char *version;
    const char *updater_min; /* NULL = any */
    uint32_t sequence;       /* 1 .. 2^32-1 */
    uint32_t security_version;
    uint32_t slot_addr;
    uint32_t flash_size; /* bytes; 0 = LCM_FLASH_SIZE */
    uint64_t created;    /* Unix seconds */
    const uint8_t *image;
    size_t image_size;                    /* bytes */
    const struct lcm_handover *handovers; /* apps only; oldest first */
    size_t handover_count;                /* 0 .. LCM_HANDOVERS_MAX */
};

/*
 * Encode and sign: *size <= out_size bytes at out (LCM_MANIFEST_SIZE_MAX is always
 * enough). An app manifest carries the public key of the signer. Errors: those of
 * lcm_manifest_decode for values the format does not allow, LCM_ERR_TOO_LONG,
 * LCM_ERR_KEY_UNKNOWN or LCM_ERR_SIGNATURE when the hand-overs do not lead to key.
 * out is unspecified after an error.
 */
LCM_MUST_CHECK enum lcm_err lcm_manifest_encode(const struct lcm_manifest_spec *spec,
                                                const struct lcm_key *key, uint8_t *out,
                                                size_t out_size, size_t *size,
                                                struct lcm_failure *failure);

/* The old owner of a repository hands it to the key next_point. */
LCM_MUST_CHECK enum lcm_err lcm_handover_make(struct lcm_handover *handover,
                                              const struct lcm_key *old_key, const char *repository,
                                              const uint8_t next_point[LCM_KEY_SIZE],
                                              struct lcm_failure *failure);

/*
 * The hand-overs of an earlier manifest, oldest first, to be carried on in the next
 * one, and (when not NULL) the key that signed it. LCM_ERR_FORMAT when the file is
 * no app manifest.
 */
LCM_MUST_CHECK enum lcm_err lcm_handover_read(struct lcm_handover handovers[LCM_HANDOVERS_MAX],
                                              size_t *count, uint8_t *signer_key,
                                              const uint8_t *file, size_t size);

#endif
