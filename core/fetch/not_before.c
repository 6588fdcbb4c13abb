// SPDX-License-Identifier: Apache-2.0
/*
 * A streaming DER walker that knows one way: Certificate, tbsCertificate, past version,
 * serial number, signature algorithm and issuer, into validity, to its first date.
 *
 * It verifies nothing beyond that structure. Invariant: is_found is set only for a
 * complete date made of digits.
 */
#include "core/fetch/not_before.h"

#include <string.h>

#define UNIX_EPOCH_DAYS 719528u /* 1 January 1970 */
#define SECONDS_PER_DAY 86400u
#define TAG_UTC_TIME 0x17u
#define TAG_GENERALIZED_TIME 0x18u

enum walker_phase {
    WALKER_TAG,
    WALKER_LENGTH,
    WALKER_LENGTH_MORE,
    WALKER_SKIP,
    WALKER_DATE,
};

enum walker_action {
    ACTION_ENTER,
    ACTION_SKIP,
    ACTION_SKIP_OPTIONAL,
    ACTION_DATE,
};

struct walker_step {
    uint8_t tag;
    uint8_t action;
};

static const struct walker_step walker_steps[] = {
    {0x30, ACTION_ENTER},         /* Certificate */
    {0x30, ACTION_ENTER},         /* tbsCertificate */
    {0xA0, ACTION_SKIP_OPTIONAL}, /* version */
    {0x02, ACTION_SKIP},          /* serialNumber */
    {0x30, ACTION_SKIP},          /* signature */
    {0x30, ACTION_SKIP},          /* issuer */
    {0x30, ACTION_ENTER},         /* validity */
    {0x00, ACTION_DATE},          /* notBefore: either kind of date */
};

static uint32_t walker_number(const char *digits, size_t size)
{
    uint32_t number = 0;

    for (size_t i = 0; i < size; i++)
        number = number * 10 + (uint32_t)(digits[i] - '0');
    return number;
}

static uint32_t walker_year_days(uint32_t year)
{
    return year * 365 + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
}

static uint32_t walker_month_days(uint32_t year, uint32_t month)
{
    static const uint16_t days_before[12] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days_before[month - 1] + (is_leap && month > 2 ? 1u : 0u);
}

/* text holds 12 (UTCTime) or 14 characters (GeneralizedTime). */
static void walker_end_date(struct lcm_not_before *walker)
{
    bool is_short = walker->tag == TAG_UTC_TIME;
    const char *rest = walker->text + (is_short ? 2 : 4);
    uint32_t year = walker_number(walker->text, is_short ? 2 : 4);
    uint32_t month = walker_number(rest, 2);
    uint32_t day = walker_number(rest + 2, 2);
    uint32_t hour = walker_number(rest + 4, 2);
    uint32_t minute = walker_number(rest + 6, 2);
    uint32_t second = walker_number(rest + 8, 2);

    if (is_short)
        year += year < 50 ? 2000 : 1900;
    if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) {
        walker->is_lost = true;
        return;
    }
    walker->time.days = walker_year_days(year) + walker_month_days(year, month) + day - 1;
    walker->time.seconds = hour * 3600 + minute * 60 + second;
    walker->is_found = true;
}

static void walker_read_date(struct lcm_not_before *walker, uint8_t byte)
{
    size_t wanted = walker->tag == TAG_UTC_TIME ? 12 : 14;

    if (walker->text_length < wanted) {
        walker->is_lost = byte < '0' || byte > '9';
        walker->text[walker->text_length++] = (char)byte;
    }
    if (--walker->left > 0 || walker->is_lost)
        return;
    if (walker->text_length == wanted)
        walker_end_date(walker);
    else
        walker->is_lost = true;
}

static void walker_read_tag(struct lcm_not_before *walker, uint8_t byte)
{
    if (walker_steps[walker->step].action == ACTION_SKIP_OPTIONAL &&
        walker_steps[walker->step].tag != byte)
        walker->step++;
    if (walker_steps[walker->step].action == ACTION_DATE)
        walker->is_lost = byte != TAG_UTC_TIME && byte != TAG_GENERALIZED_TIME;
    else
        walker->is_lost = walker_steps[walker->step].tag != byte;
    walker->tag = byte;
    walker->phase = WALKER_LENGTH;
}

static void walker_end_length(struct lcm_not_before *walker)
{
    uint8_t action = walker_steps[walker->step].action;

    if (action == ACTION_DATE) {
        walker->is_lost = walker->left == 0;
        walker->phase = WALKER_DATE;
        return;
    }
    walker->step++;
    walker->phase = action == ACTION_ENTER || walker->left == 0 ? WALKER_TAG : WALKER_SKIP;
}

static void walker_read_length(struct lcm_not_before *walker, uint8_t byte)
{
    if (byte < 0x80) {
        walker->left = byte;
        walker_end_length(walker);
        return;
    }
    walker->left = 0;
    walker->length_bytes = (uint8_t)(byte - 0x80);
    /* A certificate in TLS is shorter than 2^24 bytes. */
    walker->is_lost = walker->length_bytes == 0 || walker->length_bytes > 3;
    walker->phase = WALKER_LENGTH_MORE;
}

static void walker_read_byte(struct lcm_not_before *walker, uint8_t byte)
{
    switch ((enum walker_phase)walker->phase) {
    case WALKER_TAG:
        walker_read_tag(walker, byte);
        break;
    case WALKER_LENGTH:
        walker_read_length(walker, byte);
        break;
    case WALKER_LENGTH_MORE:
        walker->left = walker->left << 8 | byte;
        if (--walker->length_bytes == 0)
            walker_end_length(walker);
        break;
    case WALKER_SKIP:
        if (--walker->left == 0)
            walker->phase = WALKER_TAG;
        break;
    case WALKER_DATE:
        walker_read_date(walker, byte);
        break;
    }
}

void lcm_not_before_begin(struct lcm_not_before *walker)
{
    memset(walker, 0, sizeof *walker);
}

void lcm_not_before_feed(struct lcm_not_before *walker, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size && !walker->is_found && !walker->is_lost; i++)
        walker_read_byte(walker, bytes[i]);
}

struct lcm_x509_time lcm_x509_time_from_unix(uint64_t unix_seconds)
{
    uint32_t seconds = unix_seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)unix_seconds;

    return (struct lcm_x509_time){
        .days = seconds / SECONDS_PER_DAY + UNIX_EPOCH_DAYS,
        .seconds = seconds % SECONDS_PER_DAY,
    };
}
