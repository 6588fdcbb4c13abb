// SPDX-License-Identifier: Apache-2.0
/* Programs and signed files; see the header. Nothing here is under test. */
#include "tests/power/field.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "core/image/identity.h"
#include "host/manifest_encode.h"
#include "host/trust_encode.h"
#include "tests/lib/sample_image.h"
#include "tests/lib/update_fixture.h"
#include "tests/power/nor.h"

#define IDENTITY_OFFSET 16u
#define DAMAGED_OFFSET (2u * LCM_SECTOR_SIZE + 77u)
#define CREATED_S 1790000000u

struct program_row {
    enum lcm_file_type type;
    const char *repository;
    const char *file;
    const char *version;
    uint32_t sequence;
    uint32_t slot_addr;
    uint32_t size; /* bytes */
    bool has_identity;
};

static const struct program_row program_table[FIELD_PROGRAM_COUNT] = {
    [FIELD_APP_1] = {LCM_FILE_APP, FIELD_APP_REPOSITORY, FIELD_APP_FILE, "1.0.0", 1, LCM_SLOT0_ADDR,
                     4 * LCM_SECTOR_SIZE + 1008, true},
    [FIELD_APP_2] = {LCM_FILE_APP, FIELD_APP_REPOSITORY, FIELD_APP_FILE, "2.0.0", 2, LCM_SLOT0_ADDR,
                     5 * LCM_SECTOR_SIZE + 496, true},
    [FIELD_OTABOOT_1] = {LCM_FILE_UPDATER, FIXTURE_SUITE_REPOSITORY, "otaboot.bin", "1.0.0", 1,
                         LCM_SLOT0_ADDR, 2 * LCM_SECTOR_SIZE + 2000, true},
    [FIELD_OTABOOT_2] = {LCM_FILE_UPDATER, FIXTURE_SUITE_REPOSITORY, "otaboot.bin", "2.0.0", 2,
                         LCM_SLOT0_ADDR, 2 * LCM_SECTOR_SIZE + 3008, true},
    [FIELD_OTAMAIN_1] = {LCM_FILE_UPDATER, FIXTURE_SUITE_REPOSITORY, "otamain.bin", "1.0.0", 1,
                         LCM_SLOT1_ADDR, 2 * LCM_SECTOR_SIZE + 1600, true},
    [FIELD_OTAMAIN_2] = {LCM_FILE_UPDATER, FIXTURE_SUITE_REPOSITORY, "otamain.bin", "2.0.0", 2,
                         LCM_SLOT1_ADDR, 2 * LCM_SECTOR_SIZE + 3504, true},
    [FIELD_BOOT_1] = {LCM_FILE_BOOT, FIXTURE_SUITE_REPOSITORY, "boot.bin", "1.0.0", 1,
                      LCM_BOOT_ADDR, 0, false},
    [FIELD_BOOT_2] = {LCM_FILE_BOOT, FIXTURE_SUITE_REPOSITORY, "boot.bin", "2.0.0", 2,
                      LCM_BOOT_ADDR, 0, false},
    [FIELD_BOOT_1_RENAMED] = {LCM_FILE_BOOT, FIXTURE_SUITE_REPOSITORY, "boot.bin", "2.0.0", 2,
                              LCM_BOOT_ADDR, 0, false},
    [FIELD_APP_REFERENCE] = {LCM_FILE_APP, FIELD_APP_REPOSITORY, FIELD_APP_FILE, "0.9.0", 1,
                             LCM_SLOT0_ADDR, 3 * LCM_SECTOR_SIZE + 512, false},
    [FIELD_APP_1_DAMAGED] = {LCM_FILE_APP, FIELD_APP_REPOSITORY, FIELD_APP_FILE, "1.0.0", 1,
                             LCM_SLOT0_ADDR, 0, true},
};

static uint64_t field_random_state;

static void field_require(bool is_ok, const char *what)
{
    if (is_ok)
        return;
    fprintf(stderr, "field: %s failed\n", what);
    exit(2);
}

/* ---- keys that are the same every time ---- */

static int seeded_bytes(unsigned char *bytes, int size)
{
    for (int i = 0; i < size; i++)
        bytes[i] = (unsigned char)nor_random(&field_random_state);
    return 1;
}

static int seeded_status(void)
{
    return 1;
}

static void field_seed_openssl(uint64_t seed)
{
    static const RAND_METHOD method = {
        .bytes = seeded_bytes, .pseudorand = seeded_bytes, .status = seeded_status};

    field_random_state = seed;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    field_require(RAND_set_rand_method(&method) == 1, "seeding OpenSSL");
#pragma GCC diagnostic pop
}

/* ---- programs ---- */

uint32_t field_slot_addr(enum field_program program)
{
    return program_table[program].slot_addr;
}

const char *field_version(enum field_program program)
{
    return program_table[program].version;
}

static void program_identify(const struct program_row *row, uint8_t *image)
{
    struct lcm_identity identity = {.type = (uint8_t)row->type};

    snprintf(identity.version, sizeof(identity.version), "%s", row->version);
    snprintf(identity.repository, sizeof(identity.repository), "%s", row->repository);
    snprintf(identity.file, sizeof(identity.file), "%s", row->file);
    field_require(lcm_identity_encode(&identity, image + IDENTITY_OFFSET) == LCM_OK, "identity");
}

static void program_make(struct field_file *file, enum field_program program)
{
    const struct program_row *row = &program_table[program];

    if (row->type == LCM_FILE_BOOT) {
        file->size = sample_image_v1(file->bytes);
        file->bytes[file->size++] = (uint8_t)row->sequence; /* so that versions differ */
        return;
    }
    file->size = row->size;
    update_image_make(file->bytes, row->size, 77u + program);
    if (row->has_identity)
        program_identify(row, file->bytes);
}

static void program_sign(struct field *field, enum field_program program)
{
    const struct program_row *row = &program_table[program];
    struct field_file *file = &field->manifest[program];
    struct lcm_failure failure = {""};
    size_t size = 0;
    struct lcm_manifest_spec spec = {
        .type = row->type,
        .channel = LCM_CHANNEL_STABLE,
        .repository = row->repository,
        .file = row->file,
        .version = row->version,
        .sequence = row->sequence,
        .security_version = 3,
        .slot_addr = row->slot_addr,
        .created = CREATED_S + row->sequence,
        .image = field->program[program].bytes,
        .image_size = field->program[program].size,
    };
    enum fixture_key key = row->type == LCM_FILE_APP ? FIXTURE_APP : FIXTURE_RELEASE;

    field_require(lcm_manifest_encode(&spec, field->keys.key[key], file->bytes,
                                      LCM_MANIFEST_SIZE_MAX, &size, &failure) == LCM_OK,
                  failure.text);
    file->size = (uint32_t)size;
}

static void field_make_programs(struct field *field)
{
    for (int i = 0; i < FIELD_APP_1_DAMAGED; i++)
        program_make(&field->program[i], (enum field_program)i);
    /* What did not change between versions is neither fetched nor erased. */
    memcpy(field->program[FIELD_APP_2].bytes + 1 * LCM_SECTOR_SIZE,
           field->program[FIELD_APP_1].bytes + 1 * LCM_SECTOR_SIZE, LCM_SECTOR_SIZE);
    memcpy(field->program[FIELD_APP_2].bytes + 3 * LCM_SECTOR_SIZE,
           field->program[FIELD_APP_1].bytes + 3 * LCM_SECTOR_SIZE, LCM_SECTOR_SIZE);
    field->program[FIELD_BOOT_1_RENAMED] = field->program[FIELD_BOOT_1];
    field->program[FIELD_APP_1_DAMAGED] = field->program[FIELD_APP_1];
    field->program[FIELD_APP_1_DAMAGED].bytes[DAMAGED_OFFSET] ^= 0x10;
    for (int i = 0; i < FIELD_APP_REFERENCE; i++)
        program_sign(field, (enum field_program)i);
}

void field_boot_sector(const struct field *field, enum field_program boot,
                       uint8_t sector[LCM_SECTOR_SIZE])
{
    const struct field_file *file = &field->program[boot];
    const char *version = field_version(boot);

    memset(sector, 0xFF, LCM_SECTOR_SIZE);
    memcpy(sector, file->bytes, file->size);
    memcpy(sector + LCM_BOOT_VERSION_OFFSET, version, strlen(version));
}

/* ---- trust ---- */

static void trust_make(struct field *field, enum field_trust trust, uint32_t sequence,
                       enum fixture_key owner, enum fixture_key before)
{
    struct lcm_failure failure = {""};
    struct field_file *pointer = &field->pointer[trust];
    size_t size = 0;

    fixture_sector(&field->keys, sequence, owner, before, field->trust[trust].bytes);
    field->trust[trust].size = LCM_TRUST_SIZE;
    field_require(lcm_trust_pointer_encode(field->trust[trust].bytes, field->keys.key[owner],
                                           pointer->bytes, &size, &failure) == LCM_OK,
                  failure.text);
    pointer->size = (uint32_t)size;
}

static void field_make_trust(struct field *field)
{
    trust_make(field, FIELD_TRUST_1, 1, FIXTURE_OWNER, FIXTURE_KEY_COUNT);
    trust_make(field, FIELD_TRUST_2, 2, FIXTURE_OWNER, FIXTURE_KEY_COUNT);
    trust_make(field, FIELD_TRUST_ROTATED_2, 2, FIXTURE_OWNER_2, FIXTURE_OWNER);
    trust_make(field, FIELD_TRUST_ROTATED_3, 3, FIXTURE_OWNER_3, FIXTURE_OWNER_2);
    trust_make(field, FIELD_TRUST_ROTATED_4, 4, FIXTURE_OWNER_3, FIXTURE_KEY_COUNT);
    memcpy(field->chain.bytes, field->trust[FIELD_TRUST_ROTATED_2].bytes, LCM_TRUST_SIZE);
    memcpy(field->chain.bytes + LCM_TRUST_SIZE, field->trust[FIELD_TRUST_ROTATED_3].bytes,
           LCM_TRUST_SIZE);
    field->chain.size = 2 * LCM_TRUST_SIZE;
}

void field_open(struct field *field, uint64_t seed)
{
    memset(field, 0, sizeof(*field));
    field_seed_openssl(seed);
    fixture_open(&field->keys);
    field_make_programs(field);
    field_make_trust(field);
}
