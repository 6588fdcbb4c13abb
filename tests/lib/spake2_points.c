// SPDX-License-Identifier: Apache-2.0
/* Shares by OpenSSL and golden numbers; see the header. */
#include "tests/lib/spake2_points.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "core/base/text.h"

#define SCALAR_SIZE 32
#define FILE_SIZE_MAX 65536u

static void points_require(bool is_good, const char *what)
{
    if (is_good)
        return;
    fprintf(stderr, "spake2_points: %s\n", what);
    abort();
}

void spake2_points_share(enum spake2_role role, const uint8_t *w, const uint8_t *scalar,
                         uint8_t share[LCM_SETUP_POINT_SIZE])
{
    static const char *const constants[] = {
        [SPAKE2_CLIENT] = "02886E2F97ACE46E55BA9DD7242579F2993B64E16EF3DCAB95AFD497333D8FA12F",
        [SPAKE2_DEVICE] = "03D8BBD6C639C62937B04D997F38C3770719C629D7014D49A24B4F98BAA1292B49",
    };
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *constant = EC_POINT_hex2point(group, constants[role], NULL, NULL);
    EC_POINT *point = EC_POINT_new(group);
    BIGNUM *w_number = BN_bin2bn(w, SCALAR_SIZE, NULL);
    BIGNUM *scalar_number = scalar != NULL ? BN_bin2bn(scalar, SCALAR_SIZE, NULL) : NULL;

    points_require(EC_POINT_mul(group, point, scalar_number, constant, w_number, NULL) == 1 &&
                       EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, share,
                                          LCM_SETUP_POINT_SIZE, NULL) == LCM_SETUP_POINT_SIZE,
                   "no share");
    BN_free(scalar_number);
    BN_free(w_number);
    EC_POINT_free(point);
    EC_POINT_free(constant);
    EC_GROUP_free(group);
}

cJSON *spake2_points_load(const char *name)
{
    static char text[FILE_SIZE_MAX];
    char path[128];

    snprintf(path, sizeof(path), "tests/vectors/%s", name);
    FILE *file = fopen(path, "r");
    points_require(file != NULL, path);
    size_t size = fread(text, 1, sizeof(text), file);
    fclose(file);
    points_require(size < sizeof(text), "file too large");
    cJSON *json = cJSON_ParseWithLength(text, size);
    points_require(json != NULL, "not JSON");
    return json;
}

const char *spake2_points_text(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

    points_require(text != NULL, name);
    return text;
}

size_t spake2_points_bytes(const cJSON *object, const char *name, uint8_t *bytes, size_t size)
{
    const char *digits = spake2_points_text(object, name);
    size_t count = strlen(digits) / 2;

    points_require(count <= size && lcm_text_parse_hex(digits, bytes, count) == LCM_OK, name);
    return count;
}
