// SPDX-License-Identifier: Apache-2.0
/*
 * Names and sentences of the result codes, generated from LCM_ERR_TABLE.
 * A switch keeps the strings out of a mutable table and costs nothing at run time.
 */
#include "lcm/err.h"

const char *lcm_err_name(enum lcm_err err)
{
    switch (err) {
#define ERR_NAME(number, name, text) \
    case LCM_ERR_##name: \
        return #name;
        LCM_ERR_TABLE(ERR_NAME)
#undef ERR_NAME
    case LCM_ERR_COUNT:
    default:
        return "UNKNOWN";
    }
}

const char *lcm_err_text(enum lcm_err err)
{
    switch (err) {
#define ERR_TEXT(number, name, text) \
    case LCM_ERR_##name: \
        return text;
        LCM_ERR_TABLE(ERR_TEXT)
#undef ERR_TEXT
    case LCM_ERR_COUNT:
    default:
        return "unknown error";
    }
}
