// SPDX-License-Identifier: Apache-2.0
/*
 * lcm trust inspect: shows a certs.sector of this project or of the reference, whose
 * file is a P-384 public key in DER followed by PEM certificates.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "host/pem.h"
#include "tools/commands.h"
#include "tools/common.h"
#include "tools/trust_view.h"

#define REFERENCE_KEY_SIZE 120u /* DER SubjectPublicKeyInfo of a P-384 key */
#define REFERENCE_POINT_OFFSET 23u
#define REFERENCE_POINT_SIZE 97u
#define REFERENCE_STATE_ACTIVE 0x30u
#define REFERENCE_CERTIFICATES_MAX 16u
#define SHA384_SIZE 48u

struct reference_view {
    const char *state;
    uint8_t point[REFERENCE_POINT_SIZE];
    uint8_t sha384[SHA384_SIZE]; /* of the file with an active state byte */
    struct pem_certificates certificates;
    bool is_complete; /* every certificate was readable */
};

bool trust_view_is_reference(const uint8_t file[LCM_TRUST_SIZE])
{
    static const uint8_t start[3] = {0x76, 0x30, 0x10};
    static const uint8_t key[3] = {0x03, 0x62, 0x00};

    return memcmp(file + 1, start, sizeof(start)) == 0 && memcmp(file + 20, key, sizeof(key)) == 0;
}

static bool reference_hash(struct reference_view *view, const uint8_t *file)
{
    uint8_t active[LCM_TRUST_SIZE];
    unsigned int size = 0;

    memcpy(active, file, sizeof(active));
    active[0] = REFERENCE_STATE_ACTIVE;
    return EVP_Digest(active, sizeof(active), view->sha384, &size, EVP_sha384(), NULL) == 1;
}

static bool reference_open(struct reference_view *view, const uint8_t *file)
{
    enum lcm_err err = LCM_OK;
    size_t size = LCM_TRUST_SIZE;

    if (!pem_init(&view->certificates, REFERENCE_CERTIFICATES_MAX) || !reference_hash(view, file))
        return false;
    view->state = file[0] == REFERENCE_STATE_ACTIVE ? "active"
                  : file[0] == 0xFF                 ? "not in use yet"
                                                    : "retired";
    memcpy(view->point, file + REFERENCE_POINT_OFFSET, REFERENCE_POINT_SIZE);
    while (size > REFERENCE_KEY_SIZE && file[size - 1] == 0xFF)
        size--;
    err = pem_parse(&view->certificates, file + REFERENCE_KEY_SIZE, size - REFERENCE_KEY_SIZE);
    view->is_complete = err == LCM_OK;
    return true;
}

static void reference_print_text(const struct reference_view *view)
{
    char text[TOOL_TEXT_SIZE];
    char name[PEM_NAME_SIZE];

    printf("format       reference (P-384 key and PEM certificates)\n");
    printf("state        %s\n", view->state);
    printf("owner key    04%s...\n", tool_hex(text, view->point + 1, 16));
    printf("sha384       %s\n", tool_hex(text, view->sha384, SHA384_SIZE));
    printf("\ncertificates\n");
    for (size_t i = 0; i < view->certificates.count; i++) {
        EVP_PKEY *key = X509_get0_pubkey(view->certificates.list[i]);

        pem_subject_text(view->certificates.list[i], name);
        printf("  %2zu  %-4s %4d bits  %s\n", i + 1,
               key != NULL && EVP_PKEY_is_a(key, "EC") ? "EC" : "RSA",
               key != NULL ? EVP_PKEY_get_bits(key) : 0, name);
    }
}

static int reference_print_json(const struct reference_view *view)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *list = cJSON_CreateArray();
    char text[2 * REFERENCE_POINT_SIZE + 1];
    char name[PEM_NAME_SIZE];

    for (size_t i = 0; i < REFERENCE_POINT_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", view->point[i]);
    cJSON_AddStringToObject(json, "format", "reference");
    cJSON_AddStringToObject(json, "state", view->state);
    cJSON_AddStringToObject(json, "owner_key_p384", text);
    tool_json_hex(json, "sha384", view->sha384, SHA384_SIZE);
    for (size_t i = 0; i < view->certificates.count; i++) {
        pem_subject_text(view->certificates.list[i], name);
        cJSON_AddItemToArray(list, cJSON_CreateString(name));
    }
    cJSON_AddItemToObject(json, "certificates", list);
    return tool_print_json(json);
}

int trust_view_print_reference(const uint8_t file[LCM_TRUST_SIZE], bool as_json)
{
    struct reference_view view = {0};
    int result = CLI_ERROR;

    if (!reference_open(&view, file)) {
        cli_error("out of memory");
    } else if (as_json) {
        result = reference_print_json(&view);
    } else {
        reference_print_text(&view);
        result = CLI_OK;
    }
    if (result == CLI_OK && !view.is_complete) {
        cli_error("a certificate in the sector is damaged or none is there");
        result = CLI_VERIFY;
    }
    pem_free(&view.certificates);
    return result;
}

static int trust_inspect(const struct cli_args *args)
{
    const char *path = cli_positional(args, 0);
    bool as_json = cli_has(args, "json");
    struct file_content content = {NULL, 0};
    char have[TEXT_NUMBER_SIZE];
    char size[TEXT_NUMBER_SIZE];
    int result = file_read(path, LCM_TRUST_SIZE, &content);

    if (result != CLI_OK)
        return result;
    if (content.size != LCM_TRUST_SIZE) {
        cli_error("%s: has %s bytes, a trust sector has %s", path,
                  text_thousands(have, content.size), text_thousands(size, LCM_TRUST_SIZE));
        result = CLI_VERIFY;
    } else if (trust_view_is_reference(content.bytes)) {
        result = trust_view_print_reference(content.bytes, as_json);
    } else {
        result = trust_view_print(content.bytes, as_json);
    }
    file_free(&content);
    return result;
}

static const struct cli_option trust_inspect_options[] = {
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

const struct cli_command lcm_trust_inspect_command = {
    .name = "trust inspect",
    .summary = "Show what a certs.sector holds and whether its signature is valid",
    .usage = "lcm trust inspect FILE [--json]",
    .examples = "lcm trust inspect dist/certs.sector\n"
                "lcm trust inspect certs.sector --json     # also the reference's format",
    .options = trust_inspect_options,
    .positional_min = 1,
    .positional_max = 1,
    .run = trust_inspect,
};
