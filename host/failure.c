// SPDX-License-Identifier: Apache-2.0
/*
 * Error texts of host functions. It never prints and never exits; the command line
 * decides what to show. Invariant: the text is always NUL-terminated.
 */
#include "host/failure.h"

#include <stdarg.h>
#include <stdio.h>

enum lcm_err lcm_failure_set(struct lcm_failure *failure, enum lcm_err err, const char *format, ...)
{
    va_list arguments;

    if (failure == NULL)
        return err;
    va_start(arguments, format);
    int length = vsnprintf(failure->text, sizeof(failure->text), format, arguments);
    va_end(arguments);
    if (length < 0)
        failure->text[0] = '\0';
    return err;
}
