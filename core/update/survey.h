/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unsigned apps of reference-style repositories: <file>.sig holds SHA-384 of the
 * image (48 B) and its length (4 B, big-endian), nothing else.
 *
 * A hash over the whole file can be judged only after the last byte, when a
 * streaming installer has already overwritten the old app. So the image is
 * downloaded twice: the survey reads it once without writing anything, checks the
 * hash, and notes the hash of every sector; the sector engine then installs against
 * that self-made manifest, with all its guarantees. A wrong or cut file costs time,
 * never the old app.
 */
#ifndef LCM_UPDATE_SURVEY_H
#define LCM_UPDATE_SURVEY_H

#include <stdint.h>

#include <bearssl.h>

#include "core/trust/manifest.h"

#define LCM_REFERENCE_SIG_SIZE 52u /* bytes that count; more may follow */

struct lcm_survey {
    struct lcm_manifest *manifest; /* being filled in */
    uint32_t received;             /* bytes */
    uint8_t expected[48];          /* SHA-384 of the .sig file */
    br_sha384_context whole384;
    br_sha256_context whole256;
    br_sha256_context sector;
};

/*
 * Start from the first LCM_REFERENCE_SIG_SIZE bytes of the .sig file. Fills
 * image_size and sector_count of *manifest. LCM_ERR_TOO_LARGE when the length
 * exceeds slot 0, LCM_ERR_IMAGE when it is shorter than an image header.
 */
LCM_MUST_CHECK enum lcm_err lcm_survey_init(struct lcm_survey *survey,
                                            struct lcm_manifest *manifest, const uint8_t *sig);

/* Take bytes of the image in order. LCM_ERR_TOO_LONG past the stated length. */
LCM_MUST_CHECK enum lcm_err lcm_survey_write(struct lcm_survey *survey, const uint8_t *bytes,
                                             size_t size);

/* All bytes were taken: LCM_OK with the manifest's sha256 and sector hashes set, or
 * LCM_ERR_CORRUPT when the SHA-384 differs or bytes are missing. */
LCM_MUST_CHECK enum lcm_err lcm_survey_finish(struct lcm_survey *survey);

#endif
