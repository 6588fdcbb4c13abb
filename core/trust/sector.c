// SPDX-License-Identifier: Apache-2.0
/*
 * Trust sector bytes to struct, and the questions asked of it: which host, which key.
 * No signature is judged here (sector_verify.c). Invariant: a struct given out has an
 * owner key, at least one release key and at least one anchor, and all its names are
 * well-formed.
 */
#include "core/trust/sector.h"

#include <string.h>

#include "core/base/bytes.h"
#include "core/base/text.h"
#include "core/trust/anchor.h"
#include "core/trust/names.h"
#include "core/trust/signed_file.h"

#define FIELD_COUNT(fields) (sizeof(fields) / sizeof((fields)[0]))
#define SECURITY_FLOOR_SIZE 5u /* u8 type, u32 version */
#define POINT_UNCOMPRESSED 0x04u

/* What is read before it is known to be good as a whole. */
struct sector_draft {
    struct lcm_trust trust;
    uint8_t last_floor_type; /* floors come in ascending type, each type once */
};

static enum lcm_err sector_sequence(void *object, const struct lcm_tlv_item *item)
{
    struct sector_draft *draft = object;
    enum lcm_err err = lcm_tlv_u32(item, &draft->trust.sequence);

    if (err == LCM_OK && draft->trust.sequence == 0)
        err = LCM_ERR_FORMAT;
    return err;
}

static enum lcm_err sector_time_floor(void *object, const struct lcm_tlv_item *item)
{
    struct sector_draft *draft = object;

    return lcm_tlv_u64(item, &draft->trust.time_floor);
}

static enum lcm_err sector_repository(void *object, const struct lcm_tlv_item *item)
{
    struct sector_draft *draft = object;

    if (lcm_tlv_text(item, draft->trust.repository, LCM_REPOSITORY_SIZE) != LCM_OK)
        return LCM_ERR_FORMAT;
    return lcm_name_is_repository(draft->trust.repository) ? LCM_OK : LCM_ERR_FORMAT;
}

static enum lcm_err sector_read_host(const struct lcm_tlv_item *item, char host[LCM_HOST_SIZE])
{
    if (lcm_tlv_text(item, host, LCM_HOST_SIZE) != LCM_OK)
        return LCM_ERR_FORMAT;
    return lcm_name_is_host(host) ? LCM_OK : LCM_ERR_FORMAT;
}

static enum lcm_err sector_host(void *object, const struct lcm_tlv_item *item)
{
    struct sector_draft *draft = object;

    return sector_read_host(item, draft->trust.host);
}

static enum lcm_err sector_read_key(const struct lcm_tlv_item *item, uint8_t key[LCM_KEY_SIZE])
{
    enum lcm_err err = lcm_tlv_blob(item, key, LCM_KEY_SIZE);

    if (err == LCM_OK && key[0] != POINT_UNCOMPRESSED)
        err = LCM_ERR_FORMAT;
    return err;
}

static enum lcm_err sector_owner_key(void *object, const struct lcm_tlv_item *item)
{
    struct sector_draft *draft = object;

    return sector_read_key(item, draft->trust.owner_key);
}

/* The table below bounds the number of calls for each repeated item. */
static enum lcm_err sector_release_key(void *object, const struct lcm_tlv_item *item)
{
    struct sector_draft *draft = object;

    return sector_read_key(item, draft->trust.release_key[draft->trust.release_key_count++]);
}

static enum lcm_err sector_suffix(void *object, const struct lcm_tlv_item *item)
{
    struct sector_draft *draft = object;

    return sector_read_host(item, draft->trust.suffix[draft->trust.suffix_count++]);
}

static enum lcm_err sector_security_floor(void *object, const struct lcm_tlv_item *item)
{
    struct sector_draft *draft = object;

    if (item->size != SECURITY_FLOOR_SIZE)
        return LCM_ERR_FORMAT;
    uint8_t type = item->value[0];
    if (type <= draft->last_floor_type || type > LCM_FILE_BOOT)
        return LCM_ERR_FORMAT;
    draft->last_floor_type = type;
    draft->trust.security_floor[type] = lcm_get_u32(item->value + 1);
    return LCM_OK;
}

static enum lcm_err sector_anchor(void *object, const struct lcm_tlv_item *item)
{
    struct sector_draft *draft = object;
    struct lcm_anchor anchor;

    draft->trust.anchor_count++;
    return lcm_anchor_parse(item, &anchor);
}

static const struct lcm_signed_field sector_fields[] = {
    {LCM_TRUST_SEQUENCE, 1, 1, sector_sequence},
    {LCM_TRUST_TIME_FLOOR, 1, 1, sector_time_floor},
    {LCM_TRUST_REPOSITORY, 1, 1, sector_repository},
    {LCM_TRUST_HOST, 1, 1, sector_host},
    {LCM_TRUST_OWNER_KEY, 1, 1, sector_owner_key},
    {LCM_TRUST_RELEASE_KEY, 1, LCM_RELEASE_KEYS_MAX, sector_release_key},
    {LCM_TRUST_HOST_SUFFIX, 0, LCM_HOST_SUFFIXES_MAX, sector_suffix},
    {LCM_TRUST_SECURITY_FLOOR, 0, 3, sector_security_floor},
    {LCM_TRUST_ANCHOR, 1, LCM_ANCHORS_MAX, sector_anchor},
};
_Static_assert(FIELD_COUNT(sector_fields) <= LCM_SIGNED_FIELDS_MAX, "counters fit");

/* One or two signatures, then nothing but erased flash. */
static enum lcm_err sector_check_signature_form(const uint8_t *file)
{
    struct lcm_signatures signatures;
    enum lcm_err err = lcm_signed_signatures(&signatures, file, LCM_TRUST_SIZE);

    if (err != LCM_OK)
        return err;
    size_t rest = (size_t)(file + LCM_TRUST_SIZE - signatures.end);
    return lcm_bytes_all(signatures.end, rest, 0xFF) ? LCM_OK : LCM_ERR_FORMAT;
}

enum lcm_err lcm_trust_decode(struct lcm_trust *trust, const uint8_t *file)
{
    struct sector_draft draft;
    struct lcm_tlv_reader reader;
    enum lcm_err err = lcm_signed_open(&reader, &lcm_signed_trust, file, LCM_TRUST_SIZE);

    memset(&draft, 0, sizeof(draft));
    if (err == LCM_OK)
        err = lcm_signed_decode(&reader, sector_fields, FIELD_COUNT(sector_fields), &draft);
    if (err == LCM_OK)
        err = sector_check_signature_form(file);
    if (err != LCM_OK)
        return err;
    *trust = draft.trust;
    return LCM_OK;
}

/* host equals suffix or ends in "." suffix. */
static bool sector_host_matches(const char *host, const char *suffix)
{
    size_t host_length = strlen(host);
    size_t suffix_length = strlen(suffix);

    if (host_length < suffix_length ||
        !lcm_text_equal_folded(host + host_length - suffix_length, suffix))
        return false;
    return host_length == suffix_length || host[host_length - suffix_length - 1] == '.';
}

bool lcm_trust_allows_host(const struct lcm_trust *trust, const char *host)
{
    if (!lcm_name_is_host(host))
        return false;
    if (lcm_text_equal_folded(host, trust->host))
        return true;
    for (uint32_t i = 0; i < trust->suffix_count; i++) {
        if (sector_host_matches(host, trust->suffix[i]))
            return true;
    }
    return false;
}

const uint8_t *lcm_trust_release_key(const struct lcm_trust *trust,
                                     const uint8_t key_id[LCM_KEY_ID_SIZE])
{
    uint8_t fingerprint[LCM_FINGERPRINT_SIZE];

    for (uint32_t i = 0; i < trust->release_key_count; i++) {
        lcm_key_fingerprint(trust->release_key[i], fingerprint);
        if (lcm_bytes_equal(fingerprint, key_id, LCM_KEY_ID_SIZE))
            return trust->release_key[i];
    }
    return NULL;
}
