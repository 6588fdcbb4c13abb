// SPDX-License-Identifier: Apache-2.0
/*
 * Set-up code: records in one sector, and the forms people write it in. It does not say when a code
 * is made or shown.
 *
 * Invariant: a record with a valid checksum was programmed as a whole; while one is there, the
 * sector is erased only to store another code.
 */
#include "core/store/setup_code.h"

#include <string.h>

#include "core/base/bytes.h"
#include "core/base/crc32.h"
#include "core/base/region.h"
#include "lcm/layout.h"

#define RECORD_SIZE 32u
#define RECORD_COUNT (LCM_CODE_SIZE / RECORD_SIZE)
#define RECORD_MAGIC 0x4353434Cu /* "LCSC" */
#define RECORD_CODE_OFFSET 4u
#define RECORD_ZERO_OFFSET 16u
#define RECORD_CRC_OFFSET 28u
#define COPIES 2u
#define BITS_PER_CHARACTER 5u
#define GROUP_LENGTH 4u

_Static_assert(RECORD_CODE_OFFSET + LCM_SETUP_CODE_LENGTH == RECORD_ZERO_OFFSET, "record layout");

/* Crockford's base 32: no I, L, O, U. */
static const char code_alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* What a look through the sector finds. */
struct code_survey {
    bool has_code;
    char code[LCM_SETUP_CODE_SIZE]; /* of the first valid record */
    uint32_t copies;                /* records that hold it */
    uint32_t next;                  /* behind the last record that is not blank */
};

/* ---- records ---- */

static bool code_is_character(char c)
{
    return c != '\0' && memchr(code_alphabet, c, sizeof(code_alphabet) - 1) != NULL;
}

/* Twelve characters of the alphabet; a NUL is none of them. */
static bool code_is_code(const char *code)
{
    for (uint32_t i = 0; i < LCM_SETUP_CODE_LENGTH; i++) {
        if (!code_is_character(code[i]))
            return false;
    }
    return true;
}

static void code_encode(uint8_t record[RECORD_SIZE], const char *code)
{
    memset(record, 0, RECORD_SIZE);
    lcm_put_u32(record, RECORD_MAGIC);
    memcpy(record + RECORD_CODE_OFFSET, code, LCM_SETUP_CODE_LENGTH);
    lcm_put_u32(record + RECORD_CRC_OFFSET, lcm_crc32(0, record, RECORD_CRC_OFFSET));
}

static bool code_is_record(const uint8_t record[RECORD_SIZE])
{
    return lcm_get_u32(record) == RECORD_MAGIC &&
           lcm_get_u32(record + RECORD_CRC_OFFSET) == lcm_crc32(0, record, RECORD_CRC_OFFSET) &&
           lcm_bytes_all(record + RECORD_ZERO_OFFSET, RECORD_CRC_OFFSET - RECORD_ZERO_OFFSET, 0) &&
           code_is_code((const char *)record + RECORD_CODE_OFFSET);
}

static void code_count(struct code_survey *survey, uint32_t index,
                       const uint8_t record[RECORD_SIZE])
{
    const uint8_t *code = record + RECORD_CODE_OFFSET;

    if (!lcm_bytes_all(record, RECORD_SIZE, 0xFF))
        survey->next = index + 1;
    if (!code_is_record(record))
        return;
    if (!survey->has_code)
        memcpy(survey->code, code, LCM_SETUP_CODE_LENGTH);
    survey->has_code = true;
    if (memcmp(survey->code, code, LCM_SETUP_CODE_LENGTH) == 0)
        survey->copies++;
}

static enum lcm_err code_survey(const struct lcm_flash *flash, struct code_survey *survey)
{
    uint8_t record[RECORD_SIZE];
    enum lcm_err err = LCM_OK;

    memset(survey, 0, sizeof(*survey));
    for (uint32_t i = 0; i < RECORD_COUNT && err == LCM_OK; i++) {
        err = flash->read(flash->context, LCM_CODE_ADDR + i * RECORD_SIZE, record, RECORD_SIZE);
        if (err == LCM_OK)
            code_count(survey, i, record);
    }
    lcm_bytes_wipe(record, sizeof(record));
    return err;
}

/* Program count records from index next on. */
static enum lcm_err code_append(const struct lcm_flash *flash, const char *code, uint32_t next,
                                uint32_t count)
{
    uint8_t record[RECORD_SIZE];
    enum lcm_err err = LCM_OK;

    code_encode(record, code);
    for (uint32_t i = next; i < next + count && err == LCM_OK; i++)
        err = lcm_region_program(flash, LCM_REGION_CODE, LCM_CODE_ADDR + i * RECORD_SIZE, record,
                                 sizeof(record));
    lcm_bytes_wipe(record, sizeof(record));
    return err;
}

/* The code is there; add the copies that are missing, while there is room for them. */
static enum lcm_err code_complete(const struct lcm_flash *flash, const struct code_survey *survey)
{
    if (survey->copies >= COPIES || survey->next >= RECORD_COUNT)
        return LCM_OK;
    return code_append(flash, survey->code, survey->next, 1);
}

/* ---- public ---- */

enum lcm_err lcm_setup_code_load(const struct lcm_flash *flash, char code[LCM_SETUP_CODE_SIZE])
{
    struct code_survey survey;
    enum lcm_err err = code_survey(flash, &survey);

    if (err == LCM_OK && !survey.has_code)
        err = LCM_ERR_NOT_FOUND;
    if (err == LCM_OK)
        memcpy(code, survey.code, LCM_SETUP_CODE_SIZE);
    lcm_bytes_wipe(&survey, sizeof(survey));
    return err;
}

enum lcm_err lcm_setup_code_store(const struct lcm_flash *flash,
                                  const char code[LCM_SETUP_CODE_SIZE])
{
    struct code_survey survey;

    if (!code_is_code(code) || code[LCM_SETUP_CODE_LENGTH] != '\0')
        return LCM_ERR_ARGUMENT;
    enum lcm_err err = code_survey(flash, &survey);
    bool is_same = survey.has_code && memcmp(survey.code, code, LCM_SETUP_CODE_LENGTH) == 0;
    if (err == LCM_OK && is_same) {
        err = code_complete(flash, &survey);
    } else if (err == LCM_OK) {
        if (survey.has_code || survey.next > RECORD_COUNT - COPIES) {
            err = lcm_region_erase(flash, LCM_REGION_CODE, LCM_CODE_ADDR);
            survey.next = 0;
        }
        if (err == LCM_OK)
            err = code_append(flash, code, survey.next, COPIES);
    }
    lcm_bytes_wipe(&survey, sizeof(survey));
    return err;
}

enum lcm_err lcm_setup_code_ensure(const struct lcm_flash *flash, const struct lcm_entropy *entropy,
                                   char code[LCM_SETUP_CODE_SIZE], bool *is_new)
{
    char made[LCM_SETUP_CODE_SIZE];
    enum lcm_err err = lcm_setup_code_load(flash, made);
    bool has_code = err == LCM_OK;

    if (err == LCM_ERR_NOT_FOUND)
        err = lcm_setup_code_make(entropy, made);
    if (err == LCM_OK)
        err = lcm_setup_code_store(flash, made);
    /* One good copy is enough to go on with. */
    if (has_code && err == LCM_ERR_FLASH)
        err = LCM_OK;
    if (err == LCM_OK) {
        memcpy(code, made, LCM_SETUP_CODE_SIZE);
        *is_new = !has_code;
    }
    lcm_bytes_wipe(made, sizeof(made));
    return err;
}

enum lcm_err lcm_setup_code_make(const struct lcm_entropy *entropy, char code[LCM_SETUP_CODE_SIZE])
{
    uint8_t bytes[8];
    enum lcm_err err = entropy->fill(entropy->context, bytes, sizeof(bytes));

    if (err == LCM_OK) {
        uint64_t bits = lcm_get_u64(bytes);
        for (uint32_t i = 0; i < LCM_SETUP_CODE_LENGTH; i++) {
            code[i] = code_alphabet[bits % (sizeof(code_alphabet) - 1)];
            bits >>= BITS_PER_CHARACTER;
        }
        code[LCM_SETUP_CODE_LENGTH] = '\0';
        lcm_bytes_wipe(&bits, sizeof(bits));
    }
    lcm_bytes_wipe(bytes, sizeof(bytes));
    return err;
}

/* The character of the alphabet that is meant, or c itself. */
static char code_fold(char c)
{
    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    if (c == 'I' || c == 'L')
        return '1';
    return c == 'O' ? '0' : c;
}

enum lcm_err lcm_setup_code_parse(const char *text, char code[LCM_SETUP_CODE_SIZE])
{
    char parsed[LCM_SETUP_CODE_SIZE] = "";
    uint32_t length = 0;
    enum lcm_err err = LCM_OK;

    for (; *text != '\0' && err == LCM_OK; text++) {
        if (*text == '-' || *text == ' ')
            continue;
        char c = code_fold(*text);
        if (length == LCM_SETUP_CODE_LENGTH || !code_is_character(c))
            err = LCM_ERR_FORMAT;
        else
            parsed[length++] = c;
    }
    if (length != LCM_SETUP_CODE_LENGTH)
        err = LCM_ERR_FORMAT;
    if (err == LCM_OK)
        memcpy(code, parsed, LCM_SETUP_CODE_SIZE);
    lcm_bytes_wipe(parsed, sizeof(parsed));
    return err;
}

void lcm_setup_code_format(const char code[LCM_SETUP_CODE_SIZE],
                           char text[LCM_SETUP_CODE_TEXT_SIZE])
{
    char *out = text;

    for (uint32_t i = 0; i < LCM_SETUP_CODE_LENGTH; i++) {
        if (i > 0 && i % GROUP_LENGTH == 0)
            *out++ = '-';
        *out++ = code[i];
    }
    *out = '\0';
}
