/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The work of lcm release pack, shared by its reading and its checking half.
 *
 * The steps run in one order (tools/release_pack.c); each check prints the reason
 * when it refuses and returns the exit code.
 */
#ifndef LCM_TOOLS_RELEASE_PACK_H
#define LCM_TOOLS_RELEASE_PACK_H

#include "core/trust/manifest.h"
#include "host/cli.h"
#include "host/file.h"
#include "host/image_view.h"
#include "host/manifest_encode.h"

#define PACK_REFERENCE_SIZE 52u /* SHA-384, then the length as a big-endian u32 */

struct pack_job {
    const struct cli_args *args;
    struct lcm_manifest_spec spec;
    struct file_content image;
    struct image_view view;
    struct lcm_key *key;
    uint8_t key_point[LCM_KEY_SIZE];
    bool has_previous;
    struct lcm_manifest previous;
    uint8_t previous_key[LCM_KEY_SIZE]; /* who signed it; apps only */
    struct lcm_handover handovers[LCM_HANDOVERS_MAX];
    uint8_t manifest[LCM_MANIFEST_SIZE_MAX];
    size_t manifest_size;
    uint8_t signature[PACK_REFERENCE_SIZE];
};

/* Type, repository, file and version: from the options, or from the identity block of the
 * image, which no option may contradict. Lists all required options that are missing. */
LCM_MUST_CHECK int pack_read_names(struct pack_job *job);

/* --channel, which defaults to beta for a pre-release. The version has been checked. */
LCM_MUST_CHECK int pack_read_channel(struct pack_job *job);

/* "stable" or "beta". */
const char *pack_channel_name(const struct pack_job *job);

/* The output folder holds no other content under the same version, unless --force. */
LCM_MUST_CHECK int pack_check_published(struct pack_job *job);

/* The previous manifest, when given, is about the same file. */
LCM_MUST_CHECK int pack_check_previous(struct pack_job *job);

/* The version has the right form and is above the last one, unless a downgrade was asked for. */
LCM_MUST_CHECK int pack_check_version(struct pack_job *job);

/* Set the slot address from --slot, the type and the code; they must agree. */
LCM_MUST_CHECK int pack_choose_place(struct pack_job *job);

/* The image fits its place. */
LCM_MUST_CHECK int pack_check_size(struct pack_job *job);

/* A device that trusts the signer of the last release can follow to this manifest. */
LCM_MUST_CHECK int pack_check_signer(struct pack_job *job);

/* The rules of a device that has the last release installed. */
LCM_MUST_CHECK int pack_check_rules(struct pack_job *job);

#endif
