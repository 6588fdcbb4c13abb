/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a host function tells a person when it fails: the result code says which
 * kind, the text says what and why ("owner.pem: curve secp384r1, need P-256").
 * No text ever holds a secret.
 */
#ifndef LCM_HOST_FAILURE_H
#define LCM_HOST_FAILURE_H

#include "lcm/err.h"

#define LCM_FAILURE_TEXT_SIZE 256u /* bytes, NUL included */

struct lcm_failure {
    char text[LCM_FAILURE_TEXT_SIZE];
};

/* Fill the text (cut at the limit) and return err, so that a function can end with
 * `return lcm_failure_set(failure, LCM_ERR_FORMAT, "...", ...)`. failure may be NULL. */
enum lcm_err lcm_failure_set(struct lcm_failure *failure, enum lcm_err err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
