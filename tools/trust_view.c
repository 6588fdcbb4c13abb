// SPDX-License-Identifier: Apache-2.0
/*
 * Prints trust sectors. The verdict is the device's: core/trust decodes and verifies.
 */
#include "tools/trust_view.h"

#include <stdio.h>
#include <string.h>

#include "core/base/bytes.h"
#include "host/pem.h"
#include "tools/common.h"

/* Typical sizes of anchors, item header and name included, for "how many more". */
#define TRUST_VIEW_NAME_BYTES 80u
#define TRUST_VIEW_EC_BYTES (8u + TRUST_VIEW_NAME_BYTES + 97u)
#define TRUST_VIEW_RSA_BYTES (8u + TRUST_VIEW_NAME_BYTES + 2u + 512u + 3u)
#define TRUST_VIEW_CHANGE_BYTES (LCM_TLV_ITEM_HEADER_SIZE + LCM_SIGNATURE_SIZE_MAX)

size_t trust_view_free_bytes(const uint8_t file[LCM_TRUST_SIZE])
{
    struct lcm_tlv_reader reader;
    struct lcm_tlv_item item = {0};
    const uint8_t *end = file + lcm_tlv_signed_size(file);
    bool has_change = false;
    size_t room = 0;

    lcm_tlv_open_signatures(&reader, file, LCM_TRUST_SIZE);
    while (lcm_tlv_next(&reader, &item) == LCM_OK) {
        end = item.value + item.size;
        has_change = has_change || item.tag == LCM_TRUST_SIGNATURE_BEFORE;
    }
    room = (size_t)(file + LCM_TRUST_SIZE - end);
    if (has_change)
        return room;
    return room > TRUST_VIEW_CHANGE_BYTES ? room - TRUST_VIEW_CHANGE_BYTES : 0;
}

const char *trust_view_state(uint8_t state)
{
    if (state == LCM_TRUST_ACTIVE)
        return "active";
    return (state & LCM_TRUST_ACTIVE) == LCM_TRUST_ACTIVE ? "not in use yet" : "retired";
}

static const char *trust_view_kind(const struct lcm_anchor *anchor, char *text)
{
    if (anchor->kind == LCM_ANCHOR_RSA)
        snprintf(text, TOOL_TEXT_SIZE, "RSA-%u", anchor->key_size * 8u);
    else
        snprintf(text, TOOL_TEXT_SIZE, "%s", anchor->kind == LCM_ANCHOR_P384 ? "P-384" : "P-256");
    return text;
}

static size_t trust_view_more(size_t room, size_t bytes, size_t anchors)
{
    size_t more = room / bytes;
    size_t places = anchors < LCM_ANCHORS_MAX ? LCM_ANCHORS_MAX - anchors : 0;

    return more < places ? more : places;
}

static void trust_view_room(const struct lcm_trust *trust, const uint8_t *file)
{
    size_t room = trust_view_free_bytes(file);
    size_t elliptic = trust_view_more(room, TRUST_VIEW_EC_BYTES, trust->anchor_count);
    size_t rsa = trust_view_more(room, TRUST_VIEW_RSA_BYTES, trust->anchor_count);
    char text[TOOL_TEXT_SIZE];

    printf("\n%s bytes free: ", text_thousands(text, room));
    if (elliptic == 0)
        printf("no room for another anchor\n");
    else
        printf("about %zu more P-256/P-384 anchor%s%s%zu RSA-4096\n", elliptic,
               elliptic == 1 ? "" : "s", " or ", rsa);
}

static void trust_view_key(const char *label, const uint8_t key[LCM_KEY_SIZE])
{
    char fingerprint[LCM_FINGERPRINT_TEXT_SIZE];

    lcm_keys_fingerprint(key, fingerprint);
    printf("%-13s%s\n", label, fingerprint);
}

static void trust_view_anchors(const uint8_t *file)
{
    struct lcm_anchor anchor;
    char name[PEM_NAME_SIZE];
    char kind[TOOL_TEXT_SIZE];

    printf("\nTLS anchors\n");
    for (uint32_t i = 0; lcm_trust_anchor(file, i, &anchor) == LCM_OK; i++) {
        pem_name_text(anchor.name, anchor.name_size, name);
        printf("  %2u  %-8s  %-12s  %s\n", i + 1, trust_view_kind(&anchor, kind),
               anchor.is_intermediate ? "intermediate" : "root", name);
    }
}

static void trust_view_text(const struct lcm_trust *trust, const uint8_t *file,
                            enum lcm_err verdict)
{
    char text[TOOL_TEXT_SIZE];

    printf("state        %s\n", trust_view_state(file[0]));
    printf("sequence     %u\n", trust->sequence);
    printf("time floor   %s\n", tool_date(text, trust->time_floor));
    printf("signature    %s\n", verdict == LCM_OK ? "valid" : lcm_err_text(verdict));
    printf("repository   %s\n", trust->repository);
    printf("host         %s\n", trust->host);
    for (size_t i = 0; i < trust->suffix_count; i++)
        printf("redirects    %s\n", trust->suffix[i]);
    trust_view_key("owner key", trust->owner_key);
    for (size_t i = 0; i < trust->release_key_count; i++)
        trust_view_key("release key", trust->release_key[i]);
    for (enum lcm_file_type type = LCM_FILE_APP; type <= LCM_FILE_BOOT; type++)
        if (trust->security_floor[type] > 0)
            printf("floor        %s: security version %u\n", tool_type_name(type),
                   trust->security_floor[type]);
    trust_view_anchors(file);
    trust_view_room(trust, file);
}

static cJSON *trust_view_json_anchors(const uint8_t *file)
{
    cJSON *list = cJSON_CreateArray();
    struct lcm_anchor anchor;
    char text[TOOL_TEXT_SIZE];

    for (uint32_t i = 0; lcm_trust_anchor(file, i, &anchor) == LCM_OK; i++) {
        cJSON *entry = cJSON_CreateObject();

        pem_name_text(anchor.name, anchor.name_size, text);
        cJSON_AddStringToObject(entry, "name", text);
        cJSON_AddStringToObject(entry, "key", trust_view_kind(&anchor, text));
        cJSON_AddBoolToObject(entry, "intermediate", anchor.is_intermediate);
        cJSON_AddItemToArray(list, entry);
    }
    return list;
}

static void trust_view_json_keys(cJSON *json, const struct lcm_trust *trust)
{
    cJSON *list = cJSON_AddArrayToObject(json, "release_keys");
    char text[LCM_FINGERPRINT_TEXT_SIZE];

    lcm_keys_fingerprint(trust->owner_key, text);
    cJSON_AddStringToObject(json, "owner_key", text);
    for (size_t i = 0; i < trust->release_key_count; i++) {
        lcm_keys_fingerprint(trust->release_key[i], text);
        cJSON_AddItemToArray(list, cJSON_CreateString(text));
    }
}

static void trust_view_json_hosts(cJSON *json, const struct lcm_trust *trust)
{
    cJSON *suffixes = cJSON_AddArrayToObject(json, "host_suffixes");
    cJSON *floors = cJSON_AddObjectToObject(json, "security_floor");

    for (size_t i = 0; i < trust->suffix_count; i++)
        cJSON_AddItemToArray(suffixes, cJSON_CreateString(trust->suffix[i]));
    for (enum lcm_file_type type = LCM_FILE_APP; type <= LCM_FILE_BOOT; type++)
        cJSON_AddNumberToObject(floors, tool_type_name(type), trust->security_floor[type]);
}

static int trust_view_json(const struct lcm_trust *trust, const uint8_t *file, enum lcm_err verdict)
{
    cJSON *json = cJSON_CreateObject();
    uint8_t hash[LCM_SHA256_SIZE];

    lcm_trust_hash(file, hash);
    cJSON_AddStringToObject(json, "format", "LCT1");
    cJSON_AddStringToObject(json, "state", trust_view_state(file[0]));
    cJSON_AddBoolToObject(json, "signature_valid", verdict == LCM_OK);
    cJSON_AddNumberToObject(json, "sequence", trust->sequence);
    cJSON_AddNumberToObject(json, "time_floor", (double)trust->time_floor);
    cJSON_AddStringToObject(json, "repository", trust->repository);
    cJSON_AddStringToObject(json, "host", trust->host);
    trust_view_json_hosts(json, trust);
    trust_view_json_keys(json, trust);
    cJSON_AddItemToObject(json, "anchors", trust_view_json_anchors(file));
    cJSON_AddNumberToObject(json, "free_bytes", (double)trust_view_free_bytes(file));
    tool_json_hex(json, "sha256", hash, sizeof(hash));
    return tool_print_json(json);
}

int trust_view_print(const uint8_t file[LCM_TRUST_SIZE], bool as_json)
{
    struct lcm_trust trust;
    enum lcm_err err = lcm_trust_decode(&trust, file);
    int result = CLI_OK;

    if (err != LCM_OK) {
        cli_error("no trust sector: %s", lcm_err_text(err));
        return CLI_VERIFY;
    }
    err = lcm_trust_verify(&trust, file);
    if (as_json)
        result = trust_view_json(&trust, file, err);
    else
        trust_view_text(&trust, file, err);
    if (err != LCM_OK) {
        cli_error("the sector is not valid: %s: devices refuse it", lcm_err_text(err));
        return CLI_VERIFY;
    }
    return result;
}
